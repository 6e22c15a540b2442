//! What is known of the account at the moment, and what of it is told.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Profile;
use super::keep::KeptIn;
use super::signed_in::Note;
use crate::catalog::{CatalogError, CatalogErrorKind};
use crate::error::{Code, Error};

/// How long Civitai's word on a key is taken for true, and how long nothing is asked again after no word.
const WORD_HOLDS: Duration = Duration::from_secs(300);
const NO_WORD_HOLDS: Duration = Duration::from_secs(30);

/// Who is signed in to Civitai, as far as anybody may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct AccountInfo {
    /// Whether there is a key that Civitai accepted when it was last asked.
    pub signed_in: bool,
    /// The name at Civitai, as last heard.
    pub username: Option<String>,
    /// The membership in Civitai's spelling, such as `founder`.
    pub tier: Option<String>,
    /// Whether there is a membership.
    pub is_member: bool,
    /// The end of the key, if it is long enough that this tells nobody anything.
    pub key_hint: Option<String>,
    /// Where the key comes from.
    pub kept_in: Option<KeptIn>,
    /// What is wrong with the key or its place, and what to do.
    pub problem: Option<Error>,
}

/// What an account knows.
#[derive(Default)]
pub(super) struct State {
    /// What the rest follows from; `None` before the first look.
    pub(super) note: Option<Note>,
    pub(super) kept_in: Option<KeptIn>,
    pub(super) hint: Option<String>,
    pub(super) profile: Option<Profile>,
    /// Of the place.
    pub(super) problem: Option<Error>,
    /// When to ask the place again.
    pub(super) again: Option<Instant>,
    /// What Civitai said of the key.
    pub(super) word: Option<Word>,
}

/// What Civitai said of a key, or why it said nothing.
pub(super) struct Word {
    pub(super) at: Instant,
    pub(super) problem: Option<Error>,
    pub(super) refused: bool,
}

impl Word {
    /// Civitai said just now whose the key is.
    pub(super) fn accepted() -> Self {
        Self { at: Instant::now(), problem: None, refused: false }
    }

    /// Whether there is no need to ask again.
    pub(super) fn holds(&self) -> bool {
        let answered = self.problem.is_none() || self.refused;
        self.at.elapsed() < if answered { WORD_HOLDS } else { NO_WORD_HOLDS }
    }
}

impl State {
    /// Takes in what Civitai said of the key.
    pub(super) fn hear(&mut self, answer: std::result::Result<Profile, CatalogError>) {
        let at = Instant::now();
        self.word = Some(match answer {
            Ok(profile) => {
                self.profile = Some(profile);
                Word::accepted()
            }
            Err(error) if error.kind == CatalogErrorKind::Unauthorised => {
                let problem = Error::new(Code::Unauthorised, "Civitai no longer accepts your key")
                    .hint("It may have expired or been deleted; sign in with a new one");
                Word { at, problem: Some(problem), refused: true }
            }
            Err(error) => Word { at, problem: Some(unchecked(&error)), refused: false },
        });
    }

    /// What may be told.
    pub(super) fn info(&self) -> AccountInfo {
        let refused = self.word.as_ref().is_some_and(|word| word.refused);
        let profile = self.profile.as_ref();
        let of_word = || self.word.as_ref().and_then(|word| word.problem.clone());
        AccountInfo {
            signed_in: self.kept_in.is_some() && !refused,
            username: profile.map(|profile| profile.username.clone()),
            tier: profile.and_then(|profile| profile.tier.clone()),
            is_member: profile.is_some_and(|profile| profile.is_member),
            key_hint: self.hint.clone(),
            kept_in: self.kept_in,
            problem: self.problem.clone().or_else(of_word),
        }
    }
}

fn unchecked(error: &CatalogError) -> Error {
    Error::new(error.code(), format!("Your key could not be checked: {}", error.message))
        .hint("Modeldock goes on with it and asks again later")
}
