//! The sockets: what they speak, and what a connection to them may cost.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use wh_endpoint::Endpoint;
use wh_listen::{Doorway, Limits, Tls, Transport, listen};

use crate::config::{Config, TlsConfig};
use crate::stop::{DRAIN_MAX, Stop};

/// Listens at an address of the configuration.
pub(crate) fn bind(what: &str, address: SocketAddr) -> Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address} for the {what}"))
}

/// A doorway that speaks what the configuration says. Its certificate is followed from now on.
pub(crate) fn doorway(
    (key, tls): (&str, Option<&TlsConfig>),
    listener: TcpListener,
    proxies: &[IpAddr],
) -> Result<Doorway> {
    let transport = match tls {
        None => Transport::Plain,
        Some(files) => {
            let tls = Tls::load(&files.certificate, &files.key);
            let tls = tls.with_context(|| format!("{key}.tls"))?;
            tokio::spawn(tls.clone().follow());
            Transport::Tls(tls)
        }
    };
    Ok(Doorway::new(listener, transport, limits(proxies)))
}

/// A proxy stands for many, and so does this machine itself.
fn limits(proxies: &[IpAddr]) -> Limits {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let exempt = proxies.iter().copied().chain(loopback).collect();
    Limits { exempt, drain: DRAIN_MAX, ..Limits::default() }
}

/// The doorways to the embedded store's endpoint.
#[derive(Debug)]
pub(crate) struct Doors {
    public: Doorway,
    own: Option<Doorway>,
    /// Where this process itself meets the endpoint.
    pub(crate) own_url: String,
}

impl Doors {
    /// The one of the configuration. Where that speaks TLS, its certificate is for a name that
    /// others know this machine by, so this process comes in by a loopback doorway of its own.
    pub(crate) fn open(config: &Config, listener: TcpListener) -> Result<Self> {
        let mut at = listener.local_addr()?;
        let s3 = &config.s3;
        let public = doorway(("s3", s3.tls.as_ref()), listener, &s3.trusted_proxies)?;
        let mut own = None;
        if s3.tls.is_some() {
            let listener = bind("portal's own requests", (Ipv4Addr::LOCALHOST, 0).into())?;
            at = listener.local_addr()?;
            own = Some(Doorway::new(listener, Transport::Inside, limits(&[])));
        }
        Ok(Self { public, own, own_url: format!("http://{at}") })
    }

    /// Serves at all of them until the word to stop.
    pub(crate) async fn serve(self, endpoint: Endpoint, stop: Stop) {
        let public = endpoint.serve(self.public, stop.clone().wait());
        match self.own {
            None => public.await,
            Some(own) => drop(tokio::join!(public, endpoint.serve(own, stop.wait()))),
        }
    }
}
