//! `modeldock hash`: all hashes of files, each file read once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use modeldock_core::hash::{Digests, HashPool, HashResult, HashTask, Kinds, PoolOptions, ReadOptions, Urgency};
use modeldock_core::jobs::{JobControl, Progress};
use modeldock_core::scan::Fingerprint;
use modeldock_core::{Code, Error, Result, display};
use serde::Serialize;

use crate::args;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// One file's hashes as a script reads them; null where a kind is not defined or not asked for. The field names are a
/// contract.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    /// The exact path as base64, only where `path` cannot show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    size: u64,
    #[serde(flatten)]
    digests: &'a Digests,
}

type Outcome = Result<(Digests, u64)>;

pub(crate) async fn run(context: &Context, options: args::Hash) -> Result<Exit> {
    let json = context.json();
    let control = JobControl::default();
    let work = tokio::task::spawn_blocking({
        let control = control.clone();
        move || hash_all(&options.files, options.only.unwrap_or(Kinds::ALL), json, &control)
    });
    tokio::pin!(work);
    let done = tokio::select! {
        done = &mut work => done,
        signal = super::scan::interrupted() => {
            signal?;
            control.cancel();
            work.await
        }
    };
    done.map_err(|source| Error::new(Code::Internal, format!("Hashing ended early: {source}")))?
}

/// Hashes on every core and prints in the order the files were named, each as soon as all before it are done.
fn hash_all(files: &[PathBuf], kinds: Kinds, json: bool, control: &JobControl) -> Result<Exit> {
    // Somebody waits for these: they are read like anybody's files. And nothing is noted in a data folder, which this
    // command does not need otherwise.
    let read = ReadOptions { kinds, checkpoints: None };
    let options = PoolOptions { threads: 0, read, low_priority: false };
    let pool = HashPool::start(options, control, &Arc::new(Progress::default()));
    pool.add(files.iter().enumerate().map(|(at, path)| task(at, path)))?;
    pool.close();
    let exit = print_in_order(files, &pool, json, control)?;
    pool.finish();
    Ok(exit)
}

fn task(at: usize, path: &Path) -> HashTask<usize> {
    // A file that is not there is the pool's to report.
    let (size, volume) =
        Fingerprint::of_path(path).map_or((0, 0), |fingerprint| (fingerprint.size, fingerprint.identity.volume));
    HashTask { path: path.to_owned(), size, volume, urgency: Urgency::Unknown, tag: at }
}

fn stopped() -> Error {
    Error::new(Code::Cancelled, "Stopped before every file was read")
}

fn print_in_order(files: &[PathBuf], pool: &HashPool<usize>, json: bool, control: &JobControl) -> Result<Exit> {
    let mut results = Results::new();
    let mut waiting: Vec<Option<Outcome>> = files.iter().map(|_| None).collect();
    let mut printed = 0;
    let mut failed = 0;
    for HashResult { task, outcome, .. } in &pool.results {
        waiting[task.tag] = Some(match outcome {
            Ok((digests, fingerprint)) => Ok((digests, fingerprint.size)),
            Err(error) => Err(error.into_error(&task.path).unwrap_or_else(stopped)),
        });
        while let Some(outcome) = waiting.get_mut(printed).and_then(Option::take) {
            match outcome {
                Ok((digests, size)) => print(&mut results, &files[printed], size, &digests, json)?,
                Err(error) if error.code == Code::Cancelled => {}
                Err(error) => {
                    output::error(&error);
                    failed += 1;
                }
            }
            printed += 1;
        }
        results.flush()?;
    }
    let interrupted = control.is_cancelled();
    if interrupted {
        output::error(&stopped());
    }
    Ok(match failed {
        _ if interrupted => Exit::Interrupted,
        0 => Exit::Done,
        all if all == files.len() => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn print(results: &mut Results, path: &Path, size: u64, digests: &Digests, json: bool) -> Result<()> {
    let (path, path_bytes) = display(path);
    if json {
        return results.json(&Line { path: &path, path_bytes, size, digests });
    }
    let Digests { kinds, sha256, blake3, crc32, autov1, autov2, autov3 } = digests;
    let lines = [
        (Kinds::SHA256, "SHA256", sha256.map(|hash| hash.to_string())),
        (Kinds::BLAKE3, "BLAKE3", blake3.map(|hash| hash.to_string())),
        (Kinds::CRC32, "CRC32 ", crc32.map(|hash| hash.to_string())),
        (Kinds::AUTOV1, "AutoV1", autov1.map(|hash| hash.to_string())),
        (Kinds::AUTOV2, "AutoV2", autov2.map(|hash| hash.to_string())),
        (Kinds::AUTOV3, "AutoV3", autov3.map(|hash| hash.to_string())),
    ];
    results.line(printable(&path))?;
    results.line(format!("  size    {size} bytes"))?;
    for (_, name, hash) in lines.into_iter().filter(|(kind, ..)| kinds.contains(*kind)) {
        results.line(format!("  {name}  {}", hash.as_deref().unwrap_or("none")))?;
    }
    Ok(())
}
