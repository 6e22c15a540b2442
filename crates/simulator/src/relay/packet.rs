//! Packets as text: Engine.IO 4 around Socket.IO 5.

use serde_json::{Value, json};

use super::{LARGEST_MESSAGE, Pings};

pub(super) const PING: &str = "2";

/// The first packet.
pub(super) fn greeting(sid: &str, pings: Pings) -> String {
    let greeting = json!({
        "sid": sid,
        "upgrades": [],
        "pingInterval": u64::try_from(pings.every.as_millis()).unwrap_or(u64::MAX),
        "pingTimeout": u64::try_from(pings.patience.as_millis()).unwrap_or(u64::MAX),
        "maxPayload": LARGEST_MESSAGE,
    });
    format!("0{greeting}")
}

/// The answer to a client that opens the namespace.
pub(super) fn welcome(sid: &str) -> String {
    format!("40{}", json!({ "sid": sid }))
}

/// An event; without an argument when that is null.
pub(super) fn event(name: &str, argument: &Value) -> String {
    let list = if argument.is_null() { json!([name]) } else { json!([name, argument]) };
    format!("42{list}")
}

/// The answer to an event that wanted one.
pub(super) fn answer(id: u64, argument: &Value) -> String {
    format!("43{id}{}", json!([argument]))
}

/// What a client sent.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Pong,
    /// Opens the namespace.
    Connect,
    Event {
        name: String,
        argument: Value,
        id: Option<u64>,
    },
    /// Says good-bye.
    Close,
    /// Nothing to do.
    Ignored,
    /// What a server answers by ending the connection.
    Wrong,
}

/// Reads a text frame.
pub(super) fn read(text: &str) -> Incoming {
    match text {
        "40" => return Incoming::Connect,
        "41" | "1" => return Incoming::Close,
        "3" => return Incoming::Pong,
        "6" | "2" => return Incoming::Ignored,
        _ => {}
    }
    let Some(rest) = text.strip_prefix("42") else { return Incoming::Wrong };
    let start = rest.find('[').unwrap_or(rest.len());
    let (digits, list) = rest.split_at(start);
    let id = match digits {
        "" => None,
        digits => match digits.parse() {
            Ok(id) => Some(id),
            Err(_) => return Incoming::Wrong,
        },
    };
    let Ok(mut list) = serde_json::from_str::<Vec<Value>>(list) else { return Incoming::Wrong };
    let argument = if list.len() > 1 { list.swap_remove(1) } else { Value::Null };
    match list.first() {
        Some(Value::String(name)) => Incoming::Event { name: name.clone(), argument, id },
        _ => Incoming::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_look_as_in_the_protocols_own_examples() {
        assert_eq!(event("foo", &Value::Null), r#"42["foo"]"#);
        assert_eq!(event("foo", &json!({"a": 1})), r#"42["foo",{"a":1}]"#);
        assert_eq!(answer(12, &json!("bar")), r#"4312["bar"]"#);
        let foo = |id| Incoming::Event { name: "foo".to_owned(), argument: json!("bar"), id };
        assert_eq!(read(r#"42["foo","bar"]"#), foo(None));
        assert_eq!(read(r#"4212["foo","bar"]"#), foo(Some(12)));
        for wrong in ["", "4", "42", "42[]", "42{}", "42x[\"foo\"]", "45-[]", "0"] {
            assert_eq!(read(wrong), Incoming::Wrong, "{wrong}");
        }
    }
}
