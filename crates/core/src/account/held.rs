//! The account of one engine: loads the key when it is first needed, and signs in and out.
//!
//! Other processes sign in and out as well, so every use begins with the note; a key is loaded again only when that says
//! something new. Civitai is never asked while the state is locked: a download must not wait for a slow answer.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::keep::{Keep, Kept, KeptIn, Patience, blocking};
use super::keyring::Keyring;
use super::signed_in::{Note, NoteFile, SignedIn};
use super::state::{AccountInfo, State, Word};
use super::{KEY_VARIABLE, Profile, Secret, SecretError};
use crate::catalog::{CatalogError, CatalogErrorKind, Civitai};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus};
use crate::units::UnixMillis;

/// How long a person waits for Civitai's word on a new key, and a page for that on the one in use.
const WAIT_FOR_NEW: Duration = Duration::from_secs(60);
const WAIT_FOR_KNOWN: Duration = Duration::from_secs(15);

/// How soon a keyring that could not be used is asked again.
const PLACE_AGAIN: Duration = Duration::from_secs(30);

/// The account. One for each engine.
pub(crate) struct Account {
    origin: String,
    service: Arc<dyn Civitai>,
    events: EventBus,
    variable: Option<std::result::Result<Secret, SecretError>>,
    keep: Keep,
    notes: NoteFile,
    state: Mutex<State>,
}

impl Account {
    /// The account of a data folder. Nothing is read yet.
    pub(crate) fn new(folder: &Path, service: Arc<dyn Civitai>, events: EventBus) -> Self {
        let origin = service.base_url().to_owned();
        // Set to nothing is how scripts and service files say that it is not set.
        let variable = std::env::var_os(KEY_VARIABLE).filter(|value| !value.is_empty());
        Self {
            keep: Keep::new(folder, &origin, Keyring::of_the_system(), Patience::default()),
            notes: NoteFile::new(folder),
            variable: variable.map(|value| Secret::new(&value.to_string_lossy())),
            origin,
            service,
            events,
            state: Mutex::default(),
        }
    }

    /// Makes sure that the client asks with the key there is. Quick when nothing is new, and without an account.
    ///
    /// Only this asks a keyring again that could not be used: what goes on by itself would ask a person for a password
    /// that was just refused, again and again.
    pub(crate) async fn load(&self) {
        let mut state = self.state.lock().await;
        if state.again.is_some_and(|again| again <= Instant::now()) {
            state.note = None;
        }
        self.refresh(&mut state).await;
    }

    /// As [`Self::load`], and tells clients if another process signed in or out.
    pub(crate) async fn notice(&self) {
        // Somebody signs in or out right now, and will tell.
        let Ok(mut state) = self.state.try_lock() else { return };
        let known = state.note.is_some();
        if self.refresh(&mut state).await && known {
            self.events.publish(Event::AccountChanged);
        }
    }

    /// Who is signed in. Asks Civitai, but not every time.
    pub(crate) async fn show(&self) -> AccountInfo {
        let note = {
            let mut state = self.state.lock().await;
            self.refresh(&mut state).await;
            if state.kept_in.is_none() || state.word.as_ref().is_some_and(Word::holds) {
                return state.info();
            }
            state.note.clone()
        };
        let answer = within(WAIT_FOR_KNOWN, self.service.profile()).await;
        let mut state = self.state.lock().await;
        // Somebody may have signed out meanwhile: then the answer is about nobody.
        if state.note == note {
            state.hear(answer);
        }
        state.info()
    }

    /// Civitai refused the key elsewhere: whoever asks next who is signed in has it asked about anew.
    pub(crate) async fn doubt(&self) {
        let mut state = self.state.lock().await;
        if state.kept_in.is_some() && state.word.as_ref().is_none_or(|word| !word.refused) {
            state.word = None;
            self.events.publish(Event::AccountChanged);
        }
    }

    /// Keeps a key and uses it, once Civitai has said whose it is.
    pub(crate) async fn sign_in(&self, key: Secret) -> Result<AccountInfo> {
        if self.variable.is_some() {
            return Err(Error::invalid(format!("{KEY_VARIABLE} is set, and its key is used instead of any other"))
                .hint("Unset that variable and start Modeldock again, then sign in"));
        }
        let profile =
            within(WAIT_FOR_NEW, self.service.profile_of(key.clone())).await.map_err(|error| not_taken(&error))?;
        let mut state = self.state.lock().await;
        let before = self.note().await;
        let kept_in = self.keep.store(&key).await?;
        let was_in_keyring = matches!(&before, Note::Signed(signed) if signed.may_be_in_keyring());
        let signed = SignedIn {
            origin: self.origin.clone(),
            kept_in,
            profile: profile.clone(),
            at: UnixMillis::now(),
            in_keyring: kept_in == KeptIn::File && was_in_keyring,
            leaving: false,
        };
        if let Err(error) = self.write_note(signed.clone()).await {
            if before == Note::Nobody {
                // A key that no note tells of would stay when its user signs out; the error below says what failed.
                let _ = self.remove_all(vec![self.origin.clone()], true).await;
            }
            return Err(error);
        }
        if kept_in == KeptIn::Keyring
            && let Err(error) = self.keep.remove_file().await
        {
            tracing::warn!(%error, "an earlier key is still in its file");
        }
        let earlier = match before {
            Note::Signed(before) if before.may_be_in_keyring() && before.origin != self.origin => Some(before.origin),
            Note::Signed(_) | Note::Nobody | Note::Unreadable => None,
        };
        if let Some(earlier) = earlier
            && let Err(error) = self.keep.remove_from_keyring(vec![earlier], false).await
        {
            tracing::warn!(%error, "a key for another address is still in the keyring");
        }
        self.service.use_key(Some(key.clone()));
        *state = State {
            note: Some(Note::Signed(signed)),
            kept_in: Some(kept_in),
            hint: key.hint(),
            profile: Some(profile),
            word: Some(Word::accepted()),
            ..State::default()
        };
        self.events.publish(Event::AccountChanged);
        Ok(state.info())
    }

    /// Forgets the key, wherever it is kept.
    pub(crate) async fn sign_out(&self) -> Result<AccountInfo> {
        let mut state = self.state.lock().await;
        if self.variable.is_none() {
            self.service.use_key(None);
            *state = State::default();
        }
        let note = self.note().await;
        let mut origins = vec![self.origin.clone()];
        let must = match &note {
            Note::Nobody => false,
            Note::Unreadable => true,
            Note::Signed(signed) => {
                origins.push(signed.origin.clone());
                signed.may_be_in_keyring()
            }
        };
        origins.dedup();
        let removed = self.remove_all(origins, must).await;
        let ended = match (&removed, note) {
            (Ok(()), _) => self.remove_note().await,
            // The key stays unused until it can be removed, here and in every other process.
            (Err(_), Note::Signed(signed)) => self.write_note(SignedIn { leaving: true, ..signed }).await,
            (Err(_), Note::Nobody | Note::Unreadable) => Ok(()),
        };
        self.events.publish(Event::AccountChanged);
        removed.and(ended)?;
        self.refresh(&mut state).await;
        let mut info = state.info();
        if self.variable.is_some() {
            info.problem = Some(
                Error::invalid(format!("The key in {KEY_VARIABLE} stays in use; what was kept is removed"))
                    .hint("Unset that variable and start Modeldock again to be signed out"),
            );
        }
        Ok(info)
    }

    /// Brings the state up to date with the note. Whether anything was new.
    async fn refresh(&self, state: &mut State) -> bool {
        if let Some(variable) = &self.variable {
            if state.kept_in.is_none() && state.problem.is_none() {
                *state = self.take_variable(variable);
            }
            return false;
        }
        let note = self.note().await;
        if state.note.as_ref() == Some(&note) {
            return false;
        }
        *state = self.take_note(note).await;
        true
    }

    fn take_variable(&self, variable: &std::result::Result<Secret, SecretError>) -> State {
        match variable {
            Ok(key) => {
                self.service.use_key(Some(key.clone()));
                State { kept_in: Some(KeptIn::Environment), hint: key.hint(), ..State::default() }
            }
            Err(why) => {
                let problem = Error::invalid(format!("{KEY_VARIABLE} does not hold a key: {why}"))
                    .hint("Put a key from your account settings at Civitai there, or unset it");
                State { problem: Some(problem), ..State::default() }
            }
        }
    }

    async fn take_note(&self, note: Note) -> State {
        let mut state = State { note: Some(note.clone()), ..State::default() };
        let place = match note {
            Note::Signed(signed) if signed.origin == self.origin && !signed.leaving => {
                state.profile = Some(signed.profile);
                Some(signed.kept_in)
            }
            Note::Nobody | Note::Signed(_) => {
                self.service.use_key(None);
                return state;
            }
            Note::Unreadable => None,
        };
        match self.keep.load(place).await {
            Ok(Some(Kept { key, place: kept_in, remark })) => {
                state.hint = key.hint();
                state.kept_in = Some(kept_in);
                state.problem = remark;
                self.service.use_key(Some(key));
            }
            Ok(None) => {
                self.service.use_key(None);
                // Without a note that can be read, nobody may ever have signed in.
                state.problem = place.map(|_| {
                    Error::new(Code::Unauthorised, "Your key for Civitai is no longer where it was kept")
                        .hint("Sign in again")
                });
            }
            Err(error) => {
                self.service.use_key(None);
                state.problem = Some(error);
                state.again = Some(Instant::now() + PLACE_AGAIN);
            }
        }
        state
    }

    async fn remove_all(&self, origins: Vec<String>, must: bool) -> Result<()> {
        let file = self.keep.remove_file().await;
        let keyring = self.keep.remove_from_keyring(origins, must).await;
        match keyring {
            // Where nothing was put, nothing can be left.
            Err(error) if !must => tracing::debug!(%error, "the keyring was not looked at"),
            Err(error) => return Err(kept_still(&error)),
            Ok(()) => {}
        }
        file
    }

    async fn note(&self) -> Note {
        let notes = self.notes.clone();
        blocking(move || Ok(notes.read())).await.unwrap_or(Note::Unreadable)
    }

    async fn write_note(&self, signed: SignedIn) -> Result<()> {
        let notes = self.notes.clone();
        blocking(move || notes.write(&signed)).await
    }

    async fn remove_note(&self) -> Result<()> {
        let notes = self.notes.clone();
        blocking(move || notes.remove()).await
    }
}

async fn within(
    limit: Duration,
    answer: impl Future<Output = std::result::Result<Profile, CatalogError>>,
) -> std::result::Result<Profile, CatalogError> {
    let late =
        |_| CatalogError { kind: CatalogErrorKind::Offline, message: "Civitai did not answer in time".to_owned() };
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|elapsed| Err(late(elapsed)))
}

fn not_taken(error: &CatalogError) -> Error {
    match error.kind {
        CatalogErrorKind::Unauthorised => Error::new(Code::Unauthorised, "Civitai does not accept this key")
            .hint("Copy it once more from your account settings at Civitai, or make a new one there"),
        CatalogErrorKind::NotFound
        | CatalogErrorKind::Offline
        | CatalogErrorKind::RateLimited(_)
        | CatalogErrorKind::Server(..)
        | CatalogErrorKind::NotJson
        | CatalogErrorKind::Refused(_) => {
            Error::new(error.code(), format!("The key could not be checked, so it was not kept: {}", error.message))
                .hint("Try again when Civitai can be reached")
        }
    }
}

fn kept_still(error: &Error) -> Error {
    Error::new(error.code, format!("You are signed out here, but your key may still be kept: {}", error.message))
        .hint("Unlock your keyring and sign out again, or remove its entry `Modeldock` by hand")
}
