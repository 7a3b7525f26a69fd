//! The side of the process that is traced.

use anyhow::Result;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

use super::calls::CALLS;

/// Hands this process over to the thread that started it, and has the kernel stop it at every
/// call of [`CALLS`] from here on, in every thread to come.
pub(crate) fn hand_over() -> Result<()> {
    ptrace::traceme()?;
    raise(Signal::SIGSTOP)?;
    let rules = CALLS.iter().map(|call| (call.number, Vec::new())).collect();
    let (others, these) = (SeccompAction::Allow, SeccompAction::Trace(0));
    let filter: BpfProgram =
        SeccompFilter::new(rules, others, these, TargetArch::x86_64)?.try_into()?;
    Ok(apply_filter(&filter)?)
}
