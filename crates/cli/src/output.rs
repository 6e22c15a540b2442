//! How the program speaks: results on standard output, everything else on standard error.
//!
//! A reader that closes the pipe (`modeldock list | head`) ends the program quietly; it is not an error.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;

use modeldock_core::{Error, Result};
use serde::Serialize;

const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
const HINT: anstyle::Style = anstyle::AnsiColor::Cyan.on_default().bold();
const DIM: anstyle::Style = anstyle::Style::new().dimmed();

/// Where results go, buffered: a large list is one write per block, not per line.
///
/// Results have no colours, so nothing takes terminal codes out on the way: that would change names that hold them.
pub(crate) struct Results {
    out: std::io::BufWriter<std::io::StdoutLock<'static>>,
}

impl Results {
    pub(crate) fn new() -> Self {
        Self { out: std::io::BufWriter::with_capacity(64 * 1024, std::io::stdout().lock()) }
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
        self.line(inert(&text))
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
            let message = format!("Could not write to standard output: {}", plain_words(&source));
            Err(Error::new(modeldock_core::Code::Io, message))
        }
    }
}

/// Names come from strangers: control characters could move the terminal's cursor or worse, and characters that turn
/// the direction of writing could show another name than the true one.
fn is_harmful(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name for people's eyes.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if is_harmful(character) { '\u{fffd}' } else { character }).collect()
}

/// JSON that means the same and harms no terminal. JSON itself escapes only the first 32 control characters; all that
/// is left stands inside its strings.
fn inert(json: &str) -> Cow<'_, str> {
    if !json.contains(is_harmful) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_harmful(character) {
            // Writing into a text cannot fail.
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    Cow::Owned(text)
}

/// What the system said, without its number, which is for programmers.
pub(crate) fn plain_words(source: &std::io::Error) -> String {
    let text = source.to_string();
    text.rfind(" (os error ").map_or(text.clone(), |end| text[..end].to_lowercase())
}

/// Why a command failed, and what to do.
pub(crate) fn error(error: &Error) {
    say(&format!("{ERROR}error:{ERROR:#} {}", printable(&error.message)));
    hint(error);
}

/// Something that went wrong without ending the command.
pub(crate) fn warning(error: &Error) {
    say(&format!("{ERROR}warning:{ERROR:#} {}", printable(&error.message)));
    hint(error);
}

fn hint(error: &Error) {
    if let Some(text) = &error.hint {
        say(&format!("{HINT}hint:{HINT:#} {}", printable(text)));
    }
}

/// A remark for people.
pub(crate) fn note(text: &str) {
    say(&format!("{DIM}{}{DIM:#}", printable(text)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{9b}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(printable("cat_\u{202e}gnp.ckpt"), "cat_\u{fffd}gnp.ckpt");
        assert_eq!(printable("ünï 🎨"), "ünï 🎨");
    }

    #[test]
    fn json_is_inert_and_means_the_same() {
        let name = "a\u{1b}\u{7f}\u{9b}\u{202e}ü\\";
        let json = serde_json::to_string(name).unwrap();
        let told = inert(&json);
        assert!(!told.contains(is_harmful), "{told}");
        assert_eq!(serde_json::from_str::<String>(&told).unwrap(), name);
    }
}
