//! `cargo xtask converge`: cuts an apply off after every one of its calls in turn, and sees the next one
//! finish it and a third write nothing. The ordinary tests cut after some.

use anyhow::Result;

use crate::run::{command, run};
use crate::tools;

/// The test that does it, and the variable that has it leave nothing out.
const TEST: &str = "an_apply_that_was_cut_off_after_any_call_is_finished_by_the_next";
const EVERY_CALL: &str = "WELLHOUSE_TEST_CONVERGE";

/// Cuts after every call, against moto.
pub(crate) fn every_call() -> Result<()> {
    let python = tools::python()?;
    let mut tests = command("cargo", &["test", "-p", "wh-aws", "--test", "moto", "--", TEST]);
    tests.env("WELLHOUSE_TEST_MOTO", python.join("bin/moto_server"));
    tests.env("WELLHOUSE_TEST_PYTHON", python.join("bin/python")).env(EVERY_CALL, "1");
    run(tests)
}
