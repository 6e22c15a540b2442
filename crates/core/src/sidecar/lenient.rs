//! Looks into JSON that strangers wrote: a field of the wrong type is a field that is not there.

use serde_json::{Map, Value};

/// Longest text that is kept, in characters. Descriptions have their own limit in [`crate::library::sanitise`].
const MAX_TEXT: usize = 64 * 1024;

/// Longest name, in characters.
const MAX_LINE: usize = 1024;

/// Most words or tags of one file.
const MAX_WORDS: usize = 512;

/// The object, or an empty one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key)
    }

    /// The object in this field.
    pub(super) fn object(self, key: &str) -> Self {
        Self(self.get(key).and_then(Value::as_object))
    }

    /// A text of several lines, as it is: HTML or not.
    pub(super) fn raw(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// A text of several lines.
    pub(super) fn text(self, key: &str) -> Option<String> {
        text_of(self.get(key)?)
    }

    /// A name.
    pub(super) fn line(self, key: &str) -> Option<String> {
        line_of(self.get(key)?)
    }

    /// A number, also as text.
    pub(super) fn number(self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|number: &f64| number.is_finite())
    }

    /// An id: a whole number above zero, also as text.
    pub(super) fn id(self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|id| *id > 0)
    }

    /// Words: a list of texts, or of objects with the text in `word` or `name`, or one text.
    pub(super) fn words(self, key: &str) -> Vec<String> {
        let word = |value: &Value| match value {
            Value::Object(object) => object.get("word").or_else(|| object.get("name")).and_then(line_of),
            other => line_of(other),
        };
        match self.get(key) {
            Some(Value::Array(values)) => values.iter().filter_map(word).take(MAX_WORDS).collect(),
            Some(value) => line_of(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => clean(text, MAX_TEXT),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn line_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.replace(['\n', '\r', '\t'], " "),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    clean(&text, MAX_LINE)
}

/// Text that can be shown anywhere: no control characters but line ends and tabs, nothing that turns the direction of
/// what follows, not longer than `limit` characters. `None` if nothing is left.
pub(super) fn clean(text: &str, limit: usize) -> Option<String> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String =
        text.chars().filter(|&c| matches!(c, '\n' | '\t') || !(c.is_control() || turns(c))).take(limit).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_types_are_missing_fields() {
        let value = json!({
            "id": "12", "zero": 0, "float": 1.5, "null": null, "list": [1], "object": {"a": 1}, "weight": " 0.8 ",
            "nan": "NaN", "huge": 1e300, "bool": true,
        });
        let fields = Fields::of(&value);
        assert_eq!(fields.id("id"), Some(12));
        for key in ["zero", "float", "null", "list", "object", "nan", "huge", "bool", "none"] {
            assert_eq!(fields.id(key), None, "{key}");
        }
        assert_eq!(fields.number("weight"), Some(0.8));
        assert_eq!(fields.number("nan"), None);
        for key in ["null", "list", "object", "bool", "none"] {
            assert_eq!((fields.text(key), fields.line(key), fields.number(key)), (None, None, None), "{key}");
        }
        assert_eq!(fields.text("float").as_deref(), Some("1.5"));
        assert_eq!(fields.object("list").text("a"), None);
        assert_eq!(Fields::of(&json!([1])).text("a"), None);
    }

    #[test]
    fn words_come_in_many_shapes() {
        let value = json!({
            "list": ["a", null, "", 5, {"word": "b"}, {"name": "c"}, {"x": 1}, ["d"]], "one": "a, b", "none": {},
        });
        let fields = Fields::of(&value);
        assert_eq!(fields.words("list"), ["a", "5", "b", "c"]);
        assert_eq!(fields.words("one"), ["a, b"]);
        assert_eq!(fields.words("none"), [""; 0]);
    }

    #[test]
    fn control_characters_are_dropped_and_emoji_kept() {
        let text = "a\0\u{1b}[31mb\r\nc\td\u{202e}e 👩‍🚀\u{9b}";
        assert_eq!(clean(text, 100).as_deref(), Some("a[31mb\nc\tde 👩‍🚀"));
        assert_eq!(clean("\0 \n", 100), None);
        assert_eq!(clean("äöü", 2).as_deref(), Some("äö"));
    }
}
