//! The desktop app's executable: reads the arguments and hands over to the library, where tests can reach everything.

// Without it Windows opens a console beside the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![expect(clippy::print_stderr, reason = "a program that cannot start tells so where it was started")]

use std::process::ExitCode;

use modeldock_desktop::options::{Options, Parsed, USAGE};

/// A call that makes no sense, as the command line has it.
const EXIT_USAGE: u8 = 2;

/// It gives back what a look at a large library needed for a moment; the system's own keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Options::from_process() {
        Ok(Parsed::Run(options)) => modeldock_desktop::run(options),
        Ok(Parsed::Help) => {
            eprintln!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}\n\n{USAGE}");
            ExitCode::from(EXIT_USAGE)
        }
    }
}
