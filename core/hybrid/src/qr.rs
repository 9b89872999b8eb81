//! The QR code: text, digits, CBOR map (CTAP 2.3 section 11.5.1).

use latchkey_ctap::cbor::{CborError, Item, Kind, Writer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::digits::{self, DigitsError};
use crate::{HybridError, PublicKey, Secret};

/// What the text begins with, in either case.
pub const PREFIX: &str = "FIDO:/";

/// Longest text accepted: the prefix and the most digits that a QR code can hold.
pub const MAX_TEXT_LEN: usize = PREFIX.len() + 7089;

/// How many tunnel domains are assigned today: Google's and Apple's.
const ASSIGNED_DOMAINS: u64 = 2;

/// Why a text is not the QR code of a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QrError {
    /// Longer than any QR code.
    #[error("the text is longer than any QR code")]
    TextTooLong,
    /// The text does not begin with `FIDO:/`.
    #[error("the text does not begin with FIDO:/")]
    NotFido,
    /// What follows is not digits that stand for bytes.
    #[error("the digits are not valid: {0}")]
    Digits(#[from] DigitsError),
    /// The bytes are not canonical CBOR.
    #[error("the payload is not canonical CBOR: {0}")]
    Cbor(CborError),
    /// The payload is not a map.
    #[error("the payload is not a map")]
    NotAMap,
    /// A required member is absent.
    #[error("member {0} is missing")]
    MissingMember(u8),
    /// A known member has the wrong type.
    #[error("member {0} has the wrong type")]
    WrongType(u8),
    /// The public key is not 33 bytes long.
    #[error("the public key is not 33 bytes long")]
    PublicKeyLength,
    /// The public key is not a compressed point on P-256.
    #[error("the public key is not a point on the curve")]
    PublicKeyNotOnCurve,
    /// The secret is not 16 bytes long.
    #[error("the secret is not 16 bytes long")]
    SecretLength,
}

/// What the computer is about to ask. A hint for the user interface; it restricts nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestHint {
    /// Create a passkey.
    MakeCredential,
    /// Sign in. Stands for every unknown hint too.
    #[default]
    GetAssertion,
    /// Present a digital credential.
    PresentCredential,
    /// Receive a digital credential.
    IssueCredential,
}

impl RequestHint {
    /// The form on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RequestHint::MakeCredential => "mc",
            RequestHint::GetAssertion => "ga",
            RequestHint::PresentCredential => "dcp",
            RequestHint::IssueCredential => "dci",
        }
    }

    /// Reads the form on the wire; an unknown hint counts as [`RequestHint::GetAssertion`].
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        match text {
            "mc" => RequestHint::MakeCredential,
            "dcp" => RequestHint::PresentCredential,
            "dci" => RequestHint::IssueCredential,
            _ => RequestHint::GetAssertion,
        }
    }
}

/// Key 6, which changed its meaning between CTAP 2.2 and 2.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Channels {
    /// Absent, or neither of the known forms: the tunnel alone.
    #[default]
    Default,
    /// Up to CTAP 2.2: whether the computer can ask for a passkey that is not discoverable.
    NonDiscoverable(bool),
    /// From CTAP 2.3 on: the data channels that the computer can use.
    List(Vec<u64>),
}

impl Channels {
    /// The tunnel.
    pub const TUNNEL: u64 = 0;
    /// A Bluetooth LE connection.
    pub const BLUETOOTH: u64 = 1;

    /// Whether the computer can use a Bluetooth LE connection for data.
    #[must_use]
    pub fn bluetooth(&self) -> bool {
        matches!(self, Channels::List(list) if list.contains(&Self::BLUETOOTH))
    }
}

/// What a computer's QR code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPayload {
    /// 0: the computer's key of this code.
    pub public_key: PublicKey,
    /// 1: the secret that all keys of the ceremony come from.
    pub secret: Secret<16>,
    /// 2: how many assigned tunnel domains the computer knows.
    pub known_domains: u64,
    /// 3: the computer's time in seconds since 1970.
    pub client_time: Option<u64>,
    /// 4: whether the computer can keep a link to the phone.
    pub linking: Option<bool>,
    /// 5: what will be asked.
    pub hint: RequestHint,
    /// 6: data channels.
    pub channels: Channels,
}

impl QrPayload {
    /// The payload of a new code, with the members that every phone understands.
    #[must_use]
    pub const fn new(public_key: PublicKey, secret: Secret<16>, hint: RequestHint) -> Self {
        QrPayload {
            public_key,
            secret,
            known_domains: ASSIGNED_DOMAINS,
            client_time: None,
            linking: None,
            hint,
            channels: Channels::Default,
        }
    }

    /// Reads the text of a QR code.
    ///
    /// # Errors
    /// [`QrError`]
    pub fn parse(text: &str) -> Result<Self, QrError> {
        if text.len() > MAX_TEXT_LEN {
            return Err(QrError::TextTooLong);
        }
        let (prefix, digits) = text.split_at_checked(PREFIX.len()).ok_or(QrError::NotFido)?;
        if !prefix.eq_ignore_ascii_case(PREFIX) {
            return Err(QrError::NotFido);
        }
        Self::from_cbor(&digits::decode(digits)?)
    }

    /// Reads the map. Unknown keys never matter; a known key of the wrong type does, except 6.
    ///
    /// # Errors
    /// [`QrError`]
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, QrError> {
        let entries = Item::parse(cbor).map_err(QrError::Cbor)?.map().map_err(|_| QrError::NotAMap)?;

        let (mut public_key, mut secret) = (None, None);
        let (mut known_domains, mut client_time, mut linking) = (0, None, None);
        let (mut hint, mut channels) = (RequestHint::default(), Channels::default());
        for (key, value) in entries {
            match key.unsigned() {
                Ok(0) => public_key = Some(read_public_key(value)?),
                Ok(1) => secret = Some(read_secret(value)?),
                Ok(2) => known_domains = value.unsigned().map_err(|_| QrError::WrongType(2))?,
                Ok(3) => client_time = Some(value.unsigned().map_err(|_| QrError::WrongType(3))?),
                Ok(4) => linking = Some(value.boolean().map_err(|_| QrError::WrongType(4))?),
                Ok(5) => hint = RequestHint::from_wire(value.text().map_err(|_| QrError::WrongType(5))?),
                Ok(6) => channels = read_channels(value),
                _ => {}
            }
        }
        Ok(QrPayload {
            public_key: public_key.ok_or(QrError::MissingMember(0))?,
            secret: secret.ok_or(QrError::MissingMember(1))?,
            known_domains,
            client_time,
            linking,
            hint,
            channels,
        })
    }

    /// The map. Wiped when dropped, for it holds the secret.
    #[must_use]
    pub fn to_cbor(&self) -> Zeroizing<Vec<u8>> {
        let optional =
            [self.client_time.is_some(), self.linking.is_some(), self.channels != Channels::Default];
        let mut map = Writer::new();
        map.map(4 + optional.into_iter().filter(|&present| present).count());
        map.unsigned(0).bytes(&self.public_key.compressed());
        map.unsigned(1).bytes(self.secret.expose());
        map.unsigned(2).unsigned(self.known_domains);
        if let Some(time) = self.client_time {
            map.unsigned(3).unsigned(time);
        }
        if let Some(linking) = self.linking {
            map.unsigned(4).boolean(linking);
        }
        map.unsigned(5).text(self.hint.as_str());
        match &self.channels {
            Channels::Default => {}
            Channels::NonDiscoverable(can) => {
                map.unsigned(6).boolean(*can);
            }
            Channels::List(list) => {
                map.unsigned(6).array(list.len());
                for &channel in list {
                    map.unsigned(channel);
                }
            }
        }
        Zeroizing::new(map.finish())
    }

    /// The text of the QR code. It holds the secret: show it, do not log it.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", *Zeroizing::new(digits::encode(&self.to_cbor()))))
    }
}

fn read_public_key(value: Item<'_>) -> Result<PublicKey, QrError> {
    let bytes = value.bytes().map_err(|_| QrError::WrongType(0))?;
    let compressed = bytes.try_into().map_err(|_| QrError::PublicKeyLength)?;
    PublicKey::from_compressed(compressed).map_err(|_: HybridError| QrError::PublicKeyNotOnCurve)
}

fn read_secret(value: Item<'_>) -> Result<Secret<16>, QrError> {
    let bytes = value.bytes().map_err(|_| QrError::WrongType(1))?;
    bytes.try_into().map(Secret::new).map_err(|_| QrError::SecretLength)
}

/// Reads key 6. Phones and computers disagree about its type, so that nothing else is an error.
fn read_channels(value: Item<'_>) -> Channels {
    match value.kind() {
        Kind::Bool => value.boolean().map_or(Channels::Default, Channels::NonDiscoverable),
        Kind::Array => value
            .array()
            .and_then(|list| list.map(Item::unsigned).collect())
            .map_or(Channels::Default, Channels::List),
        _ => Channels::Default,
    }
}

#[cfg(test)]
mod tests;
