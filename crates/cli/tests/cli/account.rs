//! `modeldock account` where there is no keyring, as on most servers: the key goes into a file.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use civitai_simulator::Fault;
use serde_json::{Value, json};

use crate::support::{Run, World, finish, is_root, python, text};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn login(world: &World, key: &str) -> Run {
    finish(&mut world.piped(["account", "login", "--json"], key))
}

fn show(world: &World) -> Value {
    world.run(["account", "show", "--json"]).json().remove(0)
}

fn kept_files(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.data_dir()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("account"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_key_is_checked_kept_used_and_forgotten() {
    let world = World::with_key(KEY);
    assert_eq!(show(&world)["signed_in"], false);
    assert_eq!(world.run(["account", "show"]).done().out.lines().count(), 1);
    assert_eq!(world.simulator.count("me"), 0, "without a key there is nothing to ask");

    let run = login(&world, &format!("{KEY}\n")).exits(0);
    let info = &run.json()[0];
    let wanted = json!({
        "signed_in": true, "username": "ada_paints", "tier": "founder", "is_member": true,
        "key_hint": "…cdef", "kept_in": "file", "problem": null,
    });
    assert_eq!(info, &wanted);
    assert!(run.err.contains("account.key") && run.err.contains("programs that run as you can read it"), "{run:?}");
    assert_eq!(kept_files(&world), ["account.json", "account.key", "account.seal"]);
    assert_eq!(show(&world), wanted);
    let told = world.run(["account", "show"]).done().out;
    assert!(told.contains("as ada_paints (founder)") && told.contains("…cdef is in an encrypted file"), "{told}");

    world.simulator.reset_counts();
    world.write("a.safetensors", b"a");
    world.run(["roots", "add", "models"]).done();
    world.run(["list"]).done();
    assert_eq!(world.simulator.requests().len(), 0, "a list asks nobody");
    world.run(["scan"]).done();
    let requests = world.simulator.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| request.authorization), "{requests:?}");

    let info = world.run(["account", "logout", "--json"]).done().json().remove(0);
    assert_eq!((&info["signed_in"], &info["username"], &info["kept_in"]), (&json!(false), &json!(null), &json!(null)));
    assert_eq!(kept_files(&world), [""; 0]);
    world.run(["account", "logout"]).done();
    world.simulator.reset_counts();
    world.write("b.safetensors", b"b");
    world.run(["scan"]).done();
    let requests = world.simulator.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| !request.authorization), "{requests:?}");
}

#[test]
fn a_wrong_key_changes_nothing() {
    let world = World::with_key(KEY);
    let run = login(&world, "ffffffffffffffffffffffffffffffff").exits(1);
    assert_eq!(run.error().0, "Civitai does not accept this key");
    assert_eq!(kept_files(&world), [""; 0]);
    login(&world, KEY).exits(0);
    login(&world, "ffffffffffffffffffffffffffffffff").exits(1);
    assert_eq!(show(&world)["signed_in"], true);
    for (input, message) in [
        ("", "The key is empty"),
        ("two words", "The key holds characters that no key has"),
        ("\u{0}\u{1b}[2J", "The key holds characters that no key has"),
        (&"x".repeat(5000), "The key is too long"),
        (&"x".repeat(1 << 20), "The key is too long"),
    ] {
        assert_eq!(login(&world, input).exits(1).error().0, message);
    }
    assert_eq!(show(&world)["signed_in"], true);
}

#[test]
fn a_key_that_cannot_be_checked_is_not_kept() {
    let world = World::with_key(KEY);
    world.simulator.offline(true);
    let run = login(&world, KEY).exits(1);
    assert!(run.error().0.starts_with("The key could not be checked, so it was not kept: "), "{run:?}");
    world.simulator.offline(false);
    world.simulator.faults().push(Fault::status(503).on_endpoint("me"));
    let run = login(&world, KEY).exits(1);
    assert!(run.error().0.starts_with("The key could not be checked, so it was not kept: "), "{run:?}");
    assert_eq!(kept_files(&world), [""; 0]);
}

#[test]
fn a_key_that_expired_is_told_and_look_ups_go_on() {
    let world = World::with_key(KEY);
    login(&world, KEY).exits(0);
    world.simulator.faults().push(Fault::status(401).body(r#"{"error":"Unauthorized"}"#).on_endpoint("me"));
    let run = world.run(["account", "show", "--json"]).exits(1);
    let info = &run.json()[0];
    assert_eq!((&info["signed_in"], &info["username"]), (&json!(false), &json!("ada_paints")));
    assert_eq!(info["problem"]["code"], "unauthorised");
    assert!(run.err.contains("Civitai no longer accepts your key"), "{run:?}");
    world.write("a.safetensors", b"a");
    world.run(["roots", "add", "models"]).done();
    world.run(["scan"]).done();

    // Off line it is the name last heard, and that it could not be checked.
    world.simulator.faults().clear();
    world.simulator.offline(true);
    let info = show(&world);
    assert_eq!((&info["signed_in"], &info["username"]), (&json!(true), &json!("ada_paints")));
    assert_eq!(info["problem"]["code"], "offline");
}

#[test]
fn the_variable_wins_and_is_never_kept() {
    let world = World::with_key(KEY);
    let with = |key: &str, arguments: &[&str]| finish(world.piped(arguments, KEY).env("MODELDOCK_CIVITAI_TOKEN", key));
    let info = with(KEY, &["account", "show", "--json"]).done().json().remove(0);
    assert_eq!((&info["signed_in"], &info["kept_in"]), (&json!(true), &json!("environment")));
    let run = with(KEY, &["account", "login"]).exits(1);
    assert!(run.error().0.contains("MODELDOCK_CIVITAI_TOKEN is set"), "{run:?}");
    assert_eq!(kept_files(&world), [""; 0]);

    login(&world, KEY).exits(0);
    let wrong = with("another-key-that-is-long-enough", &["account", "show", "--json"]).exits(1);
    assert_eq!(wrong.json()[0]["problem"]["code"], "unauthorised", "it wins even where it is the wrong one");
    let run = with(KEY, &["account", "logout", "--json"]).exits(1);
    assert!(run.err.contains("stays in use"), "{run:?}");
    assert_eq!(run.json()[0]["kept_in"], "environment");
    assert_eq!(kept_files(&world), [""; 0]);

    let run = with("no key at all", &["account", "show"]).exits(1);
    assert!(run.err.contains("does not hold a key") && !run.err.contains("no key at all"), "{run:?}");
    assert_eq!(with("", &["account", "show", "--json"]).done().json()[0]["signed_in"], false);
}

#[test]
fn whatever_becomes_of_the_files_is_told_and_signing_in_heals_it() {
    let world = World::with_key(KEY);
    login(&world, KEY).exits(0);
    for name in ["account.key", "account.seal", "account.json"] {
        let path = world.data_dir().join(name);
        let good = std::fs::read(&path).unwrap();
        for bytes in [&b""[..], b"\xff\xfe\0not ours", &good[..good.len() / 2], &vec![b'{'; 5 << 20]] {
            std::fs::write(&path, bytes).unwrap();
            let run = world.run(["account", "show", "--json"]);
            assert!(run.exit == Some(0) || run.exit == Some(1), "{run:#?}");
            // Who is signed in does not matter while the key itself can be read.
            assert_eq!(run.json()[0]["signed_in"], name == "account.json", "{name}: {run:#?}");
            world.run(["scan"]).done();
            assert_eq!(login(&world, KEY).exits(0).json()[0]["signed_in"], true);
        }
        std::fs::remove_file(&path).unwrap();
        world.run(["account", "show"]);
        login(&world, KEY).exits(0);
    }
    world.run(["account", "logout"]).done();
    assert_eq!(kept_files(&world), [""; 0]);
}

#[test]
fn nobody_else_may_read_what_is_kept() {
    let world = World::with_key(KEY);
    let mut command = Command::new("sh");
    let script = "umask 0; exec \"$0\" account login --json";
    command.args(["-c", script, env!("CARGO_BIN_EXE_modeldock")]);
    let like = world.piped(["account", "login"], KEY);
    command
        .env_clear()
        .envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(crate::support::input_of(KEY));
    finish(&mut command).exits(0);
    // Only the files' own modes are to count here.
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    open(world.dir.path());
    open(&world.data_dir());
    for name in kept_files(&world) {
        let path = world.data_dir().join(name);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600, "{}", path.display());
        if is_root() {
            let mut read = Command::new("setpriv");
            read.args(["--reuid=65534", "--regid=65534", "--clear-groups", "cat"]).arg(&path);
            let output = read.output().unwrap();
            assert!(!output.status.success() && output.stdout.is_empty(), "{}", path.display());
        }
    }
    // Opened by mistake, it is closed again, and told.
    std::fs::set_permissions(world.data_dir().join("account.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = world.run(["account", "show", "--json"]).exits(1);
    assert!(run.json()[0]["problem"]["message"].as_str().unwrap().starts_with("Others could read"), "{run:?}");
    assert_eq!(run.json()[0]["signed_in"], true);
    world.run(["account", "show"]).done();
}

#[test]
fn a_key_for_one_address_is_not_sent_to_another() {
    let (world, other) = (World::with_key(KEY), World::with_key(KEY));
    login(&world, KEY).exits(0);
    let run =
        |arguments: &[&str]| finish(world.command(arguments).env("MODELDOCK_CIVITAI_URL", other.simulator.base_url()));
    assert_eq!(run(&["account", "show", "--json"]).done().json()[0]["signed_in"], false);
    world.write("a.safetensors", b"a");
    world.run(["roots", "add", "models"]).done();
    run(&["scan"]).done();
    let requests = other.simulator.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| !request.authorization), "{requests:?}");
    assert_eq!(show(&world)["signed_in"], true);
}

#[test]
fn a_key_that_is_typed_is_not_shown() {
    let world = World::with_key(KEY);
    let like = world.command(["account", "login"]);
    let mut all: Vec<String> = vec![env!("CARGO_BIN_EXE_modeldock").to_owned(), KEY.to_owned()];
    all.extend(
        like.get_envs()
            .filter_map(|(name, value)| Some(format!("{}={}", text(Path::new(name)), text(Path::new(value?))))),
    );
    // A terminal of its own: waits for the question, types the key, collects all that the terminal shows.
    let shown = python(
        r#"
import os, pty, sys
program, key, *environment = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execve(program, [program, "account", "login"], dict(pair.split("=", 1) for pair in environment))
shown = b""
typed = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not typed and b"not shown" in shown:
        os.write(terminal, key.encode() + b"\n")
        typed = True
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
print(shown.decode())
"#,
        &all,
    );
    assert!(shown.starts_with("0\n") && shown.contains("Signed in to"), "{shown}");
    assert!(!shown.contains(&KEY[..8]), "{shown}");
}

#[test]
fn a_terminal_shows_again_what_is_typed_when_the_question_is_given_up() {
    let world = World::with_key(KEY);
    let like = world.command(["account", "login"]);
    let mut all: Vec<String> = vec![env!("CARGO_BIN_EXE_modeldock").to_owned()];
    all.extend(
        like.get_envs()
            .filter_map(|(name, value)| Some(format!("{}={}", text(Path::new(name)), text(Path::new(value?))))),
    );
    let shown = python(
        r#"
import os, pty, sys, termios
program, *environment = sys.argv[1:]
ours, theirs = pty.openpty()
echoes = lambda: bool(termios.tcgetattr(theirs)[3] & termios.ECHO)
before = echoes()
pid = os.fork()
if pid == 0:
    os.setsid()
    import fcntl
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(theirs, number)
    os.execve(program, [program, "account", "login"], dict(pair.split("=", 1) for pair in environment))
shown = b""
while b"not shown" not in shown:
    shown += os.read(ours, 4096)
during = echoes()
os.write(ours, b"half a key\x03")
_, status = os.waitpid(pid, 0)
print(before, during, echoes(), os.waitstatus_to_exitcode(status))
"#,
        &all,
    );
    assert_eq!(shown, "True False True 130\n");
}
