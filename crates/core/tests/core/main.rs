//! Contract tests of the engine: the bindings, and whole scans against a simulated Civitai over real HTTP.

mod bindings;
mod commands;
mod databases;
mod disk_full;
mod guests;
mod kill;
mod library;
mod links;
mod resilience;
mod roots_away;
mod scan;
mod support;
