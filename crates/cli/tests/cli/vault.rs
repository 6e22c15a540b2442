//! `modeldock vault`, as far as it goes without a key.

use serde_json::Value;

use crate::support::World;

#[test]
fn a_vault_that_was_never_read_is_empty_and_says_how_to_read_it() {
    let world = World::new();
    let listed = world.run(["vault", "list"]).done();
    assert_eq!(listed.out, "");
    assert!(listed.err.contains("0 items") && listed.err.contains("modeldock vault sync"), "{}", listed.err);
    assert_eq!(world.run(["vault", "list", "--missing", "--json"]).done().out, "");
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn without_a_key_it_is_said_what_is_wanted_and_nothing_is_sent() {
    let world = World::new();
    let synced = world.run(["vault", "sync", "--json"]).exits(1);
    let told = &synced.json()[0];
    assert_eq!((&told["state"], &told["items"]), (&Value::from("no_key"), &Value::from(0)));
    assert_eq!(told["problem"]["code"], "unauthorised");
    assert!(synced.err.contains("hint: Sign in"), "{}", synced.err);

    let refused = world.run(["vault", "add", "--model-version", "5"]).exits(1);
    assert!(refused.out.contains("version 5: not changed") && refused.err.contains("hint: "), "{refused:?}");
    world.run(["vault", "remove", "nothing.safetensors"]).exits(1);
    world.run(["vault", "add"]).exits(2);
    assert_eq!(world.simulator.requests().len(), 0);
}
