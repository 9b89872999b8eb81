//! `latchkey-sim tunnel`

use crate::cli;
use crate::tunnel::{Ending, Event, Limits, TlsIdentity, TunnelService};

use super::{Failure, progress};

/// Serves until interrupted.
///
/// # Errors
/// [`Failure`]
pub async fn run(arguments: cli::Tunnel) -> Result<(), Failure> {
    let identity = identity(&arguments)?;
    let service = TunnelService::bind(arguments.listen, identity, Limits::default())
        .await
        .map_err(|error| Failure::new(1, format!("cannot listen on {}: {error}", arguments.listen)))?
        .with_observer(|event| progress(told(&event)));
    progress(format!("tunnel service on {}", service.local_addr()?));
    let running = service.start();
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}

fn identity(arguments: &cli::Tunnel) -> Result<TlsIdentity, Failure> {
    if let (Some(certificate), Some(key)) = (&arguments.cert, &arguments.key) {
        return TlsIdentity::from_pem_files(certificate, key)
            .map_err(|error| Failure::file(certificate, error));
    }
    let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
    let (identity, authority) = TlsIdentity::generate(&names).map_err(|error| Failure::new(2, error))?;
    if let Some(path) = &arguments.ca_out {
        std::fs::write(path, authority).map_err(|error| Failure::file(path, error))?;
    }
    Ok(identity)
}

fn told(event: &Event) -> String {
    match event {
        Event::Opened { tunnel } => format!("tunnel {tunnel}: opened by a phone"),
        Event::Paired { tunnel, waited } => {
            format!("tunnel {tunnel}: joined by a computer after {:.1} s", waited.as_secs_f64())
        }
        Event::Closed { tunnel, ending, from_phone, from_client } => format!(
            "tunnel {tunnel}: {}; {} messages, {} bytes from the phone, {} messages, {} bytes from the computer",
            why(*ending),
            from_phone.messages,
            from_phone.bytes,
            from_client.messages,
            from_client.bytes,
        ),
        Event::Refused { status } => format!("a request was answered with {status}"),
        Event::Abandoned => "a connection ended before it had sent a request".to_owned(),
    }
}

const fn why(ending: Ending) -> &'static str {
    match ending {
        Ending::PhoneLeft => "closed by the phone",
        Ending::ClientLeft => "closed by the computer",
        Ending::NobodyCame => "nobody joined it in time",
        Ending::Expired => "too old",
        Ending::Stalled => "a peer stopped reading",
        Ending::Violation => "a peer broke the protocol",
        Ending::TooLong => "a message was too long",
        Ending::TooMany => "too many messages",
        Ending::Shutdown => "the service is shutting down",
    }
}
