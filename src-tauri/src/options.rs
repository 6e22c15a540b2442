//! The few things one can tell the desktop app when starting it. Pure: arguments and environment in, choices out.
//!
//! Parsed by hand: three options do not pay for a parser, and the command line proper is the program `modeldock`.

use std::ffi::OsString;
use std::path::PathBuf;

use modeldock_civitai::LinkUrls;
use sha2::Digest as _;
use url::Url;

/// What `--help` and a mistake show.
pub const USAGE: &str = "\
Usage: modeldock-desktop [--hidden] [--data-dir DIR] [--civitai-url URL] [--link-url URL] [LINK]

  LINK               show what would be downloaded: a model's address at Civitai, an AIR or a modeldock:// link
  --hidden           start in the tray, without a window
  --data-dir DIR     keep the library in DIR           [env: MODELDOCK_DATA_DIR]
  --civitai-url URL  look models up at another server  [env: MODELDOCK_CIVITAI_URL]
  --link-url URL     reach Civitai Link at another relay: civitai.com's, then civitai.red's
                                                       [env: MODELDOCK_LINK_URL, with a comma between]";

/// Where models are looked up unless told otherwise.
pub const CIVITAI_URL: &str = "https://civitai.com";

/// The choices made at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Another data folder than the platform's.
    pub data_dir: Option<PathBuf>,
    /// The look-up server.
    pub civitai_url: Url,
    /// The relays of Civitai Link.
    pub link_urls: LinkUrls,
    /// Stay in the tray.
    pub hidden: bool,
    /// A link to open, unread.
    pub link: Option<String>,
}

/// What the arguments ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// The usage text.
    Help,
    /// The app.
    Run(Options),
}

impl Options {
    /// From this process's arguments and environment.
    pub fn from_process() -> Result<Parsed, String> {
        Self::parse(std::env::args_os().skip(1), |name| std::env::var_os(name))
    }

    /// From arguments without the program's name, and a way to look up the environment. Arguments win.
    pub fn parse(
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Parsed, String> {
        let from_environment = |name| environment(name).filter(|value| !value.is_empty());
        let mut data_dir = from_environment("MODELDOCK_DATA_DIR");
        let mut civitai_url = from_environment("MODELDOCK_CIVITAI_URL");
        let mut links: Vec<String> = Vec::new();
        let (mut hidden, mut link) = (false, None);

        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = split(&argument);
            let mut value =
                || inline.clone().or_else(|| arguments.next()).ok_or_else(|| format!("`{name}` needs a value"));
            match name.as_str() {
                "--data-dir" => data_dir = Some(value()?),
                "--civitai-url" => civitai_url = Some(value()?),
                "--link-url" => links.push(value()?.to_string_lossy().into_owned()),
                "--hidden" if inline.is_none() => hidden = true,
                word if !word.starts_with('-') && link.is_none() => {
                    link = Some(argument.to_string_lossy().into_owned());
                }
                "--help" | "-h" if inline.is_none() => return Ok(Parsed::Help),
                _ => return Err(format!("`{}` is not an option of modeldock-desktop", argument.display())),
            }
        }
        let civitai_url = match civitai_url {
            Some(text) => server_url(&text.to_string_lossy())?,
            None => server_url(CIVITAI_URL)?,
        };
        if links.is_empty() {
            links.extend(from_environment("MODELDOCK_LINK_URL").map(|value| value.to_string_lossy().into_owned()));
        }
        let link_urls = LinkUrls::named(&links).map_err(|error| error.to_string())?;
        Ok(Parsed::Run(Self { data_dir: data_dir.map(PathBuf::from), civitai_url, link_urls, hidden, link }))
    }

    /// What tells this app from others of the same user: 16 hexadecimal digits made of the data folder given to it.
    /// `None` for the one that uses the platform's folder.
    pub fn instance(&self) -> Option<String> {
        let folder = self.data_dir.as_ref()?;
        let digest = sha2::Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Some(format!("{first:016x}"))
    }

    /// The arguments that lead to the same app again. `None` if one of them is not Unicode.
    pub fn to_arguments(&self) -> Option<Vec<String>> {
        let mut arguments = Vec::new();
        if let Some(folder) = &self.data_dir {
            // A start at login happens in another folder than this one.
            let folder = std::path::absolute(folder).ok()?;
            arguments.extend(["--data-dir".to_owned(), folder.into_os_string().into_string().ok()?]);
        }
        if self.civitai_url.as_str().trim_end_matches('/') != CIVITAI_URL {
            arguments.extend(["--civitai-url".to_owned(), self.civitai_url.to_string()]);
        }
        if self.link_urls != LinkUrls::default() {
            arguments.extend(["--link-url".to_owned(), format!("{},{}", self.link_urls.com, self.link_urls.red)]);
        }
        Some(arguments)
    }
}

/// The link among the arguments of a second start, which were not read yet.
pub fn link_among<'a>(arguments: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if matches!(argument.as_str(), "--data-dir" | "--civitai-url" | "--link-url") {
            arguments.next();
        } else if !argument.starts_with('-') {
            return Some(argument);
        }
    }
    None
}

/// `--name=value` in two; anything else whole. A value that is not Unicode must come as an argument of its own.
fn split(argument: &OsString) -> (String, Option<OsString>) {
    match argument.to_str().and_then(|text| text.split_once('=')) {
        Some((name, value)) => (name.to_owned(), Some(value.into())),
        None => (argument.to_string_lossy().into_owned(), None),
    }
}

fn server_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{text}` is not an http or https URL"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Parsed, String> {
        Options::parse(arguments.iter().map(OsString::from), |_| None)
    }

    #[test]
    fn nothing_given_means_the_defaults() {
        let Ok(Parsed::Run(options)) = parse(&[]) else { panic!("runs") };
        assert_eq!(options.data_dir, None);
        assert_eq!(options.civitai_url.as_str(), "https://civitai.com/");
        assert!(!options.hidden);
    }

    #[test]
    fn arguments_win_over_the_environment() {
        let environment = |name: &str| match name {
            "MODELDOCK_DATA_DIR" => Some("/from/environment".into()),
            "MODELDOCK_CIVITAI_URL" => Some("http://127.0.0.1:1".into()),
            _ => None,
        };
        let arguments = ["--data-dir", "/given", "--hidden"].map(OsString::from);
        let Ok(Parsed::Run(options)) = Options::parse(arguments, environment) else { panic!("runs") };
        assert_eq!(options.data_dir, Some("/given".into()));
        assert_eq!(options.civitai_url.as_str(), "http://127.0.0.1:1/");
        assert!(options.hidden);
    }

    #[test]
    fn a_value_may_follow_an_equals_sign() {
        let Ok(Parsed::Run(options)) = parse(&["--data-dir=/a=b"]) else { panic!("runs") };
        assert_eq!(options.data_dir, Some("/a=b".into()));
    }

    #[test]
    fn mistakes_name_what_is_wrong() {
        assert_eq!(parse(&["--data-dir"]).unwrap_err(), "`--data-dir` needs a value");
        assert_eq!(parse(&["--hiden"]).unwrap_err(), "`--hiden` is not an option of modeldock-desktop");
        assert!(parse(&["--civitai-url", "file:///etc"]).unwrap_err().contains("not an http"));
        assert!(parse(&["--civitai-url", "nonsense"]).unwrap_err().contains("not a URL"));
        assert!(parse(&["--link-url", "http://link.civitai.com"]).unwrap_err().contains("Civitai Link"));
    }

    #[test]
    fn a_link_is_kept_as_it_is() {
        let Ok(Parsed::Run(options)) = parse(&["--hidden", "modeldock://download?what=a=b"]) else { panic!("runs") };
        assert_eq!(options.link.as_deref(), Some("modeldock://download?what=a=b"));
        assert!(parse(&["one", "two"]).unwrap_err().contains("`two`"));
        let second = ["--data-dir", "/data", "--hidden", "urn:air:x"].map(str::to_owned);
        assert_eq!(link_among(&second), Some(&second[3]));
        assert_eq!(link_among(&second[..3]), None);
    }

    #[test]
    fn what_was_given_can_be_given_again() {
        let given = ["--data-dir", "/my data", "--civitai-url", "http://127.0.0.1:1/"];
        let Ok(Parsed::Run(options)) = parse(&given) else { panic!("runs") };
        assert_eq!(options.to_arguments().unwrap(), given);
        let given = ["--link-url", "http://127.0.0.1:2,http://127.0.0.1:3"];
        let Ok(Parsed::Run(relays)) = parse(&given) else { panic!("runs") };
        assert_eq!(relays.to_arguments().unwrap(), given);
        let apart = ["--link-url", "http://127.0.0.1:2", "--link-url=http://127.0.0.1:3"];
        assert_eq!(parse(&apart), Ok(Parsed::Run(relays)));
        let Ok(Parsed::Run(plain)) = parse(&["--hidden"]) else { panic!("runs") };
        assert_eq!(plain.to_arguments().unwrap(), Vec::<String>::new());
        assert_eq!(plain.instance(), None);
        assert_eq!(options.instance().unwrap().len(), 16);
    }

    #[test]
    fn help_wins_over_running() {
        assert_eq!(parse(&["--hidden", "--help"]), Ok(Parsed::Help));
    }
}
