//! SQLite's failures in words for people.

use rusqlite::{ErrorCode, ffi};

use crate::error::{Code, Error};

/// What a user can do about a failing database.
pub(crate) fn explain(source: &rusqlite::Error) -> Error {
    let text = source.to_string();
    match source.sqlite_error_code() {
        _ if is_unreadable(source) => damaged(),
        // A full disk has no room for the shared memory of the log either, which SQLite calls an I/O error.
        Some(ErrorCode::SystemIoFailure) if extended(source) == Some(ffi::SQLITE_IOERR_SHMSIZE) => full(),
        Some(ErrorCode::DiskFull) => full(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::new(Code::Busy, "Modeldock's database is in use by another program").hint("Try again in a moment")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            Error::new(Code::Database, format!("Modeldock's database cannot be written: {text}"))
                .hint("Check that your user may write to the data folder, or name another one with --data-dir")
        }
        Some(ErrorCode::SystemIoFailure) => {
            Error::new(Code::Database, format!("The disk with Modeldock's database reports an error: {text}"))
                .hint("Check the disk and its free space, then try again")
        }
        _ => Error::new(Code::Internal, format!("Modeldock's database refused a request: {text}"))
            .hint("This is a defect of Modeldock; please report it"),
    }
}

fn full() -> Error {
    Error::new(Code::DiskFull, "The disk with Modeldock's database is full")
        .hint("Free some space there; nothing is lost, the next scan goes on where this one stopped")
}

fn damaged() -> Error {
    Error::new(Code::Database, "Modeldock's database is damaged")
        .hint("Start Modeldock again: it sets the damaged file aside and rebuilds it; your model files are not touched")
}

fn extended(source: &rusqlite::Error) -> Option<i32> {
    source.sqlite_error().map(|error| error.extended_code)
}

/// Whether a value came out of the database that never went in: the page it is on was changed by something else.
fn is_unreadable(source: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(source, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..))
}

/// Whether the file itself is broken.
pub(crate) fn is_corruption(source: &rusqlite::Error) -> bool {
    let code = source.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || extended(source) == Some(ffi::SQLITE_IOERR_SHORT_READ)
        || is_unreadable(source)
}
