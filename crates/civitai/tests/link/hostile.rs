//! A relay that wants to do harm.

use modeldock_core::link::{FromRelay, LARGEST_MESSAGE, LinkError, LinkService, LinkSite, ToRelay};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::bench::{Bench, Socket, client_of, end, next, soon};

const MIB: usize = 1 << 20;

/// A relay of raw bytes: shakes hands, greets, and then writes `start`, and `more` over and over, until it has written `most`
/// bytes or nobody takes them. The task returns how many were taken, and the connection: a system that closes one with unread
/// bytes makes the other side lose what it has not read either.
async fn flooded(start: Vec<u8>, more: Vec<u8>, most: usize) -> (Socket, JoinHandle<(usize, TcpStream)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&format!("http://{}", listener.local_addr().unwrap()));
    let relay = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        shake_hands(&mut stream).await;
        stream.write_all(&start).await.unwrap();
        let mut taken = start.len();
        while taken < most && stream.write_all(&more).await.is_ok() {
            taken += more.len();
        }
        (taken, stream)
    });
    (soon(client.connect_link(LinkSite::Com)).await.unwrap(), relay)
}

async fn shake_hands(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    let request = String::from_utf8(request).unwrap();
    let named = |line: &&str| line.to_lowercase().starts_with("sec-websocket-key:");
    let key = request.lines().find(named).unwrap().split_once(':').unwrap().1.trim();
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for text in [r#"0{"sid":"x","pingInterval":25000,"pingTimeout":20000}"#, "40"] {
        stream.write_all(&frame(0x81, text.as_bytes())).await.unwrap();
    }
}

/// A frame as servers send it, its first byte given.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len());
    frame.extend_from_slice(payload);
    frame
}

fn head(first: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length) if length < 126 => vec![first, length],
        _ => [&[first, 127], &u64::try_from(length).unwrap().to_be_bytes()[..]].concat(),
    }
}

/// The most memory that this process has had so far, in bytes. Other tests run beside, and take a few MiB.
fn peak() -> usize {
    if cfg!(not(target_os = "linux")) {
        return 0;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn a_message_of_any_size_takes_no_memory() {
    let before = peak();
    let filler = vec![b'x'; 64 * 1024];
    let huge = head(0x81, 50 * MIB);
    let absurd = [&[0x81, 127], &(u64::MAX >> 1).to_be_bytes()[..]].concat();
    let in_pieces = frame(0x01, b"42[\"command\",\"");
    let piece = frame(0x00, &filler);
    for (start, more) in [(huge, filler.clone()), (absurd, filler), (in_pieces, piece)] {
        let (mut socket, relay) = flooded(start, more, 200 * MIB).await;
        let (events, error) = end(&mut socket).await;
        let LinkError::Protocol { why, .. } = &error else { panic!("{error:?}") };
        assert_eq!((events, why.as_str()), (0, "it sent a message of more than 1 MiB"));
        drop(socket);
        let (taken, _) = soon(relay).await.unwrap();
        assert!(taken < 30 * MIB, "{taken} bytes were taken, more than the system's own buffers hold");
    }
    let grown = peak() - before;
    assert!(grown < 40 * MIB, "{grown} bytes");
}

#[tokio::test]
async fn a_message_of_many_parts_takes_no_memory() {
    let text = format!(r#"42["command",{{}}{}]"#, r#",{"":0}"#.repeat(140_000));
    assert!(text.len() < MIB);
    let bomb = frame(0x81, text.as_bytes());
    let before = peak();
    let most = bomb.len() * 8;
    let (mut socket, relay) = flooded(bomb.clone(), bomb, most).await;
    for _ in 0..8 {
        assert!(matches!(next(&mut socket).await, FromRelay::Unknown { .. }));
    }
    assert_eq!(soon(relay).await.unwrap().0, most);
    let grown = peak() - before;
    assert!(grown < 40 * MIB, "{grown} bytes");
}

#[tokio::test]
async fn a_flood_of_commands_arrives_whole_and_in_order() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    for number in 0..10_000 {
        room.event("command", &json!({ "number": number }));
    }
    for number in 0..10_000 {
        let FromRelay::Command(command) = next(&mut socket).await else { panic!("{number}") };
        assert_eq!(command["number"], number);
    }
}

#[tokio::test]
async fn garbage_is_skipped_or_ends_the_connection() {
    let bench = Bench::new().await;
    let relay = bench.simulator.relay();
    let (mut socket, room, upgraded) = bench.paired().await;
    let deep = format!(r#"42["command",{}]"#, "[".repeat(100_000));
    let odd =
        ["4", "42", "42[", "42{}", "42[1]", r#"42["command"]"#, r#"42["news",1]"#, "43[]", "42/a,[\"kicked\"]", &deep];
    for text in odd {
        relay.send_text(text);
        assert!(matches!(next(&mut socket).await, FromRelay::Unknown { .. }), "{text:.40}");
    }
    room.event("upgradeKey", &json!({ "key": "../../etc/passwd" }));
    assert!(matches!(next(&mut socket).await, FromRelay::Unknown { event } if event == "upgradeKey"));
    for (text, is_text) in [("", true), ("hello", true), ("451-[\"command\"]", true), ("42[\"kicked\"]", false)] {
        let mut socket = bench.identified().await;
        socket.send(ToRelay::Join(&upgraded)).await.unwrap();
        next(&mut socket).await;
        next(&mut socket).await;
        if is_text {
            relay.send_text(text);
        } else {
            relay.send_binary(text);
        }
        let (events, error) = end(&mut socket).await;
        assert!(events == 0 && matches!(error, LinkError::Protocol { .. }), "{text}: {error:?}");
    }
}

#[tokio::test]
async fn what_the_relay_would_not_take_is_not_sent() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    let site = bench.simulator.open_site(&room);
    let status = |bytes: usize| json!({ "type": "resources:list", "id": "x".repeat(bytes) });
    let frame = status(0).to_string().len();
    let error = socket.send(ToRelay::Status(&status(LARGEST_MESSAGE - frame + 1))).await.unwrap_err();
    assert!(matches!(error, LinkError::TooLarge { bytes, .. } if bytes > LARGEST_MESSAGE), "{error:?}");
    socket.send(ToRelay::Status(&status(LARGEST_MESSAGE - frame))).await.unwrap();
    socket.send(ToRelay::Status(&status(0))).await.unwrap();
    let view = soon(site.until(|view| view.received.len() == 2)).await;
    let sizes: Vec<usize> = view.received.iter().map(|status| status.to_string().len()).collect();
    assert_eq!(sizes, [LARGEST_MESSAGE, frame]);
}
