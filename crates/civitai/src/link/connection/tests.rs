//! With the relay at the other end of a pipe, and a clock that jumps.

use modeldock_core::account::Secret;
use proptest::prelude::*;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;

const GREETING: &str = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

type Relay = WebSocketStream<DuplexStream>;

/// A connection and its relay, through a pipe that holds so many bytes.
async fn connected(pipe: usize) -> (Connection<DuplexStream>, Relay) {
    let (here, there) = duplex(pipe);
    let mut relay = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    let greets = async {
        say(&mut relay, GREETING).await;
        assert_eq!(hear(&mut relay).await, "40");
        say(&mut relay, r#"40{"sid":"y"}"#).await;
        relay
    };
    let (connection, relay) = tokio::join!(Connection::start("http://relay".into(), here), greets);
    (connection.unwrap(), relay)
}

async fn say(relay: &mut Relay, text: &str) {
    relay.send(Message::text(text)).await.unwrap();
}

async fn hear(relay: &mut Relay) -> String {
    // A test that would hang fails instead.
    let message = timeout(Duration::from_secs(20), relay.next()).await.expect("something arrives");
    message.unwrap().unwrap().to_text().unwrap().to_owned()
}

/// Starts with a relay that says this.
async fn greeted_with(words: &[&str]) -> Result<Connection<DuplexStream>, LinkError> {
    let (here, there) = duplex(4096);
    let mut relay = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    for word in words {
        say(&mut relay, word).await;
    }
    let result = Connection::start("http://relay".into(), here).await;
    drop(relay);
    result
}

fn why(error: LinkError) -> String {
    match error {
        LinkError::Closed { why, .. } => format!("closed: {why}"),
        LinkError::Protocol { why, .. } => format!("protocol: {why}"),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn a_relay_that_does_not_greet_is_none() {
    for words in [&["40"][..], &["hello"], &["0{}"], &["0"], &[""], &["2"], &[GREETING, GREETING], &[GREETING, "b"]] {
        let Err(error) = greeted_with(words).await else { panic!("{words:?}") };
        assert!(why(error).starts_with("protocol: "), "{words:?}");
    }
    let Err(error) = greeted_with(&[GREETING, r#"44{"message":"Full\u202e house"}"#]).await else { panic!() };
    assert_eq!(why(error), "closed: it lets nobody in: Full house");
    let Err(error) = greeted_with(&[GREETING, "44"]).await else { panic!() };
    assert_eq!(why(error), "closed: it lets nobody in");
    for word in ["41", "1"] {
        let Err(error) = greeted_with(&[GREETING, word]).await else { panic!() };
        assert_eq!(why(error), "closed: the relay closed it");
    }
}

#[tokio::test]
async fn pings_are_answered_while_somebody_waits() {
    let (mut connection, mut relay) = connected(4096).await;
    let ask = async {
        for ping in ["2", "2probe", "2"] {
            say(&mut relay, ping).await;
            assert_eq!(hear(&mut relay).await, "3");
        }
        say(&mut relay, r#"42["kicked"]"#).await;
    };
    let (heard, ()) = tokio::join!(connection.next(), ask);
    assert!(matches!(heard, Ok(FromRelay::Kicked)));
}

#[tokio::test]
async fn waiting_that_is_given_up_loses_nothing() {
    // A pipe so narrow that every packet takes several turns, in both directions.
    let (mut connection, mut relay) = connected(3).await;
    let talk = async {
        for number in 0..50 {
            say(&mut relay, "2").await;
            say(&mut relay, &format!(r#"42["command",{{"number":{number}}}]"#)).await;
            assert_eq!(hear(&mut relay).await, "3");
        }
        relay
    };
    let listen = async {
        let mut numbers = Vec::new();
        let mut given_up = 0;
        while numbers.len() < 50 {
            // Polled once, then dropped.
            tokio::select! {
                biased;
                heard = connection.next() => match heard.unwrap() {
                    FromRelay::Command(command) => numbers.push(command["number"].as_u64().unwrap()),
                    other => panic!("{other:?}"),
                },
                () = tokio::task::yield_now() => given_up += 1,
            }
        }
        assert!(given_up > 50, "{given_up}");
        // The last pong may still be on its way.
        (numbers, connection)
    };
    let keep = async {
        let (numbers, mut connection) = listen.await;
        let _ = timeout(Duration::from_millis(50), connection.next()).await;
        (numbers, connection)
    };
    let ((numbers, _connection), _relay) = tokio::join!(keep, talk);
    assert_eq!(numbers, (0..50).collect::<Vec<u64>>());
}

#[tokio::test(start_paused = true)]
async fn a_silent_relay_is_given_up_after_both_of_its_times() {
    let (mut connection, mut relay) = connected(4096).await;
    let start = Instant::now();
    let talk = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(44)).await;
            say(&mut relay, "6").await;
        }
        relay
    };
    let (heard, _relay) = tokio::join!(connection.next(), talk);
    assert_eq!(why(heard.unwrap_err()), "closed: the relay went silent");
    assert_eq!(start.elapsed().as_secs(), 3 * 44 + 45);
    assert_eq!(why(connection.next().await.unwrap_err()), "closed: the relay went silent");
    assert!(connection.send(ToRelay::Leave).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_takes_nothing_is_given_up() {
    let (mut connection, relay) = connected(1000).await;
    let list = json!({ "resources": "x".repeat(5000) });
    let start = Instant::now();
    let error = connection.send(ToRelay::Status(&list)).await.unwrap_err();
    assert_eq!(why(error), "closed: the relay did not take a message in time");
    assert_eq!(start.elapsed().as_secs(), 20);
    connection.close().await;
    assert_eq!(start.elapsed().as_secs(), 20, "there is nobody to take leave of");
    drop(relay);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_takes_nothing_does_not_hold_up_a_farewell() {
    let (mut connection, relay) = connected(4).await;
    let start = Instant::now();
    connection.close().await;
    assert_eq!(start.elapsed().as_secs(), 2);
    assert!(connection.next().await.is_err());
    drop(relay);
}

#[tokio::test]
async fn what_a_relay_said_before_it_hung_up_is_heard() {
    let (mut connection, mut relay) = connected(4096).await;
    say(&mut relay, "2").await;
    say(&mut relay, r#"42["kicked"]"#).await;
    drop(relay);
    assert!(matches!(connection.next().await, Ok(FromRelay::Kicked)));
    assert_eq!(why(connection.next().await.unwrap_err()), "closed: the relay hung up");
}

#[tokio::test]
async fn odd_messages_are_skipped_and_odd_framing_is_the_end() {
    let (mut connection, mut relay) = connected(4096).await;
    for odd in ["4", "47", "42[", r#"42["news",1]"#, r#"42/admin,["kicked"]"#, "43", r#"439[{"success":true}]"#, "40"] {
        say(&mut relay, odd).await;
        assert!(matches!(connection.next().await, Ok(FromRelay::Unknown { .. })), "{odd}");
    }
    say(&mut relay, r#"451-["command",{"_placeholder":true,"num":0}]"#).await;
    assert_eq!(why(connection.next().await.unwrap_err()), "protocol: it sent a binary packet");

    let endings: [(Message, &str); 5] = [
        (Message::binary(vec![4, 2]), "protocol: it sent binary data"),
        (Message::text("x"), "protocol: it sent a packet of an unknown kind"),
        (Message::text("bAA=="), "protocol: it sent binary data"),
        (Message::text("1"), "closed: the relay closed it"),
        (Message::Close(None), "closed: the relay closed it"),
    ];
    for (ending, expected) in endings {
        let (mut connection, mut relay) = connected(4096).await;
        relay.send(ending).await.unwrap();
        assert_eq!(why(connection.next().await.unwrap_err()), expected);
        assert_eq!(why(connection.next().await.unwrap_err()), expected, "and stays so");
    }
}

#[tokio::test]
async fn the_answer_to_the_last_join_is_told_from_others() {
    let (mut connection, mut relay) = connected(4096).await;
    let key = Secret::new("a1b2c3").unwrap();
    connection.send(ToRelay::Join(&key)).await.unwrap();
    connection.send(ToRelay::Join(&key)).await.unwrap();
    assert_eq!(hear(&mut relay).await, r#"420["join","a1b2c3"]"#);
    assert_eq!(hear(&mut relay).await, r#"421["join","a1b2c3"]"#);
    for odd in [r#"430[{"success":true}]"#, "431[]", r#"431["yes"]"#] {
        say(&mut relay, odd).await;
        assert!(matches!(connection.next().await, Ok(FromRelay::Unknown { .. })), "{odd}");
    }
    say(&mut relay, r#"431[{"success":false,"msg":"No"}]"#).await;
    assert!(matches!(connection.next().await, Ok(FromRelay::Joined { success: false, message: Some(_) })));
    say(&mut relay, r#"431[{"success":true}]"#).await;
    assert!(matches!(connection.next().await, Ok(FromRelay::Unknown { .. })), "an answer is given once");
}

#[tokio::test]
async fn a_message_larger_than_the_relay_takes_is_not_sent() {
    let (mut connection, mut relay) = connected(4096).await;
    let text = |bytes: usize| json!("x".repeat(bytes - 2));
    let error = connection.send(ToRelay::Status(&text(LARGEST_MESSAGE + 1))).await.unwrap_err();
    assert!(matches!(error, LinkError::TooLarge { .. }), "{error}");
    let largest = text(LARGEST_MESSAGE);
    let (sent, heard) = tokio::join!(connection.send(ToRelay::Status(&largest)), hear(&mut relay));
    sent.unwrap();
    assert!(heard.starts_with(r#"42["commandStatus","xxx"#), "the first thing to arrive is the one that fits");
    assert_eq!(heard.len(), LARGEST_MESSAGE + r#"42["commandStatus",]"#.len());
    connection.opened.longest = Some(1000);
    assert!(matches!(connection.send(ToRelay::Status(&text(1000))).await, Err(LinkError::TooLarge { .. })));
    connection.send(ToRelay::Status(&text(900))).await.unwrap();
}

#[tokio::test]
async fn taking_leave_is_said() {
    let (mut connection, mut relay) = connected(4096).await;
    connection.close().await;
    assert_eq!(hear(&mut relay).await, "41");
    assert!(matches!(relay.next().await, Some(Ok(Message::Close(_)))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Frames of any kind and bytes without any order, from a relay that then hangs up.
    #[test]
    fn no_bytes_are_a_panic_or_an_endless_wait(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..2000),
        proptest::collection::vec("[0-6b]{1,2}[\\[{\"a-z0-9,:}\\]]{0,30}", 0..30).prop_map(|texts| {
            texts.into_iter().flat_map(|text| [&[0x81, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()).collect()
        }),
    ]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (mut connection, relay) = connected(1 << 16).await;
            let mut raw = relay.into_inner();
            let talk = async {
                let _ = raw.write_all(&bytes).await;
                let _ = raw.shutdown().await;
                let _ = raw.read_to_end(&mut Vec::new()).await;
            };
            let listen = async {
                // Every event takes at least two bytes.
                for _ in 0..=bytes.len() / 2 + 1 {
                    if connection.next().await.is_err() {
                        return true;
                    }
                }
                false
            };
            let ended = tokio::select! { ended = listen => ended, () = async { talk.await; std::future::pending().await } => false };
            assert!(ended);
        });
    }
}
