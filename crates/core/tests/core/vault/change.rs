//! Putting in and taking out: what is told is what Civitai has, and no toggle is sent twice.

use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault, Vault};
use modeldock_core::api::VaultChangeReport;
use modeldock_core::units::VersionId;
use modeldock_core::vault::VaultOutcome;
use modeldock_core::{App, Code, Event};
use serde_json::{Value, json};

use super::{Member, show, sync, versions};
use crate::support::{add, call, library, scan};

const TOGGLE: &str = "vault/toggle-version";
const CHECK: &str = "vault/check-vault";
/// Not in the demo's vault, and may be put in.
const FREE: &str = "copper_etching_xl.safetensors";

async fn change(app: &App, versions: &[VersionId], to: &str) -> Vec<VaultChangeReport> {
    call(app, "vault_change", json!({ "versions": versions, "to": to })).await
}

/// The only report, as outcome and message.
fn one(reports: &[VaultChangeReport]) -> (VaultOutcome, String) {
    assert_eq!(reports.len(), 1);
    let problem = reports[0].problem.as_ref();
    assert!(problem.is_none_or(|problem| problem.hint.is_some()), "{problem:?}");
    (reports[0].outcome, problem.map(|problem| problem.message.clone()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_put_in_and_taken_out_and_asking_twice_sends_nothing() {
    let member = Member::new().await;
    let app = member.open().await;
    sync(&app).await;
    let version = member.version(FREE);
    let mut events = app.subscribe();
    for (to, outcome, toggles, items) in [
        ("in", VaultOutcome::Changed, 1, 13),
        ("in", VaultOutcome::AlreadySo, 1, 13),
        ("out", VaultOutcome::Changed, 2, 12),
        ("out", VaultOutcome::AlreadySo, 2, 12),
    ] {
        let reports = change(&app, &[version], to).await;
        assert_eq!((one(&reports).0, reports[0].version, member.toggles()), (outcome, Some(version), toggles));
        assert!(matches!(events.next().await.as_deref(), Some(Event::VaultChanged)));
        let view = show(&app).await;
        assert_eq!((versions(&view), view.items.len()), (member.held(), items), "known without reading it all again");
    }
    let used = |view: &modeldock_core::vault::VaultView| view.info.unwrap().used;
    let before = used(&show(&app).await);
    change(&app, &[version], "in").await;
    assert!(used(&show(&app).await) > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_ends_in_the_state_that_civitai_really_has() {
    let member = Member::new().await;
    let app = member.open().await;
    let version = member.version(FREE);
    // Carried out, the reply lost; and lost before anything happened.
    for (action, to, outcome) in [
        (Action::LoseReply, "in", VaultOutcome::Changed),
        (Action::Drop, "out", VaultOutcome::NotChanged),
        (Action::LoseReply, "out", VaultOutcome::Changed),
        (Action::Drop, "in", VaultOutcome::NotChanged),
        (Action::Html, "in", VaultOutcome::Changed),
        (Action::EmptyBody, "out", VaultOutcome::Changed),
    ] {
        member.0.simulator.faults().push(Fault::new(action.clone()).on_endpoint(TOGGLE));
        member.0.simulator.reset_counts();
        let (got, message) = one(&change(&app, &[version], to).await);
        assert_eq!((got, member.toggles()), (outcome, 1), "{action:?} {to}: {message}");
        let is_in = member.held().contains(&version.0);
        assert_eq!(is_in == (to == "in"), outcome == VaultOutcome::Changed, "{action:?} {to}");
        assert_eq!(versions(&show(&app).await).contains(&version.0), is_in);
        member.0.simulator.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_tell_it_is_said_so_and_nothing_more_is_sent() {
    let member = Member::new().await;
    let app = member.open().await;
    sync(&app).await;
    let wishes = [member.version(FREE), member.version("neon_alley_rain_flux.safetensors")];
    member.0.simulator.faults().push(Fault::new(Action::LoseReply).on_endpoint(TOGGLE));
    for nth in 2..20 {
        member.0.simulator.faults().push(Fault::new(Action::Drop).on_endpoint(CHECK).nth(nth));
    }
    let reports = change(&app, &wishes, "in").await;
    let outcomes: Vec<VaultOutcome> = reports.iter().map(|report| report.outcome).collect();
    assert_eq!(outcomes, [VaultOutcome::Unknown, VaultOutcome::NotChanged]);
    assert_eq!(member.toggles(), 1);
    let problem = reports[0].problem.clone().unwrap();
    assert!(problem.message.contains("is not known") && problem.hint.is_some(), "{problem:?}");
    assert_eq!(reports[1].problem.as_ref().map(|problem| problem.code), Some(Code::Offline));
    member.0.simulator.faults().clear();
    assert_eq!(versions(&sync(&app).await), member.held());
    assert!(member.held().contains(&wishes[0].0) && !member.held().contains(&wishes[1].0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_toggle_counts_where_the_second_look_fails() {
    let member = Member::new().await;
    let app = member.open().await;
    let version = member.version(FREE);
    for nth in 2..20 {
        member.0.simulator.faults().push(Fault::status(500).on_endpoint(CHECK).nth(nth));
    }
    assert_eq!(one(&change(&app, &[version], "in").await).0, VaultOutcome::Changed);
    assert!(member.held().contains(&version.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_toggling_at_once_are_told_what_came_of_it() {
    let member = Member::new().await;
    let app = member.open().await;
    let version = member.version(FREE);
    let simulator = &member.0.simulator;
    simulator.faults().push(Fault::delay(Duration::from_millis(400)).on_endpoint(TOGGLE));
    let changing = tokio::spawn({
        let app = app.clone();
        async move { change(&app, &[version], "in").await }
    });
    while member.toggles() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    simulator.edit_vault(|vault| vault.put(version.0.cast_unsigned()).id);
    let (outcome, message) = one(&changing.await.unwrap());
    assert_eq!((outcome, member.toggles()), (VaultOutcome::NotChanged, 1));
    assert!(message.contains("at the same moment") && !member.held().contains(&version.0), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_with_its_likely_reason() {
    let member = Member::new().await;
    let app = member.open().await;
    sync(&app).await;
    let free = member.version(FREE);
    let likely = async |version, to, why: &str| {
        let reports = change(&app, &[version], to).await;
        let (outcome, message) = one(&reports);
        assert_eq!(outcome, VaultOutcome::NotChanged, "{message}");
        assert!(message.contains("does not say why. Most likely") && message.contains(why), "{message}");
        assert_eq!(reports[0].problem.as_ref().map(|problem| problem.code), Some(Code::Forbidden));
    };
    likely(member.version(known::EARLY_ACCESS), "in", "early access").await;
    likely(member.version(known::UNPUBLISHED), "out", "deleted from the site").await;
    assert!(versions(&show(&app).await).contains(&member.version(known::UNPUBLISHED).0));
    likely(VersionId(1), "in", "no longer on the site").await;
    member.0.simulator.edit_vault(|vault| vault.storage_kb = 1);
    likely(free, "in", "the vault is full").await;
    member.0.simulator.edit_vault(|vault| vault.storage_kb = 0);
    likely(free, "in", "the membership has ended").await;
    let strangers = Config { tier: None, vault: Some(Vault::new(0)), ..Config::default() };
    let stranger = Member::with(strangers, Catalogue::standard()).await;
    let reports = change(&stranger.open().await, &[free], "in").await;
    assert!(one(&reports).1.contains("no membership"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_in_figures() {
    let member = Member::new().await;
    member.write(FREE);
    let app = member.open().await;
    add(&app, &member.0.models()).await;
    scan(&app).await;
    // A scan has described the version, so its size is known: some KiB more than is left.
    let used = sync(&app).await.info.unwrap().used;
    member.0.simulator.edit_vault(|vault| vault.storage_kb = used.0 / 1024 + 8);
    let (outcome, message) = one(&change(&app, &[member.version(FREE)], "in").await);
    assert_eq!(outcome, VaultOutcome::NotChanged);
    assert!(message.contains("Copper Etching v1.0") && message.contains("it does not fit"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_library_stand_for_their_versions() {
    let member = Member::new().await;
    member.write(FREE);
    member.0.write("mine.safetensors", b"never uploaded");
    let app = member.open().await;
    add(&app, &member.0.models()).await;
    scan(&app).await;
    let items = library(&app).await;
    let ids: Vec<_> = ["mine.safetensors", FREE].iter().map(|name| items[&member.0.models().join(name)].id).collect();
    let reports: Vec<VaultChangeReport> = call(&app, "vault_change", json!({ "files": ids, "to": "in" })).await;
    assert_eq!((reports[0].outcome, reports[0].version), (VaultOutcome::NotChanged, None));
    assert!(reports[0].problem.as_ref().is_some_and(|problem| problem.hint.is_some()));
    assert_eq!((reports[1].outcome, reports[1].version), (VaultOutcome::Changed, Some(member.version(FREE))));
    assert_eq!(reports[1].title, "Copper Etching v1.0");
    assert_eq!(show(&app).await.items.iter().filter(|entry| entry.files == [ids[1]]).count(), 1);
    let missing = app.call("vault_change", json!({ "files": [999], "to": "in" })).await.unwrap_err();
    assert_eq!(missing.code, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_a_result_for_each_and_toggles_each_once() {
    let catalogue = Catalogue::bulk(250, 13);
    let all: Vec<u64> = catalogue.versions().map(|version| version.id).collect();
    let mut vault = Vault::new(1 << 30);
    for version in &all[..40] {
        vault.put(*version);
    }
    let member = Member::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await;
    member.0.simulator.edit(|builder| {
        builder.edit_version(all[100], |version| "Generation".clone_into(&mut version.usage_control));
    });
    let app = member.open().await;
    // Every version once, and one of them twice.
    let named: Vec<i64> = all.iter().chain([&all[200]]).map(|id| id.cast_signed()).collect();
    let reports: Vec<VaultChangeReport> = call(&app, "vault_change", json!({ "versions": named, "to": "in" })).await;
    let count = |outcome| reports.iter().filter(|report| report.outcome == outcome).count();
    let told = [VaultOutcome::AlreadySo, VaultOutcome::Changed, VaultOutcome::NotChanged].map(count);
    assert_eq!((reports.len(), told), (251, [40, 210, 1]));
    assert_eq!((member.toggles(), member.held().len()), (210, 249));
    // Three questions before, three after: a hundred versions each.
    assert_eq!(member.0.simulator.count(CHECK), 6);
    let refused: Vec<_> = reports.iter().filter(|report| report.problem.is_some()).collect();
    assert_eq!(refused[0].version.map(|id| id.0), Some(all[100].cast_signed()));
    assert_eq!(versions(&show(&app).await), member.held());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_ends_where_civitai_asks_to_wait_or_wants_another_key() {
    let member = Member::new().await;
    let app = member.open().await;
    let wishes =
        [FREE, "neon_alley_rain_flux.safetensors", "paper_diorama.safetensors"].map(|name| member.version(name));
    for (status, code) in [(429, Code::RateLimited), (401, Code::Unauthorised)] {
        member.0.simulator.reset_counts();
        member.0.simulator.faults().push(Fault::status(status).on_endpoint(TOGGLE).nth(2));
        let reports = change(&app, &wishes, "in").await;
        let outcomes: Vec<VaultOutcome> = reports.iter().map(|report| report.outcome).collect();
        assert_eq!(outcomes, [VaultOutcome::Changed, VaultOutcome::NotChanged, VaultOutcome::NotChanged], "{status}");
        assert_eq!(member.toggles(), 2);
        assert!(reports[1..].iter().all(|report| report.problem.as_ref().is_some_and(|problem| problem.code == code)));
        member.0.simulator.faults().clear();
        change(&app, &wishes[..1], "out").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_toggled_where_the_vault_cannot_be_looked_at_first() {
    let member = Member::new().await;
    let app = member.open().await;
    let version = member.version(FREE);
    let before = member.held();
    let unreadable = format!(r#"[{{"modelVersionId":{},"vaultItem":{{}}}}]"#, version.0);
    for fault in [
        Fault::status(500),
        Fault::new(Action::Html),
        Fault::status(200).body("[]"),
        Fault::status(200).body(&unreadable),
        Fault::new(Action::Drop),
    ] {
        member.0.simulator.faults().push(fault.clone().on_endpoint(CHECK));
        let reports = change(&app, &[version], "in").await;
        assert_eq!(one(&reports).0, VaultOutcome::NotChanged, "{fault:?}");
        member.0.simulator.faults().clear();
    }
    assert_eq!((member.toggles(), member.held()), (0, before));
    let keyless = member.0.paths();
    app.shutdown().await;
    drop(app);
    let app = crate::support::open_owner(keyless, member.0.client()).await.unwrap();
    let reports: Vec<Value> = call(&app, "vault_change", json!({ "versions": [version], "to": "in" })).await;
    assert_eq!(reports[0]["problem"]["code"], "unauthorised");
}
