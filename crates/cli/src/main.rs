//! `modeldock`: the library on the command line.
//!
//! Results go to standard output, everything else to standard error, so that a pipe carries only results. Every command
//! can speak JSON, one object a line. This file only parses, runs one command and turns its end into an exit code.

mod args;
mod commands;
mod context;
mod exit;
mod output;
mod quiet;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
use context::Context;
use exit::Exit;

/// It gives back what a look at a large library needed for a moment; the system's own keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(source) => {
            output::error(&modeldock_core::Error::new(
                modeldock_core::Code::Internal,
                format!("The program could not start its threads: {}", output::plain_words(&source)),
            ));
            return Exit::Failed.into();
        }
    };
    let exit = match runtime.block_on(run(arguments)) {
        Ok(exit) => exit,
        Err(error) => {
            output::error(&error);
            Exit::of(&error)
        }
    };
    // A blocking read that nobody waits for any more must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(3));
    exit.into()
}

async fn run(arguments: Arguments) -> modeldock_core::Result<Exit> {
    let context = Context::new(arguments.global);
    match arguments.command {
        Command::Roots(command) => commands::roots::run(&context, command).await,
        Command::Scan(options) => commands::scan::run(&context, options).await,
        Command::List(options) => commands::list::run(&context, options).await,
        Command::Show(options) => commands::show::run(&context, options).await,
        Command::Hash(options) => commands::hash::run(&context, options).await,
        Command::Identify(options) => commands::identify::run(&context, options).await,
        Command::Link(options) => commands::link::link(&context, options).await,
        Command::Mark(options) => commands::mark::run(&context, options).await,
        Command::Rename(options) => commands::files::rename(&context, options).await,
        Command::Move(options) => commands::files::move_to(&context, options).await,
        Command::Trash(options) => commands::files::trash(&context, options).await,
        Command::Activity => commands::files::activity(&context).await,
        Command::Undo(options) => commands::files::undo(&context, options).await,
        Command::Unlink(options) => commands::link::unlink(&context, options).await,
        Command::Care(options) => commands::care::run(&context, options).await,
        Command::Watch => commands::watch::run(&context).await,
        Command::Sidecars(options) => commands::sidecars::run(&context, options).await,
        Command::Discover(options) => commands::discover::run(&context, options).await,
        Command::Download(options) => commands::download::run(&context, options).await,
        Command::Downloads(command) => commands::downloads::run(&context, command).await,
        Command::Vault(command) => commands::vault::run(&context, command).await,
        Command::Account(command) => commands::account::run(&context, command).await,
        Command::Doctor => commands::doctor::run(&context).await,
        Command::Demo(options) => commands::demo::run(&context, options).await,
        Command::Serve(options) => commands::serve::run(&context, options).await,
        Command::Reference => {
            commands::reference::run();
            Ok(Exit::Done)
        }
    }
}

/// Errors by default; `MODELDOCK_LOG=debug` for more.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("MODELDOCK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    let to_people = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(to_people).without_time().init();
}
