//! A personal key of Civitai that cannot be printed by accident.
//!
//! Neither `Debug` nor `Display` shows any part of it: even a prefix in a log narrows a search down, and helps nobody.

use std::fmt;
use std::sync::Arc;

/// A key for Civitai's API.
#[derive(Clone)]
pub struct Token(Arc<str>);

/// A text that cannot be a key. Does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing but white space.
    #[error("The key is empty")]
    Empty,
    /// It would not survive in an HTTP header.
    #[error("The key holds characters that no key has")]
    Characters,
    /// Far longer than any key.
    #[error("The key is too long")]
    Length,
}

/// OAuth tokens have up to a few hundred characters; longer ones are a pasted document.
const LONGEST: usize = 4096;

impl Token {
    /// Takes a key as people paste it, with white space around.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if text.len() > LONGEST {
            return Err(TokenError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Characters);
        }
        Ok(Self(text.into()))
    }

    /// The value of the `Authorization` header. The only way to the text from outside this module.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// `text` without this key in it: a server may repeat in an error what it was sent.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&*self.0, "[key]")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([key])")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let token = Token::new(" canary-7f3a \n").unwrap();
        assert_eq!(format!("{token:?} {token} {token:#?}").matches("canary").count(), 0);
        assert_eq!(token.redact("bad key canary-7f3a!"), "bad key [key]!");
    }

    #[test]
    fn texts_that_are_no_keys_are_refused_without_repeating_them() {
        assert_eq!(Token::new("  ").unwrap_err(), TokenError::Empty);
        for text in ["canary\r\nX-Evil: 1", "canary two", "canäry"] {
            let error = Token::new(text).unwrap_err();
            assert_eq!(error, TokenError::Characters);
            assert!(!error.to_string().contains("can"));
        }
        assert_eq!(Token::new(&"x".repeat(5000)).unwrap_err(), TokenError::Length);
    }
}
