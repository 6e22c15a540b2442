//! Follows the program through every call that changes or syncs something on the disk, and lets one of them fail or be
//! its last.
//!
//! What `strace -e inject=…:when=N` does, but counted over all threads and all kinds of calls together: which thread of a
//! pool makes a call is chance, and the N-th call of each thread alone leaves out most of what happens late.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::libc::{self, c_long};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::support::Run;

/// A call that changes or syncs something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    /// What it is done to; of two paths, the second.
    pub(crate) path: PathBuf,
}

/// What happens at a call, before it is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The whole program ends, as if killed from outside.
    Kill,
    /// This call comes back with this error and does nothing.
    Error(i32),
}

/// A run with everything it did to the disk, in order.
pub(crate) struct Traced {
    pub(crate) run: Run,
    pub(crate) calls: Vec<Call>,
    /// Bytes that it took from its connections.
    pub(crate) received: u64,
}

/// How a call names what it is done to: the position of the argument.
#[derive(Clone, Copy)]
enum Subject {
    Descriptor(usize),
    Path(usize),
    /// A path that matters only if these flags, in the argument after it, are given.
    Opened(usize),
}

const CALLS: &[(c_long, &str, Subject)] = &[
    (libc::SYS_write, "write", Subject::Descriptor(0)),
    (libc::SYS_pwrite64, "write", Subject::Descriptor(0)),
    (libc::SYS_writev, "write", Subject::Descriptor(0)),
    (libc::SYS_pwritev, "write", Subject::Descriptor(0)),
    (libc::SYS_pwritev2, "write", Subject::Descriptor(0)),
    (libc::SYS_copy_file_range, "write", Subject::Descriptor(2)),
    (libc::SYS_ftruncate, "truncate", Subject::Descriptor(0)),
    (libc::SYS_fallocate, "allocate", Subject::Descriptor(0)),
    (libc::SYS_fsync, "sync", Subject::Descriptor(0)),
    (libc::SYS_fdatasync, "sync", Subject::Descriptor(0)),
    (libc::SYS_open, "create", Subject::Opened(0)),
    (libc::SYS_openat, "create", Subject::Opened(1)),
    (libc::SYS_mkdir, "make folder", Subject::Path(0)),
    (libc::SYS_mkdirat, "make folder", Subject::Path(1)),
    (libc::SYS_rename, "rename", Subject::Path(1)),
    (libc::SYS_renameat, "rename", Subject::Path(3)),
    (libc::SYS_renameat2, "rename", Subject::Path(3)),
    (libc::SYS_link, "link", Subject::Path(1)),
    (libc::SYS_linkat, "link", Subject::Path(3)),
    (libc::SYS_unlink, "remove", Subject::Path(0)),
    (libc::SYS_unlinkat, "remove", Subject::Path(1)),
    (libc::SYS_rmdir, "remove", Subject::Path(0)),
];

const RECEIVING: &[c_long] = &[libc::SYS_read, libc::SYS_readv, libc::SYS_recvfrom];

/// Runs a command to its end; its calls are those to anything below one of `folders`. At the call with this number,
/// counted from zero, the fault happens.
pub(crate) fn trace(command: &Command, folders: &[PathBuf], fault: Option<(usize, Fault)>) -> Traced {
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let root = spawn_stopped(command, &out, &err);
    let mut tracer = Tracer {
        root,
        folders,
        fault,
        calls: Vec::new(),
        inside: HashSet::new(),
        failing: HashMap::new(),
        receiving: HashSet::new(),
        received: 0,
    };
    let exit = tracer.follow();
    Traced {
        run: Run { exit, out: read(&mut out), err: read(&mut err) },
        calls: tracer.calls,
        received: tracer.received,
    }
}

fn read(file: &mut File) -> String {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// The command, before its first instruction: a shell stops itself and then becomes it.
#[expect(clippy::zombie_processes, reason = "it is waited for by its number, once it is traced")]
fn spawn_stopped(command: &Command, out: &File, err: &File) -> Pid {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap());
    }
    shell.current_dir(command.get_current_dir().unwrap()).stdin(Stdio::null());
    shell.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let child = shell.spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert!(matches!(stopped, WaitStatus::Stopped(_, Signal::SIGSTOP)), "{stopped:?}");
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).unwrap();
    kill(pid, Signal::SIGCONT).unwrap();
    pid
}

struct Tracer<'a> {
    root: Pid,
    folders: &'a [PathBuf],
    fault: Option<(usize, Fault)>,
    calls: Vec<Call>,
    /// Threads that are inside a call.
    inside: HashSet<Pid>,
    /// Threads whose call is to fail when it comes back.
    failing: HashMap<Pid, i32>,
    /// Threads that are taking bytes from a connection.
    receiving: HashSet<Pid>,
    received: u64,
}

impl Tracer<'_> {
    /// Until the program has ended; the exit code, or `None` if it was killed.
    fn follow(&mut self) -> Option<i32> {
        // Only the children of this thread: other tests run theirs at the same time.
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let status = waitpid(None, Some(flags)).unwrap();
            let (thread, signal) = match status {
                WaitStatus::Exited(pid, code) if pid == self.root => return Some(code),
                WaitStatus::Signaled(pid, ..) if pid == self.root => return None,
                WaitStatus::PtraceSyscall(thread) => {
                    self.syscall(thread);
                    (thread, None)
                }
                // A signal on its way to the program. The stop at the beginning is over.
                WaitStatus::Stopped(thread, signal) if signal != Signal::SIGSTOP => (thread, Some(signal)),
                WaitStatus::Stopped(thread, _) | WaitStatus::PtraceEvent(thread, ..) => (thread, None),
                _ => continue,
            };
            // A thread that was killed meanwhile cannot go on, and is told of next.
            let _ = ptrace::syscall(thread, signal);
        }
    }

    fn syscall(&mut self, thread: Pid) {
        let Ok(mut registers) = ptrace::getregs(thread) else { return };
        // At the beginning of a call the result says that there is no such call.
        let begins = registers.rax.cast_signed() == -i64::from(libc::ENOSYS) && self.inside.insert(thread);
        if !begins {
            self.inside.remove(&thread);
            if self.receiving.remove(&thread) {
                self.received += u64::try_from(registers.rax.cast_signed()).unwrap_or(0);
            }
            if let Some(error) = self.failing.remove(&thread) {
                registers.rax = (-i64::from(error)).cast_unsigned();
                let _ = ptrace::setregs(thread, registers);
            }
            return;
        }
        let number = registers.orig_rax.cast_signed();
        if RECEIVING.contains(&number) {
            let from = subject_of(thread, Subject::Descriptor(0), [registers.rdi, 0, 0, 0]);
            if from.is_some_and(|from| from.to_string_lossy().starts_with("socket:")) {
                self.receiving.insert(thread);
            }
            return;
        }
        let Some((_, name, subject)) = CALLS.iter().find(|(known, ..)| *known == number) else { return };
        let arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10];
        let Some(path) = subject_of(thread, *subject, arguments) else { return };
        if !self.folders.iter().any(|folder| path.starts_with(folder)) {
            return;
        }
        let at = self.calls.len();
        self.calls.push(Call { name, path });
        match self.fault {
            Some((when, Fault::Kill)) if when == at => {
                let _ = kill(self.root, Signal::SIGKILL);
            }
            Some((when, Fault::Error(error))) if when == at => {
                registers.orig_rax = u64::MAX;
                if ptrace::setregs(thread, registers).is_ok() {
                    self.failing.insert(thread, error);
                }
            }
            _ => {}
        }
    }
}

fn subject_of(thread: Pid, subject: Subject, arguments: [u64; 4]) -> Option<PathBuf> {
    match subject {
        Subject::Descriptor(at) => {
            let descriptor = arguments[at] & 0xffff_ffff;
            std::fs::read_link(format!("/proc/{thread}/fd/{descriptor}")).ok()
        }
        Subject::Path(at) => text_at(thread, arguments[at]),
        Subject::Opened(at) => {
            let creates = u64::try_from(libc::O_CREAT | libc::O_TRUNC).ok()?;
            if arguments[at + 1] & creates == 0 {
                return None;
            }
            text_at(thread, arguments[at])
        }
    }
}

/// A path in the program's memory.
fn text_at(thread: Pid, address: u64) -> Option<PathBuf> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = [0; 4096];
    // A path near the end of what can be read is shorter than a whole page.
    let mut there = 0;
    while there < bytes.len() {
        let chunk = (256 - (usize::try_from(address).ok()? + there) % 256).min(bytes.len() - there);
        match memory.read_at(&mut bytes[there..there + chunk], address + there as u64) {
            Ok(read) if read > 0 => there += read,
            _ => break,
        }
        if bytes[..there].contains(&0) {
            break;
        }
    }
    let end = bytes[..there].iter().position(|byte| *byte == 0)?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    Some(Path::new(text).to_owned())
}

#[test]
fn a_traced_run_is_seen_failed_and_killed_where_it_should_be() {
    let dir = tempfile::tempdir().unwrap();
    let folders = [dir.path().to_owned()];
    let script = "echo one > a; echo two > b && mv b c; mkdir d; echo $?";
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("PATH", std::env::var_os("PATH").unwrap()).current_dir(dir.path());
    let within = |calls: &[Call]| calls.iter().filter(|call| call.name == "write").count();
    let whole = trace(&command, &folders, None);
    assert_eq!((whole.run.exit, whole.run.out.as_str()), (Some(0), "0\n"), "{:?}", whole.run);
    assert_eq!(within(&whole.calls), 2, "{:?}", whole.calls);
    std::fs::remove_dir(dir.path().join("d")).unwrap();

    let second = whole.calls.iter().rposition(|call| call.name == "write").unwrap();
    let failed = trace(&command, &folders, Some((second, Fault::Error(libc::ENOSPC))));
    assert!(failed.run.err.contains("echo: "), "{:?}", failed.run);
    assert_eq!(std::fs::read(dir.path().join("b")).unwrap(), b"");
    std::fs::remove_dir(dir.path().join("d")).unwrap();

    let killed = trace(&command, &folders, Some((second, Fault::Kill)));
    assert_eq!(killed.run.exit, None);
    assert_eq!(killed.calls.len(), second + 1);
    assert!(!dir.path().join("d").exists());
}
