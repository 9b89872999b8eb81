//! Messages after the handshake (CTAP 2.3 section 11.5.1.5).

use core::fmt;

use hmac::{Hmac, Mac};
use latchkey_ctap::cbor::{CborError, Item, Kind, Writer};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{HybridError, KeyPair, PublicKey, Secret};

/// Length that an update message is padded to, padding of the frame included, so that one with linking
/// data looks like one without.
pub const UPDATE_LEN: usize = 512;

/// Feature of [`PostHandshake`]: CTAP messages.
pub const FEATURE_CTAP: &str = "ctap";

/// The phone's first message. It has no type byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostHandshake {
    /// 1: the answer of authenticatorGetInfo, a CBOR map without status byte.
    pub get_info: Option<Vec<u8>>,
    /// 3: what the phone speaks, sorted; absent means CTAP alone.
    pub features: Vec<String>,
}

impl PostHandshake {
    /// The message of a phone that speaks CTAP.
    #[must_use]
    pub fn ctap(get_info: Vec<u8>) -> Self {
        PostHandshake { get_info: Some(get_info), features: vec![FEATURE_CTAP.into()] }
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Writer::new();
        map.map(if self.get_info.is_some() { 2 } else { 1 });
        if let Some(get_info) = &self.get_info {
            map.unsigned(1).bytes(get_info);
        }
        map.unsigned(3).array(self.features.len());
        for feature in &self.features {
            map.text(feature);
        }
        map.finish()
    }

    /// Decodes the message. Unknown members are ignored.
    ///
    /// # Errors
    /// [`HybridError::Cbor`]; [`HybridError::NoCtap`] when getInfo is there but CTAP is not spoken.
    pub fn decode(message: &[u8]) -> Result<Self, HybridError> {
        let (mut get_info, mut features) = (None, None);
        for (key, value) in Item::parse(message)?.map()? {
            match key.unsigned() {
                Ok(1) => {
                    let answer = value.bytes()?;
                    if Item::parse(answer)?.kind() != Kind::Map {
                        return Err(CborError::UnexpectedType.into());
                    }
                    get_info = Some(answer.to_vec());
                }
                Ok(3) => features = Some(read_texts(value)?),
                _ => {}
            }
        }
        let features = features.unwrap_or_else(|| vec![FEATURE_CTAP.into()]);
        if get_info.is_some() && !features.iter().any(|feature| feature == FEATURE_CTAP) {
            return Err(HybridError::NoCtap);
        }
        Ok(PostHandshake { get_info, features })
    }
}

fn read_texts(list: Item<'_>) -> Result<Vec<String>, CborError> {
    list.array()?.map(|item| item.text().map(str::to_owned)).collect()
}

/// A typed message: one type byte, then the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// 0: the computer ends the ceremony.
    Shutdown,
    /// 1: a command byte and CBOR, or a status byte and CBOR. Never empty.
    Ctap(&'a [u8]),
    /// 2: news from the phone; see [`decode_update`].
    Update(&'a [u8]),
    /// 3: JSON, for digital credentials.
    Json(&'a [u8]),
}

impl<'a> Message<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// [`HybridError::EmptyMessage`], [`HybridError::UnexpectedMessage`]
    pub fn decode(message: &'a [u8]) -> Result<Self, HybridError> {
        match message.split_first() {
            None | Some((1, [])) => Err(HybridError::EmptyMessage),
            Some((0, _)) => Ok(Message::Shutdown),
            Some((1, body)) => Ok(Message::Ctap(body)),
            Some((2, body)) => Ok(Message::Update(body)),
            Some((3, body)) => Ok(Message::Json(body)),
            Some((&kind, _)) => Err(HybridError::UnexpectedMessage(kind)),
        }
    }

    /// Writes a message.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let body = match self {
            Message::Shutdown => &[],
            Message::Ctap(body) | Message::Update(body) | Message::Json(body) => body,
        };
        let mut message = Vec::with_capacity(1 + body.len());
        message.push(self.kind());
        message.extend_from_slice(body);
        message
    }

    /// The type byte.
    #[must_use]
    pub const fn kind(self) -> u8 {
        match self {
            Message::Shutdown => 0,
            Message::Ctap(_) => 1,
            Message::Update(_) => 2,
            Message::Json(_) => 3,
        }
    }
}

impl fmt::Debug for Message<'_> {
    /// Shows type and length only: a body holds personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, len) = match self {
            Message::Shutdown => ("Shutdown", 0),
            Message::Ctap(body) => ("Ctap", body.len()),
            Message::Update(body) => ("Update", body.len()),
            Message::Json(body) => ("Json", body.len()),
        };
        write!(f, "{name}({len} bytes)")
    }
}

/// What a phone offers a computer, so that it can be called later without a QR code.
pub struct LinkOffer {
    /// How the tunnel service finds the phone.
    pub contact_id: Vec<u8>,
    /// Names the link.
    pub link_id: [u8; 8],
    /// The secret of the link.
    pub link_secret: Secret<32>,
    /// The phone's key of the link.
    pub identity: KeyPair,
    /// The name that the computer shows.
    pub phone_name: String,
}

impl LinkOffer {
    /// The linking data for the computer of a QR code and one handshake with it.
    ///
    /// # Errors
    /// As [`KeyPair::diffie_hellman`].
    pub fn sign(&self, computer: &PublicKey, handshake_hash: &[u8; 32]) -> Result<Linking, HybridError> {
        Ok(Linking {
            contact_id: self.contact_id.clone(),
            link_id: self.link_id,
            link_secret: self.link_secret.clone(),
            phone_key: *self.identity.public(),
            phone_name: self.phone_name.clone(),
            signature: signature(&self.identity.diffie_hellman(computer)?, handshake_hash),
        })
    }
}

/// Linking data as sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Linking {
    /// 1: how the tunnel service finds the phone.
    pub contact_id: Vec<u8>,
    /// 2: names the link.
    pub link_id: [u8; 8],
    /// 3: the secret of the link.
    pub link_secret: Secret<32>,
    /// 4: the phone's key of the link.
    pub phone_key: PublicKey,
    /// 5: the phone's name.
    pub phone_name: String,
    /// 6: proof that the phone holds the key, bound to the handshake.
    pub signature: [u8; 32],
}

impl Linking {
    /// Checks the signature with the private key of the QR code.
    ///
    /// # Errors
    /// [`HybridError::LinkingSignature`]
    pub fn verify(&self, code_key: &KeyPair, handshake_hash: &[u8; 32]) -> Result<(), HybridError> {
        let expected = signature(&code_key.diffie_hellman(&self.phone_key)?, handshake_hash);
        if expected.ct_eq(&self.signature).into() { Ok(()) } else { Err(HybridError::LinkingSignature) }
    }

    fn write(&self, out: &mut Writer) {
        out.map(6);
        out.unsigned(1).bytes(&self.contact_id);
        out.unsigned(2).bytes(&self.link_id);
        out.unsigned(3).bytes(self.link_secret.expose());
        out.unsigned(4).bytes(self.phone_key.uncompressed());
        out.unsigned(5).text(&self.phone_name);
        out.unsigned(6).bytes(&self.signature);
    }

    /// Encodes the map.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.finish()
    }

    fn read(item: Item<'_>) -> Result<Self, HybridError> {
        let (mut contact_id, mut link_id, mut link_secret) = (None, None, None);
        let (mut phone_key, mut phone_name, mut signature) = (None, None, None);
        for (key, value) in item.map()? {
            match key.unsigned() {
                Ok(1) => contact_id = Some(value.bytes()?.to_vec()),
                Ok(2) => link_id = Some(value.byte_array()?),
                Ok(3) => link_secret = Some(Secret::new(value.byte_array()?)),
                Ok(4) => phone_key = Some(PublicKey::from_uncompressed(&value.byte_array()?)?),
                Ok(5) => phone_name = Some(value.text()?.to_owned()),
                Ok(6) => signature = Some(value.byte_array()?),
                _ => {}
            }
        }
        Ok(Linking {
            contact_id: contact_id.ok_or(HybridError::MissingMember(1))?,
            link_id: link_id.ok_or(HybridError::MissingMember(2))?,
            link_secret: link_secret.ok_or(HybridError::MissingMember(3))?,
            phone_key: phone_key.ok_or(HybridError::MissingMember(4))?,
            phone_name: phone_name.ok_or(HybridError::MissingMember(5))?,
            signature: signature.ok_or(HybridError::MissingMember(6))?,
        })
    }

    /// Decodes the map. Unknown members are ignored.
    ///
    /// # Errors
    /// [`HybridError::Cbor`], [`HybridError::MissingMember`], [`HybridError::InvalidPublicKey`]
    pub fn decode(map: &[u8]) -> Result<Self, HybridError> {
        Self::read(Item::parse(map)?)
    }
}

impl fmt::Debug for LinkOffer {
    /// Redacted: it holds secrets and the phone's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkOffer(<redacted>)")
    }
}

impl fmt::Debug for Linking {
    /// Redacted: it holds a secret and a phone's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Linking(<redacted>)")
    }
}

/// HMAC-SHA-256 over the handshake hash, keyed with the shared secret.
fn signature(shared: &Secret<32>, handshake_hash: &[u8; 32]) -> [u8; 32] {
    // HMAC takes a key of any length, so that this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(shared.expose()) else { return [0; 32] };
    mac.update(handshake_hash);
    mac.finalize().into_bytes().into()
}

/// Body of an update message, padded so that the message with its type byte fills [`UPDATE_LEN`] once
/// the frame is padded (or a multiple of it, for a very long name).
#[must_use]
pub fn encode_update(linking: Option<&Linking>) -> Vec<u8> {
    // Type byte, map header, key 0, header of a byte string of up to 64 KiB, and the frame's padding byte.
    const OVERHEAD: usize = 1 + 1 + 1 + 3 + 1;
    let linking = linking.map(Linking::encode);
    let content = linking.as_ref().map_or(0, |map| 1 + map.len());
    let target = (OVERHEAD + content).next_multiple_of(UPDATE_LEN);
    let zeros = vec![0; target - OVERHEAD - content];

    let mut update = Writer::new();
    update.map(1 + usize::from(linking.is_some())).unsigned(0).bytes(&zeros);
    if let Some(linking) = &linking {
        update.unsigned(1).raw(linking);
    }
    update.finish()
}

/// Reads the body of an update message: linking data, if there is any.
///
/// # Errors
/// As [`Linking::decode`].
pub fn decode_update(body: &[u8]) -> Result<Option<Linking>, HybridError> {
    for (key, value) in Item::parse(body)?.map()? {
        if key.unsigned() == Ok(1) {
            return Linking::read(value).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
