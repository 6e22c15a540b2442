//! The two ends of a download: whether it is needed at all, and how it becomes a file of the library.
//!
//! The row in the library is written together with the download's end, with the hashes that were computed on the way. The
//! watcher, which hears of the new file a moment later, finds it known and reads nothing.

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::name::{self, FileName, SafeExtension};
use super::part::{self, PartFile, Published};
use super::run::blocking;
use super::state::DownloadState;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::hash::{Digests, Hashes, ReadError, hash_file};
use crate::jobs::JobControl;
use crate::library::MatchedBy;
use crate::roots::{ScanPlan, is_model_name, model_folders};
use crate::scan::Fingerprint;
use crate::store::{DownloadRow, Keep, Known, NewContent, NewFile, Outcome, RootRow, Store};
use crate::units::{DownloadId, FileId, UnixMillis, VersionId};

/// How far Civitai's KiB, told with two decimals, may be from a length in bytes.
const SIZE_TOLERANCE: f64 = 8.0;

/// Names that are given in vain before it is said that something is wrong.
const MOST_NAMES: u32 = 100;

/// When Civitai is asked again about what it measured itself, in seconds: see `resolve::schedule`.
const ASK_AGAIN_AFTER: i64 = 30 * 24 * 3600;

/// Settles what is at either end.
#[derive(Clone)]
pub(crate) struct Settle {
    pub(crate) store: Store,
    pub(crate) stop: CancellationToken,
}

/// A file that is there, as the library gets to know it.
struct Arrived {
    path: PathBuf,
    print: Fingerprint,
    hashes: Option<Hashes>,
    verified: bool,
    was_there: bool,
}

impl Settle {
    /// The end of a download whose file is there already. A file of another content in its place gives the download
    /// another name.
    pub(crate) async fn already_there(&self, row: &DownloadRow) -> Result<Option<DownloadState>> {
        if let Some(sha256) = row.new.sha256 {
            let root = row.new.root;
            let files = self.store.read(move |tx| tx.files_with(sha256)).await?;
            let is_there = blocking(move || {
                let unchanged = files.into_iter().find(|file| {
                    file.root == root
                        && file.known.is_some_and(|known| known.is_measured())
                        && file
                            .fingerprint
                            .is_some_and(|print| Fingerprint::of_path(&file.path).is_ok_and(|now| now == print))
                });
                Ok(unchanged.map(|file| file.id))
            });
            if let Some(file) = is_there.await? {
                return Ok(Some(DownloadState::Done { file: Some(file), verified: true, was_there: true }));
            }
        }
        let path = row.path();
        let Ok(metadata) = std::fs::metadata(&path) else { return Ok(None) };
        let may_be_it = row.new.size_kb.is_some_and(|size_kb| is_of_size(size_kb, metadata.len()));
        if let Some(sha256) = row.new.sha256.filter(|_| may_be_it && metadata.is_file())
            && let Some((hashes, print)) = self.hashes_of(&path).await?
            && hashes.sha256 == sha256
        {
            let arrived = Arrived { path, print, hashes: Some(hashes), verified: true, was_there: true };
            return self.arrive(row, arrived).await.map(Some);
        }
        self.another_name(row.id).await?;
        Ok(None)
    }

    /// All hashes of a file; `None` if it cannot be read as one.
    async fn hashes_of(&self, path: &Path) -> Result<Option<(Hashes, Fingerprint)>> {
        let control = JobControl::default();
        let stopper = {
            let (control, stop) = (control.clone(), self.stop.clone());
            tokio::spawn(async move {
                stop.cancelled().await;
                control.cancel();
            })
        };
        let path = path.to_owned();
        let hashed = blocking(move || match hash_file(&path, &control, |_| ()) {
            Ok(hashed) => Ok(Some(hashed)),
            Err(ReadError::Cancelled) => Err(Error::new(Code::Cancelled, "The download was stopped")),
            Err(ReadError::Changing | ReadError::Unreadable(_)) => Ok(None),
        });
        let hashed = hashed.await;
        stopper.abort();
        hashed
    }

    /// What is wrong with the bytes; `None` if nothing is, as far as can be known.
    pub(crate) fn judge(row: &DownloadRow, file: &PartFile, digests: &Digests) -> Result<Option<Error>> {
        let name = &row.new.name;
        let wrong = |message: String| Some(Error::new(Code::WrongContent, message));
        match (row.new.sha256, digests.sha256) {
            _ if crate::sabotage::is_on("believe_downloads") => Ok(None),
            (Some(wanted), Some(came)) if wanted == came => Ok(None),
            (Some(wanted), came) => {
                let came = came.map_or_else(|| "nothing".to_owned(), |came| came.to_string());
                Ok(wrong(format!("`{name}` is not what Civitai measured: SHA-256 {wanted}, and what came has {came}")))
            }
            (None, _) if resembles(name, file, digests)? => Ok(None),
            (None, _) => Ok(wrong(format!("What came for `{name}` is no such file"))),
        }
    }

    /// Gives the file its name and the library its row.
    pub(crate) async fn place(&self, row: &DownloadRow, file: &PartFile, digests: &Digests) -> Result<DownloadState> {
        let id = row.id;
        for _ in 0..MOST_NAMES {
            let now = self.store.read(move |tx| tx.download(id)).await?;
            let path = now.map_or_else(|| row.path(), |now| now.path());
            let published = {
                let (file, path) = (file.clone(), path.clone());
                blocking(move || file.publish(&path)).await?
            };
            match published {
                Published::Yes(print) => {
                    let verified = row.new.sha256.is_some();
                    let hashes = digests.complete();
                    return self.arrive(row, Arrived { path, print, hashes, verified, was_there: false }).await;
                }
                Published::Taken => self.another_name(id).await?,
            }
        }
        Err(Error::new(Code::Io, format!("No name was free for `{}`", row.path().display()))
            .hint("Another program writes to that folder at the same moment"))
    }

    /// The next name that nothing has, neither on the disk nor among the downloads.
    async fn another_name(&self, id: DownloadId) -> Result<()> {
        self.store
            .write(move |tx| {
                let Some(row) = tx.download(id)? else { return Ok(()) };
                let mut taken = tx.claimed_names(&row.new.folder)?;
                taken.retain(|name| *name != row.new.name);
                taken.extend(names_in(&row.new.folder));
                let free = free_name(&row.new.name, &taken);
                if free == row.new.name { Ok(()) } else { tx.rename_download(id, &free) }
            })
            .await
    }

    /// Writes the end down, together with what the library knows of the file.
    async fn arrive(&self, row: &DownloadRow, arrived: Arrived) -> Result<DownloadState> {
        let row = row.clone();
        let written = self.store.write(move |tx| {
            let now = UnixMillis::now();
            // A page or pictures of a model are not in the library.
            let is_model = is_model_name(&arrived.path);
            let root = tx.roots()?.into_iter().find(|root| root.id == row.new.root && is_model);
            let file = match &root {
                Some(root) => Some(put_in_library(tx, root, &row, &arrived, now)?),
                None => None,
            };
            let done = DownloadState::Done { file, verified: arrived.verified, was_there: arrived.was_there };
            tx.step_download(row.id, &done, now)?;
            tx.publish(Event::LibraryChanged);
            Ok(done)
        });
        written.await
    }

    /// What became of a file that was being placed when the process ended.
    pub(crate) async fn recover(&self, row: &DownloadRow) -> Result<()> {
        let path = row.path();
        let has_its_name = row.part.as_ref().is_some_and(|part| part::is_at(part.identity, &path));
        let state = if has_its_name {
            if let Some(part) = &row.part
                && part::is_at(part.identity, &part.path)
            {
                // Where a file cannot be renamed without replacing it has both names for an instant.
                std::fs::remove_file(&part.path).map_err(|source| Error::io("remove", &part.path, &source))?;
            }
            match self.hashes_of(&path).await? {
                Some((hashes, print)) if row.new.sha256.is_none_or(|sha256| sha256 == hashes.sha256) => {
                    let verified = row.new.sha256.is_some();
                    let arrived = Arrived { path, print, hashes: Some(hashes), verified, was_there: false };
                    return self.arrive(row, arrived).await.map(|_| ());
                }
                _ => {
                    let message = format!("`{}` changed before it could be added to the library", path.display());
                    DownloadState::Failed { problem: Error::new(Code::WrongContent, message) }
                }
            }
        } else {
            DownloadState::queued()
        };
        let id = row.id;
        self.store.write(move |tx| tx.step_download(id, &state, UnixMillis::now())).await.map(|_| ())
    }
}

fn put_in_library(
    tx: &mut crate::store::WriteTx<'_>,
    root: &RootRow,
    row: &DownloadRow,
    arrived: &Arrived,
    now: UnixMillis,
) -> Result<FileId> {
    let plan = ScanPlan::new(model_folders(root.layout, &root.path));
    let by_place = plan.kind_of(&arrived.path);
    let kind = if by_place.is_unknown() { &row.new.kind } else { &by_place };
    let new = NewFile {
        root: root.id,
        root_path: &root.path,
        path: &arrived.path,
        kind,
        fingerprint: Some(arrived.print),
        local_preview: None,
        problem: None,
    };
    let file = tx.put_file(&new, Keep::Nothing, now)?;
    let Some(hashes) = &arrived.hashes else { return Ok(file) };
    tx.put_content(&NewContent { hashes, size: arrived.print.size, shape: None })?;
    tx.set_hash(file, &arrived.print, &Known::measured(hashes.sha256), now)?;
    // What Civitai measured itself need not be asked about.
    if let Some(version) = row.new.version.filter(|_| arrived.verified)
        && tx.described(version)?.is_some()
    {
        let matched = Outcome::Matched {
            version,
            file: row.new.file,
            kind: Some(row.new.kind.clone()),
            by: MatchedBy::Sha256,
            retry_at: now.plus_seconds(ASK_AGAIN_AFTER),
        };
        tx.put_outcome(hashes.sha256, &matched, now)?;
    }
    Ok(file)
}

/// Whether a file of `bytes` can be the one that Civitai says has `size_kb` KiB.
pub(super) fn is_of_size(size_kb: f64, bytes: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "no file comes near the 8 PiB that a double counts exactly")]
    let difference = size_kb * 1024.0 - bytes as f64;
    difference.abs() < SIZE_TOLERANCE
}

/// Whether a file that cannot be verified at least begins like what its name says. A page or a message in its place does
/// not.
fn resembles(name: &str, file: &PartFile, digests: &Digests) -> Result<bool> {
    let mut head = [0; 16];
    let read = super::file_at::read_most(&file.file, &mut head, 0)
        .map_err(|source| Error::io("read", &file.part.path, &source))?;
    let head = &head[..read];
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    Ok(match extension.to_ascii_lowercase().as_str() {
        "safetensors" | "sft" => digests.autov3.is_some(),
        "gguf" => head.starts_with(b"GGUF"),
        "zip" => head.starts_with(b"PK"),
        "pdf" => head.starts_with(b"%PDF"),
        // An archive, or a pickle as old ones are.
        "ckpt" | "pt" | "pth" | "bin" | "pt2" | "pkl" => head.starts_with(b"PK") || head.starts_with(b"\x80"),
        _ => !looks_like_text(head),
    })
}

/// A page or a message begins with a bracket of some sort.
fn looks_like_text(head: &[u8]) -> bool {
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_none_or(|first| matches!(first, b'<' | b'{' | b'['))
}

/// The names of everything in a folder; nothing where it cannot be read.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// `name` or the first numbered one that is not taken, whatever the file system thinks of letter case.
pub(super) fn free_name(name: &str, taken: &[String]) -> String {
    let Some(name) = known_name(name) else { return name.to_owned() };
    name::free_name(&name, taken).as_str().to_owned()
}

/// Never used: a name that was made safe once is not empty.
const NO_NAME: name::Fallback = name::Fallback::Version { model: None, version: VersionId(0) };

/// A name that was made safe once is so again, unchanged.
fn known_name(name: &str) -> Option<FileName> {
    let extension = SafeExtension::of(name)?;
    Some(name::safe_name(name, extension, NO_NAME))
}
