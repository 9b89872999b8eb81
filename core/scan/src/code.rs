//! What a QR text asks for: the typed code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The longest text that is looked at, in bytes.
pub const MAX_TEXT: usize = 2048;

/// A code that the app acts on.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// `FIDO:/` and digits: a CTAP 2.3 hybrid ceremony. The whole text; hybrid parses the digits.
    Hybrid(String),
    /// A Control Center's JSON payload.
    ControlCenter(Box<ControlCenterCode>),
    /// An `https://` link. Whether it is a magic link of a configured tenant is for the caller to check.
    Link(String),
}

/// The Control Center payload, version 1.
#[derive(Clone, PartialEq, Eq)]
pub struct ControlCenterCode {
    /// What the computer asks for.
    pub operation: Operation,
    /// Base URL of the relying party's server, `https://`.
    pub rp_url: String,
    /// The RP application's id.
    pub rp_app_id: String,
    /// Id of the pending request at the server.
    pub request_id: String,
    /// Id of the workstation.
    pub machine_id: Option<String>,
    /// The workstation's name for the user.
    pub machine_name: Option<String>,
    /// The account's name.
    pub user: Option<String>,
    /// The request's nonce.
    pub nonce: [u8; 32],
    /// When the request ends, seconds since the epoch.
    pub expires_at: u64,
    /// The workstation's P-256 public key, X9.62 compressed.
    pub public_key: Option<[u8; 33]>,
    /// The code that can be typed instead of scanning.
    pub action_code: Option<String>,
}

/// What a Control Center code starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Pair this phone with the computer.
    Register,
    /// Sign in to or unlock the computer.
    Authenticate,
}

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Nothing that Latchkey knows.
    #[error("the QR code is not for this app")]
    InvalidQr,
    /// The text is longer than [`MAX_TEXT`].
    #[error("the QR code holds {0} bytes, too many")]
    TooLong(usize),
    /// A JSON object of another maker or of a later version; its key names, sorted, never its values.
    #[error("the QR code has an unsupported format")]
    Unsupported {
        /// The object's keys, sorted.
        keys: Vec<String>,
    },
    /// A Control Center payload in which this field is missing or malformed.
    #[error("the QR code has no usable field {0:?}")]
    Malformed(&'static str),
    /// The picture shows several codes that could be meant.
    #[error("there is more than one code in the picture")]
    Several,
}

/// Sorts a text into its kind (control-center.md section 2.4, the order of the decoder).
pub fn code_from_text(text: &str) -> Result<Code, CodeError> {
    if text.len() > MAX_TEXT {
        return Err(CodeError::TooLong(text.len()));
    }
    if has_prefix(text, "FIDO:/") {
        return Ok(Code::Hybrid(text.to_owned()));
    }
    if text.trim_start().starts_with('{') {
        return control_center(text).map(|code| Code::ControlCenter(Box::new(code)));
    }
    if is_https(text) {
        return Ok(Code::Link(text.to_owned()));
    }
    Err(CodeError::InvalidQr)
}

/// Picks the one code that is meant out of all texts of a picture: texts of other apps do not disturb, two codes of
/// ours do, because choosing for the user could start the ceremony of somebody else's screen.
pub fn code_from_texts<T: AsRef<str>>(texts: &[T]) -> Result<Code, CodeError> {
    let mut found = None;
    let mut refusal = CodeError::InvalidQr;
    for text in texts {
        match code_from_text(text.as_ref()) {
            Ok(code) if found.as_ref().is_some_and(|other| *other != code) => return Err(CodeError::Several),
            Ok(code) => found = Some(code),
            Err(CodeError::InvalidQr) => {}
            Err(error) => refusal = error,
        }
    }
    found.ok_or(refusal)
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// An `https://` URL with something behind the scheme and nothing that could not be part of a URL.
fn is_https(text: &str) -> bool {
    const SCHEME: &str = "https://";
    has_prefix(text, SCHEME)
        && text.len() > SCHEME.len()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Reads the payload of control-center.md section 2.4; unknown keys are ignored.
fn control_center(text: &str) -> Result<ControlCenterCode, CodeError> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| CodeError::InvalidQr)?;
    if object.get("v").and_then(Value::as_u64) != Some(1) || !object.contains_key("op") {
        return Err(CodeError::Unsupported { keys: object.keys().cloned().collect() });
    }

    let optional = |name| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) => Ok(Some(value.clone())),
        Some(_) => Err(CodeError::Malformed(name)),
    };
    let required = |name| optional(name)?.filter(|value| !value.is_empty()).ok_or(CodeError::Malformed(name));

    Ok(ControlCenterCode {
        operation: match required("op")?.as_str() {
            "register" => Operation::Register,
            "authenticate" => Operation::Authenticate,
            _ => return Err(CodeError::Malformed("op")),
        },
        rp_url: Some(required("rpUrl")?).filter(|url| is_https(url)).ok_or(CodeError::Malformed("rpUrl"))?,
        rp_app_id: required("rpAppId")?,
        request_id: required("requestId")?,
        machine_id: optional("machineId")?,
        machine_name: optional("machineName")?,
        user: optional("user")?,
        nonce: base64url(&required("nonce")?, "nonce")?,
        expires_at: object.get("exp").and_then(Value::as_u64).ok_or(CodeError::Malformed("exp"))?,
        public_key: optional("pk")?.map(|pk| base64url(&pk, "pk")).transpose()?,
        // Servers of other makers write either name (control-center.md section 2.2).
        action_code: optional("actionCode")?.or(optional("activationCode")?),
    })
}

fn base64url<const N: usize>(text: &str, name: &'static str) -> Result<[u8; N], CodeError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CodeError::Malformed(name))?;
    bytes.try_into().map_err(|_| CodeError::Malformed(name))
}

impl std::fmt::Debug for Code {
    /// A code carries the secret of a ceremony, names and links with parameters: only its kind is printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Code::Hybrid(_) => f.write_str("Hybrid(..)"),
            Code::ControlCenter(code) => f.debug_tuple("ControlCenter").field(code).finish(),
            Code::Link(_) => f.write_str("Link(..)"),
        }
    }
}

impl std::fmt::Debug for ControlCenterCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ControlCenterCode").field("operation", &self.operation).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
