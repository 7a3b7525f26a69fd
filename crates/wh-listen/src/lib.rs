//! What both doors of the house have in common: a listening socket, how many connections it serves
//! and for how long, TLS, the versions of HTTP, and who is at the other end.
//!
//! - [`listen`] opens a socket at which a crowd may wait.
//! - [`Doorway`] serves a socket until it is told to stop, and then lets requests in flight end.
//! - [`Tls`] is a certificate that can be changed while connections are served.
//! - [`Peer`] is the other end of a connection, and [`TrustedProxies`] finds the client behind it.
//! - [`is_proxied`] tells a request that came through a proxy that says so.
//!
//! Nothing here knows what is served.

mod count;
mod doorway;
mod peer;
mod proxied;
mod tls;

#[cfg(test)]
mod tests;

pub use doorway::{Doorway, Limits, Transport, listen};
pub use peer::{Peer, TrustedProxies};
pub use proxied::is_proxied;
pub use tls::{Tls, TlsError};
