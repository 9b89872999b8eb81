//! Which servers are trusted: those that the operating system trusts, and at most one extra CA.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use thiserror::Error;

/// Why TLS cannot be set up. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The extra CA is not a PEM file with at least one certificate.
    #[error("the extra CA file holds no usable PEM certificate")]
    BadCertificate,
    /// The operating system offers no trusted roots, and no extra CA was given.
    #[error("the operating system has no trusted certificate authorities")]
    NoRoots,
}

/// A TLS client configuration over the operating system's trust store, plus the certificates of
/// `extra_ca`, a PEM text, for servers of one's own.
///
/// # Errors
/// [`TrustError`]
pub fn client_config(extra_ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, TrustError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(extra_ca, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TrustError::NoRoots)?
        .dangerous() // The name rustls gives to any verifier that is not its own.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn verifier(extra_ca: Option<&[u8]>, provider: Arc<CryptoProvider>) -> Result<Verifier, TrustError> {
    let Some(pem) = extra_ca else {
        return Verifier::new(provider).map_err(|_| TrustError::NoRoots);
    };
    let roots: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TrustError::BadCertificate)?;
    if roots.is_empty() {
        return Err(TrustError::BadCertificate);
    }
    with_extra_roots(roots, provider)
}

#[cfg(not(target_os = "android"))]
fn with_extra_roots(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, TrustError> {
    Verifier::new_with_extra_roots(roots, provider).map_err(|_| TrustError::BadCertificate)
}

/// Android decides about extra authorities in the app's network security configuration.
#[cfg(target_os = "android")]
fn with_extra_roots(_: Vec<CertificateDer<'static>>, _: Arc<CryptoProvider>) -> Result<Verifier, TrustError> {
    Err(TrustError::BadCertificate)
}

#[cfg(test)]
mod tests;
