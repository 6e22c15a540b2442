//! The laws of names: on a corpus of hostile ones, and on whatever a generator comes up with.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use proptest::prelude::*;
use typed_path::{Utf8WindowsComponent, Utf8WindowsPath};

use super::*;

const FALLBACK: Fallback = Fallback::Version { model: None, version: VersionId(456) };

fn named(untrusted: &str) -> String {
    safe_name(untrusted, SafeExtension::SAFETENSORS, FALLBACK).to_string()
}

/// The corpus: what comes in, and what is expected to come out where that is written down.
fn corpus() -> Vec<(String, Option<String>)> {
    include_str!("corpus.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| match line.split_once('\t') {
            Some((name, expected)) => (unescape(name), Some(unescape(expected))),
            None => (unescape(line), None),
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(code) = rest.strip_prefix("\\u{") {
            let (code, after) = code.split_once('}').unwrap();
            result.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            rest = after;
        } else {
            rest = rest.strip_prefix("\\\\").unwrap();
            result.push('\\');
        }
    }
    result + rest
}

/// What every name obeys, as each system would put it. Written anew here instead of asking the code under test.
fn broken_law(name: &str) -> Option<&'static str> {
    let laws: [(&str, bool); 6] = [
        ("one component on Unix, inside its folder", is_one_unix_component(name)),
        ("one component on Windows, inside its folder", is_one_windows_component(name)),
        ("Windows opens a file of that very name", is_plain_on_windows(name)),
        ("fits every file system", fits(name)),
        ("composed and visible", is_composed_and_visible(name)),
        ("begins as a name", !name.starts_with(['.', '-', '~']) && name.trim() == name && !name.is_empty()),
    ];
    laws.into_iter().find(|(_, holds)| !holds).map(|(law, _)| law)
}

fn is_one_unix_component(name: &str) -> bool {
    let path = Path::new("/models/Lora").join(name);
    let mut components = Path::new(name).components();
    matches!(components.next(), Some(Component::Normal(only)) if only == name)
        && components.next().is_none()
        && path.parent() == Some(Path::new("/models/Lora"))
        && !name.contains('\0')
}

fn is_one_windows_component(name: &str) -> bool {
    ["C:\\models\\Lora", "\\\\server\\share\\Lora", "\\\\?\\C:\\models"].into_iter().all(|root| {
        let root = Utf8WindowsPath::new(root);
        let joined = root.join(name);
        let mut components = Utf8WindowsPath::new(name).components();
        matches!(components.next(), Some(Utf8WindowsComponent::Normal(only)) if only == name)
            && components.next().is_none()
            && joined.parent() == Some(root)
            && joined.normalize() == joined
    })
}

fn is_plain_on_windows(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let is_port = |port: &str| {
        base.strip_prefix(port).is_some_and(|number| {
            number.chars().count() == 1 && number.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c))
        })
    };
    let is_device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(&base.as_str())
        || is_port("COM")
        || is_port("LPT");
    let has_short_form = name.as_bytes().windows(2).any(|pair| pair[0] == b'~' && pair[1].is_ascii_digit());
    let lower = name.to_lowercase();
    !is_device
        && !has_short_form
        && !name.chars().any(|c| c < ' ' || "<>:\"/\\|?*".contains(c))
        && !name.ends_with(['.', ' '])
        && !["desktop.ini", "autorun.inf", "thumbs.db"].contains(&lower.as_str())
}

fn fits(name: &str) -> bool {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(name);
    name.len() <= 200 && name.encode_utf16().count() <= 200 && decomposed.encode_utf16().count() <= 255
}

fn is_composed_and_visible(name: &str) -> bool {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(u32::from(c), 0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F)
            || matches!(u32::from(c), 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE000..=0xF8FF)
            || matches!(u32::from(c), 0xE_0000..=0x10_FFFF)
    };
    ComposingNormalizerBorrowed::new_nfc().is_normalized(name) && !name.chars().any(is_hidden)
}

fn check_file(untrusted: &str, extension: SafeExtension) -> Result<(), String> {
    let name = safe_name(untrusted, extension, FALLBACK);
    let complain = |what: &str| Err(format!("{untrusted:?} became {:?}: {what}", name.as_str()));
    if let Some(law) = broken_law(name.as_str()) {
        return complain(law);
    }
    if name.as_str() != format!("{}.{extension}", name.stem()) || SafeExtension::of(name.as_str()) != Some(extension) {
        return complain("its ending");
    }
    if safe_name(name.as_str(), extension, FALLBACK) != name {
        return complain("not the same again");
    }
    let others = [2, 3, u32::MAX].map(|number| numbered(&name, number));
    for other in &others {
        if let Some(law) = broken_law(other.as_str()) {
            return complain(&format!("numbered: {law}"));
        }
        if safe_name(other.as_str(), extension, FALLBACK) != *other {
            return complain("numbered: not the same again");
        }
    }
    // A name that ends in a number, and has no room for another, is its own numbered name.
    if others.iter().filter(|other| collides(name.as_str(), other.as_str())).count() > 1
        || collides(others[0].as_str(), others[1].as_str())
    {
        return complain("numbered: the same name");
    }
    Ok(())
}

fn check_folder(untrusted: &str) -> Result<(), String> {
    let Some(name) = safe_folder(untrusted) else { return Ok(()) };
    if let Some(law) = broken_law(&name) {
        return Err(format!("{untrusted:?} became the folder {name:?}: {law}"));
    }
    if name.len() > MAX_FOLDER || safe_folder(&name).as_ref() != Some(&name) {
        return Err(format!("{untrusted:?} became the folder {name:?}"));
    }
    Ok(())
}

#[test]
fn hostile_names_obey_every_law_on_every_system() {
    let corpus = corpus();
    let different: BTreeSet<&str> = corpus.iter().map(|(name, _)| name.as_str()).collect();
    assert!(different.len() >= 500, "{}", different.len());
    for (name, _) in &corpus {
        // The longest ending and one of the shortest.
        check_file(name, SafeExtension::SAFETENSORS).unwrap();
        check_file(name, SafeExtension::parse("pt").unwrap()).unwrap();
        check_folder(name).unwrap();
    }
}

#[test]
fn hostile_names_become_what_is_written_beside_them() {
    let expected: Vec<_> = corpus().into_iter().filter_map(|(name, expected)| Some((name, expected?))).collect();
    let wrong: Vec<_> = expected.iter().filter(|(name, expected)| named(name) != *expected).collect();
    assert!(expected.len() >= 250, "{}", expected.len());
    assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|(name, want)| (name, want, named(name))).collect::<Vec<_>>());
}

#[test]
fn an_ending_that_is_not_allowed_is_none() {
    for ending in ["exe", "lnk", "py", "url", "html", "js", "yaml", "json", "", "safetensors "] {
        assert_eq!(SafeExtension::parse(ending), None, "{ending:?}");
    }
    assert_eq!(SafeExtension::of("v1.5.FP16.SafeTensors"), Some(SafeExtension::SAFETENSORS));
    assert_eq!(SafeExtension::of("model.safetensors.exe"), None);
    assert_eq!(SafeExtension::of("safetensors"), None);
}

#[test]
fn a_name_is_built_from_ids_when_nothing_is_left_of_it() {
    let version = Fallback::Version { model: Some(ModelId(123)), version: VersionId(456) };
    let vault = Fallback::Vault { item: VaultItemId(7) };
    assert_eq!(safe_name("...", SafeExtension::ZIP, version).as_str(), "model-123-version-456.zip");
    assert_eq!(safe_name("\u{202e}", SafeExtension::PDF, vault).as_str(), "vault-7.pdf");
}

#[test]
fn a_name_of_ten_megabytes_is_no_more_work_than_a_long_one() {
    let name = format!("good {}.safetensors", "x\u{301}".repeat(10_000_000 / 3));
    assert_eq!(SafeExtension::of(&name), Some(SafeExtension::SAFETENSORS));
    assert!(named(&name).starts_with("good x"));
}

#[test]
fn a_long_name_is_cut_between_visible_characters() {
    let flags = "🇩🇪".repeat(60);
    let name = named(&flags);
    let stem = name.strip_suffix(".safetensors").unwrap();
    assert_eq!(stem.chars().count() % 2, 0);
    assert_eq!(stem, "🇩🇪".repeat(188 / 8));
    let family = safe_name(&"ก็".repeat(80), SafeExtension::SAFETENSORS, FALLBACK);
    assert_eq!(family.stem(), "ก็".repeat(188 / 6));
}

#[test]
fn folders_keep_what_creators_call_themselves() {
    let cases = [
        ("Flux.1 D", Some("Flux.1 D")),
        ("A/B", Some("A_B")),
        ("../../etc", Some("_.._etc")),
        ("Pony V6.0.", Some("Pony V6.0")),
        ("nul", Some("_nul")),
        ("desktop.ini", Some("_desktop.ini")),
        ("x.{ED7BA470-8E54-465E-825C-99712043E01C}", Some("x_{ED7BA470-8E54-465E-825C-99712043E01C}")),
        ("..", None),
        (" \u{200b}. ", None),
    ];
    for (name, expected) in cases {
        assert_eq!(safe_folder(name).as_deref(), expected, "{name:?}");
    }
}

#[test]
fn names_collide_where_some_file_system_says_so() {
    let same = [
        ("Model.ckpt", "model.CKPT"),
        ("caf\u{e9}.pt", "cafe\u{301}.pt"),
        ("STRASSE.pt", "straße.pt"),
        ("K.pt", "\u{212a}.pt"),
        ("ΜΆΪΟΣ.pt", "μάϊος.pt"),
        ("\u{17f}.pt", "S.pt"),
        ("ı.pt", "I.pt"),
        ("a\u{200b}b.pt", "ab.pt"),
        ("\u{1e9e}.pt", "ss.pt"),
        ("\u{345}\u{301}a", "\u{301}\u{345}a"),
    ];
    for (a, b) in same {
        assert!(collides(a, b) && collides(b, a), "{a:?} {b:?}");
    }
    for (a, b) in [("a.pt", "b.pt"), ("a.pt", "a.pth"), ("o.pt", "ö.pt"), ("a.pt", "a (2).pt")] {
        assert!(!collides(a, b), "{a:?} {b:?}");
    }
}

#[test]
fn a_taken_name_gets_the_first_free_number() {
    let name = safe_name("Café.safetensors", SafeExtension::SAFETENSORS, FALLBACK);
    let none: [&str; 0] = [];
    assert_eq!(free_name(&name, none), name);
    let taken = ["cafe\u{301}.SAFETENSORS", "CAFÉ (2).safetensors", "café (4).safetensors", "café.ckpt"];
    assert_eq!(free_name(&name, taken).as_str(), "Café (3).safetensors");

    let long = safe_name(&"x".repeat(300), SafeExtension::SAFETENSORS, FALLBACK);
    let mut taken = vec![long.to_string()];
    for _ in 0..12 {
        taken.push(free_name(&long, &taken).to_string());
    }
    assert_eq!(taken.last().unwrap(), &format!("{} (13).safetensors", "x".repeat(183)));
    assert!(taken.iter().all(|name| name.len() <= MAX_NAME));
}

#[test]
fn one_character_that_fills_a_whole_name_still_leaves_room_for_a_number() {
    let tall = safe_name(&format!("a{}", "\u{302}".repeat(93)), SafeExtension::SAFETENSORS, FALLBACK);
    assert!(tall.as_str().len() > 190);
    assert_eq!(numbered(&tall, 2).as_str(), "model (2).safetensors");
}

/// A case makes some twenty names; `MODELDOCK_TEST_ROUNDS=long` asks for two million of them.
fn cases() -> ProptestConfig {
    let is_long = std::env::var_os("MODELDOCK_TEST_ROUNDS").is_some_and(|rounds| rounds == "long");
    ProptestConfig::with_cases(if is_long { 100_000 } else { 1_000 })
}

/// Pieces of which trouble is made.
const PIECES: &[&str] = &[
    ".",
    "..",
    "/",
    "\\",
    " ",
    "-",
    "~",
    "~1",
    ":",
    "CON",
    "nul",
    "com1",
    "LPT³",
    "$",
    ".exe",
    ".safetensors",
    ".ckpt",
    ".zip",
    ".{",
    "\u{200b}",
    "\u{202e}",
    "\u{301}",
    "\u{338}",
    "<",
    "*",
    "\0",
    "\u{ad}",
    "\u{fe0f}",
    "\u{200d}",
    "e",
    "🦀",
    "🇩",
    "desktop.ini",
    "Thumbs.db",
    "\u{1100}",
    "\u{1161}",
    "\u{3000}",
    "\u{f03a}",
    "\u{390}",
    "ß",
    "ı",
    "_",
    "(2)",
    "\u{d4e}",
    "\u{2028}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "                         ",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-zA-Z0-9]{1,60}",
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_becomes_a_lawful_name(text in any::<String>(), ending in 0..12_usize) {
        let extension = SafeExtension::all().nth(ending).unwrap();
        prop_assert_eq!(check_file(&text, extension), Ok(()));
        prop_assert_eq!(check_folder(&text), Ok(()));
    }

    #[test]
    fn any_pieces_of_trouble_become_a_lawful_name(
        pieces in proptest::collection::vec(piece(), 0..24),
        ending in 0..12_usize,
    ) {
        let extension = SafeExtension::all().nth(ending).unwrap();
        let text = pieces.concat();
        prop_assert_eq!(check_file(&text, extension), Ok(()));
        prop_assert_eq!(check_folder(&text), Ok(()));
    }
}
