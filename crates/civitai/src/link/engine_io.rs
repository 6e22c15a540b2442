//! Engine.IO 4, the layer below Socket.IO: one packet is one text message, its kind the first character. Pure.
//!
//! What a packet here holds is a stranger's: times are brought into bounds, and whatever is not a packet ends the
//! connection, since nothing that follows could be trusted to be one.

use std::time::Duration;

use serde::Deserialize;

/// The answer to a ping.
pub(super) const PONG: &str = "3";

/// The bounds of both times that the relay announces. Less would make a busy second look like the end of the
/// connection; more would leave a dead one standing for minutes.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(120);

/// What the relay announces about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    /// How long it may be silent before it is gone.
    pub(super) patience: Duration,
    /// The longest message that it takes, in bytes.
    pub(super) longest: Option<usize>,
}

/// One packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    Open(Opened),
    Close,
    Ping,
    Message(&'a str),
    /// Nothing to do: `noop`, and a pong, which this side never asked for.
    Nothing,
}

/// Reads a packet; else what is wrong with it, for people.
pub(super) fn read(text: &str) -> Result<Packet<'_>, &'static str> {
    let mut characters = text.chars();
    let kind = characters.next().ok_or("it sent an empty packet")?;
    let rest = characters.as_str();
    match kind {
        '0' => open(rest).map(Packet::Open).ok_or("its greeting cannot be read"),
        '1' => Ok(Packet::Close),
        '2' => Ok(Packet::Ping),
        '4' => Ok(Packet::Message(rest)),
        '3' | '6' => Ok(Packet::Nothing),
        'b' => Err("it sent binary data"),
        _ => Err("it sent a packet of an unknown kind"),
    }
}

/// A message for the other side.
pub(super) fn message(text: &str) -> String {
    format!("4{text}")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Greeting {
    sid: String,
    ping_interval: u64,
    ping_timeout: u64,
    #[serde(default)]
    max_payload: Option<usize>,
}

fn open(json: &str) -> Option<Opened> {
    let greeting: Greeting = serde_json::from_str(json).ok()?;
    let bounded = |millis| Duration::from_millis(millis).clamp(SHORTEST, LONGEST);
    let patience = bounded(greeting.ping_interval) + bounded(greeting.ping_timeout);
    (!greeting.sid.is_empty()).then_some(Opened { patience, longest: greeting.max_payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience(interval: u64, timeout: u64) -> u64 {
        let greeting = format!(r#"0{{"sid":"x","upgrades":[],"pingInterval":{interval},"pingTimeout":{timeout}}}"#);
        let Ok(Packet::Open(opened)) = read(&greeting) else { panic!("{greeting}") };
        opened.patience.as_secs()
    }

    #[test]
    fn a_greeting_is_read_and_its_times_brought_into_bounds() {
        assert_eq!(patience(25_000, 20_000), 45);
        assert_eq!(patience(0, 0), 10);
        assert_eq!(patience(u64::MAX, u64::MAX), 240);
        let full =
            r#"0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
        let opened = Opened { patience: Duration::from_secs(45), longest: Some(1_000_000) };
        assert_eq!(read(full), Ok(Packet::Open(opened)));
    }

    #[test]
    fn a_greeting_without_what_it_must_say_is_none() {
        for json in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"sid":"","pingInterval":25000,"pingTimeout":20000}"#,
            r#"{"sid":7,"pingInterval":25000,"pingTimeout":20000}"#,
            r#"{"sid":"x","pingInterval":-1,"pingTimeout":20000}"#,
            r#"{"sid":"x","pingInterval":25000}"#,
            r#"{"sid":"x","pingInterval":25000,"pingTimeout":"20000"}"#,
            r#"{"sid":"x","pingInterval":1e300,"pingTimeout":20000}"#,
        ] {
            assert_eq!(read(&format!("0{json}")), Err("its greeting cannot be read"), "{json}");
        }
    }

    #[test]
    fn every_kind_of_packet_is_told() {
        assert_eq!(read("1"), Ok(Packet::Close));
        assert_eq!(read("2"), Ok(Packet::Ping));
        assert_eq!(read("2probe"), Ok(Packet::Ping));
        assert_eq!(read("3"), Ok(Packet::Nothing));
        assert_eq!(read("6"), Ok(Packet::Nothing));
        assert_eq!(read("42[\"é\"]"), Ok(Packet::Message("2[\"é\"]")));
        for wrong in ["", "5", "7", "bAAAA", " 2", "é", "\u{0}"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(message("0"), "40");
    }
}
