//! A personal key of Civitai as requests carry it: the engine's secret, which cannot be printed by accident.

use std::fmt;

use modeldock_core::account::{Secret, SecretError};

/// A text that cannot be a key. Does not repeat the text.
pub type TokenError = SecretError;

/// A key for Civitai's API.
#[derive(Clone)]
pub struct Token(Secret);

impl Token {
    /// Takes a key as people paste it, with white space around.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        Secret::new(text).map(Self)
    }

    /// The value of the `Authorization` header. The only way to the text from outside this module.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0.expose())
    }

    /// `text` without this key in it: a server may repeat in an error what it was sent.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(self.0.expose(), "[key]")
    }
}

impl From<Secret> for Token {
    fn from(secret: Secret) -> Self {
        Self(secret)
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
}
