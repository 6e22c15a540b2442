//! Addresses of pictures at Civitai: what they are kept under, and where the same one is smaller. Pure.

/// The width that is asked for, in pixels: twice what a card shows. One of those that Civitai's own pages ask for.
const WIDTH: &str = "/width=450/";

/// As it came from its author.
const ORIGINAL: &str = "/original=true/";

/// The name that what is at an address is kept under, and shown under.
pub(crate) fn key_of_address(url: &str) -> String {
    super::hex_of(url)
}

/// Whether a text is such a name: it becomes a path.
pub(super) fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where the same picture is smaller, if its address says how large it is to be (API contract, section 0.1).
pub(super) fn smaller(url: &str) -> String {
    url.replacen(ORIGINAL, WIDTH, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_named_here_is_a_key() {
        assert!(is_key(&key_of_address("https://image.civitai.com/a/b/original=true/1.jpeg")));
        for other in ["", "../../../etc/passwd", &"A".repeat(64), &"a".repeat(65), &"é".repeat(32)] {
            assert!(!is_key(other), "{other}");
        }
    }

    #[test]
    fn originals_are_asked_for_smaller_and_others_as_they_are() {
        assert_eq!(smaller("https://i.c/a/b/original=true/1.jpeg"), "https://i.c/a/b/width=450/1.jpeg");
        for other in ["https://i.c/a/b/width=96/1.jpeg", "https://i.c/1.jpeg?original=true"] {
            assert_eq!(smaller(other), other);
        }
    }
}
