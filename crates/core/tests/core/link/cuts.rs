//! The connection ends at every packet of a session: nothing is lost in silence, nothing is done twice.

use std::time::Duration;

use civitai_simulator::{Action, Fault, Site, SiteView};
use futures_util::StreamExt as _;
use modeldock_core::download::{AskedBy, DownloadState};
use modeldock_core::link::LinkState;
use serde_json::{Value, json};

use super::bench::{Bench, activities, downloads, info, installed, pair, say, shows, stands, status, written};
use crate::support::rounds_or;

/// Where a connection ends: at which packet, from which side, and whether that still arrives.
type Cut = (bool, u64, bool);

/// Packets from either side of a session, at most.
const PACKETS: u64 = 24;

fn cuts() -> Vec<Cut> {
    let numbers: Vec<u64> = if rounds_or(0, 1) == 1 { (1..=PACKETS).collect() } else { vec![1, 2, 3, 4, 6, 8] };
    let both = [true, false];
    let each =
        numbers.into_iter().flat_map(|nth| both.map(|from_client| both.map(|deliver| (from_client, nth, deliver))));
    each.flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_packet_is_the_last() {
    let all = cuts();
    let ends: Vec<bool> = futures_util::stream::iter(all.clone()).map(survive).buffer_unordered(4).collect().await;
    let fell = ends.iter().filter(|fell| **fell).count();
    // Otherwise nothing was tried.
    assert!(fell >= 20, "{fell} of {} connections were cut", all.len());
}

/// Whether the connection was cut.
async fn survive(cut: Cut) -> bool {
    let bench = Bench::new().await;
    let room = bench.room();
    {
        let app = bench.open_quiet().await;
        pair(&app, &room).await;
    }
    let (from_client, nth, deliver) = cut;
    bench
        .simulator()
        .faults()
        .push(Fault::new(Action::CutLink { from_client, nth, deliver }).on_endpoint("link").nth(1));
    // One of the downloads never begins.
    let slow = bench.version("slow.safetensors");
    let path = format!("/api/download/models/{slow}");
    bench.simulator().faults().push(Fault::delay(Duration::from_secs(600)).on(&path));
    let site = bench.simulator().open_site(&room);
    let app = bench.open().await;

    let here = bench.hash("here.safetensors");
    let add = bench.add_command("add", "wanted.safetensors");
    insist(&site, &add, &format!("{cut:?} add"), |view| status(view, "add") == "success").await;
    let stopped = bench.add_command("stopped", "slow.safetensors");
    insist(&site, &stopped, &format!("{cut:?} begin"), |view| {
        matches!(status(view, "stopped"), "processing" | "canceled")
    })
    .await;
    let cancel = json!({ "id": "cancel", "type": "activities:cancel", "activityId": "stopped" });
    insist(&site, &cancel, &format!("{cut:?} cancel"), |view| status(view, "stopped") == "canceled").await;
    let remove = json!({ "id": "remove", "type": "resources:remove", "resource": { "type": "LORA", "hash": here } });
    let to_remove = format!("{cut:?} remove");
    let allow = async {
        loop {
            let asks = info(&app).await.requests;
            if let Some(ask) = asks.first() {
                say(&app, ask, "once").await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::join!(allow, insist(&site, &remove, &to_remove, |view| status(view, "remove") == "success"));

    // Every command was done once, however often it came.
    let all = downloads(&app).await;
    let ends: Vec<(&str, &DownloadState)> = all.iter().map(|one| (one.title.as_str(), &one.state)).collect();
    assert_eq!(all.len(), 2, "{cut:?}: {ends:?}");
    assert!(all.iter().all(|one| one.asked_by == AskedBy::Site));
    assert!(
        all.iter().any(|one| matches!(one.state, DownloadState::Done { was_there: false, .. })),
        "{cut:?}: {ends:?}"
    );
    assert!(all.iter().any(|one| one.state == DownloadState::Cancelled), "{cut:?}: {ends:?}");
    let done = activities(&app).await;
    assert_eq!(done.len(), 1, "{cut:?}: {done:?}");
    assert_eq!(bench.files().len(), 1, "{cut:?}");
    // What the site shows is what is so.
    for id in ["add", "stopped", "remove"] {
        let here = written(&app, id).await.unwrap();
        assert_eq!(status(&site.view(), id), here.status.as_str(), "{cut:?}: {id}");
    }
    let asked = json!({ "id": "list", "type": "activities:list" });
    insist(&site, &asked, &format!("{cut:?} list"), |view| !view.answers("list").is_empty()).await;
    let view = site.view();
    assert_eq!(view.activities.len(), 3, "{cut:?}");
    let wanted = bench.hash("wanted.safetensors");
    let is_true = |view: &SiteView| installed(view).into_iter().eq([wanted.clone()]);
    shows(&site, "the library", is_true).await;
    stands(&app, LinkState::Connected).await;
    let was_cut = bench.simulator().count("link") > 2;
    app.shutdown().await;
    was_cut
}

/// Sends the same command again and again, as nobody may, until the site shows what it is to bring about.
async fn insist(site: &Site, command: &Value, what: &str, mut shown: impl FnMut(&SiteView) -> bool) {
    for _ in 0..200 {
        site.command(command);
        if tokio::time::timeout(Duration::from_millis(300), site.until(&mut shown)).await.is_ok() {
            return;
        }
    }
    panic!("the site never shows {what}: {:#?}", site.view());
}
