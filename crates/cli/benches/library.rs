//! Measures what people wait for: the first scan, the second, a list; each as a whole process, beside a plain tool that
//! does the least such a job could need. Hashing has a measurement of its own.
//!
//! The machine's own speed cancels out of the ratios; they are what to compare between runs and machines.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use civitai_simulator::{Catalogue, Config, Simulator, sample};

const MODELDOCK: &str = env!("CARGO_BIN_EXE_modeldock");
const FILES: usize = 10_000;
const RUNS: usize = 7;

fn main() {
    // `cargo test --benches` passes --test: building it is test enough.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    library(dir.path());
}

fn library(dir: &Path) {
    println!("Library of {FILES} files (whole processes, median of {RUNS} unless said)");
    let models = dir.join("models");
    std::fs::create_dir(&models).unwrap();
    let catalogue = Catalogue::bulk(FILES, 1);
    let written = sample::write_files(&models, &catalogue).unwrap();
    assert_eq!(written.len(), FILES);
    let simulator = Simulator::start_blocking(Config::default(), catalogue).unwrap();
    let data = dir.join("data");
    let modeldock = |arguments: &[&str]| -> Command {
        let mut command = Command::new(MODELDOCK);
        command.args(arguments).arg("--data-dir").arg(&data).arg("--civitai-url").arg(simulator.base_url());
        command
    };
    run(modeldock(&["roots", "add", models.to_str().unwrap()]));

    simulator.reset_counts();
    let (first, summary) = timed_summary(modeldock(&["scan", "--json"]));
    assert_eq!(summary["matched"], FILES);
    let requests = (simulator.count("by-hash/ids"), simulator.count("by-hash"), simulator.requests().len());
    println!(
        "  first scan (once)        {:>8}   {} by-hash/ids, {} by-hash, {} requests in all",
        ms(first),
        requests.0,
        requests.1,
        requests.2
    );

    simulator.reset_counts();
    let second = median(|| timed_summary(modeldock(&["scan", "--json"])).0);
    let (_, summary) = timed_summary(modeldock(&["scan", "--json"]));
    let read = (summary["hashed"].as_u64().unwrap(), summary["bytes_hashed"].as_u64().unwrap());
    let mut find = Command::new("find");
    find.arg(&models).args(["-type", "f", "-printf", "%s %T@ %C@ %p\\n"]);
    let walk = median(|| run_again(&mut find));
    println!(
        "  second scan              {:>8}   {} files read, {} bytes read, {} requests; {:.1} x find -printf",
        ms(second),
        read.0,
        read.1,
        simulator.requests().len(),
        ratio(second, walk)
    );

    let mut list_all = modeldock(&["list", "--json"]);
    let list = median(|| run_again(&mut list_all));
    let listed = dir.join("listed.jsonl");
    std::fs::write(&listed, modeldock(&["list", "--json"]).output().unwrap().stdout).unwrap();
    let mut parse = Command::new("python3");
    parse.arg("-c").arg("import json,sys\nfor line in open(sys.argv[1]): json.loads(line)").arg(&listed);
    println!(
        "  list --json of all       {:>8}   {:.2} x Python parsing the same lines",
        ms(list),
        ratio(list, median(|| run_again(&mut parse)))
    );
    let mut search_one = modeldock(&["list", "--json", "a1b2c3"]);
    println!("  list --json of a search  {:>8}", ms(median(|| run_again(&mut search_one))));
}

fn run(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn run_again(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let time = started.elapsed();
    assert!(status.success(), "{command:?}");
    time
}

fn timed_summary(mut command: Command) -> (Duration, serde_json::Value) {
    let started = Instant::now();
    let output = command.output().unwrap();
    let time = started.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    (time, serde_json::from_str(text.lines().last().unwrap()).unwrap())
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    measure();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| measure()).collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
