//! `modeldock account`: signs in to Civitai with a key, and out again.
//!
//! The key is typed or piped in. There is no option for it: arguments are in the list of processes, which everybody on
//! the computer can read, and in the shell's history.

#[cfg(unix)]
use std::io::{BufRead as _, Write as _};
use std::io::{IsTerminal as _, Read as _};

use modeldock_core::account::{AccountInfo, KEY_VARIABLE, KeptIn, Secret};
use modeldock_core::catalog::Catalog as _;
use modeldock_core::{Code, Error, Result};
use serde_json::json;

use crate::args;
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, plain_words, printable};
use crate::quiet::Quiet;

/// More than any key has, in bytes: whatever goes on behind that is not one.
const LONGEST_INPUT: u64 = 16 * 1024;

pub(crate) async fn run(context: &Context, command: args::Account) -> Result<Exit> {
    let app = context.open()?;
    let info: AccountInfo = match command {
        args::Account::Show => call(&app, "account_show", json!({})).await?,
        args::Account::Logout => call(&app, "account_sign_out", json!({})).await?,
        args::Account::Login => {
            let key = ask_for_key(context.client()?.base_url()).await?;
            let info = call(&app, "account_sign_in", json!({ "key": key.expose() })).await?;
            tell_place(&info, &app.paths().data_dir().join("account.key"));
            info
        }
    };
    let mut results = Results::new();
    if context.json() {
        results.json(&info)?;
    } else {
        tell(&mut results, &info, context.client()?.base_url())?;
    }
    results.flush()?;
    match &info.problem {
        None => Ok(Exit::Done),
        Some(problem) => {
            output::warning(problem);
            Ok(Exit::Failed)
        }
    }
}

fn tell(results: &mut Results, info: &AccountInfo, origin: &str) -> Result<()> {
    let Some(place) = info.kept_in else { return results.line(format!("Not signed in to {origin}")) };
    let membership = info.tier.as_deref().map(|tier| format!(" ({})", printable(tier))).unwrap_or_default();
    match &info.username {
        Some(name) if info.signed_in => {
            results.line(format!("Signed in to {origin} as {}{membership}", printable(name)))?;
        }
        Some(name) => results.line(format!("Not signed in to {origin} any more; it was {}", printable(name)))?,
        None => results.line(format!("There is a key for {origin}"))?,
    }
    let hint = info.key_hint.as_deref().map(|hint| format!(" {hint}")).unwrap_or_default();
    results.line(match place {
        KeptIn::Keyring => format!("The key{hint} is in the keyring of this system"),
        KeptIn::File => format!("The key{hint} is in an encrypted file in the data folder"),
        KeptIn::Environment => format!("The key{hint} comes from {KEY_VARIABLE}, for this run"),
    })
}

/// A file is second best, and whoever signs in should know.
fn tell_place(info: &AccountInfo, path: &std::path::Path) {
    if info.kept_in == Some(KeptIn::File) {
        output::note(&format!(
            "No keyring could be used, so the key is in `{}`, encrypted. Copies of it are useless on other computers; \
             programs that run as you can read it.",
            path.display()
        ));
    }
}

async fn ask_for_key(origin: &str) -> Result<Secret> {
    let prompt = format!("Key for {origin} (it is not shown): ");
    let from_person = std::io::stdin().is_terminal();
    if from_person {
        output::note(&format!("Make a key at {origin}/user/account, under API keys"));
    }
    // Held here and not by the thread that reads, which is left behind when the question is given up.
    let _quiet = from_person.then(Quiet::new);
    let reading = tokio::task::spawn_blocking(move || if from_person { typed(&prompt) } else { piped() });
    let ended = tokio::select! {
        ended = reading => ended,
        signal = super::scan::interrupted() => {
            signal?;
            return Err(stopped());
        }
    };
    ended.unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A task ended early: {source}"))))
}

#[cfg(unix)]
fn typed(prompt: &str) -> Result<Secret> {
    // Nobody can be told that standard error is closed.
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
    let mut line = String::new();
    std::io::stdin().lock().take(LONGEST_INPUT).read_line(&mut line).map_err(|source| unread(&source))?;
    // The one that was typed was not shown.
    let _ = writeln!(terminal);
    read_key(line.trim_end_matches(['\r', '\n']))
}

#[cfg(not(unix))]
fn typed(prompt: &str) -> Result<Secret> {
    let text = rpassword::prompt_password(prompt).map_err(|source| match source.kind() {
        std::io::ErrorKind::Interrupted => stopped(),
        _ => unread(&source),
    })?;
    read_key(&text)
}

fn piped() -> Result<Secret> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(LONGEST_INPUT).read_to_end(&mut bytes).map_err(|source| unread(&source))?;
    // What is no text is no key either; the characters that stand for it are refused.
    read_key(&String::from_utf8_lossy(&bytes))
}

fn read_key(text: &str) -> Result<Secret> {
    Secret::new(text).map_err(|why| {
        Error::invalid(why.to_string())
            .hint("Type it when asked, or pipe it in: `modeldock account login < file-with-the-key`")
    })
}

fn unread(source: &std::io::Error) -> Error {
    Error::new(Code::Io, format!("The key could not be read: {}", plain_words(source)))
        .hint("Pipe it in: `modeldock account login < file-with-the-key`")
}

fn stopped() -> Error {
    Error::new(Code::Cancelled, "Stopped before there was a key")
}
