//! Measures downloads, as whole processes from one server on this machine, beside the tools one would use instead.
//!
//! The others check nothing and leave the bytes to the system; Modeldock hashes every byte six ways and ends when the file
//! is on the disk under its name. Then a larger file, for how long the end of a download takes, and a much larger one in
//! a control group that may not have more than 256 MiB, its share of the system's file cache included.
//!
//! `MODELDOCK_BENCH_DIR` names the folder, `MODELDOCK_BENCH_ROUNDS` how often each is measured, `MODELDOCK_BENCH_BYTES` how
//! large the first file is. `MODELDOCK_BENCH_LARGE=0` leaves the larger ones out.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use civitai_simulator::{Catalogue, Config, Generated, ModelSpec, Simulator};

const MODELDOCK: &str = env!("CARGO_BIN_EXE_modeldock");

/// Two GiB unless told otherwise.
const BYTES: u64 = 2 << 30;

fn main() {
    // `cargo test --benches` passes --test: building it is test enough.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (bytes, rounds) = (number("MODELDOCK_BENCH_BYTES", BYTES), number("MODELDOCK_BENCH_ROUNDS", 3));
    let place = std::env::var_os("MODELDOCK_BENCH_DIR");
    let dir = place.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let bench = Bench::new(dir.path(), bytes);

    println!("A file of {} MiB from a server on this machine, best of {rounds}", bytes >> 20);
    let mut results: [Option<Figures>; 3] = [None, None, None];
    for _ in 0..rounds {
        for (at, figures) in [Some(bench.curl()), bench.aria2c(), Some(bench.modeldock(None))].into_iter().enumerate() {
            let best = [results[at].take(), figures].into_iter().flatten().min_by_key(|figures| figures.took);
            results[at] = best;
        }
    }
    let [curl, aria2c, modeldock] = results;
    let (curl, modeldock) = (curl.unwrap(), modeldock.unwrap());
    for (name, figures) in [
        ("curl", Some(&curl)),
        ("aria2c -x8", aria2c.as_ref()),
        ("modeldock, verified and on the disk", Some(&modeldock)),
    ] {
        let Some(figures) = figures else {
            println!("  {name:<38} not installed: not measured");
            continue;
        };
        let speed = |other: &Figures| other.took.as_secs_f64() / figures.took.as_secs_f64();
        let beside = aria2c.as_ref().map(|aria2c| format!(", {:>5.2} x aria2c's", speed(aria2c))).unwrap_or_default();
        println!(
            "  {name:<38} {:>6} ms   {:>5.2} GB/s   {:>5.2} x curl's speed{beside}   {} MB of memory",
            figures.took.as_millis(),
            gigabytes(bytes) / figures.took.as_secs_f64(),
            speed(&curl),
            figures.memory >> 20,
        );
    }
    println!("  from the last byte to the file under its name: {}", modeldock.end());
    drop(bench);
    if number("MODELDOCK_BENCH_LARGE", 1) > 0 {
        large(dir.path());
    }
}

/// What takes minutes and much room.
fn large(dir: &Path) {
    let figures = Bench::new(dir, 8 << 30).modeldock(None);
    println!("A file of 8 GiB: {} ms", figures.took.as_millis());
    println!("  from the last byte to the file under its name: {}", figures.end());
    let Some(group) = Group::new(256 << 20) else {
        println!("A file of 20 GiB with 256 MiB of memory: not measured, which needs root and control groups");
        return;
    };
    let figures = Bench::new(dir, 20 << 30).modeldock(Some(&group));
    println!(
        "A file of 20 GiB in a control group of 256 MiB: {} ms, {} MB of memory",
        figures.took.as_millis(),
        figures.memory >> 20
    );
}

/// A control group with a limit of memory, file cache included.
struct Group {
    folder: PathBuf,
}

impl Group {
    /// `None` where this user may not make one.
    fn new(bytes: u64) -> Option<Self> {
        let name = format!("modeldock-bench-{}", std::process::id());
        for (top, file) in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")] {
            let folder = Path::new(top).join(&name);
            if std::fs::create_dir(&folder).is_err() {
                continue;
            }
            let group = Self { folder };
            if std::fs::write(group.folder.join(file), bytes.to_string()).is_ok() {
                return Some(group);
            }
        }
        None
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its only process has ended.
        let _ = std::fs::remove_dir(&self.folder);
    }
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

struct Bench {
    dir: PathBuf,
    bytes: u64,
    version: u64,
    file: u64,
    simulator: Simulator,
}

/// What one run came to.
struct Figures {
    took: Duration,
    after_the_last_byte: Duration,
    /// The most it had at once, in bytes.
    memory: u64,
}

impl Figures {
    fn end(&self) -> String {
        let share = 100.0 * self.after_the_last_byte.as_secs_f64() / self.took.as_secs_f64();
        format!("{} ms, {share:.1} % of all", self.after_the_last_byte.as_millis())
    }
}

impl Bench {
    fn new(dir: &Path, bytes: u64) -> Self {
        let mut builder = Catalogue::builder();
        let added = builder.add_generated("made.safetensors", Generated::new(1, bytes), ModelSpec::new("Made", "LORA"));
        let config = Config { anonymous_downloads: true, ..Config::default() };
        let simulator = Simulator::start_blocking(config, builder.build()).unwrap();
        Self { dir: dir.to_owned(), bytes, version: added.version, file: added.file, simulator }
    }

    fn url(&self) -> String {
        format!("{}/api/download/models/{}?fileId={}", self.simulator.base_url(), self.version, self.file)
    }

    fn curl(&self) -> Figures {
        let path = self.dir.join("curl");
        let mut command = Command::new("curl");
        command.args(["-sSfL", "-o"]).arg(&path).arg(self.url());
        self.run(command, &[&path])
    }

    /// `None` where it is not installed.
    fn aria2c(&self) -> Option<Figures> {
        let path = self.dir.join("aria2c");
        if Command::new("aria2c").arg("-v").stdout(Stdio::null()).status().is_err() {
            return None;
        }
        let mut command = Command::new("aria2c");
        command.args(["-q", "-x8", "-s8", "-k8M", "-d"]).arg(&self.dir).args(["-o", "aria2c"]).arg(self.url());
        Some(self.run(command, &[&path]))
    }

    fn modeldock(&self, group: Option<&Group>) -> Figures {
        let (data, models) = (self.dir.join("data"), self.dir.join("models"));
        std::fs::create_dir_all(&models).unwrap();
        let command = |arguments: &[&str]| {
            let mut command = Command::new(MODELDOCK);
            command.args(arguments).env("MODELDOCK_DATA_DIR", &data);
            command.env("MODELDOCK_CIVITAI_URL", self.simulator.base_url()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        assert!(command(&["roots", "add", models.to_str().unwrap()]).status().unwrap().success());
        let download = command(&["download", &self.version.to_string()]);
        let Some(group) = group else { return self.run(download, &[&data, &models]) };
        // It joins the group before it begins.
        let mut joined = Command::new("sh");
        joined.args(["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\""]).arg(&group.folder);
        joined.arg(download.get_program()).args(download.get_args());
        joined.envs(download.get_envs().filter_map(|(name, value)| Some((name, value?))));
        joined.stdout(Stdio::null()).stderr(Stdio::null());
        self.run(joined, &[&data, &models])
    }

    /// Runs it on a disk that has nothing else to do, and takes away what it made.
    fn run(&self, mut command: Command, made: &[&Path]) -> Figures {
        assert!(Command::new("sync").status().unwrap().success());
        self.simulator.reset_counts();
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let (mut last_byte, mut memory) = (None, 0);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            memory = memory.max(memory_of(child.id()).unwrap_or(0));
            if last_byte.is_none() && self.sent() >= self.bytes {
                last_byte = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let (took, after_the_last_byte) =
            (begun.elapsed(), last_byte.map_or(Duration::ZERO, |at: Instant| at.elapsed()));
        assert!(status.success(), "{command:?}");
        for path in made {
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        Figures { took, after_the_last_byte, memory }
    }

    fn sent(&self) -> u64 {
        self.simulator.requests().iter().filter(|request| request.endpoint == "storage").map(|one| one.sent).sum()
    }
}

/// The most memory a process had at once, where the system says it.
fn memory_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
