//! Which files go where, before anything is done. Looks at the disk and changes nothing.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::beside::companions;
use super::journal::{Step, Target, What};
use crate::download::collides;
use crate::durable::folder_of;
use crate::error::{Code, Error, Result};
use crate::paths::name_of;
use crate::roots::{Layout, is_model_name};
use crate::scan::Fingerprint;
use crate::store::{FileRow, RootRow};

/// Names tried for one file.
const MOST_NAMES: u32 = 1000;

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) what: What,
    pub(crate) title: String,
    pub(crate) models: u32,
    pub(crate) bytes: u64,
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    /// Where the first model goes, for people.
    pub(crate) fn first_target(&self) -> Option<String> {
        let first = self.steps.iter().find(|step| step.model.is_some())?;
        first.to.path().map(|path| crate::paths::display(path).0)
    }
}

/// Nothing of `InvokeAI`'s is touched: it keeps a database about its files and would not find them again.
pub(crate) fn refuse_managed(models: &[FileRow], roots: &[RootRow]) -> Result<()> {
    let is_managed =
        |model: &&FileRow| roots.iter().any(|root| root.id == model.root && root.layout == Layout::InvokeAi);
    match models.iter().find(is_managed) {
        None => Ok(()),
        Some(model) => Err(Error::invalid(format!("`{}` is left as it is", model.path.display()))
            .hint("InvokeAI keeps a database about its files. Change it in InvokeAI's Model Manager")),
    }
}

/// Another name for one model, in its folder. Its ending stays, given or not.
pub(crate) fn renames(model: &FileRow, name: &str) -> Result<Plan> {
    let from = &model.path;
    let extension = from.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    let typed = Path::new(name).extension().is_some_and(|typed| typed.eq_ignore_ascii_case(&*extension));
    let name = if typed { name.to_owned() } else { format!("{name}.{extension}") };
    check_name(&name)?;
    let to = from.with_file_name(&name);
    // Another spelling of its own name is free, though the file system may say that it is taken.
    let is_own = collides(&name, &name_of(from));
    if to == *from {
        return Err(Error::invalid(format!("`{}` has that name already", from.display())));
    }
    if !is_own && to.symlink_metadata().is_ok() {
        return Err(Error::invalid(format!("There is a file called `{name}` already")).hint("Choose another name"));
    }
    let steps = steps_of(model, |_| Ok(to))?;
    Ok(plan(What::Rename, std::slice::from_ref(model), steps))
}

/// Models into other folders, under their names or numbered ones.
pub(crate) fn moves(models: &[FileRow], folder: impl Fn(&FileRow) -> Result<PathBuf>) -> Result<Plan> {
    let mut promised: HashSet<PathBuf> = HashSet::new();
    let mut steps = Vec::new();
    for model in models {
        let folder = folder(model)?;
        if folder == folder_of(&model.path) {
            continue;
        }
        same_drive(model, &folder)?;
        let of_model = steps_of(model, |from| free_path(from, &folder, &promised))?;
        promised.extend(of_model.iter().filter_map(|step| step.to.path().map(Path::to_owned)));
        steps.extend(of_model);
    }
    if steps.is_empty() {
        return Err(Error::invalid("Everything lies in that folder already"));
    }
    Ok(plan(What::Move, models, steps))
}

/// Models into the trash.
pub(crate) fn trashes(models: &[FileRow]) -> Result<Plan> {
    let mut steps = Vec::new();
    for model in models {
        let of_model = steps_of(model, |from| Ok(from.to_owned()))?;
        steps.extend(of_model.into_iter().map(|step| Step { to: Target::Trash, ..step }));
    }
    Ok(plan(What::Trash, models, steps))
}

/// Files that are no models into the trash, each for itself.
pub(crate) fn trashes_alone(paths: &[PathBuf]) -> Result<Plan> {
    let mut steps = Vec::new();
    for path in paths {
        let metadata = path.symlink_metadata().map_err(|source| Error::io("look at", path, &source))?;
        if !metadata.is_file() {
            return Err(Error::invalid(format!("`{}` is no file", path.display())));
        }
        steps.push(Step { to: Target::Trash, ..step(path, path.clone(), None)? });
    }
    let title = match paths {
        [one] => name_of(one),
        _ => format!("{} files", paths.len()),
    };
    let bytes = steps.iter().map(|step| step.bytes).sum();
    Ok(Plan { what: What::Trash, title, models: 0, bytes, steps })
}

fn plan(what: What, models: &[FileRow], steps: Vec<Step>) -> Plan {
    let moved = steps.iter().filter(|step| step.model.is_some()).count();
    let title = match models {
        [one] => name_of(&one.path),
        _ => format!("{moved} models"),
    };
    let bytes = steps.iter().map(|step| step.bytes).sum();
    Plan { what, title, models: u32::try_from(moved).unwrap_or(u32::MAX), bytes, steps }
}

/// The model first: if it cannot go, nothing beside it goes either.
fn steps_of(model: &FileRow, target: impl FnOnce(&Path) -> Result<PathBuf>) -> Result<Vec<Step>> {
    let from = &model.path;
    if model.gone || model.away {
        return Err(Error::not_found(format!("`{}` is not on the disk at the moment", from.display())));
    }
    let metadata = from.symlink_metadata().map_err(|source| Error::io("look at", from, &source))?;
    if metadata.is_symlink() {
        return Err(Error::invalid(format!("`{}` is a link; Modeldock leaves links where they are", from.display()))
            .hint("Do it to the file that it leads to"));
    }
    let to = target(from)?;
    let mut steps = vec![step(from, to.clone(), Some(model))?];
    for (beside, target) in companions(from, &to) {
        steps.push(step(&beside, target, None)?);
    }
    Ok(steps)
}

fn step(from: &Path, to: PathBuf, model: Option<&FileRow>) -> Result<Step> {
    let print = from.symlink_metadata().and_then(|metadata| Fingerprint::of_metadata(&metadata, from));
    let print = print.map_err(|source| Error::io("look at", from, &source))?;
    Ok(Step {
        from: from.to_owned(),
        to: Target::Path(to),
        volume: print.identity.volume,
        index: print.identity.index,
        bytes: print.size,
        model: model.map(|model| model.id),
    })
}

/// A path in the folder that neither the model's own name nor anything that travels with it takes from another file.
fn free_path(from: &Path, folder: &Path, promised: &HashSet<PathBuf>) -> Result<PathBuf> {
    let stem = from.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = from.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    let is_free = |path: &Path| !promised.contains(path) && path.symlink_metadata().is_err();
    for number in 1..=MOST_NAMES {
        let name = match number {
            1 => name_of(from),
            _ => format!("{stem} ({number}).{extension}"),
        };
        let to = folder.join(name);
        if is_free(&to) && companions(from, &to).iter().all(|(_, target)| is_free(target)) {
            return Ok(to);
        }
    }
    Err(Error::new(Code::Io, format!("No name is free for `{}` in `{}`", name_of(from), folder.display())))
}

/// A name the user typed: one that every system takes as one file's.
fn check_name(name: &str) -> Result<()> {
    use crate::download::{Fallback, SafeExtension, safe_name};
    let refused = || Error::invalid(format!("`{}` cannot be a model's name", name.escape_debug()));
    let extension = SafeExtension::of(name).filter(|_| is_model_name(Path::new(name))).ok_or_else(refused)?;
    let safe = safe_name(name, extension, Fallback::Version { model: None, version: crate::units::VersionId(0) });
    // The ending may be in capitals, as it was.
    if safe.as_str().eq_ignore_ascii_case(name) {
        Ok(())
    } else {
        Err(refused().hint(format!("`{safe}` can be: every system takes it")))
    }
}

/// A move within a drive is one step; between drives it would be a copy.
fn same_drive(model: &FileRow, folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    let volume = |path: &Path| Fingerprint::of_path(path).map(|print| print.identity.volume);
    let (from, to) = (volume(folder_of(&model.path)), volume(there));
    match (from, to) {
        (Ok(from), Ok(to)) if from == to => Ok(()),
        (Err(source), _) => Err(Error::io("look at", &model.path, &source)),
        (_, Err(source)) => Err(Error::io("look at", there, &source)),
        _ => Err(Error::invalid(format!(
            "`{}` lies on another drive than `{}`",
            folder.display(),
            model.path.display()
        ))
        .hint("Modeldock moves within a drive only. Copy it with your file manager: it is recognised there at once")),
    }
}
