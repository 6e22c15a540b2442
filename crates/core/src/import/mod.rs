//! What other tools already know about the user's files, so that a first scan need not read a terabyte to say names.
//!
//! Nearly every UI and many plugins hash models and keep the result: in databases, in lists, in files beside the model,
//! in the model's own header. [`Imports::read`] reads the caches of whole installations once, [`Imports::clues`] adds
//! what lies beside one file and says what fits it, best first.
//!
//! Nothing here is proof. A tool may have hashed another file of that name, may have copied the hash from Civitai, may
//! not have looked since. So every hash is compared with the file on disk by whatever the tool noted beside it (path,
//! time, size), contradicted ones are dropped, and the rest say by their [`Strength`] how much could be compared. A
//! clue names a file until Modeldock has read it; only then is it verified.
//!
//! All of it is a stranger's data: files are bounded, databases are opened by [`crate::store`] as hostile, pickles are
//! read by a reader that cannot run anything. What cannot be read costs the clues in it and never the scan.
//!
//! | tool | where | at best |
//! |-|-|-|
//! | `ComfyUI` | `user/comfyui.db` | [`Strength::Exact`] |
//! | A1111, Forge | `cache/hashes/cache.db`, `cache.json` | [`Strength::Dated`] |
//! | SD.Next | `cache.json` | [`Strength::Dated`] |
//! | `InvokeAI` | `databases/invokeai.db` | [`Strength::Sized`] |
//! | LoRA Manager | its database, `.metadata.json` | [`Strength::Sized`] |
//! | Civitai Helper | `.civitai.info` | [`Strength::Sized`] |
//! | rgthree | `.rgthree-info.json` | [`Strength::Sized`] |
//! | Browser+ | `.json` | [`Strength::Sized`] |
//! | Stability Matrix | `.cm-info.json` | [`Strength::Unchecked`] |
//! | Fooocus | `hash_cache.txt` | [`Strength::Unchecked`] |
//! | kohya, modelspec | the file's header | [`Strength::Unchecked`] |

mod by_path;
mod civitai;
mod clue;
mod comfyui;
mod fooocus;
mod header;
mod invokeai;
mod json;
mod lora_manager;
mod pickle;
mod places;
mod read;
mod sidecars;
mod tool;
mod webui;
mod webui_json;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub use clue::{Clue, ClueHash, FileFacts, Strength};
pub use places::UserPlaces;
pub use tool::Tool;

use crate::error::Error;
use crate::roots::Layout;
use crate::scan::FileIdentity;
use by_path::ByPath;
use webui::ByTitle;

/// A model file that a scan has found.
#[derive(Debug, Clone, Copy)]
pub struct SeenFile<'a> {
    /// Absolute.
    pub path: &'a Path,
    /// Which file it is, where that is known: links to one file are one file.
    pub identity: Option<FileIdentity>,
}

/// What the caches of some installations hold.
#[derive(Debug, Default)]
pub struct Imports {
    by_path: ByPath,
    by_title: Vec<ByTitle>,
    /// How many files have this path but for their ending.
    stems: HashMap<PathBuf, u32>,
}

impl Imports {
    /// Reads every cache of these installations.
    ///
    /// `files` are all model files of all of them, because some tools keep hashes by names that need not be unique: a
    /// name counts only if exactly one of the files has it. A file that is not among them gets no such clue.
    pub fn read(
        roots: &[(PathBuf, Layout)],
        places: &UserPlaces,
        files: &[SeenFile<'_>],
        on_problem: &mut dyn FnMut(&Path, Error),
    ) -> Self {
        let mut imports = Self::default();
        for file in files {
            *imports.stems.entry(file.path.with_extension("")).or_default() += 1;
        }
        for (root, layout) in roots {
            match layout {
                Layout::A1111 | Layout::Forge | Layout::SdNext => {
                    let shared = &places.webui_cache_dirs;
                    imports.by_title.extend(ByTitle::read(root, *layout, shared, files, on_problem));
                }
                Layout::ComfyUi => {
                    comfyui::read(root, &mut imports.by_path, on_problem);
                    for plugin in lora_manager::plugins(root) {
                        lora_manager::read(&plugin, &mut imports.by_path, on_problem);
                    }
                }
                Layout::InvokeAi => invokeai::read(root, &mut imports.by_path, on_problem),
                Layout::Fooocus => fooocus::read(root, &mut imports.by_path, on_problem),
                // What these two keep is in a database nothing here can read, and in sidecars.
                Layout::SwarmUi | Layout::StabilityMatrix | Layout::Plain => {}
            }
        }
        for config in &places.config_dirs {
            lora_manager::read(&config.join(lora_manager::SETTINGS), &mut imports.by_path, on_problem);
        }
        imports
    }

    /// What is known about one file, best first. Reads the file's header and what lies beside it.
    pub fn clues(&self, file: &FileFacts<'_>) -> Vec<Clue> {
        let shares_its_name = self.stems.get(&file.path.with_extension("")).is_some_and(|files| *files > 1);
        let mut clues = self.by_path.clues(file);
        clues.extend(self.by_title.iter().flat_map(|titles| titles.clues(file)));
        clues.extend(sidecars::clues(file, shares_its_name));
        clues.extend(header::recorded(file.path).iter().filter_map(|recorded| recorded.for_file(file)));
        clue::in_order(clues)
    }
}
