//! `modeldock list` and `show`: what they select, and that no name and no pipe can harm a terminal.

use std::process::{Command, Stdio};

use civitai_simulator::{Catalogue, ModelSpec, sample};
use serde_json::{Value, json};

use crate::support::{World, finish, output, text};

/// Runs the rest of its arguments on a terminal and prints, escaped, what the terminal got.
const ON_A_TERMINAL: &str = r#"
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
chunks = []
while True:
    try:
        chunks.append(os.read(fd, 4096))
    except OSError:
        break
os.waitpid(pid, 0)
print(ascii(b"".join(chunks).decode(errors="surrogateescape")))
"#;

fn scanned() -> (World, sample::SampleTrees) {
    let (world, trees) = World::sample();
    world.scan();
    (world, trees)
}

fn list(world: &World, arguments: &[&str]) -> Vec<Value> {
    world.run(["list", "--json"].iter().chain(arguments)).done().json()
}

#[test]
fn every_line_has_the_fields_that_are_promised() {
    let (world, _) = scanned();
    let items = list(&world, &[]);
    let contract = [
        "path",
        "root",
        "kind",
        "size",
        "sha256",
        "state",
        "provenance",
        "model_id",
        "version_id",
        "file_id",
        "model_name",
        "version_name",
        "base_model",
        "trained_words",
        "air",
    ];
    for item in &items {
        for field in contract {
            assert!(item.get(field).is_some(), "{field} in {item}");
        }
        assert_eq!(item["provenance"], "measured");
        assert!(item["sha256"].as_str().unwrap().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')));
        assert_eq!(item["size"], std::fs::metadata(item["path"].as_str().unwrap()).unwrap().len());
        let is_matched = item["state"] == "matched";
        // Without `file_id`: of a file that its author has replaced, Civitai tells only the version.
        for field in ["model_id", "version_id", "model_name", "version_name", "base_model", "air"] {
            assert_eq!(!item[field].is_null(), is_matched, "{field} in {item}");
        }
        assert!(item["trained_words"].is_array());
    }
}

#[test]
fn filters_leave_exactly_what_they_name() {
    let (world, trees) = scanned();
    let all = list(&world, &[]);
    let count = |wanted: &dyn Fn(&Value) -> bool| all.iter().filter(|item| wanted(item)).count();
    for (arguments, wanted) in [
        (&["--kind", "LORA"][..], &(|item: &Value| item["kind"] == "LORA") as &dyn Fn(&Value) -> bool),
        (&["--kind", "lora"], &|item| item["kind"] == "LORA"),
        (&["--kind", "LORA", "--kind", "Checkpoint"], &|item| item["kind"] == "LORA" || item["kind"] == "Checkpoint"),
        (&["--base-model", "SDXL 1.0"], &|item| item["base_model"] == "SDXL 1.0"),
        (&["--state", "matched"], &|item| item["state"] == "matched"),
        (&["--state", "not_found"], &|item| item["state"] == "not_found"),
        (&["--state", "matched", "--state", "not_found"], &|_| true),
        (&["--root", text(&trees.comfyui)], &|item| item["root"] == text(&trees.comfyui)),
        (&["--duplicates"], &|item| item["copies"].as_u64().unwrap() > 1),
        (&["--kind", "LORA", "--state", "not_found"], &|item| item["kind"] == "LORA" && item["state"] == "not_found"),
    ] {
        let filtered = list(&world, arguments);
        assert!(filtered.iter().all(wanted), "{arguments:?}");
        assert_eq!(filtered.len(), count(wanted), "{arguments:?}");
        assert!(!filtered.is_empty(), "{arguments:?} proves nothing");
    }
    for nothing in [&["--missing"][..], &["--state", "failed"], &["--state", "pending"], &["--kind", "no such kind"]] {
        assert!(list(&world, nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn words_are_searched_in_names_paths_triggers_and_hashes() {
    let (world, _) = scanned();
    let all = list(&world, &[]);
    let one = all.iter().find(|item| item["path"].as_str().unwrap().ends_with("ink wash v1.safetensors")).unwrap();
    let name = one["model_name"].as_str().unwrap();
    let hash = one["sha256"].as_str().unwrap();
    let searches = [
        vec!["ink wash v1"],
        vec!["ink", "wash", "v1"],
        vec!["WASH", "INK"],
        vec![name],
        vec![&hash[..12]],
        vec![hash],
    ];
    for search in searches {
        let found = list(&world, &search);
        assert!(found.contains(one), "{search:?}: {found:?}");
        assert!(found.len() < all.len(), "{search:?} leaves something out");
    }
    for nothing in ["no such words anywhere", "%", "_____________", "\"", "'; DROP TABLE files; --", "*", "\u{1b}"] {
        assert!(list(&world, &["--", nothing]).len() < all.len(), "{nothing:?}");
    }
    let lower = list(&world, &[&hash[..10].to_lowercase()]);
    assert!(lower.contains(one));
}

#[test]
fn the_order_is_as_asked() {
    let (world, _) = scanned();
    let sizes = |arguments: &[&str]| -> Vec<u64> {
        list(&world, arguments).iter().map(|item| item["size"].as_u64().unwrap()).collect()
    };
    let mut down = sizes(&["--sort", "size"]);
    let up = sizes(&["--sort", "size", "--reverse"]);
    assert!(down.is_sorted_by(|a, b| a >= b), "{down:?}");
    down.reverse();
    assert_eq!(down, up);
    for sort in ["newest", "name", "added"] {
        assert_eq!(sizes(&["--sort", sort]).len(), down.len());
    }
}

/// Every moment the same one.
fn without_times(text: &str) -> String {
    const SHAPE: &str = "2026-11-25 12:34";
    let is_moment = |text: &str| {
        let same_kind = |(a, b): (char, char)| if b.is_ascii_digit() { a.is_ascii_digit() } else { a == b };
        text.chars().zip(SHAPE.chars()).all(same_kind) && text.len() >= SHAPE.len()
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = if is_moment(rest) { SHAPE.len() } else { character.len_utf8() };
        out += if length == SHAPE.len() { "YYYY-MM-DD hh:mm" } else { &rest[..length] };
        rest = &rest[length..];
    }
    out
}

#[test]
fn a_list_and_an_item_read_well() {
    let (world, trees) = scanned();
    let run = world.run(["list", "--root", text(&trees.comfyui)]).done();
    insta::assert_snapshot!("list_text", format!("{}{}", without_times(&world.normal(&run.out)), run.err));
    let shown = world.run(["show", "installs/stable-diffusion-webui/models/Lora/style/ink wash v1.safetensors"]).done();
    let still: String = shown.out.split_inclusive('\n').filter(|line| !line.starts_with("  State")).collect();
    insta::assert_snapshot!("show_text", world.normal(&still));
    let by_hash = world.run(["show", "--json", list(&world, &["ink wash v1"])[0]["sha256"].as_str().unwrap()]).done();
    let by_name = world.run(["show", "--json", "ink wash v1.safetensors"]).done();
    assert!(by_name.json()[0]["item"]["path"].as_str().unwrap().ends_with("style/ink wash v1.safetensors"));
    let by_id = world.run(["show", "--json", &by_hash.json()[0]["item"]["id"].to_string()]).done();
    // The model's own page may have come in between the two.
    assert_eq!(by_hash.json()[0]["item"]["path"], by_id.json()[0]["item"]["path"]);
    assert_eq!(by_hash.json()[0]["hashes"], by_id.json()[0]["hashes"]);
}

/// More than fits into a pipe, so that the program does meet its closed end.
fn large_library() -> World {
    let catalogue = Catalogue::bulk(300, 3);
    let world = World::with(catalogue.clone());
    sample::write_files(&world.path("models"), &catalogue).unwrap();
    world.run(["roots", "add", "models"]).done();
    world.scan();
    world
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let world = large_library();
    assert!(world.run(["list", "--json"]).done().out.len() > 128 * 1024);
    for arguments in [&["list", "--json"][..], &["scan", "--json"], &["list"]] {
        let mut child = world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("error") && !err.contains("panic"), "{arguments:?}: {err}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
    }
    let script = format!("{} list --json | head -n 1", env!("CARGO_BIN_EXE_modeldock"));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).env("MODELDOCK_DATA_DIR", world.data_dir());
    let run = finish(&mut shell).exits(0);
    assert_eq!((run.json().len(), run.err.as_str()), (1, ""));
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let world = large_library();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = world.command(["list", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(err, "error: Could not write to standard output: no space left on device\n");
}

/// A library in which everything is named to do harm.
fn hostile_library() -> World {
    let harm = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{7f}\u{202e}";
    let world = World::with(Catalogue::default());
    let bytes = b"known at Civitai".as_slice();
    world.simulator.edit(|catalogue| {
        let mut model = ModelSpec::new(format!("Name{harm}"), "LORA");
        model.creator = format!("creator{harm}");
        model.tags = vec![format!("tag{harm}")];
        let added = catalogue.add_file(&format!("file{harm}.safetensors"), bytes, model);
        catalogue.edit_version(added.version, |version| {
            version.name = format!("version{harm}");
            version.base_model = format!("base{harm}");
            version.trained_words = vec![format!("word{harm}")];
        });
    });
    world.write(format!("known{harm}.safetensors"), bytes);
    world.write(format!("folder{harm}/unknown.safetensors"), b"unknown");
    std::fs::create_dir(world.path(&format!("models/folder{harm}/deeper{harm}"))).unwrap();
    world.run(["roots", "add", "models"]).done();
    world.run(["roots", "add", text(&world.path(&format!("models/folder{harm}")))]);
    let scan = world.command(["scan"]).output().unwrap();
    assert_eq!(scan.status.code(), Some(0), "{scan:?}");
    world
}

#[test]
fn names_reach_a_terminal_without_their_control_characters() {
    let world = hostile_library();
    let bad = world.path("models/missing\u{1b}[2J\u{7}.ckpt");
    let commands = [
        vec!["list"],
        vec!["list", "--json"],
        vec!["roots", "list"],
        vec!["show", "1"],
        vec!["doctor"],
        vec!["hash", text(&bad)],
        vec!["show", "no\u{1b}[2Jthing"],
        vec!["scan", "no\u{1b}[2Jroot"],
        vec!["roots", "add", text(&bad)],
        vec!["identify", text(&bad)],
    ];
    for arguments in commands {
        let mut terminal = Command::new("python3");
        terminal.args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_modeldock")]).args(&arguments);
        terminal.env("NO_COLOR", "1").env("TERM", "xterm-256color");
        terminal.env("MODELDOCK_DATA_DIR", world.data_dir()).env("MODELDOCK_CIVITAI_URL", world.simulator.base_url());
        // JSON's own escapes are shown by Python with two backslashes.
        let got = finish(&mut terminal).exits(0).out.replace("\\\\", "");
        for harm in ["\\x1b", "\\x07", "\\x9b", "\\x7f", "\\u202e", "\\u009b"] {
            assert!(!got.contains(harm), "{arguments:?}: {harm} in {got}");
        }
        assert!(!got.replace("\\r\\n", "").contains("\\r"), "{arguments:?}: {got}");
        assert!(got.len() > 10, "{arguments:?} said something");
    }
    // The JSON still says exactly what the name is.
    let path = world.command(["list", "--json"]).output().unwrap().stdout;
    let items: Vec<Value> =
        String::from_utf8(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(items.iter().all(|item| std::path::Path::new(item["path"].as_str().unwrap()).exists()));
}

#[test]
fn errors_are_coloured_on_a_terminal_and_nowhere_else() {
    let world = World::new();
    let on_terminal = |no_color: &str| {
        let mut terminal = Command::new("python3");
        terminal.args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_modeldock"), "show", "nothing"]);
        terminal.env("TERM", "xterm-256color").env("MODELDOCK_DATA_DIR", world.data_dir()).env_remove("CI");
        terminal.env_remove("NO_COLOR");
        if !no_color.is_empty() {
            terminal.env("NO_COLOR", no_color);
        }
        finish(&mut terminal).exits(0).out
    };
    assert!(on_terminal("").contains("\\x1b["));
    let plain = on_terminal("1");
    assert!(!plain.contains("\\x1b") && plain.contains("error: `nothing` is not in the library"), "{plain}");
    // `finish` refuses terminal codes in every pipe.
    world.run(["show", "nothing"]).exits(1);
}

#[test]
fn a_name_that_is_not_unicode_is_listed_with_its_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::with(Catalogue::default());
    world.write(std::path::Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.safetensors")), b"x");
    world.run(["roots", "add", "models"]).done();
    world.scan();
    let items = list(&world, &[]);
    assert!(items[0]["path"].as_str().unwrap().ends_with("caf\u{fffd}.safetensors"));
    let expected = output(
        "sh",
        &["-c", &format!("printf '%s/models/caf\\351.safetensors' '{}' | base64 -w0", world.dir.path().display())],
    );
    assert_eq!(items[0]["path_bytes"], json!(expected));
}

#[test]
fn what_one_notes_of_a_file_is_listed_and_shown() {
    let (world, _) = World::sample();
    world.scan();
    let path = world.list().keys().next().unwrap().clone();
    let run =
        world.run(["mark", &path, "--favourite", "--rating", "4", "--tag", "portrait", "--note", "two\nlines"]).done();
    assert_eq!(run.out, format!("{path}: favourite, 4 of 5, note, portrait\n"));
    let listed = world.run(["list", "--favourites", "--tag", "portrait", "--sort", "rating", "--json"]).done().json();
    assert!(listed.len() == 1 && listed[0]["path"] == path.as_str(), "{listed:?}");
    let shown = world.run(["show", &path]).done().out;
    for line in ["4 of 5", "portrait", "two / lines"] {
        assert!(shown.contains(line), "{shown}");
    }
    let run = world.run(["mark", &path, "--no-favourite", "--rating", "0", "--untag", "Portrait", "--note", ""]).done();
    assert_eq!(run.out, format!("{path}: nothing noted\n"));
    let (message, hint) = (world.run(["mark", &path]).exits(1), "--favourite");
    assert!(message.error().1.unwrap().contains(hint), "{message:?}");
}
