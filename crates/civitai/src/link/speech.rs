//! What the relay's events mean, and how this computer's are put (Link protocol, section 3). Pure.
//!
//! An event with arguments of another shape than agreed is [`FromRelay::Unknown`], as is one of another name: what it was
//! meant to say is not guessed at.

use modeldock_core::account::Secret;
use modeldock_core::link::{FromRelay, ToRelay};
use serde_json::{Value, json};

use super::socket_io::event;

/// Characters of a relay's text that people get to see.
const LONGEST_TEXT: usize = 300;
/// Names of events are shorter.
const LONGEST_NAME: usize = 60;
/// Digits of a key to keep.
const KEY_DIGITS: usize = 128;

/// A message as a packet of Socket.IO. `id`: the number that the answer to `join` will have.
pub(super) fn put(message: ToRelay<'_>, id: u64) -> String {
    match message {
        ToRelay::Identify => event("iam", Some(r#"{"type":"sd"}"#), None),
        ToRelay::Join(key) => event("join", Some(&json!(key.expose()).to_string()), Some(id)),
        ToRelay::Leave => event("leave", None, None),
        ToRelay::Status(status) => event("commandStatus", Some(&status.to_string()), None),
    }
}

/// What an event says.
pub(super) fn heard(name: &str, mut arguments: Vec<Value>) -> FromRelay {
    let argument = if arguments.is_empty() { Value::Null } else { arguments.swap_remove(0) };
    let understood = match name {
        "command" => argument.is_object().then_some(FromRelay::Command(argument)),
        "roomPresence" => presence(&argument),
        "upgradeKey" => argument.get("key").and_then(Value::as_str).and_then(key).map(FromRelay::Upgraded),
        "kicked" => Some(FromRelay::Kicked),
        "error" => argument.get("msg").and_then(Value::as_str).map(|text| FromRelay::Problem(plain(text))),
        _ => None,
    };
    understood.unwrap_or_else(|| unknown(name))
}

/// The answer to `join`. `None` if it is of another shape.
pub(super) fn joined(arguments: &[Value]) -> Option<FromRelay> {
    let answer = arguments.first()?;
    let success = answer.get("success")?.as_bool()?;
    let message = answer.get("msg").and_then(Value::as_str).map(plain).filter(|text| !text.is_empty());
    Some(FromRelay::Joined { success, message })
}

/// Something to be skipped.
pub(super) fn unknown(name: &str) -> FromRelay {
    FromRelay::Unknown { event: shown(name, LONGEST_NAME) }
}

/// A relay's text for people: short, on one line, and in the order in which it is read.
pub(super) fn plain(text: &str) -> String {
    shown(text, LONGEST_TEXT)
}

fn shown(text: &str, longest: usize) -> String {
    let kept: String = text.chars().filter(|&c| !is_invisible(c)).take(longest).collect();
    kept.trim().to_owned()
}

/// Control characters, and those that turn the direction of writing, break lines or show nothing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

fn presence(argument: &Value) -> Option<FromRelay> {
    let count = |role| Some(u32::try_from(argument.get(role)?.as_u64()?).unwrap_or(u32::MAX));
    Some(FromRelay::Presence { browsers: count("client")?, computers: count("sd")? })
}

fn key(text: &str) -> Option<Secret> {
    let is_key = text.len() == KEY_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_key { Secret::new(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(name: &str, argument: Value) -> FromRelay {
        heard(name, vec![argument])
    }

    fn is_unknown(name: &str, argument: Value) -> bool {
        matches!(hear(name, argument), FromRelay::Unknown { event } if event == name)
    }

    #[test]
    fn a_command_is_passed_on_as_it_came() {
        let command = json!({"id": "1", "type": "resources:list", "more": [1, null]});
        assert!(matches!(hear("command", command.clone()), FromRelay::Command(value) if value == command));
        for other in [json!([]), json!("x"), json!(1), Value::Null] {
            assert!(is_unknown("command", other));
        }
        assert!(matches!(heard("command", vec![]), FromRelay::Unknown { .. }));
    }

    #[test]
    fn only_a_whole_key_is_an_upgrade() {
        let digits = "0123456789abcdef".repeat(8);
        assert!(
            matches!(hear("upgradeKey", json!({"key": digits})), FromRelay::Upgraded(key) if key.expose() == digits)
        );
        let upper = digits.to_uppercase();
        for other in [&digits[1..], &format!("{digits}0"), &upper, &digits.replace('0', "g"), "", "a1b2c3"] {
            assert!(is_unknown("upgradeKey", json!({"key": other})), "{other}");
        }
        assert!(is_unknown("upgradeKey", json!(digits)));
        assert!(is_unknown("upgradeKey", json!({"key": 7})));
    }

    #[test]
    fn presence_is_two_counts() {
        assert!(matches!(
            hear("roomPresence", json!({"client": 2, "sd": 1})),
            FromRelay::Presence { browsers: 2, computers: 1 }
        ));
        let many = json!({"client": u64::MAX, "sd": 0});
        assert!(matches!(hear("roomPresence", many), FromRelay::Presence { browsers: u32::MAX, computers: 0 }));
        for other in [json!({}), json!({"client": 1}), json!({"client": -1, "sd": 1}), json!({"client": "1", "sd": 1})]
        {
            assert!(is_unknown("roomPresence", other));
        }
    }

    #[test]
    fn texts_are_shortened_and_rid_of_what_cannot_be_seen() {
        let nasty = format!(" \u{202e}\u{1b}[31mbad\u{0}\r\n\u{2066}key{} ", "!".repeat(1000));
        let FromRelay::Problem(text) = hear("error", json!({"msg": nasty})) else { panic!("it is a problem") };
        assert!(text.starts_with("[31mbadkey!!"), "{text}");
        assert_eq!(text.chars().count(), LONGEST_TEXT - 1, "the space in front counted");
        assert!(is_unknown("error", json!({"msg": 5})));
        let FromRelay::Unknown { event } = hear(&format!("\u{7}{}", "e".repeat(100)), json!(1)) else { panic!() };
        assert_eq!(event, "e".repeat(LONGEST_NAME));
    }

    #[test]
    fn an_answer_to_join_says_yes_or_no() {
        let answer = |value| joined(&[value]);
        assert!(matches!(answer(json!({"success": true})), Some(FromRelay::Joined { success: true, message: None })));
        let no = answer(json!({"success": false, "msg": "No\nsuch key"}));
        assert!(matches!(no, Some(FromRelay::Joined { success: false, message: Some(text) }) if text == "Nosuch key"));
        for other in [json!(true), json!({}), json!({"success": "true"}), Value::Null] {
            assert!(answer(other).is_none());
        }
        assert!(joined(&[]).is_none());
    }

    #[test]
    fn messages_are_put_as_the_relay_wants_them() {
        assert_eq!(put(ToRelay::Identify, 0), r#"2["iam",{"type":"sd"}]"#);
        assert_eq!(put(ToRelay::Join(&Secret::new("a1b2c3").unwrap()), 3), r#"23["join","a1b2c3"]"#);
        assert_eq!(put(ToRelay::Join(&Secret::new("\"]x\\").unwrap()), 3), r#"23["join","\"]x\\"]"#);
        assert_eq!(put(ToRelay::Leave, 0), r#"2["leave"]"#);
        assert_eq!(put(ToRelay::Status(&json!({"id": "ü"})), 0), r#"2["commandStatus",{"id":"ü"}]"#);
    }
}
