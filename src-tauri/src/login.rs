//! Starting with the user's session, hidden in the tray.
//!
//! The operating system's own list is the truth, not a setting: the user may change it there as well. An app with a data
//! folder of its own has an entry of its own.

use auto_launch::{AutoLaunch, AutoLaunchBuilder};
use modeldock_core::{Code, Error};
use tauri::State;

use crate::options::Options;

/// The app's entry among what starts at login; `None` where it cannot have one.
pub(crate) struct StartAtLogin(Option<AutoLaunch>);

impl StartAtLogin {
    /// The entry of an app with these options, which it will be started with again.
    pub(crate) fn of(options: &Options) -> Self {
        // An AppImage runs from a place that is another one each time.
        let program = std::env::var_os("APPIMAGE").map(Into::into).or_else(|| std::env::current_exe().ok());
        let Some(program) = program.and_then(|path| path.into_os_string().into_string().ok()) else {
            return Self(None);
        };
        let mut arguments = vec!["--hidden".to_owned()];
        let Some(given) = options.to_arguments() else { return Self(None) };
        arguments.extend(given);
        let mut builder = AutoLaunchBuilder::new();
        builder
            .set_app_name(&options.instance().map_or_else(|| "Modeldock".to_owned(), |own| format!("Modeldock-{own}")));
        builder.set_app_path(&quoted(&program));
        builder.set_args(&arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>());
        builder.set_windows_enable_mode(auto_launch::WindowsEnableMode::CurrentUser);
        builder.set_macos_launch_mode(auto_launch::MacOSLaunchMode::LaunchAgent);
        match builder.build() {
            Ok(entry) => Self(Some(entry)),
            Err(error) => {
                tracing::warn!(%error, "cannot start at login");
                Self(None)
            }
        }
    }

    fn entry(&self) -> Result<&AutoLaunch, Error> {
        self.0.as_ref().ok_or_else(|| Error::new(Code::Io, "This system has no list of what starts at login"))
    }
}

/// Whether the app starts at login.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands over commands' arguments")]
pub(crate) fn start_at_login(login: State<'_, StartAtLogin>) -> Result<bool, Error> {
    login
        .entry()?
        .is_enabled()
        .map_err(|error| Error::new(Code::Io, format!("Could not read whether Modeldock starts at login: {error}")))
}

/// Makes the app start at login, or not.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands over commands' arguments")]
pub(crate) fn set_start_at_login(login: State<'_, StartAtLogin>, on: bool) -> Result<(), Error> {
    let entry = login.entry()?;
    let done = if on {
        entry.enable()
    } else if entry.is_enabled().unwrap_or(true) {
        entry.disable()
    } else {
        // Windows calls it an error to take out what is not there.
        Ok(())
    };
    done.map_err(|error| {
        let what = if on { "make Modeldock start at login" } else { "take Modeldock off what starts at login" };
        Error::new(Code::Io, format!("Could not {what}: {error}"))
            .hint("Change it in the settings of your desktop instead")
    })
}

/// As the list wants a word that may hold spaces. Linux: the desktop entry specification, "The Exec key", whose quoted
/// strings are escaped twice; Windows: a command line. macOS keeps words apart by itself.
fn quoted(word: &str) -> String {
    if cfg!(target_os = "linux") {
        desktop_entry_word(word)
    } else if cfg!(windows) {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

fn desktop_entry_word(word: &str) -> String {
    let mut quoted = String::from("\"");
    for character in word.chars() {
        match character {
            '"' | '`' | '$' => quoted.extend(["\\\\", character.encode_utf8(&mut [0; 4])]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_exec_line_are_quoted_twice() {
        assert_eq!(desktop_entry_word("/opt/my apps/modeldock"), r#""/opt/my apps/modeldock""#);
        assert_eq!(desktop_entry_word("100 %"), r#""100 %%""#);
        assert_eq!(desktop_entry_word(r#"a"b$c`d\e"#), r#""a\\"b\\$c\\`d\\\\e""#);
    }
}
