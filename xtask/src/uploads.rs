//! `torture`, `small-files` and `large-folder`: one large file through everything that can go wrong on its
//! way, very many small ones beside the AWS CLI, and a folder of very many entries, in Chromium and against
//! the release build. `cargo xtask test` runs short slices of them with the other end-to-end tests.

use anyhow::Result;

use crate::harness::Build;
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
        in_chromium(Build::Release, &["e2e", "--", "torture"], &[size])
    }
}

/// Upload very many small files in one drop, beside the AWS CLI with the same folder.
#[derive(clap::Args)]
pub(crate) struct SmallFiles {
    /// How many files
    #[arg(long, default_value_t = 10_000)]
    count: u32,
}

impl SmallFiles {
    /// Builds and runs it; the figures are in its output.
    pub(crate) fn start(&self) -> Result<()> {
        let count = ("WELLHOUSE_E2E_SMALL", self.count.to_string());
        in_chromium(Build::Release, &["e2e", "--", "small-files"], &[count])
    }
}

/// Open a folder of very many entries and measure what a person waits for.
#[derive(clap::Args)]
pub(crate) struct LargeFolder {
    /// How many entries
    #[arg(long, default_value_t = 100_000)]
    entries: u32,
}

impl LargeFolder {
    /// Builds and runs it; the figures are in its output.
    pub(crate) fn start(&self) -> Result<()> {
        let entries = ("WELLHOUSE_E2E_ENTRIES", self.entries.to_string());
        in_chromium(Build::Release, &["e2e", "--", "large-folder"], &[entries])
    }
}
