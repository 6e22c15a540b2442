//! The system's events, reduced to what a hint needs. Pure.
//!
//! `notify` reports what each system reports, and they differ: Linux tells a write from a close, Windows only says
//! "modified", macOS says what happened to a path without saying in which order. A [`Sign`] is what they share, and says
//! less where a system says less.

use std::path::PathBuf;

use notify::event::{AccessKind, AccessMode, CreateKind, Event, EventKind, ModifyKind, RenameMode};

use super::names::Interest;

/// Something happened to a path, by the path's real name, links resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// It is there now, made in place.
    Appeared(PathBuf),
    /// The same, and it is a folder.
    FolderAppeared(PathBuf),
    /// It is there now, renamed from elsewhere.
    Arrived(PathBuf),
    /// Its contents were written to.
    Written(PathBuf),
    /// Somebody who could write to it closed it.
    Closed(PathBuf),
    /// Its times, owner or rights changed.
    Touched(PathBuf),
    /// It is not there any more.
    Vanished(PathBuf),
    /// It was renamed; follows the `Vanished` and `Arrived` of the two names.
    Renamed { from: PathBuf, to: PathBuf },
    /// It is there or not, and changed somehow.
    Changed(PathBuf),
}

/// Why something did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    /// More happened at once than a queue holds.
    Overflow,
    /// The system will not watch more folders for this user.
    Limit,
    /// Something else, for people.
    Error(String),
}

/// What an answer of the watcher means.
pub(super) fn read(answer: notify::Result<Event>) -> Result<Vec<Sign>, Loss> {
    let event = match answer {
        Ok(event) => event,
        Err(error) => {
            return match error.kind {
                notify::ErrorKind::MaxFilesWatch => Err(Loss::Limit),
                _ => Err(Loss::Error(error.to_string())),
            };
        }
    };
    if event.need_rescan() {
        return Err(Loss::Overflow);
    }
    let make: fn(PathBuf) -> Sign = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Sign::Closed,
        // Models are opened and read all day.
        EventKind::Access(_) => return Ok(Vec::new()),
        // A folder may be named like an unfinished file.
        EventKind::Create(CreateKind::Folder) => {
            return Ok(event.paths.into_iter().map(Sign::FolderAppeared).collect());
        }
        EventKind::Create(CreateKind::Any | CreateKind::File | CreateKind::Other) => Sign::Appeared,
        // `Any` is all that Windows says of a write.
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => Sign::Written,
        EventKind::Modify(ModifyKind::Metadata(_)) => Sign::Touched,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Sign::Arrived,
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
            return Ok(match <[PathBuf; 2]>::try_from(event.paths) {
                Ok([from, to]) => vec![Sign::Renamed { from, to }],
                Err(paths) => paths.into_iter().map(Sign::Changed).collect(),
            });
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::Any | RenameMode::Other) | ModifyKind::Other)
        | EventKind::Any
        | EventKind::Other => Sign::Changed,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Sign::Vanished,
    };
    let signs = event.paths.into_iter().map(make);
    Ok(signs.filter(matters).collect())
}

/// An unfinished file is left alone. That something is gone is heard whatever its name: it may have been a folder.
fn matters(sign: &Sign) -> bool {
    match sign {
        Sign::Appeared(path)
        | Sign::Arrived(path)
        | Sign::Written(path)
        | Sign::Closed(path)
        | Sign::Touched(path)
        | Sign::Changed(path) => Interest::of(path) != Interest::Unfinished,
        Sign::FolderAppeared(_) | Sign::Vanished(_) | Sign::Renamed { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, Flag};

    use super::*;

    fn signs(kind: EventKind, paths: &[&str]) -> Vec<Sign> {
        read(Ok(paths.iter().fold(Event::new(kind), |event, path| event.add_path(path.into())))).unwrap()
    }

    #[test]
    fn lost_events_are_never_taken_for_events() {
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(read(Ok(overflow)), Err(Loss::Overflow));
        assert_eq!(read(Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch))), Err(Loss::Limit));
        assert!(matches!(read(Err(notify::Error::generic("broken"))), Err(Loss::Error(_))));
    }

    #[test]
    fn unfinished_files_and_reading_are_nobodys_business() {
        let write = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        assert_eq!(signs(write, &["/m/a.safetensors.part"]), []);
        assert_eq!(signs(write, &["/m/a.safetensors"]), [Sign::Written("/m/a.safetensors".into())]);
        let open = EventKind::Access(AccessKind::Open(AccessMode::Any));
        assert_eq!(signs(open, &["/m/a.safetensors"]), []);
    }

    #[test]
    fn a_rename_keeps_both_names_whatever_they_are() {
        let both = EventKind::Modify(ModifyKind::Name(RenameMode::Both));
        let renamed = Sign::Renamed { from: "/m/a.part".into(), to: "/m/a.pt".into() };
        assert_eq!(signs(both, &["/m/a.part", "/m/a.pt"]), [renamed]);
    }
}
