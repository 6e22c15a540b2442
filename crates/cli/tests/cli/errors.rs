//! Every way to go wrong that a person meets: what is said, which exit code, and that it is said in their words.
//!
//! The transcripts are snapshots: read them aloud when they change.

use std::path::Path;

use civitai_simulator::Catalogue;

use crate::support::{Run, World, finish, python, text};

/// What was typed and what came back.
fn transcript(world: &World, arguments: &[&str], run: &Run) -> String {
    let code = run.exit.map_or("a signal".to_owned(), |code| code.to_string());
    let shown = format!("$ modeldock {}\n{}{}[{code}]\n\n", arguments.join(" "), run.out, run.err);
    world.normal(&shown)
}

/// Runs each line and writes down what came back.
fn transcripts(world: &World, commands: &[(i32, &[&str])]) -> String {
    let mut all = String::new();
    for (exit, arguments) in commands {
        let run = world.run(*arguments).exits(*exit);
        assert!(run.err.contains("error: "), "{arguments:?}: {run:?}");
        all += &transcript(world, arguments, &run);
    }
    all
}

#[test]
fn names_that_mean_nothing() {
    let world = World::new();
    world.write("a.safetensors", b"a");
    let file = world.path("models/a.safetensors");
    let all = transcripts(
        &world,
        &[
            (1, &["scan", "/nowhere"]),
            (1, &["scan", "7"]),
            (1, &["scan", ""]),
            (1, &["list", "--root", "nowhere"]),
            (1, &["roots", "remove", "7"]),
            (1, &["roots", "add", "/nowhere/at/all"]),
            (1, &["roots", "add", text(&file)]),
            (1, &["roots", "add", "nowhere"]),
            (1, &["roots", "add", "/"]),
            (1, &["show", "nothing"]),
            (1, &["show", "77"]),
            (1, &["show", ""]),
            (1, &["identify", "nothing.safetensors"]),
            (1, &["hash", "nothing.safetensors"]),
        ],
    );
    insta::assert_snapshot!("names", all);
}

#[test]
fn a_root_within_a_root() {
    let world = World::new();
    world.write("loras/a.safetensors", b"a");
    world.run(["roots", "add", "models"]).done();
    let again = world.run(["roots", "add", "./models/"]).done();
    assert!(again.out.contains("models as "), "adding it twice is no error: {}", again.out);
    insta::assert_snapshot!("root_within", transcripts(&world, &[(1, &["roots", "add", "models/loras"])]));
}

#[test]
fn lines_that_are_not_understood() {
    let world = World::new();
    let all = transcripts(
        &world,
        &[
            (2, &["roots", "add", "models", "--layout", "unknown"]),
            (2, &["list", "--state", "lost"]),
            (2, &["list", "--sort", "colour"]),
            (2, &["scann"]),
            (2, &["hash"]),
            (2, &["scan", "--no-such-option"]),
            (2, &["serve", "--listen", "4310"]),
            (2, &["demo", "--exit", "--browser"]),
        ],
    );
    insta::assert_snapshot!("not_understood", all);
}

#[test]
fn help_is_whole() {
    let world = World::new();
    let run = world.run(["--help"]).done();
    insta::assert_snapshot!("help", run.out);
    let reference = world.run(["reference"]).done();
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference.md")).unwrap();
    assert!(reference.out == kept, "docs/reference.md is out of date: run `make docs`");
    let nothing: [&str; 0] = [];
    assert_eq!(world.run(nothing).exits(2).out, "", "help that was not asked for is no result");
}

#[test]
fn addresses_that_are_none() {
    let world = World::new();
    let all = transcripts(
        &world,
        &[
            (1, &["list", "--civitai-url", "nonsense"]),
            (1, &["list", "--civitai-url", "ftp://civitai.com"]),
            (1, &["list", "--civitai-url", "http://civitai.com"]),
            (1, &["serve", "--civitai-url", "https://"]),
        ],
    );
    insta::assert_snapshot!("addresses", all);
    finish(world.command(["list"]).env("MODELDOCK_CIVITAI_URL", "")).done();
    let wrong = finish(world.command(["list"]).env("MODELDOCK_CIVITAI_URL", "nonsense")).exits(1);
    assert!(wrong.error().1.unwrap().contains("MODELDOCK_CIVITAI_URL"));
    let relays = |texts: &[&str]| finish(world.command(["list"]).args(texts)).exits(1);
    let wrong = relays(&["--link-url", "http://127.0.0.1:1", "--link-url", "http://link.civitai.red"]);
    assert_eq!(
        wrong.error().0,
        "The address of Civitai Link must begin with https:// because link.civitai.red is another machine"
    );
    assert!(relays(&["--link-url=a,b,c"]).error().1.unwrap().contains("MODELDOCK_LINK_URL"));
    finish(world.command(["list"]).env("MODELDOCK_LINK_URL", ",http://127.0.0.1:1")).done();
}

#[test]
fn a_data_folder_that_cannot_be_one() {
    let world = World::new();
    std::fs::write(world.path("file"), b"").unwrap();
    let all = transcripts(
        &world,
        &[
            (1, &["list", "--data-dir", "file"]),
            (1, &["scan", "--json", "--data-dir", "file/below"]),
            (1, &["serve", "--data-dir", "/proc/modeldock"]),
        ],
    );
    insta::assert_snapshot!("data_folder", all);
}

#[test]
fn a_data_folder_one_may_not_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.write("a.safetensors", b"a");
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    finish(&mut world.command_of_nobody(["roots", "add", "models"])).done();
    let mut all = String::new();
    let (scan, add) = (&["scan"][..], &["roots", "add", "more"][..]);
    std::fs::create_dir(world.path("more")).unwrap();
    for (arguments, path, locked, open) in [
        (scan, world.data_dir(), 0o555, 0o755),
        (scan, world.data_dir(), 0o000, 0o755),
        (add, world.data_dir().join("state.db"), 0o444, 0o644),
        (scan, world.data_dir().join("state.db"), 0o000, 0o644),
        (scan, world.data_dir().join("cache.db"), 0o444, 0o644),
    ] {
        let mut command = world.command_of_nobody(arguments);
        mode(&path, locked);
        let run = finish(&mut command);
        mode(&path, open);
        // What SQLite makes beside a database has the database's mode.
        for beside in std::fs::read_dir(world.data_dir()).unwrap() {
            mode(&beside.unwrap().path(), 0o644);
        }
        let what = format!("{} of mode {locked:o}", path.file_name().unwrap().to_string_lossy());
        assert_eq!(run.exit, Some(1), "{what}: {run:?}");
        assert!(run.error().1.is_some(), "{what}: a hint is missing: {run:?}");
        all += &[&what, "\n", &world.normal(&run.err), "\n"].concat();
    }
    insta::assert_snapshot!("data_folder_not_writable", all);
    finish(&mut world.command_of_nobody(["scan"])).done();
}

#[test]
fn a_database_of_a_newer_modeldock() {
    let world = World::new();
    world.run(["roots", "add", "models"]).done();
    let mut all = String::new();
    for name in ["state.db", "cache.db"] {
        let path = world.data_dir().join(name);
        let version = |number: &str| {
            python(
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); print(c.execute('PRAGMA user_version').fetchone()[0], end=''); c.execute('PRAGMA user_version='+sys.argv[2]); c.close()",
                &[text(&path), number],
            )
        };
        let before = version("9999");
        let bytes = std::fs::read(&path).unwrap();
        let arguments = ["list"];
        let run = world.run(arguments);
        all += &[name, "\n", &transcript(&world, &arguments, &run)].concat();
        if run.exit == Some(1) {
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "it is left alone");
            version(&before);
        }
        world.run(["list"]).done();
    }
    insta::assert_snapshot!("newer_database", all);
    let roots = world.run(["roots", "list"]).done();
    assert_eq!(roots.out.lines().count(), 1);
}

#[test]
fn damaged_databases_are_healed_with_a_word_about_it() {
    let damaged = |damage: &str, before: &[u8]| match damage {
        "garbage" => vec![0x5a; 40_000],
        "emptied" => Vec::new(),
        _ => before[..before.len() / 2 + 100].to_vec(),
    };
    let mut all = String::new();
    for names in [&["state.db"][..], &["cache.db"], &["state.db", "cache.db"]] {
        for damage in ["garbage", "emptied", "cut"] {
            let world = World::with(Catalogue::default());
            for number in 0..200 {
                world.write(format!("{number}.safetensors"), format!("file {number}"));
            }
            world.run(["roots", "add", "models"]).done();
            world.scan();
            // Starts once more, so that there is a good copy of what was set up.
            world.run(["list"]).done();
            for name in names {
                let path = world.data_dir().join(name);
                std::fs::write(&path, damaged(damage, &std::fs::read(&path).unwrap())).unwrap();
            }
            let run = world.run(["roots", "list"]).done();
            let what = format!("{} {damage}", names.join(" and "));
            assert_eq!(run.out.lines().count(), 1, "{what}: the folder is still known: {run:?}");
            all += &[&what, "\n", &stamps_out(&world.normal(&run.err)), "\n"].concat();
            let scanned = world.scan();
            assert_eq!(scanned.summary["not_found"], 200, "{what}");
            assert_eq!(world.run(["list"]).done().out.lines().count(), 200, "{what}");
        }
    }
    insta::assert_snapshot!("damaged_databases", all);
}

/// The moments in the names of files set aside.
fn stamps_out(text: &str) -> String {
    let mut out = String::new();
    let mut digits = 0;
    for character in text.chars() {
        digits = if character.is_ascii_digit() { digits + 1 } else { 0 };
        match digits {
            0..=5 => out.push(character),
            6 => {
                out.truncate(out.len() - 5);
                out.push('N');
            }
            _ => {}
        }
    }
    out
}

#[test]
fn addresses_that_cannot_be_listened_on() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut all = transcripts(
        &world,
        &[
            (1, &["serve", "--listen", "0.0.0.0:0"]),
            (1, &["serve", "--listen", "[::]:4310"]),
            (1, &["serve", "--listen", "192.0.2.1:4310"]),
            (1, &["serve", "--listen", &address]),
        ],
    );
    all = all.replace(&address, "127.0.0.1:TAKEN");
    let nobody = finish(&mut world.command_of_nobody(["serve", "--listen", "127.0.0.1:80"]));
    // A system may let everybody use low ports; then this one is taken or works, and there is nothing to see.
    if nobody.err.contains("permission") {
        assert!(nobody.error().1.unwrap().contains("1024"), "{nobody:?}");
    }
    insta::assert_snapshot!("listen", all);
}

#[test]
fn a_second_scan_while_one_runs_is_refused_and_reading_is_not() {
    let world = World::with(Catalogue::default());
    world.long_reading();
    let mut first = world.start(["scan", "--json"]);
    first.wait_for(|event| event["event"] == "hashed");
    insta::assert_snapshot!("busy", transcripts(&world, &[(4, &["scan"]), (4, &["scan", "--json"])]));
    assert_eq!(world.list().len(), 101);
    assert_eq!(world.run(["roots", "list"]).done().out.lines().count(), 1);
    let doctor = world.run(["doctor"]).exits(0);
    assert!(doctor.out.contains("another Modeldock is running"), "{}", doctor.out);
    first.signal("INT");
    first.end().exits(130);
}

#[test]
fn a_doctor_without_patients_and_with_sick_ones() {
    let world = World::new();
    let mut all = String::new();
    let mut see = |exit: i32, prepare: &dyn Fn()| {
        prepare();
        let run = world.run(["doctor"]).exits(exit);
        all += &transcript(&world, &["doctor"], &run);
        let json = world.run(["doctor", "--json"]).exits(exit).json();
        assert!(json.iter().all(|check| check["check"].is_string() && check["verdict"].is_string()));
    };
    see(3, &|| ());
    see(0, &|| {
        world.run(["roots", "add", "models"]).done();
    });
    see(3, &|| {
        std::fs::rename(world.path("models"), world.path("away")).unwrap();
        world.run(["scan"]).exits(3);
        world.simulator.offline(true);
    });
    insta::assert_snapshot!("doctor", all);
}
