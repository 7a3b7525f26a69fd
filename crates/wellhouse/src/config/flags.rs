//! Command line flags that stand over file and environment.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What the command line may override.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Overrides {
    /// The configuration file [default: wellhouse.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
}

/// What `wellhouse serve` may override besides.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Listeners {
    /// Where the portal listens
    #[arg(long, value_name = "IP:PORT")]
    pub(super) portal_listen: Option<SocketAddr>,
    /// Where the S3 endpoint listens
    #[arg(long, value_name = "IP:PORT")]
    pub(super) s3_listen: Option<SocketAddr>,
    /// A further origin from which the portal's own page may come
    #[arg(long, value_name = "ORIGIN", hide = true)]
    pub(super) portal_origin: Option<String>,
    /// Serve the S3, STS and IAM endpoint alone: no portal, no persons, an empty account
    #[arg(long)]
    pub(crate) store_only: bool,
}
