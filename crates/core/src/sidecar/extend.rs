//! Adds keys to a JSON object that somebody else wrote, without writing the rest anew.
//!
//! The text is not parsed into values and printed again: that would lose the order of keys, the digits of long numbers,
//! doubled keys and the user's own layout. The new members are put as text before the closing brace, in the indentation
//! that is there; every byte of the original stays.

use std::fmt::Write as _;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// White space as JSON has it.
const SPACE: &[char] = &[' ', '\t', '\n', '\r'];

/// The text with those of `members` whose key it does not have, and their keys. The error says why it is no JSON object.
pub(super) fn extend(
    text: &str,
    members: &[(&'static str, serde_json::Value)],
) -> Result<(String, Vec<&'static str>), String> {
    let keys = keys_of(text.trim_start_matches('\u{feff}'))?;
    let new: Vec<_> = members.iter().filter(|(key, _)| !keys.iter().any(|known| known == key)).collect();
    if new.is_empty() {
        return Ok((text.to_owned(), Vec::new()));
    }
    let not_an_object = || "it is not a JSON object".to_owned();
    let open = text.find('{').ok_or_else(not_an_object)?;
    let close = text.rfind('}').ok_or_else(not_an_object)?;
    // Ends with the last value, or with the brace of an empty object.
    let body = text[..close].trim_end_matches(SPACE);
    let gap = gap_before_members(&text[open + 1..close], keys.is_empty());

    let mut extended = body.to_owned();
    for (at, (key, value)) in new.iter().enumerate() {
        if at > 0 || !keys.is_empty() {
            extended.push(',');
        }
        extended.push_str(gap);
        let key = serde_json::Value::from(*key);
        let _ = write!(extended, "{key}: {value}");
    }
    // An object on several lines ends on a line of its own; an empty one is laid out as A1111 does.
    extended.push_str(if keys.is_empty() { "\n" } else { &text[body.len()..close] });
    extended.push_str(&text[close..]);
    Ok((extended, new.iter().map(|(key, _)| *key).collect()))
}

/// What stands before each member: the line end and indentation of the first, or a space in an object on one line.
fn gap_before_members(inside: &str, empty: bool) -> &str {
    let gap = &inside[..inside.len() - inside.trim_start_matches(SPACE).len()];
    match () {
        () if empty => "\n    ",
        () if gap.contains('\n') => gap,
        () => " ",
    }
}

/// The keys of the object that `text` is, in their order.
fn keys_of(text: &str) -> Result<Vec<String>, String> {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
            let mut keys = Vec::new();
            while let Some(key) = map.next_key::<String>()? {
                // Read over without recursion, so depth is no danger.
                map.next_value::<IgnoredAny>()?;
                keys.push(key);
            }
            Ok(keys)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    reader
        .deserialize_map(Keys)
        .and_then(|keys| reader.end().map(|()| keys))
        .map_err(|source| format!("it is not a JSON object: {source}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;

    fn extended(text: &str) -> String {
        extend(text, &[("a", json!("new")), ("b", json!(1))]).unwrap().0
    }

    #[test]
    fn the_layout_that_is_there_goes_on() {
        assert_eq!(extended("{}"), "{\n    \"a\": \"new\",\n    \"b\": 1\n}");
        assert_eq!(extended(" {\n} \n"), " {\n    \"a\": \"new\",\n    \"b\": 1\n} \n");
        assert_eq!(extended(r#"{"x":1}"#), r#"{"x":1, "a": "new", "b": 1}"#);
        assert_eq!(extended(r#"{ "a": null }"#), r#"{ "a": null, "b": 1 }"#);
        assert_eq!(
            extended("{\r\n\t\"x\": {\"a\": 2}\r\n}\r\n"),
            "{\r\n\t\"x\": {\"a\": 2},\r\n\t\"a\": \"new\",\r\n\t\"b\": 1\r\n}\r\n"
        );
        assert_eq!(extended("\u{feff}{\"x\":\"}\"}"), "\u{feff}{\"x\":\"}\", \"a\": \"new\", \"b\": 1}");
    }

    #[test]
    fn a_key_that_is_there_is_the_users() {
        for text in [r#"{"a":"","b":null}"#, r#"{"a":0, "\u0062":[], "a":1}"#, "{\n\"b\": {}, \"a\": false}"] {
            assert_eq!(extend(text, &[("a", json!("new")), ("b", json!(1))]).unwrap(), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "null", "[]", "{", "{}{}", "{'a':1}", "{\"x\":NaN}", "{\"x\":1,}", "\"{}\"", &deep, "// {}"] {
            assert!(extend(text, &[("a", json!(1))]).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let text = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(extended(&text).ends_with(r#", "a": "new", "b": 1}"#));
    }

    /// Every member with its value as it is written.
    fn members(text: &str) -> Vec<(String, String)> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, String)>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((key, value.get().to_owned()));
                }
                Ok(members)
            }
        }
        serde_json::Deserializer::from_str(text).deserialize_map(Members).unwrap()
    }

    fn any_value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?",
            any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
            Just("\"\\ud83e\\udd80 \\u0000 }\"".to_owned()),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(", "))),
                prop::collection::vec((any_key(), inner), 0..4).prop_map(|members| {
                    let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                    format!("{{{}}}", members.join(" ,"))
                }),
            ]
        })
    }

    fn any_key() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("\"a\"".to_owned()),
            Just("\"\\u0061\"".to_owned()),
            Just("\"A\"".to_owned()),
            Just("\"a \"".to_owned()),
            any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        ]
    }

    proptest! {
        #[test]
        fn no_member_of_any_object_is_changed(
            written in prop::collection::vec((any_key(), any_value()), 0..6),
            spaces in prop::collection::vec("[ \t\r\n]{0,3}", 5),
            value in any::<String>(),
        ) {
            let [before, after_open, joint, before_close, after] = &spaces[..] else { unreachable!() };
            let list: Vec<String> = written.iter().map(|(key, value)| format!("{key}{joint}:{value}")).collect();
            let separator = format!(",{joint}");
            let text = format!("{before}{{{after_open}{}{before_close}}}{after}", list.join(&separator));
            let (extended, added) = extend(&text, &[("a", json!(value)), ("b", json!(1.5))]).unwrap();
            let mut expected = members(&text);
            for (key, value) in [("a", json!(value)), ("b", json!(1.5))] {
                let is_new = !expected.iter().any(|(known, _)| known == key);
                prop_assert_eq!(is_new, added.contains(&key));
                if is_new {
                    expected.push((key.to_owned(), value.to_string()));
                }
            }
            prop_assert_eq!(members(&extended), expected);
            prop_assert!(!added.is_empty() || extended == text);
        }
    }
}
