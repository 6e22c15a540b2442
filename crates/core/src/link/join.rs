//! Into a room: who this is, with which key, and what the relay says to that.
//!
//! Its answer, a new key, who else is there and the first commands come in whatever order the relay likes. A command that
//! comes before the answer is kept until that has come, and is nobody's if the answer is no.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::keys::Keys;
use super::relay::{FromRelay, LinkError, LinkSite, LinkSocket, ToRelay};
use crate::account::Secret;
use crate::error::Error;
use crate::store::Store;
use crate::units::UnixMillis;

/// How long the relay may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long after its yes the key may come that replaces a code.
const KEY_PATIENCE: Duration = Duration::from_secs(5);

/// Commands that are kept meanwhile.
const MOST_EARLY: usize = 32;

/// In a room.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// Browsers in it, as far as the relay has said.
    pub(crate) browsers: u32,
    /// What came already.
    pub(crate) commands: VecDeque<Value>,
}

/// Why it is in no room.
#[derive(Debug)]
pub(crate) enum NotJoined {
    /// The connection is over.
    Lost(LinkError),
    /// The relay says no, with its reason.
    Refused(Option<String>),
    /// The relay says that this computer was removed.
    Kicked,
    /// It said nothing.
    Silent,
    /// The key it gave could not be kept.
    KeyLost(Error),
}

impl NotJoined {
    /// Whether the relay says that it does not know the key; any other refusal may pass.
    pub(crate) fn is_unknown_key(&self) -> bool {
        let Self::Refused(Some(reason)) = self else { return false };
        let reason = reason.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        says(&["key", "room", "instance", "code"])
            && says(&["invalid", "unknown", "not found", "no such", "not exist", "expired", "wrong"])
    }
}

/// How keys that come are kept.
pub(crate) struct Joining<'a> {
    pub(crate) socket: &'a mut dyn LinkSocket,
    pub(crate) keys: &'a Keys,
    pub(crate) store: &'a Store,
    pub(crate) site: LinkSite,
}

impl Joining<'_> {
    /// With the key of a pairing.
    pub(crate) async fn again(mut self, key: &Secret) -> Result<Joined, NotJoined> {
        let mut joined = Joined::default();
        self.ask(key).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.heard(deadline, &mut joined).await? {
                Some(Step::In) => return Ok(joined),
                Some(Step::Key(key)) => {
                    self.keys.keep(self.store, self.site, &key).await.map_err(NotJoined::KeyLost)?;
                }
                None => return Err(NotJoined::Silent),
            }
        }
    }

    /// With a code, for the first time. Returns when the pairing was made as well.
    pub(crate) async fn pair(mut self, code: &Secret) -> Result<(Joined, UnixMillis), NotJoined> {
        let mut joined = Joined::default();
        self.ask(code).await?;
        let mut deadline = Instant::now() + PATIENCE;
        let (mut is_in, mut paired_at) = (false, None);
        loop {
            match (is_in, paired_at) {
                (true, Some(paired_at)) => return Ok((joined, paired_at)),
                (true, None) => deadline = deadline.min(Instant::now() + KEY_PATIENCE),
                (false, _) => {}
            }
            match self.heard(deadline, &mut joined).await? {
                Some(Step::In) => is_in = true,
                Some(Step::Key(key)) => paired_at = Some(keep_new(self.keys, self.store, self.site, &key).await?),
                // A relay that gives no better key means the code to be one.
                None if is_in => paired_at = Some(keep_new(self.keys, self.store, self.site, code).await?),
                None => return Err(NotJoined::Silent),
            }
        }
    }

    async fn ask(&mut self, key: &Secret) -> Result<(), NotJoined> {
        self.socket.send(ToRelay::Identify).await.map_err(NotJoined::Lost)?;
        self.socket.send(ToRelay::Join(key)).await.map_err(NotJoined::Lost)
    }

    /// The next thing that matters; `None` if nothing comes in time.
    async fn heard(&mut self, deadline: Instant, joined: &mut Joined) -> Result<Option<Step>, NotJoined> {
        loop {
            let Ok(heard) = timeout_at(deadline, self.socket.next()).await else { return Ok(None) };
            match heard.map_err(NotJoined::Lost)? {
                FromRelay::Joined { success: true, .. } => return Ok(Some(Step::In)),
                FromRelay::Joined { success: false, message } => return Err(NotJoined::Refused(message)),
                FromRelay::Upgraded(key) => return Ok(Some(Step::Key(key))),
                FromRelay::Kicked => return Err(NotJoined::Kicked),
                FromRelay::Presence { browsers, .. } => joined.browsers = browsers,
                FromRelay::Command(command) if joined.commands.len() < MOST_EARLY => joined.commands.push_back(command),
                FromRelay::Command(_) => tracing::debug!("a relay sends many commands before it lets anybody in"),
                FromRelay::Problem(message) => tracing::debug!(message, "the relay says"),
                FromRelay::Unknown { event } => tracing::debug!(event, "the relay says what nobody knows"),
            }
        }
    }
}

enum Step {
    In,
    Key(Secret),
}

async fn keep_new(keys: &Keys, store: &Store, site: LinkSite, key: &Secret) -> Result<UnixMillis, NotJoined> {
    keys.keep_new(store, site, key).await.map_err(NotJoined::KeyLost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_counts_as_one_about_the_key() {
        let refused = |text: &str| NotJoined::Refused(Some(text.to_owned())).is_unknown_key();
        for clear in ["Invalid key", "Key not found", "Unknown room", "This instance does not exist"] {
            assert!(refused(clear), "{clear}");
        }
        for other in ["You must identify yourself first", "Too many connections", "Internal error", "invalid", ""] {
            assert!(!refused(other), "{other}");
        }
        assert!(!NotJoined::Refused(None).is_unknown_key() && !NotJoined::Silent.is_unknown_key());
    }
}
