//! The power fails at any moment of a row of downloads.
//!
//! Models and database lie on file systems of their own, in images on a file system that can clone a file in an instant. A
//! clone is what a disk would hold after the power failed just then: what was only in the system's memory is not in it.
//! Needs root, loop devices and XFS, so it belongs to the long campaign.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use civitai_simulator::{Catalogue, Config, Generated, ModelSpec};
use serde_json::Value;

use crate::support::{Running, World, output, text};

const MODELS: u64 = 40;
const SIZE: u64 = 3 << 20;
const CUTS: usize = 40;

/// Every so many cuts, the downloads are gone on with on what the cut left.
const GO_ON_EVERY: usize = 10;

/// Where the images and their mounts are. Taken down at the end, however that comes.
struct Rig {
    dir: PathBuf,
}

impl Rig {
    fn new(dir: PathBuf) -> Self {
        for folder in ["host", "models", "data", "look"] {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
        }
        let rig = Self { dir };
        rig.sh("truncate -s 3G host.img && mkfs.xfs -q -f -m reflink=1 host.img && mount -o loop host.img host");
        for name in ["models", "data"] {
            // The journal is written every five seconds, as on any disk, unless somebody asks for it.
            rig.sh(&format!(
                "truncate -s 512M host/{name}.img && mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 \
                 host/{name}.img && mount -o loop,commit=5 host/{name}.img {name}"
            ));
        }
        rig
    }

    fn sh(&self, script: &str) -> String {
        let output = Command::new("sh").args(["-ec", script]).current_dir(&self.dir).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What both disks hold at this moment. The database first: files may be further than it says, never less far.
    fn cut(&self) {
        self.sh(
            "cp --reflink=always host/data.img host/data.cut && cp --reflink=always host/models.img host/models.cut",
        );
    }

    /// Runs something where what the cut left is mounted in place of the running file systems.
    fn after_the_cut(&self, command: &Command) -> Command {
        let script = "mount -o loop host/data.cut data && mount -o loop host/models.cut models && exec \"$0\" \"$@\"";
        let mut inside = Command::new("unshare");
        inside.args(["-m", "--propagation", "private", "sh", "-ec", script]);
        inside.arg(command.get_program()).args(command.get_args()).current_dir(&self.dir);
        inside.env_clear();
        for (name, value) in command.get_envs() {
            inside.env(name, value.unwrap());
        }
        inside.stdin(Stdio::null());
        inside
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for folder in ["models", "data", "host"] {
            let _ = Command::new("umount").arg("-l").arg(self.dir.join(folder)).status();
        }
    }
}

struct Scene {
    rig: Rig,
    world: World,
    /// The hash of each file by its name.
    wanted: BTreeMap<String, String>,
    versions: Vec<String>,
}

impl Scene {
    fn new() -> Self {
        let mut builder = Catalogue::builder();
        let mut versions = Vec::new();
        for number in 0..MODELS {
            let spec = ModelSpec::new(format!("Made {number}"), "LORA");
            let name = format!("made-{number:02}.safetensors");
            versions.push(builder.add_generated(&name, Generated::new(number + 1, SIZE), spec).version.to_string());
        }
        let config =
            Config { anonymous_downloads: true, storage_bytes_per_second: Some(10 << 20), ..Config::default() };
        let world = World::at(config, builder.build());
        let files = world.simulator.catalogue();
        let wanted = files.files().map(|file| (file.spec.name.clone(), file.hashes.sha256.to_lowercase())).collect();
        Self { rig: Rig::new(world.path("rig")), world, wanted, versions }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command.env("MODELDOCK_DATA_DIR", self.rig.dir.join("data/modeldock"));
        command
    }

    /// What the cut left, looked at from outside: names, and whether each file is whole.
    fn look(&self) -> BTreeMap<String, bool> {
        let rig = &self.rig;
        rig.sh("mount -o loop host/models.cut look");
        let look = rig.dir.join("look");
        let files = names(&look).into_iter().map(|name| {
            let is_whole = self.wanted.get(&name).is_some_and(|sha256| sha256_of(&look.join(&name)) == *sha256);
            (name, is_whole)
        });
        let files = files.collect();
        rig.sh("umount look");
        files
    }

    /// Goes on with the downloads on what the cut left, to their end.
    fn go_on(&self) {
        let run = Running::start(&mut self.rig.after_the_cut(&self.command(&["downloads", "run", "--json"]))).end();
        assert_eq!(run.exit, Some(0), "{run:#?}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    all.filter(|name| name != "lost+found").collect()
}

fn sha256_of(path: &Path) -> String {
    output("sha256sum", &[path]).split_whitespace().next().unwrap().trim_start_matches('\\').to_owned()
}

#[test]
#[ignore = "needs root, loop devices and XFS: run by make test-long"]
fn power_cuts_leave_no_broken_file_and_lose_none_that_was_told_to_be_done() {
    let scene = Scene::new();
    let models = scene.rig.dir.join("models");
    assert_eq!(Running::start(&mut scene.command(&["roots", "add", text(&models)])).end().exit, Some(0));
    let mut arguments = vec!["download", "--json"];
    arguments.extend(scene.versions.iter().map(String::as_str));
    let told = Arc::new(Mutex::new(BTreeSet::new()));
    let mut running = Running::start(&mut scene.command(&arguments));
    let reader = std::thread::spawn({
        let told = Arc::clone(&told);
        move || {
            while let Some(line) = running.line() {
                let line: Value = serde_json::from_str(&line).unwrap();
                if line["state"]["state"] == "done" {
                    let path = Path::new(line["path"].as_str().unwrap());
                    told.lock().unwrap().insert(path.file_name().unwrap().to_str().unwrap().to_owned());
                }
            }
            running.end()
        }
    });
    let (mut cut, mut told_at_most) = (0, 0);
    while cut < CUTS && !reader.is_finished() {
        std::thread::sleep(Duration::from_millis(20 + 37 * (cut as u64 % 6)));
        let told = told.lock().unwrap().clone();
        scene.rig.cut();
        let left = scene.look();
        for (name, is_whole) in left.iter().filter(|(name, _)| !name.starts_with('.')) {
            assert!(*is_whole, "cut {cut}: `{name}` has its name and not its bytes");
        }
        let lost: Vec<&String> = told.iter().filter(|name| !left.contains_key(*name)).collect();
        assert!(lost.is_empty(), "cut {cut}: told to be done, and lost: {lost:?}");
        told_at_most = told_at_most.max(told.len());
        cut += 1;
        if cut % GO_ON_EVERY == 0 && !told.is_empty() {
            scene.go_on();
            let left = scene.look();
            // What was not even asked for before the cut is not there; nothing else may be missing, broken or doubled.
            assert!(left.values().all(|is_whole| *is_whole), "cut {cut}, gone on with: {left:?}");
            assert!(left.len() >= told.len(), "cut {cut}: {left:?}");
        }
    }
    assert!(told_at_most > 5 && cut > 15, "the cuts came too early or too late: {cut}, {told_at_most}");
    let run = reader.join().unwrap();
    assert_eq!(run.exit, Some(0), "{run:#?}");
    let sound = scene.rig.dir.join("models");
    let whole = names(&sound).into_iter().filter(|name| sha256_of(&sound.join(name)) == scene.wanted[name]).count();
    assert_eq!(whole as u64, MODELS);
}
