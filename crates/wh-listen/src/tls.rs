//! TLS: one certificate, which may be changed under way.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at. What renews certificates does so days before they end.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A certificate with its chain, and its key, from two PEM files.
///
/// TLS 1.2 and 1.3, with suites of forward secrecy and authenticated encryption alone, the strongest
/// first; HTTP/2 is offered beside HTTP/1.1. New connections get what the files held when
/// they were last read; those that stand keep theirs.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// Why a certificate is not used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file of the certificate holds none.
    #[error("{} holds no certificate: it must be PEM, the server's own first, then its chain", file.display())]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// The file of the key holds none.
    #[error("{} holds no private key: it must be PEM (PKCS #8, PKCS #1 or SEC1), and not encrypted", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// Certificate and key are not one another's, or of a kind that is not known here.
    #[error("{} and {} do not work together: {why}", certificate.display(), key.display())]
    Unfit {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong, in words of the TLS library.
        why: String,
    },
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What new connections get.
struct Current(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads certificate and key, both PEM, and sees that they belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let current = Arc::new(Current(RwLock::new(Arc::new(files.read()?))));
        let unfit = |error: rustls::Error| files.unfit(&error);
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Ours has the strongest suite first.
        config.ignore_client_order = true;
        Ok(Self { files: Arc::new(files), current, config: Arc::new(config) })
    }

    /// Reads both files again, and tells whether they hold something new. Where they are not fit,
    /// what was there before goes on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let read = self.files.read()?;
        let mut current = self.current.0.write().unwrap_or_else(PoisonError::into_inner);
        if read.cert == current.cert {
            return Ok(false);
        }
        *current = Arc::new(read);
        Ok(true)
    }

    /// Reads the files again from time to time, for ever. What is wrong with them is logged, once
    /// for each new reason.
    pub async fn follow(self) {
        let mut said = String::new();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.reload() {
                Ok(true) => {
                    tracing::info!(certificate = %self.files.certificate.display(), "a new certificate is used");
                    said.clear();
                }
                Ok(false) => said.clear(),
                Err(error) if error.to_string() == said => {}
                Err(error) => {
                    tracing::warn!(%error, "the old certificate is still used");
                    said = error.to_string();
                }
            }
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

impl Files {
    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let text = |file: &Path| {
            let unreadable = |source| TlsError::Unreadable { file: file.to_owned(), source };
            std::fs::read(file).map_err(unreadable)
        };
        let (certificates, key) = (text(&self.certificate)?, text(&self.key)?);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&certificates)
            .collect::<Result<_, _>>()
            .ok()
            .filter(|chain: &Vec<_>| !chain.is_empty())
            .ok_or_else(|| TlsError::NoCertificate { file: self.certificate.clone() })?;
        let key = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| TlsError::NoKey { file: self.key.clone() })?;
        CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|error| self.unfit(&error))
    }

    fn unfit(&self, error: &rustls::Error) -> TlsError {
        TlsError::Unfit {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            why: error.to_string(),
        }
    }
}
