//! `latchkey-sim control-center`

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::signal;
use zeroize::Zeroizing;

use crate::cli::control_center::ControlCenter as Arguments;
use crate::control_center::{Config, ControlCenter, StartError};
use crate::exit;
use crate::tunnel::TlsIdentity;

use super::{Failure, print_json, progress};

/// Where everything is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whereabouts {
    base_url: String,
    listen: String,
    /// The certificate authority to trust; none for a certificate that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    admin_token_file: PathBuf,
}

/// Serves until interrupted.
///
/// # Errors
/// [`Failure`]
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    fs::create_dir_all(&arguments.directory).map_err(|error| Failure::file(&arguments.directory, error))?;
    let (tls, ca_file) = identity(&arguments)?;
    let token_file =
        arguments.admin_token_file.clone().unwrap_or_else(|| arguments.directory.join("admin-token"));
    let config = Config {
        state: Some(arguments.directory.clone()),
        redis: arguments.redis.clone(),
        base_url: base_url(&arguments),
        rp_id: arguments.rp_id.clone(),
        tenant_domains: arguments.tenant_domains.clone(),
        admin_token: read_token(&token_file)?,
        ..Config::default()
    };
    let center = ControlCenter::bind(arguments.listen, tls, config).await.map_err(failure)?;
    write_token(&token_file, center.admin_token())?;
    let whereabouts = Whereabouts {
        base_url: center.base_url().to_owned(),
        listen: center.local_addr()?.to_string(),
        ca_file,
        admin_token_file: token_file,
    };
    let running = center.start();
    tell(&whereabouts, arguments.json)?;
    interrupted().await?;
    running.shutdown().await;
    Ok(())
}

fn failure(error: StartError) -> Failure {
    match error {
        StartError::Listen(_) => Failure::new(1, error),
        StartError::State(_) | StartError::Database(_) => Failure::new(exit::STATE, error),
        error => Failure::new(1, error),
    }
}

/// The certificate, and the file of the authority that clients must trust for a generated one.
fn identity(arguments: &Arguments) -> Result<(TlsIdentity, Option<PathBuf>), Failure> {
    if let (Some(certificate), Some(key)) = (&arguments.cert, &arguments.key) {
        let identity = TlsIdentity::from_pem_files(certificate, key)
            .map_err(|error| Failure::file(certificate, error))?;
        return Ok((identity, None));
    }
    let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
    let (identity, authority) =
        TlsIdentity::generate(&names).map_err(|error| Failure::new(exit::USAGE, error))?;
    let path = arguments.directory.join("ca.pem");
    fs::write(&path, authority).map_err(|error| Failure::file(&path, error))?;
    Ok((identity, Some(path)))
}

fn base_url(arguments: &Arguments) -> Option<String> {
    let own = || {
        let name = arguments.names.first()?;
        // The port is known before the start unless the system chooses it: then the name is localhost.
        let port = Some(arguments.listen.port()).filter(|&port| port != 0)?;
        Some(format!("https://{name}:{port}"))
    };
    arguments.base_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()).or_else(own)
}

fn read_token(path: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    match fs::read_to_string(path) {
        Ok(token) => {
            let token = Zeroizing::new(token);
            let token = Zeroizing::new(token.trim().to_owned());
            if token.len() < 32 {
                return Err(Failure::file(path, "a token has at least 32 characters"));
            }
            Ok(Some(token))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, error)),
    }
}

/// Writes a new token, for its owner alone to read.
fn write_token(path: &Path, token: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path).and_then(|mut file| writeln!(file, "{token}")) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Failure::file(path, error)),
        _ => Ok(()),
    }
}

fn tell(whereabouts: &Whereabouts, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(whereabouts);
    }
    progress(format!("Control Center on {} ({})", whereabouts.base_url, whereabouts.listen));
    if let Some(path) = &whereabouts.ca_file {
        progress(format!("certificate authority: {}", path.display()));
    }
    progress(format!("administrator's token: {}", whereabouts.admin_token_file.display()));
    Ok(())
}

/// Returns when somebody presses Ctrl-C or the system asks the process to end.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
