//! Pictures and videos of models: the user's own beside the file first, else Civitai's, kept on disk once fetched.
//!
//! The page never loads anything from Civitai itself: the engine fetches, checks what the bytes really are (names lie:
//! JPEGs called `.png` are common), and hands them out under its own address. Only raster pictures and videos pass; an
//! SVG can carry a script.

mod address;
mod sniff;
mod thumb;

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sha2::Digest as _;

pub(crate) use address::key_of_address;
pub(crate) use sniff::media_type;

use crate::catalog::Catalog;
use crate::error::{Code, Error, Result};
use crate::scan::Fingerprint;
use crate::store::Store;
use crate::units::FileId;

/// Pictures that are scaled at once.
const SCALED_AT_ONCE: usize = 2;

/// Covers of the catalogue that are fetched at once: one fewer than the requests that Civitai gets at once, so that a
/// search never waits behind a page of pictures.
const COVERS_AT_ONCE: usize = 3;

/// No preview is larger, in bytes.
const MAX_PREVIEW: usize = 48 * 1024 * 1024;

/// A picture or video, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFile {
    /// As they are on disk.
    pub bytes: Vec<u8>,
    /// What the bytes are, from the bytes.
    pub content_type: &'static str,
}

/// Finds, fetches and keeps previews.
pub(crate) struct Previews {
    dir: PathBuf,
    store: Store,
    catalog: Arc<dyn Catalog>,
    /// One fetch per address at a time; the others wait for it and find the file.
    fetching: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    /// Pictures that are scaled at once: each takes a core and some memory.
    scaling: tokio::sync::Semaphore,
    /// Covers of the catalogue that are fetched at once.
    covers: tokio::sync::Semaphore,
    /// New small pictures since it was last looked whether there are too many.
    fresh: AtomicU32,
}

enum Source {
    Local(PathBuf),
    Remote(String),
}

impl Previews {
    pub(crate) fn new(dir: PathBuf, store: Store, catalog: Arc<dyn Catalog>) -> Self {
        let scaling = tokio::sync::Semaphore::new(SCALED_AT_ONCE);
        let covers = tokio::sync::Semaphore::new(COVERS_AT_ONCE);
        Self { dir, store, catalog, fetching: Mutex::default(), scaling, covers, fresh: AtomicU32::new(0) }
    }

    /// `which` is `cover`, `thumb` (a small cover) or a number.
    pub(crate) async fn get(&self, file: FileId, which: &str) -> Result<PreviewFile> {
        if which == "thumb" {
            return self.thumb(file).await;
        }
        let index = match which {
            "cover" => None,
            number => Some(number.parse::<usize>().map_err(|_| none())?),
        };
        self.whole(self.find(file, index).await?).await
    }

    async fn whole(&self, source: Source) -> Result<PreviewFile> {
        let whole = match source {
            Source::Local(path) => blocking(move || read(&path)).await?,
            Source::Remote(url) => self.fetch(url).await?,
        };
        // A few kilobytes can be gigabytes once they are drawn, and the page would draw them.
        if thumb::is_bounded(&whole) { Ok(whole) } else { Err(none()) }
    }

    /// A small picture of a model: its cover scaled down, made once. A video is its own small picture.
    async fn thumb(&self, file: FileId) -> Result<PreviewFile> {
        let source = self.find(file, None).await?;
        let key = match &source {
            Source::Local(path) => {
                let path = path.clone();
                blocking(move || key_of(&path)).await?
            }
            Source::Remote(url) => url.clone(),
        };
        let path = self.small_path(&hex_of(&key));
        let kept = path.clone();
        if let Ok(found) = blocking(move || read(&kept)).await {
            return Ok(found);
        }
        self.scale(source, path).await
    }

    /// A picture of the catalogue, by the key it was shown under. `url` is where it is, if that is still remembered: what
    /// is kept on disk needs no address.
    pub(crate) async fn catalogue(&self, key: &str, url: Option<String>, which: &str) -> Result<PreviewFile> {
        if !address::is_key(key) {
            return Err(none());
        }
        if !self.store.read(|tx| tx.settings()).await?.remote_previews {
            return Err(Error::not_found("Previews from Civitai are switched off"));
        }
        match which {
            "thumb" => {
                let path = self.small_path(key);
                let kept = path.clone();
                if let Ok(found) = blocking(move || read(&kept)).await {
                    return Ok(found);
                }
                let url = url.ok_or_else(none)?;
                let waiting = self.covers.acquire().await.map_err(|_| none())?;
                // A page of originals would be some hundred megabytes.
                let whole = self.fetch(address::smaller(&url)).await?;
                drop(waiting);
                let _turn = self.scaling.acquire().await.map_err(|_| none())?;
                self.keep_small(whole, path).await
            }
            "whole" => self.fetch(url.ok_or_else(none)?).await,
            _ => Err(none()),
        }
    }

    fn small_path(&self, key: &str) -> PathBuf {
        self.dir.join("small").join(&key[..2]).join(key)
    }

    /// Fetches and scales a picture, and keeps it at `path`.
    async fn scale(&self, source: Source, path: PathBuf) -> Result<PreviewFile> {
        let _turn = self.scaling.acquire().await.map_err(|_| none())?;
        let whole = self.whole(source).await?;
        self.keep_small(whole, path).await
    }

    /// Scales a picture, and keeps it at `path`. A video is its own small picture.
    async fn keep_small(&self, whole: PreviewFile, path: PathBuf) -> Result<PreviewFile> {
        if !whole.content_type.starts_with("image/") {
            return Ok(whole);
        }
        let small = blocking(move || {
            let small = thumb::scaled(&whole).ok_or_else(none)?;
            thumb::keep_scaled(&path, &small);
            Ok(small)
        });
        let small = small.await?;
        if self.fresh.fetch_add(1, Ordering::Relaxed).is_multiple_of(thumb::LOOK_EVERY) {
            let dir = self.dir.clone();
            // In the background: whoever waits for a picture need not wait for this.
            drop(tokio::task::spawn_blocking(move || thumb::prune(&dir, thumb::MOST_KEPT)));
        }
        Ok(small)
    }

    async fn find(&self, file: FileId, index: Option<usize>) -> Result<Source> {
        self.store
            .read(move |tx| {
                let row = tx.file_row(file)?.ok_or_else(none)?;
                if let (None, Some(local)) = (index, row.local_preview) {
                    return Ok(Source::Local(local));
                }
                let version = tx.library_item(file)?.and_then(|item| item.version_id).ok_or_else(none)?;
                let mut previews = tx.version_page(version)?.ok_or_else(none)?.previews;
                let at = index.unwrap_or(0);
                if at >= previews.len() {
                    return Err(none());
                }
                let url = previews.swap_remove(at).url;
                if !tx.settings()?.remote_previews {
                    return Err(Error::not_found("Previews from Civitai are switched off"));
                }
                Ok(Source::Remote(url))
            })
            .await
    }

    async fn fetch(&self, url: String) -> Result<PreviewFile> {
        let key = hex_of(&url);
        let path = self.dir.join(&key[..2]).join(&key);
        let turn = {
            let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
            fetching.retain(|_, turn| turn.strong_count() > 0);
            let turn = fetching.get(&key).and_then(Weak::upgrade).unwrap_or_default();
            fetching.insert(key, Arc::downgrade(&turn));
            turn
        };
        let _turn = turn.lock().await;
        let kept = path.clone();
        if let Ok(found) = blocking(move || read(&kept)).await {
            return Ok(found);
        }
        let bytes = self.catalog.preview(&url, MAX_PREVIEW).await?.bytes;
        let content_type = media_type(&bytes).ok_or_else(none)?;
        blocking(move || {
            // A preview that cannot be kept is fetched again the next time; it is still shown now.
            if let Err(error) = keep(&path, &bytes) {
                tracing::warn!(%error, "a preview could not be kept");
            }
            Ok(PreviewFile { bytes, content_type })
        })
        .await
    }
}

/// A name for what is kept of something.
fn hex_of(text: &str) -> String {
    crate::hash::Sha256::new(sha2::Sha256::digest(text.as_bytes()).into()).to_string().to_lowercase()
}

/// Another one once the picture is changed.
fn key_of(path: &Path) -> Result<String> {
    let print = Fingerprint::of_path(path).map_err(|source| Error::io("read", path, &source))?;
    Ok(format!("{} {} {}", path.display(), print.size, print.modified))
}

fn none() -> Error {
    Error::not_found("There is no preview")
}

fn read(path: &Path) -> Result<PreviewFile> {
    let fail = |source: &std::io::Error| Error::io("read", path, source);
    let file = std::fs::File::open(path).map_err(|source| fail(&source))?;
    let mut bytes = Vec::new();
    file.take(MAX_PREVIEW as u64 + 1).read_to_end(&mut bytes).map_err(|source| fail(&source))?;
    let content_type = media_type(&bytes).filter(|_| bytes.len() <= MAX_PREVIEW).ok_or_else(none)?;
    Ok(PreviewFile { bytes, content_type })
}

fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |source: &std::io::Error| Error::io("write", path, source);
    let dir = path.parent().unwrap_or(path);
    std::fs::create_dir_all(dir).map_err(|source| fail(&source))?;
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(|source| fail(&source))?;
    std::io::Write::write_all(&mut file, bytes).map_err(|source| fail(&source))?;
    file.persist(path).map_err(|source| fail(&source.error))?;
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A preview task ended early: {source}"))))
}
