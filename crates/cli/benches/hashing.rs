//! Measures hashing, as whole processes on files in the page cache, beside the tools one would use instead.
//!
//! Every line is a ratio to OpenSSL's SHA-256 of the same files on the same number of cores, measured in the same
//! round: what else the machine does meets both. `MODELDOCK_BENCH_DIR` names the folder for 2 GiB of files, and
//! `MODELDOCK_BENCH_ROUNDS` how often each is measured.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MODELDOCK: &str = env!("CARGO_BIN_EXE_modeldock");
const MIB: usize = 1 << 20;
const FILES: usize = 8;
const FILE_MIB: usize = 256;
const LARGE_MIB: usize = 1024;

const PYTHON: &str = "
import hashlib, sys
for path in sys.argv[1:]:
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(4 << 20):
            digest.update(block)
    print(digest.hexdigest(), path)
";

const NODE: &str = "
const { createHash } = require('crypto'), { createReadStream } = require('fs');
(async () => {
    for (const path of process.argv.slice(1)) {
        const digest = createHash('sha256');
        for await (const block of createReadStream(path, { highWaterMark: 4 << 20 })) digest.update(block);
        console.log(digest.digest('hex'), path);
    }
})();
";

fn main() {
    // `cargo test --benches` passes --test: building it is test enough.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let place = std::env::var_os("MODELDOCK_BENCH_DIR");
    let dir = place.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let files: Vec<PathBuf> =
        (0..FILES).map(|number| safetensors(&dir.path().join(format!("{number}.safetensors")), FILE_MIB)).collect();
    let cores = std::thread::available_parallelism().unwrap().get();

    many_files(&files, cores);
    scaling(&files, cores);
    drop(files);
    let large = safetensors(&dir.path().join("large.safetensors"), LARGE_MIB);
    one_file(&large);
    engines();
}

fn many_files(files: &[PathBuf], cores: usize) {
    println!("{FILES} files of {FILE_MIB} MiB on {cores} cores");
    let mut table = Table::new(FILES * FILE_MIB, each("openssl", &["dgst", "-sha256"], files, cores));
    table.line("modeldock --only sha256", modeldock(&["--only", "sha256"], files));
    table.line("modeldock, all six", modeldock(&[], files));
    let mut library = modeldock(&["--only", "sha256"], files);
    library.env("MODELDOCK_SHA256", "library");
    table.line("  sha256, library engine", library);
    let mut library = modeldock(&[], files);
    library.env("MODELDOCK_SHA256", "library");
    table.line("  all six, library engine", library);
    table.line("sha256sum", each("sha256sum", &[], files, cores));
    table.line("b3sum (BLAKE3)", each("b3sum", &["--num-threads", "1"], files, cores));
    table.line("python3 hashlib, serial", plain("python3", &["-c", PYTHON], files));
    table.line("node stream, serial", plain("node", &["-e", NODE], files));
    table.print();
}

fn scaling(files: &[PathBuf], cores: usize) {
    println!("The same files on one core");
    let mut table = Table::new(FILES * FILE_MIB, on_one_core(&each("openssl", &["dgst", "-sha256"], files, 1)));
    for (name, arguments) in [("modeldock --only sha256", ["--only", "sha256"].as_slice()), ("modeldock, all six", &[])]
    {
        table.line(name, on_one_core(&modeldock(arguments, files)));
        table.line(format!("  on {cores} cores"), modeldock(arguments, files));
    }
    table.print();
}

fn one_file(file: &PathBuf) {
    let files = std::slice::from_ref(file);
    println!("One file of {LARGE_MIB} MiB");
    let mut table = Table::new(LARGE_MIB, plain("openssl", &["dgst", "-sha256"], files));
    table.line("modeldock, all six", modeldock(&[], files));
    table.line("modeldock --only sha256", modeldock(&["--only", "sha256"], files));
    table.print();
}

/// What the engines do in memory here, and what is left where the processor has no SHA extensions: the library built
/// without them beside OpenSSL told that there are none.
fn engines() {
    println!("Engines in memory");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sha256/Cargo.toml");
    let target = std::env::temp_dir().join("modeldock-bench-sha256");
    for (name, flags) in [("with SHA extensions", ""), ("without SHA extensions", r#"--cfg sha2_backend="soft""#)] {
        let mut example = Command::new(env!("CARGO"));
        example.args(["run", "--quiet", "--release", "--example", "throughput", "--manifest-path"]).arg(&manifest);
        example.arg("--target-dir").arg(target.join(if flags.is_empty() { "any" } else { "soft" }));
        let output = example.env("RUSTFLAGS", flags).output().unwrap();
        println!("  {name}");
        for line in String::from_utf8_lossy(&output.stdout).lines().take(if flags.is_empty() { 3 } else { 1 }) {
            println!("    modeldock {line}");
        }
        let mut openssl = Command::new("openssl");
        openssl.args(["speed", "-seconds", "2", "-bytes", "131072", "sha256"]).stderr(Stdio::null());
        if !flags.is_empty() {
            openssl.env("OPENSSL_ia32cap", ":~0x20000000");
        }
        let Ok(output) = openssl.output() else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let speed =
            text.lines().last().and_then(|line| line.split_whitespace().last()?.strip_suffix('k')?.parse().ok());
        if let Some(kilobytes) = speed {
            let kilobytes: f64 = kilobytes;
            println!("    openssl   one stream  {:.3} GB/s", kilobytes / 1e6);
        }
    }
}

/// Programs that do the same, measured in turn.
struct Table {
    mebibytes: usize,
    lines: Vec<(String, Command)>,
}

impl Table {
    fn new(mebibytes: usize, openssl: Command) -> Self {
        Self { mebibytes, lines: vec![("openssl dgst -sha256".to_owned(), openssl)] }
    }

    fn line(&mut self, name: impl Into<String>, command: Command) {
        self.lines.push((name.into(), command));
    }

    #[expect(clippy::cast_precision_loss, reason = "a speed for people needs no more than 53 bits")]
    fn print(mut self) {
        let rounds: usize =
            std::env::var("MODELDOCK_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(7);
        let mut times: Vec<Vec<Option<Duration>>> = vec![Vec::new(); self.lines.len()];
        // The first round only fills the cache.
        for round in 0..=rounds {
            for ((_, command), times) in self.lines.iter_mut().zip(&mut times) {
                let time = run(command);
                if round > 0 {
                    times.push(time);
                }
            }
        }
        for ((name, _), own) in self.lines.iter().zip(&times) {
            let Some(time) = median(own.iter().flatten().map(Duration::as_secs_f64)) else {
                println!("  {name:<26} not installed");
                continue;
            };
            let ratios = own
                .iter()
                .zip(&times[0])
                .filter_map(|(own, openssl)| Some(openssl.as_ref()?.as_secs_f64() / own.as_ref()?.as_secs_f64()));
            let faster = median(ratios).unwrap_or(f64::NAN);
            println!(
                "  {name:<26} {:>6.0} ms  {:>5.2} GiB/s  {faster:>5.2} x openssl's speed, {:>5.2} x its time",
                time * 1000.0,
                self.mebibytes as f64 / 1024.0 / time,
                1.0 / faster
            );
        }
    }
}

fn modeldock(arguments: &[&str], files: &[PathBuf]) -> Command {
    plain(MODELDOCK, &[&["hash", "--json"], arguments].concat(), files)
}

fn plain(program: &str, arguments: &[&str], files: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(files);
    command
}

/// One process for each file, as many at a time as there are cores.
fn each(program: &str, arguments: &[&str], files: &[PathBuf], cores: usize) -> Command {
    let mut command = Command::new("sh");
    let script = r#"command -v "$2" >/dev/null || exit 127; cores=$1; shift
        end=0; for word; do [ "$word" = -- ] && break; end=$((end + 1)); done
        tool=$(printf '%s ' "$@" | sed 's/ -- .*//'); shift $((end + 1))
        printf '%s\0' "$@" | xargs -0 -n 1 -P "$cores" $tool"#;
    command.args(["-c", script, "sh", &cores.to_string(), program]).args(arguments).arg("--").args(files);
    command
}

fn on_one_core(command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", "0"]).arg(command.get_program()).args(command.get_args());
    pinned
}

/// `None` if there is no such program.
fn run(command: &mut Command) -> Option<Duration> {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let time = started.elapsed();
    if status.code() == Some(127) {
        return None;
    }
    assert!(status.success(), "{command:?}");
    Some(time)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn safetensors(path: &Path, mebibytes: usize) -> PathBuf {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block = Vec::with_capacity(MIB);
    while block.len() < MIB {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        block.extend_from_slice(&state.to_le_bytes());
    }
    let mut file = File::create(path).unwrap();
    file.write_all(b"\x02\0\0\0\0\0\0\0{}").unwrap();
    (0..mebibytes).for_each(|_| file.write_all(&block).unwrap());
    file.sync_all().unwrap();
    path.to_owned()
}
