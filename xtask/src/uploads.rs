//! `torture`: one large file through everything that can go wrong on its way, in Chromium and against
//! the release build. `cargo xtask test` runs a short slice of it with the other end-to-end tests.

use anyhow::Result;

use crate::test::in_chromium;

/// Send one large file through resets, an offline time, ended credentials, a reload and a killed server.
#[derive(clap::Args)]
pub(crate) struct Torture {
    /// How large the file is, in MiB; parts are of 8
    #[arg(long, default_value_t = 2_048)]
    mib: u32,
}

impl Torture {
    /// Builds and runs it.
    pub(crate) fn start(&self) -> Result<()> {
        let size = ("WELLHOUSE_E2E_TORTURE_MIB", self.mib.to_string());
        in_chromium(&["e2e", "--", "torture"], &[size])
    }
}
