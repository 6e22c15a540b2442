//! Whole downloads from the simulated Civitai and its storage into real folders.

mod bench;
mod life;
mod matrix;
