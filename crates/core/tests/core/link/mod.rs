//! Civitai Link against a simulated relay with the website at its other end: real sockets, files and databases.

mod bench;
mod cuts;
mod hostile;
mod life;
mod many;
mod session;
mod stranger;
