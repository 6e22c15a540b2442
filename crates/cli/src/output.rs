//! How the program speaks: results on standard output, everything else on standard error.
//!
//! A reader that closes the pipe (`modeldock list | head`) ends the program quietly; it is not an error.

use std::io::Write as _;

use modeldock_core::{Error, Result};
use serde::Serialize;

const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
const HINT: anstyle::Style = anstyle::AnsiColor::Cyan.on_default().bold();
const DIM: anstyle::Style = anstyle::Style::new().dimmed();

/// Where results go, buffered: a large list is one write per block, not per line.
pub(crate) struct Results {
    out: std::io::BufWriter<anstream::AutoStream<std::io::StdoutLock<'static>>>,
}

impl Results {
    pub(crate) fn new() -> Self {
        let stdout = anstream::AutoStream::auto(std::io::stdout());
        Self { out: std::io::BufWriter::with_capacity(64 * 1024, stdout.lock()) }
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> Result<()> {
        written(writeln!(self.out, "{text}"))
    }

    /// One JSON object on a line of its own.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(value).map_err(|source| {
            Error::new(modeldock_core::Code::Internal, format!("A result cannot be written as JSON: {source}"))
        })?;
        self.line(text)
    }

    /// Everything so far, out. Events are flushed one by one so that a reader sees them as they happen.
    pub(crate) fn flush(&mut self) -> Result<()> {
        written(self.out.flush())
    }
}

#[expect(clippy::exit, reason = "the reader is gone: there is nobody to tell and nothing left to do")]
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Ok(()) => Ok(()),
        Err(source) if source.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(source) => {
            Err(Error::new(modeldock_core::Code::Io, format!("Could not write to standard output: {source}")))
        }
    }
}

/// Why a command failed, and what to do.
pub(crate) fn error(error: &Error) {
    say(&format!("{ERROR}error:{ERROR:#} {}", error.message));
    hint(error);
}

/// Something that went wrong without ending the command.
pub(crate) fn warning(error: &Error) {
    say(&format!("{ERROR}warning:{ERROR:#} {}", error.message));
    hint(error);
}

fn hint(error: &Error) {
    if let Some(text) = &error.hint {
        say(&format!("{HINT}hint:{HINT:#} {text}"));
    }
}

/// A remark for people.
pub(crate) fn note(text: &str) {
    say(&format!("{DIM}{text}{DIM:#}"));
}

/// A line for people.
pub(crate) fn say(text: &str) {
    // Nobody can be told that standard error is closed.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// `1.4 GiB`.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
