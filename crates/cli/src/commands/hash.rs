//! `modeldock hash`: all hashes of files, each file read once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use modeldock_core::hash::{Hashes, hash_file};
use modeldock_core::jobs::JobControl;
use modeldock_core::{Code, Error, Result, display};
use serde::Serialize;

use crate::args;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// One file's hashes as a script reads them. The field names are a contract.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    /// The exact path as base64, only where `path` cannot show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    size: u64,
    #[serde(flatten)]
    hashes: &'a Hashes,
}

type Outcome = Result<(Hashes, u64)>;

pub(crate) async fn run(context: &Context, options: args::Hash) -> Result<Exit> {
    let json = context.json();
    let control = JobControl::default();
    let work = tokio::task::spawn_blocking({
        let control = control.clone();
        move || hash_all(&options.files, json, &control)
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
fn hash_all(files: &[PathBuf], json: bool, control: &JobControl) -> Result<Exit> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(files.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel::<(usize, Outcome)>();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some((at, path)) = next_file(files, next) {
                    if sender.send((at, hash(path, control))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        print_in_order(files, &receiver, json)
    })
}

fn next_file<'a>(files: &'a [PathBuf], next: &AtomicUsize) -> Option<(usize, &'a PathBuf)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    files.get(at).map(|path| (at, path))
}

fn hash(path: &std::path::Path, control: &JobControl) -> Outcome {
    hash_file(path, control, |_| ()).map(|(hashes, print)| (hashes, print.size)).map_err(|error| {
        error.into_error(path).unwrap_or_else(|| Error::new(Code::Cancelled, "Stopped before every file was read"))
    })
}

fn print_in_order(files: &[PathBuf], receiver: &mpsc::Receiver<(usize, Outcome)>, json: bool) -> Result<Exit> {
    let mut results = Results::new();
    let mut waiting: Vec<Option<Outcome>> = files.iter().map(|_| None).collect();
    let mut printed = 0;
    let mut failed = 0;
    let mut interrupted = false;
    for (at, outcome) in receiver {
        waiting[at] = Some(outcome);
        while let Some(outcome) = waiting.get_mut(printed).and_then(Option::take) {
            match outcome {
                Ok((hashes, size)) => print(&mut results, &files[printed], size, &hashes, json)?,
                Err(error) if error.code == Code::Cancelled => {
                    if !interrupted {
                        output::error(&error);
                    }
                    interrupted = true;
                }
                Err(error) => {
                    output::error(&error);
                    failed += 1;
                }
            }
            printed += 1;
        }
        results.flush()?;
    }
    Ok(match failed {
        _ if interrupted => Exit::Interrupted,
        0 => Exit::Done,
        all if all == files.len() => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn print(results: &mut Results, path: &std::path::Path, size: u64, hashes: &Hashes, json: bool) -> Result<()> {
    let (path, path_bytes) = display(path);
    if json {
        return results.json(&Line { path: &path, path_bytes, size, hashes });
    }
    let or_none = |hash: Option<String>| hash.unwrap_or_else(|| "none".to_owned());
    results.line(printable(&path))?;
    results.line(format!("  size    {size} bytes"))?;
    results.line(format!("  SHA256  {}", hashes.sha256))?;
    results.line(format!("  BLAKE3  {}", hashes.blake3))?;
    results.line(format!("  CRC32   {}", hashes.crc32))?;
    results.line(format!("  AutoV1  {}", or_none(hashes.autov1.map(|hash| hash.to_string()))))?;
    results.line(format!("  AutoV2  {}", hashes.autov2))?;
    results.line(format!("  AutoV3  {}", or_none(hashes.autov3.map(|hash| hash.to_string()))))
}
