//! `cargo xtask converge`: cuts an apply off after every one of its calls in turn, and sees the next one
//! finish it and a third write nothing. The ordinary tests cut after some.

use anyhow::Result;

use crate::run::{command, run};
use crate::tools;

/// The test that does it, and the variable that has it leave nothing out.
const TEST: &str = "an_apply_that_was_cut_off_after_any_call_is_finished_by_the_next";
const EVERY_CALL: &str = "WELLHOUSE_TEST_CONVERGE";

/// The same against our own endpoint.
const EMBEDDED_TEST: &str = "an_apply_is_finished_by_the_next_and_a_second_writes_nothing";

/// Cuts after every call, against moto and against our own endpoint.
pub(crate) fn every_call() -> Result<()> {
    let python = tools::python()?;
    for (binary, test) in [("moto", TEST), ("it", EMBEDDED_TEST)] {
        // Of the whole workspace, as everything else builds it: else the features are others, and all
        // dependencies are compiled anew.
        let mut tests = command("cargo", &["test", "--workspace", "--test", binary, "--", test]);
        tests.env("WELLHOUSE_TEST_MOTO", python.join("bin/moto_server"));
        tests.env("WELLHOUSE_TEST_PYTHON", python.join("bin/python")).env(EVERY_CALL, "1");
        run(tests)?;
    }
    Ok(())
}
