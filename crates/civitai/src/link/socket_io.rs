//! Socket.IO 5: what a message of Engine.IO means. Pure.
//!
//! A message that cannot be read is skipped, not fatal: the relay passes on what browsers say, and one odd browser must
//! not be able to end a connection. Only binary packets do, because their attachments would come as frames of their own.

use serde_json::Value;

/// More objects and lists in one message than any command has. Each costs some 600 bytes of memory for the two bytes it
/// takes on the wire, which would make 1 MiB into hundreds.
const MOST_PARTS: usize = 4096;

/// One packet of the namespace `/`.
#[derive(Debug, PartialEq)]
pub(super) enum Packet {
    /// The namespace is open.
    Connected,
    /// The namespace is not opened, with what the relay says to it.
    NotConnected(String),
    /// The relay closes the namespace.
    Disconnected,
    Event {
        name: String,
        arguments: Vec<Value>,
    },
    Answer {
        id: u64,
        arguments: Vec<Value>,
    },
    /// What is not in order, or not for us, in a word.
    Skipped(&'static str),
}

/// Opens the namespace.
pub(super) const CONNECT: &str = "0";
/// Closes it.
pub(super) const DISCONNECT: &str = "1";

/// An event. `argument` is JSON; `id` asks for an answer.
pub(super) fn event(name: &str, argument: Option<&str>, id: Option<u64>) -> String {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    match argument {
        Some(argument) => format!(r#"2{id}["{name}",{argument}]"#),
        None => format!(r#"2{id}["{name}"]"#),
    }
}

/// Reads a packet; else what is wrong with it, for people.
pub(super) fn read(text: &str) -> Result<Packet, &'static str> {
    let mut characters = text.chars();
    let kind = characters.next();
    let rest = characters.as_str();
    if matches!(kind, Some('5' | '6')) {
        return Err("it sent a binary packet");
    }
    let Some(rest) = in_main_namespace(rest) else {
        return Ok(Packet::Skipped("other namespace"));
    };
    Ok(match kind {
        Some('0') => Packet::Connected,
        Some('1') => Packet::Disconnected,
        Some('2') => event_in(rest).unwrap_or(Packet::Skipped("unreadable event")),
        Some('3') => answer_in(rest).unwrap_or(Packet::Skipped("unreadable answer")),
        Some('4') => Packet::NotConnected(reason_in(rest)),
        _ => Packet::Skipped("unknown packet"),
    })
}

/// What follows the namespace, if it is the one in use.
fn in_main_namespace(rest: &str) -> Option<&str> {
    if !rest.starts_with('/') {
        return Some(rest);
    }
    let (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
    (namespace == "/").then_some(rest)
}

fn event_in(rest: &str) -> Option<Packet> {
    // A number here asks for an answer. Nothing that the relay says has one.
    let json = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut arguments = list(json)?;
    if arguments.is_empty() {
        return None;
    }
    let Value::String(name) = arguments.remove(0) else { return None };
    Some(Packet::Event { name, arguments })
}

fn answer_in(rest: &str) -> Option<Packet> {
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let id = rest[..digits].parse().ok()?;
    Some(Packet::Answer { id, arguments: list(&rest[digits..])? })
}

fn reason_in(json: &str) -> String {
    let reason: Value = serde_json::from_str(json).unwrap_or_default();
    let text = reason.get("message").or(Some(&reason)).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn list(json: &str) -> Option<Vec<Value>> {
    let parts = json.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    // The reader itself refuses more than 128 levels.
    if parts > MOST_PARTS { None } else { serde_json::from_str(json).ok() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn skipped(text: &str) -> bool {
        matches!(read(text), Ok(Packet::Skipped(_)))
    }

    #[test]
    fn events_are_read_with_and_without_a_wish_for_an_answer() {
        let kicked = || Packet::Event { name: "kicked".to_owned(), arguments: vec![] };
        for text in [r#"2["kicked"]"#, r#"2/,["kicked"]"#, r#"217["kicked"]"#, r#"2/,0["kicked"]"#] {
            assert_eq!(read(text), Ok(kicked()), "{text}");
        }
        let command = Packet::Event { name: "command".to_owned(), arguments: vec![json!({"id": "ü"}), json!(2)] };
        assert_eq!(read(r#"2["command",{"id":"ü"},2]"#), Ok(command));
    }

    #[test]
    fn answers_are_read_with_their_number() {
        let answer = Packet::Answer { id: 12, arguments: vec![json!({"success": true})] };
        assert_eq!(read(r#"312[{"success":true}]"#), Ok(answer));
        for text in ["3", "3[]", "312", "3x[]", "399999999999999999999999[]", "3-1[]", "31{}"] {
            assert!(skipped(text), "{text}");
        }
    }

    #[test]
    fn connecting_is_answered_yes_or_no() {
        assert_eq!(read(r#"0{"sid":"x"}"#), Ok(Packet::Connected));
        assert_eq!(read("0"), Ok(Packet::Connected));
        assert_eq!(read("1"), Ok(Packet::Disconnected));
        assert_eq!(read(r#"4{"message":"No"}"#), Ok(Packet::NotConnected("No".to_owned())));
        assert_eq!(read(r#"4"No""#), Ok(Packet::NotConnected("No".to_owned())));
        assert_eq!(read("4{"), Ok(Packet::NotConnected(String::new())));
    }

    #[test]
    fn other_namespaces_are_skipped_and_binary_packets_refused() {
        for text in [r#"2/admin,["kicked"]"#, "1/admin,", "0/admin", r#"2/admin["kicked"]"#, "3/x,1[]"] {
            assert!(skipped(text), "{text}");
        }
        for text in [r#"51-["command",{"_placeholder":true,"num":0}]"#, "6", "5/x,"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_skipped() {
        for text in ["", "7", "x", "2", "2[", "2[]", "2{}", "2[1]", "2[null]", "2[[\"kicked\"]]", "2kicked", "22"] {
            assert!(skipped(text), "{text}");
        }
    }

    #[test]
    fn what_would_not_fit_into_memory_is_skipped() {
        assert!(skipped(&format!(r#"2["command",{}]"#, "[".repeat(500_000))));
        let deep = format!(r#"2["command",{}{}]"#, "[".repeat(200), "]".repeat(200));
        assert!(skipped(&deep));
        let wide = format!(r#"2["command"{}]"#, r#",{"":0}"#.repeat(MOST_PARTS));
        assert!(skipped(&wide));
        let fits = format!(r#"2["command"{}]"#, r#",{"":0}"#.repeat(MOST_PARTS - 1));
        assert!(!skipped(&fits));
    }

    #[test]
    fn events_are_written() {
        assert_eq!(event("leave", None, None), r#"2["leave"]"#);
        assert_eq!(event("iam", Some(r#"{"type":"sd"}"#), None), r#"2["iam",{"type":"sd"}]"#);
        assert_eq!(event("join", Some(r#""abc""#), Some(7)), r#"27["join","abc"]"#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_text_is_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = String::from_utf8_lossy(&bytes);
            let _ = read(&text);
            let _ = super::super::engine_io::read(&text);
        }

        #[test]
        fn nothing_like_a_packet_is_a_panic(text in r#"[0-7b]{0,2}[0-9]{0,25}(/[a-z]{0,3},?)?[0-9]{0,3}[\[{"a-z0-9:,}\]é]{0,40}"#) {
            let _ = read(&text);
            let _ = super::super::engine_io::read(&text);
        }

        #[test]
        fn what_is_written_is_read_again(name in "[a-zA-Z]{1,20}", text in any::<String>(), id in any::<Option<u64>>()) {
            let argument = serde_json::to_string(&text).unwrap();
            let packet = Packet::Event { name: name.clone(), arguments: vec![json!(text)] };
            // Brackets in a text count like any other.
            prop_assume!(argument.bytes().filter(|byte| b"[{".contains(byte)).count() < MOST_PARTS);
            prop_assert_eq!(read(&event(&name, Some(&argument), id)), Ok(packet));
        }
    }
}
