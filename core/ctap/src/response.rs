//! A CTAP2 response: status byte and, after success, the command's answer (CTAP 2.3 section 8.2).

use crate::Status;

/// A response from a command's outcome: the answer's CBOR, empty if the command has none, or the
/// status of the failure.
#[must_use]
pub fn join(outcome: Result<&[u8], Status>) -> Vec<u8> {
    match outcome {
        Ok(body) => [&[Status::OK.0], body].concat(),
        Err(status) => vec![status.0],
    }
}

/// Splits a response into its outcome. What follows the status of a failure is ignored.
///
/// # Errors
/// The status, unless it is [`Status::OK`]; [`Status::INVALID_LENGTH`] for an empty response.
pub fn split(response: &[u8]) -> Result<&[u8], Status> {
    let (&status, body) = response.split_first().ok_or(Status::INVALID_LENGTH)?;
    Status(status).into_result().map(|()| body)
}

#[cfg(test)]
mod tests;
