//! The side of the process that is traced.

use anyhow::{Context, Result};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

use super::calls::{CALLS, Call, named};
use super::tracer::FRAMES_BY;

/// All calls of [`CALLS`], as an argument.
pub(super) const ALL_CALLS: &str = "all";

/// Hands this process over to the thread that started it, and has the kernel stop it at the calls
/// from here on, in every thread to come: at every call of [`CALLS`], or at those of one name.
/// Each stop costs more than the call itself, so that fewer make a run several times as fast.
pub(crate) fn hand_over(calls: &str) -> Result<()> {
    let calls: Vec<&Call> = match calls {
        ALL_CALLS => CALLS.iter().collect(),
        // What it unmaps is known by what it mapped.
        "munmap" => ["mmap", "munmap"].into_iter().filter_map(named).collect(),
        name => {
            let call = named(name).with_context(|| format!("no call `{name}`"))?;
            // Of a sync it matters what was written before.
            let before = call.is_sync().then(|| named(FRAMES_BY)).flatten();
            std::iter::once(call).chain(before).collect()
        }
    };
    ptrace::traceme()?;
    raise(Signal::SIGSTOP)?;
    let rules = calls.iter().map(|call| (call.number, Vec::new())).collect();
    let (others, these) = (SeccompAction::Allow, SeccompAction::Trace(0));
    let filter: BpfProgram =
        SeccompFilter::new(rules, others, these, TargetArch::x86_64)?.try_into()?;
    Ok(apply_filter(&filter)?)
}
