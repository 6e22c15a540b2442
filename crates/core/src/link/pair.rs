//! Pairs with a site by the code that it shows, and ends that again.
//!
//! Whoever pairs joins at once, so that a wrong code is told while the person still looks at it. Where this process keeps
//! the links the connection is handed on: one that went and came back would be a flicker on the site's page.

use std::time::Duration;

use super::join::{Joining, NotJoined};
use super::keys::Keys;
use super::relay::{LinkService, LinkSite, ToRelay};
use super::shared::{Handed, Shared};
use super::worker::in_words;
use crate::account::Secret;
use crate::error::{Code, Error, Result};
use crate::store::Store;

/// How long a person waits for a connection.
const CONNECT: Duration = Duration::from_secs(20);

/// Digits of a code.
const DIGITS: usize = 6;

/// Where a site shows a code.
const HOW: &str = "On the site, choose Add a computer under Civitai Link, say that it is ComfyUI on another machine, and use \
    the code that it shows; each works once";

/// Reads a code as people type it.
pub(crate) fn read_code(text: &str) -> Result<Secret> {
    let digits: String = text.chars().take(100).filter(|digit| !digit.is_whitespace()).collect();
    let digits = digits.to_ascii_lowercase();
    let is_code = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = if is_code { Secret::new(&digits).ok() } else { None };
    code.ok_or_else(|| Error::invalid("A code is six characters from 0 to 9 and a to f").hint(HOW))
}

/// What pairing needs.
pub(crate) struct Pairing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) service: &'a dyn LinkService,
    pub(crate) keys: &'a Keys,
    pub(crate) shared: &'a Shared,
    pub(crate) site: LinkSite,
}

impl Pairing<'_> {
    /// Joins with a code and keeps the key that comes of it.
    pub(crate) async fn pair(&self, code: &Secret) -> Result<()> {
        let _turn = self.shared.pairing_turn().await;
        let connecting = tokio::time::timeout(CONNECT, self.service.connect_link(self.site)).await;
        let mut socket = match connecting {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Err(by_hand(in_words(&error))),
            Err(_) => return Err(self.silent()),
        };
        let joining = Joining { socket: &mut *socket, keys: self.keys, store: self.store, site: self.site };
        match joining.pair(code).await {
            Ok((joined, paired_at)) if self.shared.is_kept() => {
                self.shared.hand_over(self.site, Handed { socket, joined, paired_at });
                Ok(())
            }
            Ok(_) => {
                // Another process keeps the links, or the next one that is started.
                let _ = socket.send(ToRelay::Leave).await;
                socket.close().await;
                Ok(())
            }
            Err(NotJoined::Lost(error)) => Err(by_hand(in_words(&error))),
            Err(refused) => {
                socket.close().await;
                Err(self.refused(refused))
            }
        }
    }

    /// Ends the link with the site: nothing is kept of it.
    pub(crate) async fn leave(&self) -> Result<()> {
        let _turn = self.shared.pairing_turn().await;
        let site = self.site;
        let room = self.store.read(move |tx| tx.link_room(site)).await?;
        let kept_in = room.and_then(|room| room.kept_in);
        self.store.write(move |tx| tx.remove_link_room(site)).await?;
        match kept_in {
            Some(kept_in) => self.keys.remove(site, Some(kept_in)).await,
            None => Ok(()),
        }
    }

    fn silent(&self) -> Error {
        Error::new(Code::Offline, format!("{} did not answer", self.keys.url(self.site))).hint("Try again in a moment")
    }

    fn refused(&self, why: NotJoined) -> Error {
        let site = self.site.name();
        if why.is_unknown_key() {
            return Error::new(Code::Unauthorised, format!("{site} does not know this code")).hint(HOW);
        }
        match why {
            NotJoined::Refused(Some(reason)) => {
                Error::new(Code::Unauthorised, format!("{site} does not take this code: {reason}")).hint(HOW)
            }
            NotJoined::Refused(None) | NotJoined::Kicked => {
                Error::new(Code::Unauthorised, format!("{site} does not take this code")).hint(HOW)
            }
            NotJoined::KeyLost(error) => error,
            NotJoined::Lost(_) | NotJoined::Silent => self.silent(),
        }
    }
}

/// Nothing is tried again by itself where a person pairs.
fn by_hand(error: Error) -> Error {
    error.hint("Check your connection, then try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_in_whatever_shape_it_is_typed() {
        for typed in ["a1b2c3", "A1B2C3", " a1b 2c3 ", "a1 b2\tc3\n"] {
            assert_eq!(read_code(typed).unwrap().expose(), "a1b2c3", "{typed}");
        }
        for wrong in ["", "a1b2c", "a1b2c3d", "a1b2cg", "éa1b2", "a1b2c3;"] {
            let error = read_code(wrong).unwrap_err();
            assert!(error.hint.is_some() && !error.message.contains("a1b2"), "{error}");
        }
    }
}
