//! A1111, Forge and SD.Next keep hashes by title: `checkpoint/sub/x.safetensors`, but `lora/x` wherever it lies.
//!
//! Two LoRAs of one name in two folders share a title, and all VAEs share one. The cache cannot say whose the hash is,
//! so a title counts only while exactly one file has it. Upstream takes a hash as valid while the file is not newer
//! than it; a file that was replaced by an older one passes that, so here the time must be the same.
//!
//! The section `hashes-addnet` holds hashes of the tensors alone, except Forge's, which ignores the flag that asks for
//! them and stores the whole file's. In a cache folder that installations share, either may have written it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::Digest as _;

use super::clue::{Clue, ClueHash, FileFacts, Moment, Recorded};
use super::tool::Tool;
use super::webui_json::{CacheJson, CachedHash};
use super::{SeenFile, pickle, read};
use crate::error::Error;
use crate::hash::Sha256;
use crate::roots::{Layout, ModelFolder, ModelKind, ScanPlan, model_folders, webui_caches};
use crate::scan::FileIdentity;
use crate::store::foreign;

/// The two sections of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Section {
    Hashes,
    Addnet,
}

/// What a section's digits were measured over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    WholeFile,
    Tensors,
    Unknown,
}

/// One installation's hashes, and which file each title is.
#[derive(Debug)]
pub(super) struct ByTitle {
    folders: Vec<ModelFolder>,
    plan: ScanPlan,
    recorded: HashMap<String, Vec<Recorded>>,
    /// Whose each title in the cache is.
    claims: HashMap<String, Claim>,
}

/// Who has a title.
#[derive(Debug, PartialEq, Eq)]
enum Claim {
    /// One file, under one or more paths.
    One(PathBuf, Option<FileIdentity>),
    /// Nobody can tell.
    Several,
}

impl ByTitle {
    /// Reads an installation's caches. `None` if it has no hashes.
    pub(super) fn read(
        root: &Path,
        layout: Layout,
        shared_dirs: &[PathBuf],
        files: &[SeenFile<'_>],
        on_problem: &mut dyn FnMut(&Path, Error),
    ) -> Option<Self> {
        let mut cache = Cache { tool: tool(layout)?, recorded: HashMap::new() };
        let is_forge = layout == Layout::Forge || root.join("modules_forge").is_dir();
        let own = if is_forge { Domain::WholeFile } else { Domain::Tensors };
        let data = if layout == Layout::SdNext {
            root.to_owned()
        } else {
            let caches = webui_caches(root);
            let shared = caches.moved.iter().chain(shared_dirs);
            for folder in shared {
                cache.read_folder(folder, Domain::Unknown, on_problem);
            }
            cache.read_folder(&caches.data.join("cache"), own, on_problem);
            caches.data
        };
        // What A1111 wrote before it had databases, and what SD.Next writes to this day.
        cache.read_json(&data.join("cache.json"), own, on_problem);
        if cache.recorded.is_empty() {
            return None;
        }
        let folders = model_folders(layout, root);
        let plan = ScanPlan::new(folders.clone());
        let mut by_title = Self { folders, plan, recorded: cache.recorded, claims: HashMap::new() };
        for file in files {
            by_title.claim(file);
        }
        Some(by_title)
    }

    /// What fits the file.
    pub(super) fn clues(&self, file: &FileFacts<'_>) -> Vec<Clue> {
        let fake = fake_sha256(file.path);
        let is_this = |title: &String| matches!(self.claims.get(title), Some(Claim::One(..)));
        self.titles(file.path)
            .iter()
            .filter(|title| is_this(title))
            .filter_map(|title| self.recorded.get(title))
            .flatten()
            .filter(|recorded| !is_digits_of(recorded.hash, fake))
            .filter_map(|recorded| recorded.for_file(file))
            .collect()
    }

    fn claim(&mut self, file: &SeenFile<'_>) {
        for title in self.titles(file.path) {
            if !self.recorded.contains_key(&title) {
                continue;
            }
            match self.claims.entry(title) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Claim::One(file.path.to_owned(), file.identity));
                }
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let is_same = match entry.get() {
                        Claim::One(path, identity) => {
                            path == file.path || (identity.is_some() && *identity == file.identity)
                        }
                        Claim::Several => false,
                    };
                    if !is_same {
                        entry.insert(Claim::Several);
                    }
                }
            }
        }
    }

    /// What the web UI calls a file. None that is not Unicode: the caches cannot hold it.
    fn titles(&self, file: &Path) -> Vec<String> {
        let stem = || file.file_stem().and_then(OsStr::to_str);
        match self.plan.kind_of(file) {
            ModelKind::Checkpoint => {
                let folders = self.folders.iter().filter(|folder| folder.kind == ModelKind::Checkpoint);
                let relative = folders.filter_map(|folder| file.strip_prefix(&folder.path).ok()?.to_str());
                relative.map(|path| format!("checkpoint/{path}")).collect()
            }
            ModelKind::Lora | ModelKind::Locon => stem().map(|stem| format!("lora/{stem}")).into_iter().collect(),
            ModelKind::TextualInversion => stem().map(|stem| format!("textual_inversion/{stem}")).into_iter().collect(),
            ModelKind::Hypernetwork => stem().map(|stem| format!("hypernet/{stem}")).into_iter().collect(),
            ModelKind::Vae => vec!["vae".to_owned()],
            // The web UIs hash nothing else.
            _ => Vec::new(),
        }
    }
}

fn tool(layout: Layout) -> Option<Tool> {
    match layout {
        Layout::A1111 => Some(Tool::A1111),
        Layout::Forge => Some(Tool::Forge),
        Layout::SdNext => Some(Tool::SdNext),
        Layout::ComfyUi
        | Layout::SwarmUi
        | Layout::InvokeAi
        | Layout::Fooocus
        | Layout::StabilityMatrix
        | Layout::Plain => None,
    }
}

/// Forge can be told not to hash checkpoints and then stores the hash of the file's name in the hash's place.
fn fake_sha256(file: &Path) -> Option<Sha256> {
    let name = file.file_name()?.as_encoded_bytes();
    Some(Sha256::new(sha2::Sha256::digest(name).into()))
}

fn is_digits_of(hash: ClueHash, fake: Option<Sha256>) -> bool {
    let Some(fake) = fake else { return false };
    match hash {
        ClueHash::Sha256(hash) => hash == fake,
        ClueHash::Tensors(hash) => hash == *fake.as_bytes(),
        ClueHash::Blake3(_) | ClueHash::AutoV3(_) | ClueHash::AutoV2(_) => false,
    }
}

/// An installation's hashes while they are gathered.
struct Cache {
    tool: Tool,
    recorded: HashMap<String, Vec<Recorded>>,
}

impl Cache {
    /// `hashes/cache.db` and `hashes-addnet/cache.db` in a cache folder.
    fn read_folder(&mut self, folder: &Path, addnet: Domain, on_problem: &mut dyn FnMut(&Path, Error)) {
        for (section, name) in [(Section::Hashes, "hashes"), (Section::Addnet, "hashes-addnet")] {
            let database = folder.join(name).join("cache.db");
            let entries = match foreign::webui_hashes(&database) {
                Ok(entries) => entries.unwrap_or_default(),
                Err(error) => {
                    on_problem(&database, error);
                    continue;
                }
            };
            let source: Arc<Path> = database.as_path().into();
            let mut broken = 0;
            for entry in entries {
                match pickle::entry(&entry.value) {
                    Ok(Some(pickle::Entry { modified, sha256 })) => {
                        self.add(&entry.title, modified, sha256, domain(section, addnet), &source);
                    }
                    // Not hashed yet.
                    Ok(None) => {}
                    Err(error) => {
                        broken += 1;
                        tracing::debug!(database = %database.display(), title = entry.title, %error, "entry was not read");
                    }
                }
            }
            if broken > 0 {
                let message = format!("{broken} hashes in `{}` are damaged and are not used", database.display());
                on_problem(&database, read::unused(message));
            }
        }
    }

    fn read_json(&mut self, path: &Path, addnet: Domain, on_problem: &mut dyn FnMut(&Path, Error)) {
        let cache = match read::json::<CacheJson>(path, read::MAX_CACHE) {
            Ok(cache) => cache.unwrap_or_default(),
            Err(error) => return on_problem(path, error),
        };
        let source: Arc<Path> = path.into();
        for (section, entries) in [(Section::Hashes, cache.hashes), (Section::Addnet, cache.addnet)] {
            for (title, CachedHash { modified, sha256 }) in entries {
                self.add(&title, modified, &sha256, domain(section, addnet), &source);
            }
        }
    }

    fn add(&mut self, title: &str, modified: Moment, digits: &str, domain: Domain, source: &Arc<Path>) {
        let (whole, tensors) = match domain {
            Domain::WholeFile => (ClueHash::sha256(digits), None),
            Domain::Tensors => (None, ClueHash::tensors(digits)),
            Domain::Unknown => (ClueHash::sha256(digits), ClueHash::tensors(digits)),
        };
        for hash in [whole, tensors].into_iter().flatten() {
            let recorded = Recorded { modified: Some(modified), ..Recorded::new(self.tool, hash, source) };
            self.recorded.entry(title.to_owned()).or_default().push(recorded);
        }
    }
}

fn domain(section: Section, addnet: Domain) -> Domain {
    match section {
        Section::Hashes => Domain::WholeFile,
        Section::Addnet => addnet,
    }
}
