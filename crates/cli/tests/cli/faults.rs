//! The program is killed, and its disk refuses, at the calls into the system that change or sync something.
//!
//! Whatever happens, a file that has its name is whole, what was told to be done is done, and the next run ends well. All
//! calls take their turn in the long campaign; otherwise those where something else begins, and some of the rest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use civitai_simulator::Config;
use nix::libc::{EIO, ENOSPC};
use serde_json::Value;

use crate::download::{LOST_TO_A_KILL, made_of};
use crate::support::{World, output, text};
use crate::tracer::{Call, Fault, Traced, trace};

/// More than may be fetched again, and little enough to be fetched a thousand times.
const SIZE: u64 = 20 << 20;

/// How many calls take their turn with each fault, unless all do.
const SAMPLE: usize = 24;

/// A download that begins anew each time.
struct Scene {
    world: World,
    version: String,
}

impl Scene {
    fn new() -> Self {
        let (world, version) = made_of(Config { anonymous_downloads: true, ..Config::default() }, SIZE);
        std::fs::rename(world.data_dir(), world.path("template")).unwrap();
        Self { world, version }
    }

    /// As before any download.
    fn reset(&self) {
        let data = self.world.data_dir();
        let _ = std::fs::remove_dir_all(&data);
        output("cp", &["-a", text(&self.world.path("template")), text(&data)]);
        for name in self.world.models() {
            std::fs::remove_file(self.world.path("models").join(name)).unwrap();
        }
    }

    fn command(&self) -> Command {
        self.world.command(["download", &self.version, "--json"])
    }

    fn download(&self, fault: Option<(usize, Fault)>) -> Traced {
        self.reset();
        trace(&self.command(), &[self.world.data_dir(), self.world.path("models")], fault)
    }

    /// Every file that has a name, which must be whole.
    fn named(&self) -> Vec<PathBuf> {
        let visible = self.world.models().into_iter().filter(|name| !name.starts_with('.'));
        let paths: Vec<PathBuf> = visible.map(|name| self.world.path("models").join(name)).collect();
        for path in &paths {
            let sha256 = output("sha256sum", &[path]);
            assert!(
                sha256.to_uppercase().starts_with(&self.world.sha256().to_uppercase()),
                "{} is not whole",
                path.display()
            );
        }
        paths
    }

    /// One fault, and what comes after it.
    fn try_at(&self, at: usize, fault: Fault) {
        let Traced { run, calls, received } = self.download(Some((at, fault)));
        let told = format!("{fault:?} at call {at}, {:?}\n{run:#?}", calls.get(at));
        assert!(!run.err.contains("panicked") && !run.err.contains("defect"), "{told}");
        let named = self.named();
        let is_done =
            |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["state"]["state"] == "done");
        assert!(!run.out.lines().any(is_done) || named.len() == 1, "what was done is lost: {told}");

        // What one does who finds a download failed, or just asks again.
        self.world.simulator.reset_counts();
        for command in ["retry", "resume"] {
            self.world.run(["downloads", command]).done();
        }
        let again = self.world.run(["download", &self.version, "--json"]);
        assert_eq!(again.exit, Some(0), "{told}\nand then {again:#?}");
        assert_eq!(self.named().len(), 1, "{told}");
        assert_eq!(self.world.models().len(), 1, "something was left over: {:?} {told}", self.world.models());
        let rows: Vec<Value> = self.world.list().into_values().collect();
        assert!(rows.len() == 1 && rows[0]["sha256"] == self.world.sha256(), "{rows:?} {told}");
        let fetched = received + self.world.sent();
        assert!(fetched <= SIZE + LOST_TO_A_KILL, "{fetched} bytes were fetched: {told}");
    }

    fn sweep(&self, fault: Fault) {
        let whole = self.download(None);
        assert_eq!(whole.run.exit, Some(0), "{:#?}", whole.run);
        let fails = |at: &usize| catch_unwind(AssertUnwindSafe(|| self.try_at(*at, fault))).is_err();
        let failed: Vec<usize> = turns(&whole.calls).into_iter().filter(fails).collect();
        assert!(failed.is_empty(), "these calls are not survived, see above: {failed:?}");
    }
}

/// Which calls take their turn.
fn turns(calls: &[Call]) -> Vec<usize> {
    if std::env::var_os("MODELDOCK_TEST_ROUNDS").is_some_and(|rounds| rounds == "long") {
        return (0..calls.len()).collect();
    }
    let begins = |at: &usize| *at == 0 || calls[at - 1] != calls[*at];
    let begins: Vec<usize> = (0..calls.len()).filter(begins).collect();
    let step = begins.len().div_ceil(SAMPLE).max(1);
    // From the end, where the file gets its name and its row.
    begins.into_iter().rev().step_by(step).collect()
}

#[test]
fn a_kill_at_any_call_loses_nothing_and_doubles_nothing() {
    Scene::new().sweep(Fault::Kill);
}

#[test]
fn a_disk_that_fails_at_any_call_loses_nothing_and_doubles_nothing() {
    Scene::new().sweep(Fault::Error(EIO));
}

#[test]
fn a_disk_that_is_full_at_any_call_loses_nothing_and_doubles_nothing() {
    Scene::new().sweep(Fault::Error(ENOSPC));
}

#[test]
fn bytes_are_on_the_disk_before_their_name_and_the_name_before_its_row() {
    let scene = Scene::new();
    let Traced { run, calls, .. } = scene.download(None);
    assert_eq!(run.exit, Some(0), "{run:#?}");
    let models = scene.world.path("models");
    let is_part = |path: &Path| path.extension().is_some_and(|extension| extension == "part");
    let gives_name = |call: &Call| matches!(call.name, "rename" | "link") && call.path.starts_with(&models);
    let named = calls.iter().position(gives_name).unwrap();
    let written = calls.iter().rposition(|call| call.name == "write" && is_part(&call.path)).unwrap();
    let synced = calls.iter().rposition(|call| call.name == "sync" && is_part(&call.path));
    assert!(synced.is_some_and(|synced| written < synced && synced < named), "{calls:#?}");
    let folder = calls[named..].iter().position(|call| call.name == "sync" && call.path == models);
    let row =
        calls[named..].iter().position(|call| call.name == "sync" && call.path.starts_with(scene.world.data_dir()));
    assert!(folder.is_some() && row.is_some() && folder < row, "{:#?}", &calls[named..]);
}
