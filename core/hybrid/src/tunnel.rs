//! Names of the tunnel service: hosts, paths, headers (CTAP 2.3 section 11.5.1.1).

use core::fmt;
use core::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_ctap::cbor::{Item, Writer};
use sha2::{Digest, Sha256};

use crate::{HybridError, RequestHint};

/// WebSocket subprotocol that both sides request and the service must select.
pub const SUBPROTOCOL: &str = "fido.cable";

/// Response header that gives the phone its routing ID, 6 hexadecimal digits.
pub const ROUTING_ID_HEADER: &str = "X-caBLE-Routing-ID";

/// Request header of a linked computer; see [`ClientPayload`].
pub const CLIENT_PAYLOAD_HEADER: &str = "X-caBLE-Client-Payload";

/// Number of a tunnel service: 0 and 1 are assigned, from 256 on it is hashed into a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TunnelDomain(u16);

impl TunnelDomain {
    /// Google's service.
    pub const GOOGLE: Self = TunnelDomain(0);
    /// Apple's service.
    pub const APPLE: Self = TunnelDomain(1);

    /// Checks a number.
    ///
    /// # Errors
    /// [`HybridError::UnassignedDomain`] for 2 to 255.
    pub const fn new(number: u16) -> Result<Self, HybridError> {
        match number {
            2..=255 => Err(HybridError::UnassignedDomain(number)),
            _ => Ok(TunnelDomain(number)),
        }
    }

    /// A number that was checked before.
    pub(crate) const fn checked(number: u16) -> Self {
        TunnelDomain(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The host name.
    #[must_use]
    pub fn host(self) -> String {
        const ALPHABET: [char; 32] = [
            'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's',
            't', 'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
        ];
        match self {
            Self::GOOGLE => return "cable.ua5v.com".into(),
            Self::APPLE => return "cable.auth.com".into(),
            TunnelDomain(_) => {}
        }
        // 1. The digest of the number.
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"caBLEv2 tunnel server domain")
            .chain_update(self.0.to_le_bytes())
            .chain_update([0])
            .finalize()
            .into();
        // 2. Its first 8 bytes as a number.
        let [v0, v1, v2, v3, v4, v5, v6, v7, ..] = digest;
        let value = u64::from_le_bytes([v0, v1, v2, v3, v4, v5, v6, v7]);
        // 3. The lowest two bits are the top-level domain.
        let tld = match value & 3 {
            0 => "com",
            1 => "org",
            2 => "net",
            _ => "info",
        };
        // 4. The others are the name, five bits a character, until nothing is left.
        let name: String = core::iter::successors(Some(value >> 2), |rest| Some(rest >> 5))
            .take_while(|&rest| rest != 0)
            .filter_map(|rest| ALPHABET.get(usize::try_from(rest & 31).ok()?))
            .collect();
        // 5.
        format!("cable.{name}.{tld}")
    }
}

impl TryFrom<u16> for TunnelDomain {
    type Error = HybridError;

    fn try_from(number: u16) -> Result<Self, HybridError> {
        Self::new(number)
    }
}

/// Names a phone within its tunnel service; the service gives it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RoutingId([u8; 3]);

impl RoutingId {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 3]) -> Self {
        RoutingId(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for RoutingId {
    /// 6 upper-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::upper::encode_string(&self.0))
    }
}

impl FromStr for RoutingId {
    type Err = HybridError;

    /// Reads 6 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, HybridError> {
        read_hex(text).map(RoutingId).ok_or(HybridError::InvalidRoutingId)
    }
}

/// Names a tunnel. Who knows it can connect to it, but not read what goes through.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TunnelId([u8; 16]);

impl TunnelId {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        TunnelId(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TunnelId {
    /// 32 upper-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::upper::encode_string(&self.0))
    }
}

impl fmt::Debug for TunnelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TunnelId(<redacted>)")
    }
}

impl FromStr for TunnelId {
    type Err = HybridError;

    /// Reads 32 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, HybridError> {
        read_hex(text).map(TunnelId).ok_or(HybridError::InvalidTunnelId)
    }
}

/// Exactly `N` bytes in hexadecimal digits of either case.
fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    match base16ct::mixed::decode(text, &mut bytes) {
        Ok(decoded) if decoded.len() == N => Some(bytes),
        _ => None,
    }
}

/// The path of a request to a tunnel service. Its `Display` form is what goes on the wire.
#[derive(Clone, PartialEq, Eq)]
pub enum TunnelPath {
    /// A phone opens the tunnel of a QR code. The path is Google's; the standard leaves it open.
    New(TunnelId),
    /// A computer joins a phone's tunnel, or a phone answers a push.
    Connect(RoutingId, TunnelId),
    /// A linked computer calls a phone by its contact ID.
    Contact(Vec<u8>),
}

impl fmt::Display for TunnelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TunnelPath::New(tunnel) => write!(f, "/cable/new/{tunnel}"),
            TunnelPath::Connect(routing, tunnel) => write!(f, "/cable/connect/{routing}/{tunnel}"),
            TunnelPath::Contact(contact) => write!(f, "/cable/contact/{}", URL_SAFE_NO_PAD.encode(contact)),
        }
    }
}

impl fmt::Debug for TunnelPath {
    /// Shows the kind only: the rest names a tunnel or a phone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TunnelPath::New(_) => "New(<redacted>)",
            TunnelPath::Connect(..) => "Connect(<redacted>)",
            TunnelPath::Contact(_) => "Contact(<redacted>)",
        })
    }
}

impl FromStr for TunnelPath {
    type Err = HybridError;

    /// Reads a path, as a tunnel service does. Hexadecimal digits may have either case.
    fn from_str(path: &str) -> Result<Self, HybridError> {
        let rest = path.strip_prefix("/cable/").ok_or(HybridError::InvalidTunnelPath)?;
        match rest.split_once('/') {
            Some(("new", tunnel)) => Ok(TunnelPath::New(tunnel.parse()?)),
            Some(("connect", ids)) => {
                let (routing, tunnel) = ids.split_once('/').ok_or(HybridError::InvalidTunnelPath)?;
                Ok(TunnelPath::Connect(routing.parse()?, tunnel.parse()?))
            }
            Some(("contact", contact)) => URL_SAFE_NO_PAD
                .decode(contact)
                .map(TunnelPath::Contact)
                .map_err(|_| HybridError::InvalidTunnelPath),
            _ => Err(HybridError::InvalidTunnelPath),
        }
    }
}

/// What a linked computer sends along when it calls a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientPayload {
    /// 1: which link.
    pub link_id: [u8; 8],
    /// 2: random, used once; salts the advert key.
    pub client_nonce: [u8; 16],
    /// 3: what will be asked.
    pub hint: RequestHint,
}

impl ClientPayload {
    /// The value of [`CLIENT_PAYLOAD_HEADER`].
    #[must_use]
    pub fn to_header(&self) -> String {
        let mut map = Writer::new();
        map.map(3);
        map.unsigned(1).bytes(&self.link_id);
        map.unsigned(2).bytes(&self.client_nonce);
        map.unsigned(3).text(self.hint.as_str());
        base16ct::lower::encode_string(&map.finish())
    }

    /// Reads the value of [`CLIENT_PAYLOAD_HEADER`].
    ///
    /// # Errors
    /// [`HybridError::InvalidClientPayload`]
    pub fn from_header(header: &str) -> Result<Self, HybridError> {
        let invalid = |_| HybridError::InvalidClientPayload;
        let cbor = base16ct::mixed::decode_vec(header).map_err(|_| HybridError::InvalidClientPayload)?;
        let (mut link_id, mut client_nonce, mut hint) = (None, None, RequestHint::default());
        for (key, value) in Item::parse(&cbor).map_err(invalid)?.map().map_err(invalid)? {
            match key.unsigned() {
                Ok(1) => link_id = Some(value.byte_array().map_err(invalid)?),
                Ok(2) => client_nonce = Some(value.byte_array().map_err(invalid)?),
                Ok(3) => hint = RequestHint::from_wire(value.text().map_err(invalid)?),
                _ => {}
            }
        }
        Ok(ClientPayload {
            link_id: link_id.ok_or(HybridError::InvalidClientPayload)?,
            client_nonce: client_nonce.ok_or(HybridError::InvalidClientPayload)?,
            hint,
        })
    }
}

impl fmt::Debug for ClientPayload {
    /// Redacted: it names a link, and the advert key depends on it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientPayload(<redacted>, {:?})", self.hint)
    }
}

#[cfg(test)]
mod tests;
