//! Numbers and names as the tray and notifications tell them. Pure.

use modeldock_core::Code;
use modeldock_core::download::{Download, VaultPart, Wanted};

/// `1 model`, `2 models`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Bytes a second with two figures: a menu that changes with every third one would never stand still.
pub(super) fn speed(bytes_per_second: u64) -> String {
    const UNITS: [&str; 4] = ["B/s", "KiB/s", "MiB/s", "GiB/s"];
    #[expect(clippy::cast_precision_loss, reason = "two figures are shown")]
    let mut value = bytes_per_second as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let unit = UNITS[unit];
    if value >= 99.5 {
        format!("{:.0} {unit}", (value / 10.0).round() * 10.0)
    } else if value >= 9.95 || unit == UNITS[0] {
        format!("{value:.0} {unit}")
    } else {
        format!("{value:.1} {unit}")
    }
}

/// Rounded down, so that 100 is all of it; none of nothing.
pub(super) fn percent(done: u64, all: u64) -> Option<u64> {
    let (done, all) = (u128::from(done), u128::from(all));
    (all > 0).then(|| u64::try_from((done * 100 / all).min(100)).unwrap_or(100))
}

/// Text that others wrote: one line, at most so many characters, none that turns the writing around.
pub(super) fn shorten(text: &str, longest: usize) -> String {
    let plain = |character: char| if character.is_control() || turns(character) { ' ' } else { character };
    let mut characters = text.chars().map(plain);
    let mut short: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// Unicode's controls of direction, with which a name can be made to look like another.
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Whether it is a model, and not a page or pictures of one.
pub(super) fn is_model(download: &Download) -> bool {
    match download.wanted {
        Wanted::File { .. } => true,
        Wanted::Vault { part, .. } => part == VaultPart::Model,
    }
}

/// Why a download does not go on by itself. Our own words, never the error's: those may name addresses, and the page has
/// them.
pub(super) fn reason(code: Code) -> &'static str {
    match code {
        Code::DiskFull => "the disk is full",
        Code::Unauthorised => "sign in to Civitai first",
        Code::Forbidden => "Civitai does not let this account have it",
        Code::NotFound => "it is no longer there",
        Code::WrongContent => "what came is not what it should be",
        Code::Io => "its file could not be written",
        Code::Offline => "Civitai cannot be reached",
        Code::RateLimited => "Civitai asks to wait",
        Code::Server => "Civitai gave no usable answer",
        Code::InvalidRequest | Code::Busy | Code::Cancelled | Code::NewerDatabase | Code::Database | Code::Internal => {
            "it could not be downloaded"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_has_two_figures() {
        let told: Vec<String> =
            [0, 512, 1023, 10_700, 102_400, 1_048_576, 12_900_000, 999_999_999_999].into_iter().map(speed).collect();
        let expected = ["0 B/s", "510 B/s", "1.0 KiB/s", "10 KiB/s", "100 KiB/s", "1.0 MiB/s", "12 MiB/s", "930 GiB/s"];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_name_stays_one_short_line() {
        assert_eq!(shorten("a\nb\tc", 9), "a b c");
        assert_eq!(shorten("gpj.\u{202e}x", 9), "gpj. x");
        assert_eq!(shorten("12345", 5), "12345");
        assert_eq!(shorten("123456", 5), "1234…");
    }
}
