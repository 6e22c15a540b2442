//! `modeldock account` with a real keyring: GNOME's, on a bus of its own.

use std::io::Read as _;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::{Run, Running, World, finish, input_of};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Runs a script on a new bus; what it finds in `$MODELDOCK` is the program. The key is its standard input.
fn on_a_bus(world: &World, script: &str) -> Run {
    let like = world.command(["account"]);
    let runtime = world.path("run");
    std::fs::create_dir_all(&runtime).unwrap();
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-euc", script]);
    command.env_clear().envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("XDG_RUNTIME_DIR", runtime).env("MODELDOCK", env!("CARGO_BIN_EXE_modeldock")).stdin(input_of(KEY));
    // The bus and the keyring log as they like.
    Running::start(&mut command).end_logged()
}

/// Starts a keyring that opens with this password.
fn unlocked(password: &str) -> String {
    format!("printf {password} | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n")
}

fn infos(run: &Run) -> Vec<Value> {
    run.json()
}

#[test]
fn a_key_is_kept_in_the_keyring_and_outlives_it() {
    let world = World::with_key(KEY);
    let script = unlocked("pw") + "\"$MODELDOCK\" account login --json\n\"$MODELDOCK\" account show --json";
    let run = on_a_bus(&world, &script).exits(0);
    for info in infos(&run) {
        assert_eq!((info["signed_in"].as_bool(), info["kept_in"].as_str()), (Some(true), Some("keyring")), "{run:?}");
    }
    assert!(!world.data_dir().join("account.key").exists());

    // Another start of the computer: another bus, another daemon.
    let script = unlocked("pw")
        + "\"$MODELDOCK\" account show --json; \"$MODELDOCK\" account logout --json; \"$MODELDOCK\" account show --json";
    let run = on_a_bus(&world, &script).exits(0);
    let signed_in: Vec<_> = infos(&run).iter().map(|info| info["signed_in"].as_bool().unwrap()).collect();
    assert_eq!(signed_in, [true, false, false], "{run:?}");
    let kept = std::fs::read_dir(world.data_dir()).unwrap().flatten();
    assert_eq!(kept.filter(|entry| entry.file_name().to_string_lossy().contains("account")).count(), 0);
}

#[test]
fn a_key_moves_from_the_file_into_the_keyring_when_there_is_one() {
    let world = World::with_key(KEY);
    finish(&mut world.piped(["account", "login", "--json"], KEY)).exits(0);
    assert!(world.data_dir().join("account.key").exists());
    let script = unlocked("pw") + "\"$MODELDOCK\" account show --json\n\"$MODELDOCK\" account login --json";
    let run = on_a_bus(&world, &script).exits(0);
    let places: Vec<_> = infos(&run).iter().map(|info| info["kept_in"].as_str().unwrap().to_owned()).collect();
    assert_eq!(places, ["file", "keyring"], "{run:?}");
    assert!(!world.data_dir().join("account.key").exists());
}

#[test]
fn a_keyring_that_is_gone_is_told_and_signing_in_again_goes_on_without_it() {
    let world = World::with_key(KEY);
    on_a_bus(&world, &(unlocked("pw") + "\"$MODELDOCK\" account login --json")).exits(0);
    let run = world.run(["account", "show", "--json"]).exits(1);
    assert_eq!(infos(&run)[0]["signed_in"], false);
    assert!(run.err.contains("The keyring of the system cannot be used"), "{run:?}");
    let run = world.run(["account", "logout"]).exits(1);
    assert!(run.error().0.contains("your key may still be kept"), "it is not claimed to be gone: {run:?}");
    assert_eq!(infos(&world.run(["account", "show", "--json"]).done())[0]["signed_in"], false);
    let run = finish(&mut world.piped(["account", "login", "--json"], KEY)).exits(0);
    assert_eq!(infos(&run)[0]["kept_in"], "file");
    // What the keyring still holds is not forgotten: signing out where it is there removes it as well.
    world.run(["account", "logout"]).exits(1);
    let script = unlocked("pw") + "\"$MODELDOCK\" account logout --json\n\"$MODELDOCK\" account show --json";
    let run = on_a_bus(&world, &script).exits(0);
    assert!(infos(&run).iter().all(|info| info["signed_in"] == false), "{run:?}");
    assert!(!world.data_dir().join("account.json").exists());
}

#[test]
fn a_keyring_that_stays_locked_is_told_and_signing_in_again_goes_on_without_it() {
    let world = World::with_key(KEY);
    on_a_bus(&world, &(unlocked("pw") + "\"$MODELDOCK\" account login --json")).exits(0);
    // It is started by the bus; there is no screen to ask for its password on.
    let run =
        on_a_bus(&world, "\"$MODELDOCK\" account show --json && exit 9; \"$MODELDOCK\" account login --json").exits(0);
    assert_eq!(infos(&run)[0]["signed_in"], false, "{run:?}");
    assert!(infos(&run)[0]["problem"]["message"].as_str().unwrap().contains("keyring"), "{run:?}");
    assert_eq!(infos(&run)[1]["kept_in"], "file", "{run:?}");
    let script = unlocked("pw") + "\"$MODELDOCK\" account show --json; \"$MODELDOCK\" account logout --json";
    let run = on_a_bus(&world, &script).exits(0);
    let signed_in: Vec<_> = infos(&run).iter().map(|info| info["signed_in"].as_bool().unwrap()).collect();
    assert_eq!(signed_in, [true, false], "{run:?}");
}

#[test]
fn a_bus_that_hangs_is_met_by_nobody_who_did_not_sign_in() {
    let world = World::with_key(KEY);
    let socket = world.path("hangs");
    let listener = UnixListener::bind(&socket).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = stream else { return };
            // Takes what is said, and never answers.
            open.push(std::thread::spawn(move || {
                let mut said = Vec::new();
                let _ = stream.read_to_end(&mut said);
            }));
        }
    });
    let address = format!("unix:path={}", socket.display());
    world.write("a.safetensors", b"a");
    let run = |arguments: &[&str]| finish(world.command(arguments).env("DBUS_SESSION_BUS_ADDRESS", &address));
    run(&["roots", "add", "models"]).done();
    run(&["scan"]).done();
    run(&["list"]).done();
    run(&["account", "show"]).done();
    assert_eq!(calls.load(Ordering::SeqCst), 0);

    on_a_bus(&world, &(unlocked("pw") + "\"$MODELDOCK\" account login --json")).exits(0);
    run(&["list"]).done();
    assert_eq!(calls.load(Ordering::SeqCst), 0, "a list needs no key");
    let told = run(&["account", "show", "--json"]).exits(1);
    assert!(told.err.contains("The keyring of the system does not answer"), "{told:?}");
    run(&["scan"]).done();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
