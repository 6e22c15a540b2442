//! Runs the real program in a world of its own: a home, a data folder, model folders and a simulated Civitai.
//!
//! Every run is watched: it may not hang, panic, speak Rust, or send terminal codes into a pipe.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use civitai_simulator::sample::{self, SampleTrees};
use civitai_simulator::{Catalogue, Config, Simulator};
use serde_json::Value;
use tempfile::TempDir;

/// Far longer than anything takes on a busy machine; only a hang meets it.
const HANG: Duration = Duration::from_secs(180);

/// Where one test happens.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) simulator: Simulator,
}

impl World {
    /// Nothing on disk, the built-in catalogue at Civitai.
    pub(crate) fn new() -> Self {
        Self::with(Catalogue::standard())
    }

    /// Nothing on disk, this at Civitai.
    pub(crate) fn with(catalogue: Catalogue) -> Self {
        Self::at(Config::default(), catalogue)
    }

    /// Nothing on disk, the built-in catalogue at a Civitai that accepts this key.
    pub(crate) fn with_key(key: &str) -> Self {
        Self::at(Config { token: key.to_owned(), ..Config::default() }, Catalogue::standard())
    }

    /// Nothing on disk, this at a Civitai like that.
    pub(crate) fn at(config: Config, catalogue: Catalogue) -> Self {
        let simulator = Simulator::start_blocking(config, catalogue).unwrap();
        let dir = tempfile::Builder::new().prefix("modeldock-cli-").tempdir().unwrap();
        for folder in ["home", "tmp", "models"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        Self { dir, simulator }
    }

    /// The two sample installations, in the library but not looked through yet.
    pub(crate) fn sample() -> (Self, SampleTrees) {
        let world = Self::new();
        let trees = sample::write_trees(&world.path("installs"), &world.simulator.catalogue()).unwrap();
        world.run(["roots", "detect", "--add", text(&world.path("installs"))]).done();
        (world, trees)
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// A new file below `models`.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("models").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A file of this size without any blocks on disk: long to read, quick to make.
    pub(crate) fn write_sparse(&self, name: &str, size: u64) -> PathBuf {
        let path = self.write(name, b"");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        path
    }

    /// A hundred small files, read in no time, and one that takes minutes, which is returned.
    pub(crate) fn write_long_reading(&self) -> PathBuf {
        for number in 0..100 {
            self.write(format!("small/{number:03}.safetensors"), format!("small {number}"));
        }
        self.write_sparse("large.ckpt", 100 << 30)
    }

    /// As [`Self::write_long_reading`], in the library but not read yet.
    pub(crate) fn long_reading(&self) -> PathBuf {
        let large = self.write_long_reading();
        self.run(["roots", "add", text(&self.path("models"))]).done();
        large
    }

    /// The program, with this world as its surroundings.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modeldock"));
        command.args(arguments);
        self.surround(&mut command);
        command
    }

    /// The program as a user for whom file modes count: root reads everything.
    pub(crate) fn command_of_nobody<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        if !is_root() {
            return self.command(arguments);
        }
        assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(self.dir.path()).status().unwrap().success());
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_modeldock")]);
        command.args(arguments);
        self.surround(&mut command);
        command
    }

    fn surround(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            // Nothing listens there. Without it, the bus of whoever runs the tests would be found.
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.path("no-bus").display()))
            .env("MODELDOCK_DATA_DIR", self.data_dir())
            .env("MODELDOCK_CIVITAI_URL", self.simulator.base_url())
            .env("MODELDOCK_LINK_URL", format!("{0},{0}", self.simulator.base_url()))
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        // Only a build with faults in it listens.
        if let Some(fault) = std::env::var_os("MODELDOCK_SABOTAGE") {
            command.env("MODELDOCK_SABOTAGE", fault);
        }
    }

    /// The program with this on its standard input.
    pub(crate) fn piped<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &str) -> Command {
        let mut command = self.command(arguments);
        command.stdin(input_of(input));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        finish(&mut self.command(arguments))
    }

    /// Starts the program and hands out its lines as they come.
    pub(crate) fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// `modeldock scan --json`, to its end.
    pub(crate) fn scan(&self) -> Scanned {
        Scanned::of(self.run(["scan", "--json"]))
    }

    /// `modeldock list --json` by path.
    pub(crate) fn list(&self) -> BTreeMap<String, Value> {
        let items = self.run(["list", "--json"]).done().json();
        items.into_iter().map(|item| (item["path"].as_str().unwrap().to_owned(), item)).collect()
    }

    /// This text with everything that differs from run to run replaced by a name.
    pub(crate) fn normal(&self, text: &str) -> String {
        let port = self.simulator.base_url().rsplit(':').next().unwrap();
        text.replace(&self.dir.path().display().to_string(), "~")
            .replace(port, "PORT")
            // Which of the two it is depends on who is quicker.
            .replace("the connection was reset", "the connection ended early")
    }
}

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` if a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit, Some(code), "{self:#?}");
        self
    }

    /// It did what it should, without a word on standard error but remarks.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert!(!self.err.contains("error:") && !self.err.contains("warning:"), "{self:#?}");
        self.exits(0)
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        self.out.lines().map(parse).collect()
    }

    /// The first error and its hint.
    #[track_caller]
    pub(crate) fn error(&self) -> (&str, Option<&str>) {
        let mut lines = self.err.lines();
        let message = lines.find_map(|line| line.strip_prefix("error: ")).unwrap_or_else(|| panic!("{self:#?}"));
        (message, lines.next().and_then(|line| line.strip_prefix("hint: ")))
    }
}

/// A scan that has ended: its events and, last of them, its summary.
pub(crate) struct Scanned {
    pub(crate) run: Run,
    pub(crate) events: Vec<Value>,
    pub(crate) summary: Value,
}

impl Scanned {
    #[track_caller]
    pub(crate) fn of(run: Run) -> Self {
        let events = run.json();
        let summary = events.last().cloned().unwrap_or_default();
        assert_eq!(summary["event"], "summary", "{run:#?}");
        Self { run, events, summary }
    }

    /// Paths that were read in full.
    pub(crate) fn hashed(&self) -> Vec<&str> {
        paths(&self.events, "hashed")
    }
}

/// The paths of the events of a kind.
pub(crate) fn paths<'e>(events: &'e [Value], kind: &str) -> Vec<&'e str> {
    events.iter().filter(|event| event["event"] == kind).map(|event| event["path"].as_str().unwrap()).collect()
}

/// A standard input that holds this, and lies in no folder.
pub(crate) fn input_of(text: &str) -> Stdio {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file.into()
}

/// Runs a command to its end.
#[track_caller]
pub(crate) fn finish(command: &mut Command) -> Run {
    Running::start(command).end()
}

/// A command under way.
pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    err: Option<std::thread::JoinHandle<String>>,
    taken: Vec<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut from = child.stderr.take().unwrap();
        let err = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        });
        Self { child, lines, err: Some(err), taken: Vec::new() }
    }

    /// The next line of standard output; `None` at its end.
    pub(crate) fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(HANG) {
            Ok(line) => {
                self.taken.push(line.clone());
                Some(line)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no line came; so far {:#?}", self.taken),
        }
    }

    /// Waits for a JSON line like this.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Some(line) = self.line() else { panic!("it ended without it: {:#?}", self.taken) };
            let value = serde_json::from_str(&line).unwrap();
            if wanted(&value) {
                return value;
            }
        }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes all of its standard input, which must be a pipe.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Reads to the end.
    #[track_caller]
    pub(crate) fn end(self) -> Run {
        let run = self.end_logged();
        assert_plain(&run);
        run
    }

    /// Reads to the end of what was told to log: that is not for people.
    #[track_caller]
    pub(crate) fn end_logged(mut self) -> Run {
        while self.line().is_some() {}
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < HANG, "it does not end: {:#?}", self.taken);
            std::thread::sleep(Duration::from_millis(2));
        };
        let err = self.err.take().unwrap().join().unwrap();
        let out = self.taken.iter().flat_map(|line| [line, "\n"]).collect();
        Run { exit: status.code(), out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What nobody should ever read: the language of the machine.
#[track_caller]
pub(crate) fn assert_plain(run: &Run) {
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "terminal codes in a pipe: {run:#?}");
    let internal =
        ["panicked", "os error", "RUST_BACKTRACE", "Some(", "None)", "Err(", "Error {", "Os {", "kind:", "::", "src/"];
    for word in internal {
        assert!(!run.err.replace("[::", "").contains(word), "`{word}` is not for people: {run:#?}");
    }
    let control = |character: char| character.is_control() && character != '\n';
    assert!(!run.err.contains(control) && !run.out.contains(control), "control characters: {run:#?}");
}

/// A browser without a mind of its own: no proxy, no cookies, no redirects.
pub(crate) fn http() -> reqwest::Client {
    // The client wants one even for plain HTTP; another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn is_root() -> bool {
    output("id", &["-u"]).trim() == "0"
}

/// What another program prints.
pub(crate) fn output<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a Python script: a second opinion, and what the standard library here lacks.
pub(crate) fn python<A: AsRef<OsStr>>(script: &str, arguments: &[A]) -> String {
    let all: Vec<&OsStr> =
        ["-c", script].into_iter().map(OsStr::new).chain(arguments.iter().map(AsRef::as_ref)).collect();
    output("python3", &all)
}
