//! A CTAP2 request: command byte and parameters (CTAP 2.3 section 8.1).

use crate::{GetAssertionRequest, MakeCredentialRequest, Status};

/// Commands that Latchkey implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Command {
    /// authenticatorMakeCredential.
    MakeCredential = 0x01,
    /// authenticatorGetAssertion.
    GetAssertion = 0x02,
    /// authenticatorGetInfo.
    GetInfo = 0x04,
    /// authenticatorGetNextAssertion.
    GetNextAssertion = 0x08,
    /// authenticatorSelection.
    Selection = 0x0B,
}

impl TryFrom<u8> for Command {
    type Error = Status;

    /// # Errors
    /// [`Status::INVALID_COMMAND`] for a command that Latchkey does not implement.
    fn try_from(byte: u8) -> Result<Self, Status> {
        match byte {
            0x01 => Ok(Command::MakeCredential),
            0x02 => Ok(Command::GetAssertion),
            0x04 => Ok(Command::GetInfo),
            0x08 => Ok(Command::GetNextAssertion),
            0x0B => Ok(Command::Selection),
            _ => Err(Status::INVALID_COMMAND),
        }
    }
}

/// A decoded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// authenticatorMakeCredential.
    MakeCredential(Box<MakeCredentialRequest>),
    /// authenticatorGetAssertion.
    GetAssertion(Box<GetAssertionRequest>),
    /// authenticatorGetInfo.
    GetInfo,
    /// authenticatorGetNextAssertion.
    GetNextAssertion,
    /// authenticatorSelection.
    Selection,
}

impl Request {
    /// Decodes a request: one command byte, then the parameters in canonical CBOR.
    ///
    /// # Errors
    /// The status to answer with:
    ///
    /// * [`Status::INVALID_LENGTH`]: nothing at all, or bytes after a command without parameters;
    /// * [`Status::INVALID_COMMAND`]: a command that Latchkey does not implement;
    /// * [`Status::INVALID_CBOR`]: the parameters are not CTAP2 canonical CBOR; also when they are
    ///   absent, since nothing is a truncated map;
    /// * [`Status::CBOR_UNEXPECTED_TYPE`]: a known member is of the wrong type, or a required
    ///   member of a nested structure is absent;
    /// * [`Status::MISSING_PARAMETER`]: a required parameter is absent, or `type` or `alg` in an
    ///   entry of `pubKeyCredParams`;
    /// * [`Status::INVALID_PARAMETER`]: `clientDataHash` is not 32 bytes, `user.id` not 1 to 64
    ///   bytes, or the `credProtect` level not 1 to 3.
    ///
    /// Unknown parameters, members, options and extensions are ignored, entries of an unknown
    /// credential type skipped. How long a list may be is the authenticator's business.
    pub fn decode(bytes: &[u8]) -> Result<Request, Status> {
        let (&command, parameters) = bytes.split_first().ok_or(Status::INVALID_LENGTH)?;
        let bare = |request| if parameters.is_empty() { Ok(request) } else { Err(Status::INVALID_LENGTH) };
        match Command::try_from(command)? {
            Command::MakeCredential => {
                Ok(Request::MakeCredential(Box::new(MakeCredentialRequest::decode(parameters)?)))
            }
            Command::GetAssertion => {
                Ok(Request::GetAssertion(Box::new(GetAssertionRequest::decode(parameters)?)))
            }
            Command::GetInfo => bare(Request::GetInfo),
            Command::GetNextAssertion => bare(Request::GetNextAssertion),
            Command::Selection => bare(Request::Selection),
        }
    }

    /// The command byte and the parameters in canonical CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let parameters = match self {
            Request::MakeCredential(request) => request.encode(),
            Request::GetAssertion(request) => request.encode(),
            Request::GetInfo | Request::GetNextAssertion | Request::Selection => Vec::new(),
        };
        let mut bytes = vec![self.command() as u8];
        bytes.extend_from_slice(&parameters);
        bytes
    }

    /// The command.
    #[must_use]
    pub const fn command(&self) -> Command {
        match self {
            Request::MakeCredential(_) => Command::MakeCredential,
            Request::GetAssertion(_) => Command::GetAssertion,
            Request::GetInfo => Command::GetInfo,
            Request::GetNextAssertion => Command::GetNextAssertion,
            Request::Selection => Command::Selection,
        }
    }
}

#[cfg(test)]
mod tests;
