//! What the website asks, read from the loose JSON that came. Pure.
//!
//! Whatever has a usable id is a command and gets an answer, also if nothing else about it is in order: then the answer
//! is the reason. What has none cannot be answered, and is none.

use std::fmt;

use serde_json::Value;

use super::resource::{Resource, ResourceKind};

/// The longest id, in bytes. The site's own are UUIDs.
const LONGEST_ID: usize = 64;

/// The longest name of a command that is given back, and the longest time.
const LONGEST_WORD: usize = 64;

/// The kinds that one list is asked for.
const MOST_KINDS: usize = 64;

/// Activities in one answer.
const MOST_ACTIVITIES: usize = 1000;

/// The site's own id of something it asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CommandId(String);

impl CommandId {
    /// `None` if it could not be given back safely.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(is_plain);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something the site asks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Command {
    pub(crate) id: CommandId,
    /// Its kind as it came, to be given back.
    pub(crate) name: String,
    /// As it came: the site compares it with its own. `Null` if it was not in order.
    pub(crate) created_at: Value,
    /// What is wanted, or why it is not done.
    pub(crate) wish: Result<Wish, &'static str>,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// What is installed, of these kinds; of all if none are named.
    List { kinds: Option<Vec<ResourceKind>> },
    /// Download it.
    Add(Resource),
    /// Throw it away.
    Remove(Resource),
    /// What was asked for and what became of it, the newest so many.
    Activities { quantity: usize },
    /// Show no more what has ended.
    Clear,
    /// Stop what another command began.
    Cancel { activity: CommandId },
}

impl Command {
    /// `None` if it cannot be answered.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let id = CommandId::parse(value.get("id")?.as_str()?)?;
        let name = value.get("type").and_then(Value::as_str).filter(|name| is_word(name)).unwrap_or("unknown");
        let created_at = value.get("createdAt").filter(|time| match time {
            Value::String(text) => text.len() <= LONGEST_WORD,
            Value::Number(_) => true,
            _ => false,
        });
        Some(Self {
            id,
            name: name.to_owned(),
            created_at: created_at.cloned().unwrap_or(Value::Null),
            wish: wish(name, value),
        })
    }
}

fn wish(name: &str, value: &Value) -> Result<Wish, &'static str> {
    let resource = || value.get("resource").unwrap_or(&Value::Null);
    Ok(match name {
        "resources:list" => Wish::List { kinds: kinds(value.get("types")) },
        "resources:add" => {
            let resource = Resource::read(resource())?;
            if resource.kind.is_configuration() {
                return Err("Modeldock downloads no configuration files: programs run what they say");
            }
            Wish::Add(resource)
        }
        "resources:remove" => Wish::Remove(Resource::read(resource())?),
        "activities:list" => {
            let quantity =
                value.get("quantity").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            Wish::Activities { quantity: quantity.unwrap_or(MOST_ACTIVITIES).min(MOST_ACTIVITIES) }
        }
        "activities:clear" => Wish::Clear,
        "activities:cancel" => {
            let activity = value.get("activityId").and_then(Value::as_str).and_then(CommandId::parse);
            Wish::Cancel { activity: activity.ok_or("Nothing is named that could be cancelled")? }
        }
        "image:txt2img" => return Err("Modeldock does not make images"),
        _ => return Err("Modeldock does not know this command"),
    })
}

/// A kind that the site does not have names no file.
fn kinds(value: Option<&Value>) -> Option<Vec<ResourceKind>> {
    let named = value?.as_array().filter(|named| !named.is_empty())?;
    Some(named.iter().take(MOST_KINDS).filter_map(|kind| ResourceKind::parse(kind.as_str()?)).collect())
}

fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
    !text.is_empty() && text.len() <= LONGEST_WORD && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Command {
        Command::read(value).unwrap()
    }

    fn with(kind: &str, more: &Value) -> Command {
        let mut value = json!({ "id": "1", "type": kind, "createdAt": "2026-11-26T10:00:00.000Z" });
        for (name, field) in more.as_object().unwrap() {
            value[name] = field.clone();
        }
        read(&value)
    }

    #[test]
    fn all_that_the_site_asks_is_understood() {
        let hash = "ab".repeat(32);
        let resource = json!({ "resource": { "type": "LORA", "hash": hash } });
        assert_eq!(with("resources:list", &json!({})).wish, Ok(Wish::List { kinds: None }));
        let some = with("resources:list", &json!({ "types": ["LORA", "lora", 7, "VAE"] })).wish;
        let kinds = ["LORA", "VAE"].map(|kind| ResourceKind::parse(kind).unwrap());
        assert_eq!(some, Ok(Wish::List { kinds: Some(kinds.into()) }));
        assert!(matches!(with("resources:add", &resource).wish, Ok(Wish::Add(_))));
        assert!(matches!(with("resources:remove", &resource).wish, Ok(Wish::Remove(_))));
        assert_eq!(with("activities:list", &json!({ "quantity": 5 })).wish, Ok(Wish::Activities { quantity: 5 }));
        assert_eq!(with("activities:list", &json!({})).wish, Ok(Wish::Activities { quantity: 1000 }));
        assert_eq!(with("activities:clear", &json!({})).wish, Ok(Wish::Clear));
        let cancel = with("activities:cancel", &json!({ "activityId": "a-1" })).wish;
        assert_eq!(cancel, Ok(Wish::Cancel { activity: CommandId::parse("a-1").unwrap() }));
        assert_eq!(with("image:txt2img", &json!({})).wish, Err("Modeldock does not make images"));
        assert_eq!(read(&json!({ "id": "1", "type": "x", "createdAt": 17 })).created_at, json!(17));
    }

    #[test]
    fn whatever_has_an_id_has_an_answer() {
        for value in [
            json!({ "id": "1" }),
            json!({ "id": "1", "type": 7 }),
            json!({ "id": "1", "type": "__proto__", "createdAt": [] }),
            json!({ "id": "1", "type": "x".repeat(1000) }),
            json!({ "id": "1", "type": "resources:add" }),
            json!({ "id": "1", "type": "resources:add", "resource": { "type": "CheckpointConfig", "hash": "a".repeat(64) } }),
            json!({ "id": "1", "type": "resources:remove", "resource": "all" }),
            json!({ "id": "1", "type": "activities:cancel", "activityId": "../../x" }),
        ] {
            let command = read(&value);
            assert!(command.wish.is_err() && command.name.len() <= LONGEST_WORD, "{value}");
        }
    }

    #[test]
    fn what_has_no_id_is_no_command() {
        for id in [json!(null), json!(1), json!(""), json!("a b"), json!("a/../b"), json!("é"), json!("x".repeat(65))]
        {
            assert_eq!(Command::read(&json!({ "id": id, "type": "resources:list" })), None, "{id}");
        }
        for value in [json!(null), json!([]), json!("x"), json!({})] {
            assert_eq!(Command::read(&value), None);
        }
    }

    proptest! {
        #[test]
        fn no_json_is_too_odd(text in ".{0,200}", number in any::<i64>(), which in 0..8_usize) {
            let odd = [json!(text), json!(number), json!([text]), json!({ &text: number }), json!(null)];
            let at = |offset: usize| odd[(which + offset) % odd.len()].clone();
            let kinds = ["resources:list", "resources:add", "resources:remove", "activities:list", "activities:cancel", &text];
            let value = json!({
                "id": "1", "type": kinds[which % kinds.len()], "createdAt": at(0), "types": at(1), "resource": at(2),
                "quantity": at(3), "activityId": at(4),
            });
            prop_assert!(Command::read(&value).is_some());
            for value in odd {
                Command::read(&value);
            }
        }
    }
}
