//! Measures how soon a large library is known, and what watching it costs.
//!
//! Known means: every file is verified, imported or probable. The measure is what reading every byte would cost. The
//! files are sparse, so that a hundred gigabytes fit on a small disk; their holes are read like any other bytes, and as
//! fast as memory: a real disk takes longer for reading everything, and hardly longer for anything else.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use civitai_simulator::{Catalogue, Config, Hashes, ModelSpec, Simulator, VersionSpec};
use serde_json::{Value, json};

const MODELDOCK: &str = env!("CARGO_BIN_EXE_modeldock");

/// Files of the large library, and the length of each in bytes: 110 GB in all. That is little for so many, as if each of
/// them were a small LoRA; checkpoints have a hundred times as much.
const FILES: u64 = 2000;
const LENGTH: u64 = 55_000_000;

/// Files of the watched library, and how many lie in one folder.
const WATCHED: usize = 100_000;
const IN_A_FOLDER: usize = 50;

/// How long a watcher is watched.
const IDLE: Duration = Duration::from_secs(20);

fn main() {
    // `cargo test --benches` passes --test: building it is test enough.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let wanted = |name: &str| {
        let mut named = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
        named.peek().is_none() || named.any(|argument| argument == name)
    };
    if wanted("identifying") {
        identifying(dir.path());
    }
    if wanted("idling") {
        idling(dir.path());
    }
}

fn identifying(dir: &Path) {
    println!(
        "Until every one of {FILES} files ({} GB) is known (whole processes, once)",
        FILES * LENGTH / 1_000_000_000
    );
    let root = dir.join("webui");
    let models = root.join("models/Stable-diffusion");
    std::fs::create_dir_all(&models).unwrap();
    let paths: Vec<PathBuf> = (0..FILES).map(|number| sparse(&models, number)).collect();

    let started = Instant::now();
    let output = Command::new(MODELDOCK).args(["hash", "--json"]).args(&paths).output().unwrap();
    let everything = started.elapsed();
    assert!(output.status.success());
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = FILES * LENGTH;
    println!("  reading everything       {:>8}   {} MB read", seconds(everything), bytes / 1_000_000);

    let mut builder = Catalogue::builder();
    for line in &lines {
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        let name = Path::new(line["path"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        let model = builder.model(ModelSpec::new(&name, "Checkpoint"));
        let version = builder.version(model, VersionSpec::new("v1.0", "Flux.1 D"));
        let hashes = Hashes {
            auto_v1: text("autov1"),
            auto_v2: text("autov2").unwrap(),
            sha256: text("sha256").unwrap(),
            crc32: text("crc32").unwrap(),
            blake3: text("blake3").unwrap(),
            auto_v3: text("autov3"),
        };
        builder.listed_file(version, &name, LENGTH, hashes);
    }
    let simulator = Simulator::start_blocking(Config::default(), builder.build()).unwrap();

    let known = |name: &str, data: &str| {
        let data = dir.join(data);
        let modeldock = |arguments: &[&str]| {
            let mut command = Command::new(MODELDOCK);
            command.args(arguments).arg("--data-dir").arg(&data).arg("--civitai-url").arg(simulator.base_url());
            command
        };
        let add = modeldock(&["roots", "add", root.to_str().unwrap(), "--layout", "sd-next"]).output().unwrap();
        assert!(add.status.success(), "{}", String::from_utf8_lossy(&add.stderr));
        simulator.reset_counts();
        let started = Instant::now();
        let output = modeldock(&["scan", "--quick", "--json"]).output().unwrap();
        let took = started.elapsed();
        let text = String::from_utf8(output.stdout).unwrap();
        let summary: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(summary["matched"], FILES, "{summary}");
        let read = summary["bytes_hashed"].as_u64().unwrap() + summary["bytes_sampled"].as_u64().unwrap();
        let fewer =
            bytes.checked_div(read).map_or("no bytes at all".to_owned(), |fewer| format!("{fewer} x fewer bytes"));
        println!(
            "  {name:<24} {:>8}   {:.1} MB read, {} requests; {fewer}, {:.0} x sooner",
            seconds(took),
            megabytes(read),
            simulator.requests().len(),
            everything.as_secs_f64() / took.as_secs_f64()
        );
    };
    known("from samples (AutoV1)", "sampled");
    std::fs::write(root.join("cache.json"), cache(&lines).to_string()).unwrap();
    known("from SD.Next's cache", "imported");
}

/// A safetensors file of one tensor that is a hole but for the part AutoV1 sees.
fn sparse(folder: &Path, number: u64) -> PathBuf {
    let path = folder.join(format!("model {number:04}.safetensors"));
    let metadata = format!(r#"{{"__metadata__":{{"number":"{number:04}"}},"t":"#);
    let header =
        |tensors: u64| format!(r#"{metadata}{{"dtype":"U8","shape":[{tensors}],"data_offsets":[0,{tensors}]}}}}"#);
    // Every tensor here has eight digits, so the header is as long for all of them.
    let length = header(10_000_000).len() as u64;
    let tensors = LENGTH - 8 - length;
    let header = header(tensors);
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.seek(SeekFrom::Start(1 << 20)).unwrap();
    file.write_all(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).unwrap();
    file.set_len(LENGTH).unwrap();
    path
}

/// As SD.Next keeps it.
fn cache(lines: &[Value]) -> Value {
    let entries: BTreeMap<String, Value> = lines
        .iter()
        .map(|line| {
            let path = Path::new(line["path"].as_str().unwrap());
            let modified = path.metadata().unwrap().modified().unwrap();
            let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
            let sha256 = line["sha256"].as_str().unwrap().to_lowercase();
            let title = format!("checkpoint/{}", path.file_name().unwrap().to_string_lossy());
            (title, json!({ "mtime": seconds, "sha256": sha256 }))
        })
        .collect();
    json!({ "hashes": entries })
}

fn idling(dir: &Path) {
    println!("Watching {WATCHED} files in {} folders, with nothing happening", WATCHED / IN_A_FOLDER);
    let models = dir.join("watched");
    let catalogue = Catalogue::bulk(WATCHED, 3);
    for (at, file) in catalogue.files().enumerate() {
        let folder = models.join(format!("{:04}", at / IN_A_FOLDER));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(&file.spec.name), &file.spec.bytes).unwrap();
    }
    let simulator = Simulator::start_blocking(Config::default(), catalogue).unwrap();
    let data = dir.join("watching");
    let modeldock = |arguments: &[&str]| {
        let mut command = Command::new(MODELDOCK);
        command.args(arguments).arg("--data-dir").arg(&data).arg("--civitai-url").arg(simulator.base_url());
        command
    };
    assert!(modeldock(&["roots", "add", models.to_str().unwrap()]).output().unwrap().status.success());
    let started = Instant::now();
    assert!(modeldock(&["scan", "--json"]).output().unwrap().status.success());
    println!("  the first scan           {:>8}", seconds(started.elapsed()));

    let mut watching = modeldock(&["watch", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    settle(&mut watching);
    let before = processor_seconds(&watching);
    std::thread::sleep(IDLE);
    let busy = processor_seconds(&watching) - before;
    println!("  memory                   {:>5} MB   resident", resident_kilobytes(&watching) / 1000);
    println!(
        "  processor                {:>6.2} %   of one core, over {} s",
        busy / IDLE.as_secs_f64() * 100.0,
        IDLE.as_secs()
    );
    watching.kill().unwrap();
    watching.wait().unwrap();
}

/// Reads what it says until it has looked at everything and fallen silent.
fn settle(watching: &mut Child) {
    let out = BufReader::new(watching.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let mut looked = false;
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(if looked { 5 } else { 600 })) {
        looked |= line.contains(r#""event":"summary""#);
    }
    // Whatever it says from now on is read by nobody, and there is nothing to be said.
    std::mem::forget(lines);
}

fn processor_seconds(process: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    // The kernel counts in hundredths of a second, whatever its own tick.
    let ticks: f64 = [11, 12].iter().map(|at| fields[*at].parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

fn resident_kilobytes(process: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
