//! A vault of a thousand items, read while it changes and while the server says odd things.

use std::time::Duration;

use civitai_simulator::{Action, Fault};
use modeldock_core::account::AccountInfo;
use modeldock_core::vault::VaultState;
use modeldock_core::{App, Code};
use serde_json::json;

use super::{Member, show, sync, versions};
use crate::support::call;

const PAGES: &str = "vault/all";

/// Reads the vault and does `edit` after the server got its `nth` question for a page and before it answers.
async fn sync_with(
    member: &Member,
    app: &App,
    nth: u64,
    edit: impl FnOnce(&Member),
) -> modeldock_core::vault::VaultView {
    let simulator = &member.0.simulator;
    simulator.reset_counts();
    simulator.faults().push(Fault::delay(Duration::from_millis(400)).on_endpoint(PAGES).nth(nth));
    let reading = tokio::spawn({
        let app = app.clone();
        async move { sync(&app).await }
    });
    while (simulator.count(PAGES) as u64) < nth {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    edit(member);
    let view = reading.await.unwrap();
    simulator.faults().clear();
    view
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_items_are_read_and_the_first_page_once_more() {
    let member = Member::of(1000).await;
    let app = member.open().await;
    for _ in 0..2 {
        member.0.simulator.reset_counts();
        let view = sync(&app).await;
        assert_eq!((view.items.len(), &view.problem), (1000, &None));
        assert_eq!(versions(&view), member.held());
        assert_eq!(member.0.simulator.count(PAGES), 6);
        assert_eq!(member.0.simulator.requests().len(), 7);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_changes_while_it_is_read_is_read_again() {
    let member = Member::of(1000).await;
    let spare: Vec<u64> = member.0.simulator.vault().items.iter().map(|item| item.version).collect();
    let (newest, oldest, middle) = (spare[999], spare[0], spare[500]);
    member.0.simulator.edit_vault(|vault| vault.take(newest));
    let app = member.open().await;

    // Put in: everything moves back by one, and what was last on a page shows again on the next.
    let view = sync_with(&member, &app, 3, |member| {
        member.0.simulator.edit_vault(|vault| vault.put(newest).id);
    })
    .await;
    assert_eq!((versions(&view), &view.problem), (member.held(), &None));
    assert!(versions(&view).contains(&newest.cast_signed()));

    // Taken out on a page that was read: what was first on the next page slips by.
    let view = sync_with(&member, &app, 4, |member| member.0.simulator.edit_vault(|vault| vault.take(newest))).await;
    assert_eq!((versions(&view), &view.problem), (member.held(), &None));
    assert!(!versions(&view).contains(&newest.cast_signed()));

    // Both at once: the total stays, and no page has a double.
    let view = sync_with(&member, &app, 3, |member| {
        member.0.simulator.edit_vault(|vault| {
            vault.take(spare[998]);
            vault.put(newest);
        });
    })
    .await;
    assert_eq!((versions(&view), &view.problem), (member.held(), &None));

    // The very last moment: between the last page and the second look at the first.
    let view = sync_with(&member, &app, 6, |member| {
        member.0.simulator.edit_vault(|vault| {
            vault.take(middle);
            vault.take(oldest);
        });
    })
    .await;
    assert_eq!((versions(&view), &view.problem), (member.held(), &None));
    assert_eq!(view.items.len(), 997);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_whole_reading_makes_items_disappear() {
    let member = Member::of(1000).await;
    let app = member.open().await;
    let before = sync(&app).await;
    let gone = member.0.simulator.vault().items[999].version;
    member.0.simulator.edit_vault(|vault| vault.take(gone));
    member.0.simulator.faults().push(Fault::status(500).on_endpoint(PAGES).nth(3));
    let broken = sync(&app).await;
    assert_eq!((versions(&broken), broken.synced_at), (versions(&before), before.synced_at));
    assert!(broken.problem.is_some_and(|problem| problem.code == Code::Server));
    member.0.simulator.faults().clear();
    let whole = sync(&app).await;
    assert_eq!((versions(&whole), &whole.problem), (member.held(), &None));
    assert_eq!(whole.items.len(), 999);
    assert!(whole.synced_at > before.synced_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_reading_that_breaks_off_shows_what_it_got() {
    let member = Member::of(1000).await;
    let app = member.open().await;
    member.0.simulator.faults().push(Fault::status(500).on_endpoint(PAGES).nth(3));
    let view = sync(&app).await;
    assert_eq!((view.items.len(), view.synced_at, view.state), (400, None, Some(VaultState::Ready)));
    assert!(view.problem.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_odd_answer_costs_what_is_known_of_the_vault() {
    let member = Member::of(1000).await;
    let app = member.open().await;
    let before = sync(&app).await;
    let body = |text: &str| Fault::status(200).body(text).on_endpoint(PAGES);
    let one = |rest: &str| body(&format!(r#"{{"items":[{{"id":1,"modelVersionId":2}}]{rest}}}"#));
    // The fault, how many pages are asked for because of it, and what is said.
    let odd = [
        (Fault::status(500).on_endpoint(PAGES), 1, Code::Server),
        (Fault::status(503).on_endpoint(PAGES), 5, Code::Server),
        (Fault::status(401).on_endpoint(PAGES), 1, Code::Unauthorised),
        (Fault::status(404).on_endpoint(PAGES), 1, Code::Server),
        (Fault::status(429).on_endpoint(PAGES), 1, Code::RateLimited),
        (Fault::new(Action::Drop).on_endpoint(PAGES), 3, Code::Offline),
        (Fault::cut_after(9).on_endpoint(PAGES), 3, Code::Offline),
        (Fault::new(Action::Html).on_endpoint(PAGES), 1, Code::Server),
        (Fault::new(Action::EmptyBody).on_endpoint(PAGES), 1, Code::Server),
        (Fault::new(Action::Truncated).on_endpoint(PAGES), 1, Code::Server),
        (Fault::new(Action::NullBody).on_endpoint(PAGES), 1, Code::Server),
        (Fault::new(Action::LargeBody { bytes: 9 << 20 }).on_endpoint(PAGES), 1, Code::Server),
        (body("[]"), 1, Code::Server),
        (body(r#"{"items":[],"totalItems":1000,"totalPages":5}"#), 3, Code::Server),
        (body(r#"{"items":[{"id":1},7],"totalItems":2,"totalPages":1}"#), 1, Code::Server),
        // One page for all questions, endlessly.
        (one(r#","totalItems":1000,"totalPages":4000000000"#), 6, Code::Server),
        (one(""), 6, Code::Server),
        (one(r#","totalItems":2,"totalPages":1"#), 3, Code::Server),
    ];
    for (fault, asked, code) in odd {
        member.0.simulator.faults().push(fault.clone());
        member.0.simulator.reset_counts();
        let view = sync(&app).await;
        assert!(versions(&view).is_superset(&versions(&before)), "{fault:?}");
        assert_eq!(view.synced_at, before.synced_at, "{fault:?}");
        assert_eq!(view.problem.as_ref().map(|problem| problem.code), Some(code), "{fault:?}");
        assert_eq!(member.0.simulator.count(PAGES), asked, "{fault:?}");
        member.0.simulator.faults().clear();
    }
    for fault in [Fault::status(500), Fault::new(Action::NullBody), Fault::status(200).body("{}"), Fault::status(403)] {
        member.0.simulator.faults().push(fault.clone().on_endpoint("vault/get"));
        let view = sync(&app).await;
        assert!(versions(&view).is_superset(&versions(&before)) && view.problem.is_some(), "{fault:?}");
        member.0.simulator.faults().clear();
    }
    let after = sync(&app).await;
    assert_eq!((&after.items, &after.problem), (&before.items, &None));
    assert_eq!(show(&app).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_vault_refuses_is_told_as_refused() {
    let member = Member::of(3).await;
    let app = member.0.open().await;
    let key = member.0.simulator.token().to_owned();
    let account: AccountInfo = call(&app, "account_sign_in", json!({ "key": key })).await;
    assert!(account.signed_in, "{account:?}");
    assert_eq!(sync(&app).await.items.len(), 3);
    member.0.simulator.faults().push(Fault::status(401).on_endpoint("vault/get"));
    member.0.simulator.faults().push(Fault::status(401).on_endpoint("me"));
    assert_eq!(sync(&app).await.problem.map(|problem| problem.code), Some(Code::Unauthorised));
    let account: AccountInfo = call(&app, "account_show", json!({})).await;
    assert!(!account.signed_in && account.problem.is_some(), "{account:?}");
    // Known now: nobody is asked again because of it.
    member.0.simulator.reset_counts();
    sync(&app).await;
    let _: AccountInfo = call(&app, "account_show", json!({})).await;
    assert_eq!(member.0.simulator.count("me"), 0);
}
