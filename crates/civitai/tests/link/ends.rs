//! How connections end: cut at any packet, dropped, gone silent.

use std::time::Duration;

use civitai_simulator::{Action, Config, Fault, Simulator};
use modeldock_core::link::{FromRelay, LinkError, ToRelay};
use serde_json::json;

use super::bench::{Bench, end, heard, key, next, soon};

fn is_closed(error: &LinkError) -> bool {
    matches!(error, LinkError::Closed { .. })
}

/// How a pairing goes with the connection cut at one packet: how many events arrive, or `None` if no connection is made;
/// and whether the relay took the code.
async fn cut(from_client: bool, nth: u64, deliver: bool) -> (Option<usize>, bool) {
    let bench = Bench::new().await;
    let room = bench.simulator.relay().issue();
    bench.simulator.faults().push(Fault::new(Action::CutLink { from_client, nth, deliver }).on_endpoint("link"));
    let code = key(&room.code());
    let events = match bench.connect().await {
        Ok(mut socket) => {
            // What cannot be sent any more is noticed at the next event at the latest.
            let _ = socket.send(ToRelay::Identify).await;
            let _ = socket.send(ToRelay::Join(&code)).await;
            let (events, error) = end(&mut socket).await;
            assert!(is_closed(&error), "{error:?}");
            Some(events)
        }
        Err(error) => {
            assert!(is_closed(&error), "{error:?}");
            None
        }
    };
    soon(bench.simulator.relay().until(|| bench.simulator.relay().connections() == 0)).await;
    (events, room.view().code.is_none())
}

#[tokio::test]
async fn a_cut_at_any_packet_to_this_computer_is_the_end() {
    // Greeting, welcome, answer to the join, key, presence.
    assert_eq!(cut(false, 1, false).await.0, None);
    assert_eq!(cut(false, 1, true).await.0, None);
    assert_eq!(cut(false, 2, false).await.0, None);
    assert_eq!(cut(false, 3, false).await, (Some(0), true));
    assert_eq!(cut(false, 4, true).await, (Some(2), true));
    assert_eq!(cut(false, 5, false).await, (Some(2), true));
    assert_eq!(cut(false, 5, true).await, (Some(3), true));
}

#[tokio::test]
async fn a_cut_at_any_packet_from_this_computer_is_the_end() {
    // Opening, name, join.
    assert_eq!(cut(true, 1, false).await, (None, false));
    assert_eq!(cut(true, 2, false).await, (Some(0), false));
    assert_eq!(cut(true, 2, true).await, (Some(0), false));
    assert_eq!(cut(true, 3, false).await, (Some(0), false));
    let (events, is_used) = cut(true, 3, true).await;
    assert!(is_used && events.is_some_and(|events| events <= 3), "the relay took the code; its answer may be lost");
}

#[tokio::test]
async fn a_dropped_connection_ends_and_another_can_be_made() {
    let bench = Bench::new().await;
    let (mut socket, _, upgraded) = bench.paired().await;
    bench.simulator.relay().drop_all();
    let (events, error) = end(&mut socket).await;
    assert!(events == 0 && is_closed(&error), "{error:?}");
    let mut again = bench.identified().await;
    again.send(ToRelay::Join(&upgraded)).await.unwrap();
    assert!(matches!(next(&mut again).await, FromRelay::Joined { success: true, .. }));
}

fn connections(simulator: &Simulator) -> usize {
    simulator.relay().connections()
}

#[tokio::test]
async fn pings_are_answered_for_as_long_as_somebody_waits() {
    let (link_ping_interval, link_ping_timeout) = (Duration::from_millis(20), Duration::from_secs(60));
    let bench = Bench::with(Config { link_ping_interval, link_ping_timeout, ..Config::default() }).await;
    let (mut socket, room, _) = bench.paired().await;
    let relay = bench.simulator.relay();
    tokio::select! {
        heard = socket.next() => panic!("{heard:?}"),
        () = soon(relay.until(|| relay.pongs() >= 10)) => {}
    }
    room.event("kicked", &json!(null));
    assert!(matches!(next(&mut socket).await, FromRelay::Kicked));
}

#[tokio::test]
async fn a_long_life_is_no_late_answer() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    // More than any request may take, in steps shorter than a relay may be silent.
    for number in 0..10 {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(30)).await;
        tokio::time::resume();
        room.event("command", &json!({ "number": number }));
        assert!(matches!(next(&mut socket).await, FromRelay::Command(command) if command["number"] == number));
    }
    assert_eq!(connections(&bench.simulator), 1);
}

#[tokio::test]
async fn a_mute_relay_is_given_up() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    bench.simulator.relay().go_mute();
    room.event("kicked", &json!(null));
    // From here on the clock jumps as soon as there is nothing to do.
    tokio::time::pause();
    let LinkError::Closed { why, .. } = heard_ever(&mut socket).await else { panic!("it ends") };
    assert_eq!(why, "the relay went silent");
    assert_eq!(connections(&bench.simulator), 1, "the relay itself still holds on");
}

#[tokio::test]
async fn a_deaf_relay_is_given_up() {
    let bench = Bench::new().await;
    let (mut socket, _, _) = bench.paired().await;
    bench.simulator.relay().go_deaf();
    tokio::time::pause();
    let list = json!({ "resources": "x".repeat(800_000) });
    let error = loop {
        // The system's own buffers take the first of these.
        if let Err(error) = socket.send(ToRelay::Status(&list)).await {
            break error;
        }
    };
    let LinkError::Closed { why, .. } = &error else { panic!("{error:?}") };
    assert_eq!(why, "the relay did not take a message in time");
    assert_eq!(socket.next().await.unwrap_err(), error);
}

async fn heard_ever(socket: &mut super::bench::Socket) -> LinkError {
    loop {
        if let Err(error) = socket.next().await {
            return error;
        }
    }
}

#[tokio::test]
async fn taking_leave_is_noticed_at_once() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    socket.close().await;
    soon(bench.simulator.relay().until(|| room.view().computers == 0)).await;
    assert!(is_closed(&heard(&mut socket).await.unwrap_err()));
    assert!(socket.send(ToRelay::Identify).await.is_err());
}
