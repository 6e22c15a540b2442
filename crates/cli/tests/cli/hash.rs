//! `modeldock hash` against programs that share no code with it: sha256sum, b3sum and Python.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{World, finish, output, python, text};

const MIB: usize = 1 << 20;

/// CRC32, AutoV1 and AutoV3 from their definitions.
const SECOND_OPINION: &str = r#"
import hashlib, json, os, sys, zlib
path = os.fsencode(sys.argv[1])
size = os.path.getsize(path)
crc = 0
with open(path, "rb") as file:
    while block := file.read(1 << 22):
        crc = zlib.crc32(block, crc)
v1 = v3 = None
with open(path, "rb") as file:
    if size >= 2 << 20:
        file.seek(1 << 20)
        v1 = hashlib.sha256(file.read(1 << 16)).hexdigest()[:8].upper()
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if size >= 10 and 2 <= length <= 100_000_000 and 8 + length <= size:
        try:
            is_header = isinstance(json.loads(file.read(length)), dict)
        except ValueError:
            is_header = False
        if is_header:
            digest = hashlib.sha256()
            while block := file.read(1 << 22):
                digest.update(block)
            v3 = digest.hexdigest()[:12].upper()
print(json.dumps({"size": size, "crc32": f"{crc:08X}", "autov1": v1, "autov3": v3}))
"#;

fn digest(program: &str, path: &Path) -> String {
    // From standard input, so that no program quotes the name.
    let output = Command::new(program).stdin(File::open(path).unwrap()).stderr(Stdio::inherit()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_uppercase()
}

/// The line a file should give, calculated without Modeldock.
fn expected(path: &Path) -> Value {
    let mut line: Value = serde_json::from_str(&python(SECOND_OPINION, &[path])).unwrap();
    let sha256 = digest("sha256sum", path);
    line["autov2"] = json!(sha256[..10]);
    line["sha256"] = json!(sha256);
    line["blake3"] = json!(digest("b3sum", path));
    line["path"] = json!(path.to_string_lossy());
    if path.to_str().is_none() {
        line["path_bytes"] = json!(python(
            "import base64,os,sys; print(base64.b64encode(os.fsencode(sys.argv[1])).decode(), end='')",
            &[path]
        ));
    }
    line
}

/// Hashes them in one go and compares every line, in order.
fn assert_agrees(world: &World, files: &[PathBuf]) -> Vec<Value> {
    let mut arguments = vec![OsStr::new("hash"), OsStr::new("--json"), OsStr::new("--")];
    arguments.extend(files.iter().map(|path| path.as_os_str()));
    let lines = world.run(arguments).done().json();
    assert_eq!(lines.len(), files.len());
    for (line, path) in lines.iter().zip(files) {
        assert_eq!(*line, expected(path), "{}", path.display());
    }
    lines
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn safetensors(header: &str, tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}

const HEADER: &str = r#"{"__metadata__":{"ss_tag":"x"},"t":{"dtype":"F16","shape":[50000],"data_offsets":[0,100000]}}"#;

#[test]
fn every_size_around_the_borders_agrees_with_other_programs() {
    let world = World::new();
    let sizes = [
        0,
        1,
        7,
        8,
        9,
        10,
        MIB - 1,
        MIB,
        MIB + 1,
        MIB + 65536 - 1,
        MIB + 65536,
        MIB + 65536 + 1,
        2 * MIB - 1,
        2 * MIB,
        2 * MIB + 1,
        9 * MIB + 3,
    ];
    let files: Vec<PathBuf> = sizes.iter().map(|size| world.write(format!("{size}.ckpt"), noise(*size))).collect();
    let lines = assert_agrees(&world, &files);
    for (line, size) in lines.iter().zip(sizes) {
        assert_eq!(line["autov1"].is_string(), size >= 2 * MIB, "{size}");
    }
    let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    let contract = ["autov1", "autov2", "autov3", "blake3", "crc32", "path", "sha256", "size"];
    assert_eq!(
        {
            let mut keys = keys;
            keys.sort();
            keys
        },
        contract
    );
}

#[test]
fn every_kind_of_model_file_agrees_with_other_programs() {
    let world = World::new();
    let tensors = noise(100_000);
    let whole = safetensors(HEADER, &tensors);
    let large_header = format!(
        r#"{{"__metadata__":{{"note":"{}"}},"t":{{"dtype":"F16","shape":[50000],"data_offsets":[0,100000]}}}}"#,
        "é".repeat(9 * MIB)
    );
    assert!(large_header.len() > 16 * MIB);
    let zip = world.path("models/zipped.pt");
    python(
        "import sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],'w') as z: z.writestr('archive/data.pkl', b'\\x80\\x02}q\\x00.'*1000); z.writestr('archive/data/0', bytes(3000000))",
        &[&zip],
    );
    let valid = [
        world.write("plain.safetensors", &whole),
        world.write("space.safetensors", safetensors(&format!("  {HEADER}   "), &tensors)),
        world.write("newline.safetensors", safetensors(&format!("\n{HEADER}"), &tensors)),
        world.write("large_header.safetensors", safetensors(&large_header, &tensors)),
        world.write("cut_in_tensors.safetensors", &whole[..whole.len() - 5000]),
        world.write("no_tensors.safetensors", safetensors("{}", b"")),
        world.write("large.safetensors", safetensors(HEADER, &noise(3 * MIB))),
        world.write("named_otherwise.ckpt", &whole),
    ];
    let invalid = [
        world.write("cut_in_header.safetensors", &whole[..40]),
        world.write("cut_in_length.safetensors", &whole[..5]),
        world.write("list.safetensors", safetensors("[1,2]", &tensors)),
        world.write("open.safetensors", safetensors(r#"{"a":"#, &tensors)),
        world.write("hostile.safetensors", [u64::MAX.to_le_bytes().as_slice(), &tensors].concat()),
        zip,
    ];
    let lines = assert_agrees(&world, &[&valid[..], &invalid[..]].concat());
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["autov3"].is_string(), at < valid.len(), "{line}");
    }
}

#[test]
fn any_name_is_read_and_told_exactly() {
    let world = World::new();
    let odd: Vec<OsString> = [
        "with spaces",
        " leading",
        "-dash",
        "--json",
        "it's \"quoted\"",
        "back\\slash",
        "new\nline",
        "tab\there",
        "emoji 🎨",
        "umlaut ü",
        "umlaut u\u{308}",
        "right-to-left \u{202e}gnp",
        "esc \u{1b}[31mred",
        "bell \u{7}",
        "delete \u{7f}",
        "c1 \u{9b}31m",
        "nel \u{85}",
        "*?[a]",
        "$HOME",
        "%s",
        "{}",
    ]
    .map(OsString::from)
    .into_iter()
    .chain([OsString::from_vec(b"latin \xe9.ckpt".to_vec()), OsString::from_vec(b"\xff\xfe".to_vec())])
    .collect();
    let files: Vec<PathBuf> = odd.iter().map(|name| world.write(Path::new(name), name.as_bytes())).collect();
    assert_names(&world, &files);
}

/// As [`assert_agrees`], where the names themselves may hold control characters.
fn assert_names(world: &World, files: &[PathBuf]) {
    let mut command = world.command(["hash", "--json"]);
    let output = command.arg("--").args(files).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), files.len());
    for (line, path) in lines.iter().zip(files) {
        assert_eq!(*line, expected(path), "{}", path.display());
        assert_eq!(line.get("path_bytes").is_some(), path.to_str().is_none(), "{}", path.display());
    }
    let run = finish(world.command(["hash", "--"]).args(files));
    let shown = run.done();
    assert_eq!(shown.out.lines().count(), files.len() * 8, "a name takes one line: {}", shown.out);
}

#[test]
fn links_and_relative_names_are_followed_and_told_as_typed() {
    let world = World::new();
    let target = world.write("target.ckpt", noise(3 * MIB));
    std::os::unix::fs::symlink(&target, world.path("models/link.ckpt")).unwrap();
    let run = world.run(["hash", "--json", "models/link.ckpt", "./models/target.ckpt", "models/target.ckpt"]);
    let lines = run.done().json();
    let told: Vec<&str> = lines.iter().map(|line| line["path"].as_str().unwrap()).collect();
    assert_eq!(told, ["models/link.ckpt", "./models/target.ckpt", "models/target.ckpt"]);
    assert!(lines.iter().all(|line| line["sha256"] == digest("sha256sum", &target)));
}

#[test]
fn what_cannot_be_read_does_not_keep_the_rest_from_being_printed() {
    let world = World::new();
    let (first, last) = (world.write("first.ckpt", b"1"), world.write("last.ckpt", b"2"));
    let folder = world.path("models/folder.ckpt");
    std::fs::create_dir(&folder).unwrap();
    let fifo = world.path("models/fifo.ckpt");
    output("mkfifo", &[&fifo]);
    let (broken, around) = (world.path("models/broken.ckpt"), world.path("models/loop.ckpt"));
    std::os::unix::fs::symlink("nowhere", &broken).unwrap();
    std::os::unix::fs::symlink("loop.ckpt", &around).unwrap();
    let missing = world.path("models/missing\u{1b}[2J.ckpt");
    let bad = [&folder, &fifo, &broken, &around, &missing, Path::new("/dev/null")];

    let files = [&[first.as_path()], &bad[..], &[last.as_path()]].concat();
    let run = finish(world.command(["hash", "--json"]).args(&files)).exits(3);
    let told: Vec<Value> = run.json().into_iter().map(|line| line["path"].clone()).collect();
    assert_eq!(told, [json!(first), json!(last)]);
    assert_eq!(run.err.matches("error: ").count(), bad.len(), "{}", run.err);
    insta::assert_snapshot!("hash_errors", world.normal(&run.err));

    for path in bad {
        let run = finish(world.command(["hash", "--json"]).arg(path)).exits(1);
        assert_eq!(run.out, "", "{}", path.display());
        assert!(run.err.starts_with("error: "), "{}", run.err);
    }
    let all_bad = finish(world.command(["hash"]).args([&broken, &folder]));
    assert_eq!((all_bad.exits(1).out.as_str(), ""), ("", ""), "nothing was done, not even in part");
}

#[test]
fn a_file_one_may_not_read_is_said_to_be_just_that() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let (secret, open) = (world.write("secret.ckpt", b"1"), world.write("open.ckpt", b"2"));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = finish(&mut world.command_of_nobody(["hash", "--json", text(&secret), text(&open)])).exits(3);
    assert_eq!(run.json()[0]["path"], json!(open));
    let (message, hint) = run.error();
    assert_eq!(message, format!("Could not read `{}`: permission denied", secret.display()));
    assert!(hint.is_some());
}

#[test]
fn people_get_the_same_hashes_in_words() {
    let world = World::new();
    world.write("a.ckpt", b"abc");
    let large = noise(2 * MIB);
    world.write("b.safetensors", safetensors(HEADER, &large));
    let run = world.run(["hash", "models/a.ckpt", "models/b.safetensors"]).done();
    insta::assert_snapshot!("hash_text", run.out);
    assert_eq!(run.err, "");
}

#[test]
fn five_sparse_gibibytes_agree_with_other_programs() {
    let world = World::new();
    let path = world.write_sparse("sparse.ckpt", 5 << 30);
    let lines = assert_agrees(&world, std::slice::from_ref(&path));
    assert_eq!(lines[0]["size"], 5_u64 << 30);
}

#[test]
fn an_interrupt_ends_the_reading_of_a_large_file() {
    for signal in ["INT", "TERM"] {
        let world = World::new();
        world.write("small.ckpt", b"1");
        world.write_sparse("large.ckpt", 1 << 40);
        let mut running =
            world.start(["hash", "--json", "models/small.ckpt", "models/large.ckpt", "models/small.ckpt"]);
        assert!(running.line().unwrap().contains("small.ckpt"));
        running.signal(signal);
        let run = running.end().exits(130);
        assert_eq!(run.err, "error: Stopped before every file was read\n");
    }
}

#[test]
fn only_the_kinds_asked_for_are_told() {
    let world = World::new();
    let path = world.write("a.safetensors", safetensors(HEADER, &noise(3 * MIB)));
    let whole = expected(&path);
    for (only, kinds) in [
        ("sha256", ["sha256"].as_slice()),
        ("BLAKE3,autov3", &["blake3", "autov3"]),
        ("autov2", &["sha256", "autov2"]),
        ("sha256,blake3,crc32,autov1,autov2,autov3", &["sha256", "blake3", "crc32", "autov1", "autov2", "autov3"]),
    ] {
        let mut line = whole.clone();
        for kind in ["sha256", "blake3", "crc32", "autov1", "autov2", "autov3"] {
            if !kinds.contains(&kind) {
                line[kind] = Value::Null;
            }
        }
        let run = world.run(["hash", "--json", "--only", only, text(&path)]);
        assert_eq!(run.done().json(), [line], "{only}");
    }
    let run = world.run(["hash", "--only", "crc32,autov1", "models/a.safetensors"]);
    let shown = run.done();
    let words: Vec<&str> = shown.out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(words, ["models/a.safetensors", "size", "CRC32", "AutoV1"]);
}

#[test]
fn a_kind_that_does_not_exist_is_refused_before_anything_is_read() {
    let world = World::new();
    let path = world.write("a.ckpt", b"abc");
    for only in ["sha1", "", "sha256,", "sha256 blake3"] {
        let run = world.run(["hash", "--only", only, text(&path)]).exits(2);
        assert_eq!(run.out, "");
        assert!(run.err.contains("sha256, blake3, crc32, autov1, autov2 and autov3"), "{}", run.err);
    }
}

#[test]
fn both_engines_agree_with_other_programs() {
    let world = World::new();
    let files: Vec<PathBuf> = (0..5)
        .map(|number| {
            let bytes = noise(MIB * number + 4099);
            let bytes = if number % 2 == 0 { bytes } else { safetensors(HEADER, &bytes) };
            world.write(format!("{number}.ckpt"), bytes)
        })
        .collect();
    for engine in ["library", "extensions"] {
        let mut command = world.command(["hash", "--json"]);
        let run = finish(command.env("MODELDOCK_SHA256", engine).args(&files));
        let lines = run.done().json();
        assert!(lines.iter().zip(&files).all(|(line, path)| *line == expected(path)), "{engine}");
    }
}
