//! Runs a process, counts its calls on the files of a folder, and does something at one of them.
//!
//! strace counts each thread by itself, so that the third fsync of one thread hides those of the
//! others; here calls are counted over all threads, and every one of them can be reached.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::libc::user_regs_struct;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::calls::{Call, numbered};

/// How long a run may take. It takes less than a second; the limit only ends one that hangs.
const RUN_MAX: Duration = Duration::from_mins(1);

/// The longest path that is read from the process, in bytes.
const PATH_BYTES_MAX: usize = 512;

/// The call that frames of the log are written by.
pub(super) const FRAMES_BY: &str = "pwrite64";

/// What is written to the log after a sync, and no commit rests on: the mark of `wh-pages`.
const MARK_BYTES: u64 = 48;

/// What is done at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The process is killed before the call.
    Kill,
    /// The call is not made, and fails.
    Fail(Errno),
    /// The call is not made, and fails, and so do all later ones of its name.
    FailFromHere(Errno),
    /// The call moves half of the bytes that it was asked to.
    Short,
}

/// At which call what is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) call: &'static Call,
    /// Which of the calls of this name on the folder; the first is 1.
    pub(super) nth: u64,
    pub(super) act: Act,
}

/// What is run, and where.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Calls on what is in this folder count.
    pub(super) folder: PathBuf,
    /// The log that the process writes, outside of the folder.
    pub(super) log: PathBuf,
    /// Where its error output goes.
    pub(super) errors: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
}

/// The call at which something was done.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// The name of the thread.
    pub(super) thread: String,
    /// The path that the call is on, and what else its arguments hold.
    pub(super) on: String,
    /// How long the log was, in bytes.
    pub(super) log_bytes: u64,
    /// A sync that has nothing to make durable which a commit rests on: of the index, which holds
    /// only what its log holds too, or of a log whose frames are all synced. The store's writer
    /// makes such syncs after it has answered.
    pub(super) needless: bool,
    /// Its thread made the same call again, and that was left alone.
    pub(super) repeated: bool,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Exited(i32),
    Killed(Signal),
}

/// What a run was.
#[derive(Debug)]
pub(super) struct Run {
    /// How often each call was made on the folder; of a run with a plan they tell nothing.
    pub(super) counts: BTreeMap<&'static str, u64>,
    pub(super) hit: Option<Hit>,
    pub(super) end: End,
}

/// Runs this program with other arguments, traced by this thread.
pub(super) fn run(scene: &Scene, plan: Option<Plan>) -> Result<Run> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(&scene.arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let mut process = command.stderr(File::create(&scene.errors)?).spawn()?;
    let child = Pid::from_raw(i32::try_from(process.id())?);
    let first = waitpid(child, Some(WaitPidFlag::WUNTRACED))?;
    if first != WaitStatus::Stopped(child, Signal::SIGSTOP) {
        bail!("the process did not hand itself over: {first:?}");
    }
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACESECCOMP
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_EXITKILL;
    ptrace::setoptions(child, options)?;
    let (done, watched) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || match watched.recv_timeout(RUN_MAX) {
        Err(mpsc::RecvTimeoutError::Timeout) => kill(child, Signal::SIGKILL),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => Ok(()),
    });
    let end = Trace::new(child, scene, plan).and_then(Trace::follow);
    drop(done);
    // Whether it still had something to kill does not matter: the end tells.
    drop(watchdog.join());
    // It was waited for already; this only lets the handle know.
    drop(process.try_wait());
    end
}

/// What is to be done when a call returns.
#[derive(Debug, Clone, Copy)]
enum OnReturn {
    Answer(Errno),
    RestoreLength(u64),
    RememberMapping,
}

struct Trace<'s> {
    child: Pid,
    memory: File,
    descriptors: PathBuf,
    scene: &'s Scene,
    plan: Option<Plan>,
    counts: BTreeMap<&'static str, u64>,
    mapped: HashSet<u64>,
    on_return: HashMap<Pid, OnReturn>,
    /// Logs of the index with frames that were not synced.
    unsynced: HashSet<PathBuf>,
    hit: Option<Hit>,
    /// The thread and the file of the hit.
    hit_at: Option<(Pid, Option<PathBuf>)>,
}

impl<'s> Trace<'s> {
    fn new(child: Pid, scene: &'s Scene, plan: Option<Plan>) -> Result<Self> {
        let memory = File::open(format!("/proc/{child}/mem"))?;
        let descriptors = PathBuf::from(format!("/proc/{child}/fd"));
        let (counts, mapped, on_return) = (BTreeMap::new(), HashSet::new(), HashMap::new());
        let (unsynced, hit, hit_at) = (HashSet::new(), None, None);
        Ok(Self {
            child,
            memory,
            descriptors,
            scene,
            plan,
            counts,
            mapped,
            on_return,
            unsynced,
            hit,
            hit_at,
        })
    }

    /// Lets the process run until it ends.
    fn follow(mut self) -> Result<Run> {
        go_on(self.child, None)?;
        loop {
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            let end = match waitpid(None, Some(flags))? {
                WaitStatus::Exited(pid, code) if pid == self.child => End::Exited(code),
                WaitStatus::Signaled(pid, signal, _) if pid == self.child => End::Killed(signal),
                WaitStatus::PtraceEvent(pid, _, event) => {
                    gone_is_fine(self.event(pid, event))?;
                    continue;
                }
                WaitStatus::PtraceSyscall(pid) => {
                    gone_is_fine(self.returns(pid))?;
                    continue;
                }
                // A new thread begins with a SIGSTOP that is not meant for it.
                WaitStatus::Stopped(pid, Signal::SIGSTOP) => {
                    go_on(pid, None)?;
                    continue;
                }
                WaitStatus::Stopped(pid, signal) => {
                    go_on(pid, Some(signal))?;
                    continue;
                }
                WaitStatus::Exited(..)
                | WaitStatus::Signaled(..)
                | WaitStatus::Continued(_)
                | WaitStatus::StillAlive => continue,
            };
            return Ok(Run { counts: self.counts, hit: self.hit, end });
        }
    }

    fn event(&mut self, pid: Pid, event: i32) -> Result<()> {
        if event != ptrace::Event::PTRACE_EVENT_SECCOMP as i32 {
            return go_on(pid, None);
        }
        if self.is_over() {
            self.notice_repetition(pid)?;
            return go_on(pid, None);
        }
        let regs = ptrace::getregs(pid)?;
        let Some(call) = numbered(regs.orig_rax).filter(|call| self.is_ours(call, &regs)) else {
            return go_on(pid, None);
        };
        let count = self.counts.entry(call.name).or_default();
        *count += 1;
        let nth = *count;
        let plan = self.plan.filter(|plan| plan.call.number == call.number);
        match plan.map(|plan| (plan.act, plan.nth)) {
            Some((act @ Act::FailFromHere(_), from)) if nth >= from => self.act(pid, regs, act),
            Some((act, at)) if nth == at => self.act(pid, regs, act),
            _ if call.is_sync() || call.name == FRAMES_BY => {
                self.follow_log(call, &regs);
                go_on(pid, None)
            }
            _ if call.name == "mmap" => self.stop_at_return(pid, OnReturn::RememberMapping),
            _ => go_on(pid, None),
        }
    }

    /// Notes what a call writes to a log of the index, or makes durable of it.
    fn follow_log(&mut self, call: &Call, regs: &user_regs_struct) {
        let Some(path) = self.opened(regs.rdi).filter(|path| ends_with(path, "-wal")) else {
            return;
        };
        if call.is_sync() {
            self.unsynced.remove(&path);
        } else if regs.rdx != MARK_BYTES {
            self.unsynced.insert(path);
        }
    }

    fn is_needless(&self, regs: &user_regs_struct) -> bool {
        let sync = numbered(regs.orig_rax).is_some_and(Call::is_sync);
        let of_log = |path: &PathBuf| ends_with(path, "-wal") && !self.unsynced.contains(path);
        sync && self.opened(regs.rdi).is_some_and(|path| ends_with(&path, ".db") || of_log(&path))
    }

    /// Notes whether the call after the hit is the same again. A call that a signal interrupted is
    /// made again by whoever knows the rules, and then nothing failed.
    fn notice_repetition(&mut self, pid: Pid) -> Result<()> {
        let Some((_, file)) = self.hit_at.take_if(|(thread, _)| *thread == pid) else {
            return Ok(());
        };
        let regs = ptrace::getregs(pid)?;
        let same = file.is_some() && self.opened(regs.rdi) == file;
        if let Some(hit) = &mut self.hit {
            hit.repeated = same;
        }
        Ok(())
    }

    /// Whether all that was planned is done, so that no further call matters.
    fn is_over(&self) -> bool {
        let lasting = |plan: Plan| matches!(plan.act, Act::FailFromHere(_));
        self.hit.is_some() && !self.plan.is_some_and(lasting)
    }

    fn act(&mut self, pid: Pid, mut regs: user_regs_struct, act: Act) -> Result<()> {
        if self.hit.is_none() {
            let thread = std::fs::read_to_string(format!("/proc/{}/task/{pid}/comm", self.child))?;
            let log_bytes = std::fs::metadata(&self.scene.log).map_or(0, |log| log.len());
            let (on, needless) = (self.on(&regs), self.is_needless(&regs));
            let thread = thread.trim().to_owned();
            self.hit = Some(Hit { thread, on, log_bytes, needless, repeated: false });
            self.hit_at = Some((pid, self.opened(regs.rdi)));
        }
        match act {
            Act::Kill => Ok(kill(self.child, Signal::SIGKILL)?),
            Act::Fail(errno) | Act::FailFromHere(errno) => {
                // No call has this number, so that none is made.
                regs.orig_rax = u64::MAX;
                ptrace::setregs(pid, regs)?;
                self.stop_at_return(pid, OnReturn::Answer(errno))
            }
            Act::Short => {
                let whole = regs.rdx;
                regs.rdx = whole.div_ceil(2);
                ptrace::setregs(pid, regs)?;
                self.stop_at_return(pid, OnReturn::RestoreLength(whole))
            }
        }
    }

    fn stop_at_return(&mut self, pid: Pid, then: OnReturn) -> Result<()> {
        self.on_return.insert(pid, then);
        Ok(ptrace::syscall(pid, None)?)
    }

    fn returns(&mut self, pid: Pid) -> Result<()> {
        let mut regs = ptrace::getregs(pid)?;
        match self.on_return.remove(&pid) {
            Some(OnReturn::Answer(errno)) => {
                regs.rax = 0_u64.wrapping_sub(u64::from((errno as i32).unsigned_abs()));
                ptrace::setregs(pid, regs)?;
            }
            Some(OnReturn::RestoreLength(whole)) => {
                regs.rdx = whole;
                ptrace::setregs(pid, regs)?;
            }
            Some(OnReturn::RememberMapping) => {
                self.mapped.insert(regs.rax);
            }
            None => {}
        }
        go_on(pid, None)
    }

    /// Whether a call is on something in the folder.
    fn is_ours(&mut self, call: &Call, regs: &user_regs_struct) -> bool {
        if call.name == "munmap" {
            return self.mapped.remove(&regs.rdi);
        }
        let argument = |at: &usize| argument(regs, *at);
        call.descriptors.iter().filter_map(argument).any(|fd| self.is_ours_open(fd))
            || call.paths.iter().filter_map(argument).any(|path| self.is_ours_named(path))
    }

    fn is_ours_open(&self, descriptor: u64) -> bool {
        self.opened(descriptor).is_some_and(|path| path.starts_with(&self.scene.folder))
    }

    fn is_ours_named(&self, address: u64) -> bool {
        self.named(address).is_some_and(|path| path.starts_with(&self.scene.folder))
    }

    fn opened(&self, descriptor: u64) -> Option<PathBuf> {
        std::fs::read_link(self.descriptors.join(descriptor.to_string())).ok()
    }

    fn named(&self, address: u64) -> Option<PathBuf> {
        let mut bytes = [0; PATH_BYTES_MAX];
        let len = self.memory.read_at(&mut bytes, address).ok()?;
        let path = bytes.get(..len)?.split(|byte| *byte == 0).next()?;
        Some(Path::new(OsStr::from_bytes(path)).to_owned())
    }

    /// What a call is on, for a report.
    fn on(&self, regs: &user_regs_struct) -> String {
        let Some(call) = numbered(regs.orig_rax) else { return String::new() };
        let argument = |at: &usize| argument(regs, *at);
        let open = call.descriptors.iter().filter_map(argument).filter_map(|fd| self.opened(fd));
        let named = call.paths.iter().filter_map(argument).filter_map(|path| self.named(path));
        let within = |path: PathBuf| {
            let path = path.strip_prefix(&self.scene.folder).unwrap_or(&path).to_owned();
            path.to_string_lossy().into_owned()
        };
        let paths: Vec<_> = open.chain(named).map(within).collect();
        format!("{} ({:#x}, {:#x}, {:#x})", paths.join(", "), regs.rsi, regs.rdx, regs.r10)
    }
}

fn ends_with(path: &Path, end: &str) -> bool {
    path.as_os_str().as_bytes().ends_with(end.as_bytes())
}

fn argument(regs: &user_regs_struct, at: usize) -> Option<u64> {
    [regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9].get(at).copied()
}

fn go_on(pid: Pid, signal: Option<Signal>) -> Result<()> {
    gone_is_fine(ptrace::cont(pid, signal).context("letting the process go on"))
}

/// A process that was killed is gone at once; its end is told by the next wait.
fn gone_is_fine(done: Result<()>) -> Result<()> {
    match done {
        Err(error) if error.downcast_ref::<Errno>() == Some(&Errno::ESRCH) => Ok(()),
        done => done,
    }
}
