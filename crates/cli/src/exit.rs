//! What the exit codes mean; `--help` and docs/reference.md say the same.

use std::process::ExitCode;

use modeldock_core::{Code, Error};

/// For `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    failed; standard error says why
  2    the command line was not understood
  3    done in part: some files or folders could not be read
  4    another Modeldock is busy with it
  130  interrupted";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Failed,
    InPart,
    Busy,
    Interrupted,
}

impl Exit {
    /// For a command that failed.
    pub(crate) fn of(error: &Error) -> Self {
        match error.code {
            Code::Busy => Self::Busy,
            Code::Cancelled => Self::Interrupted,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::InPart => 3,
            Exit::Busy => 4,
            Exit::Interrupted => 130,
        })
    }
}
