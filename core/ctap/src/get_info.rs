//! authenticatorGetInfo (CTAP 2.3 section 6.4).

use crate::cbor::{CborError, Item, MapWriter};
use crate::entities::{optional_unsigned, read_algorithms, read_texts, write_algorithms, write_texts};
use crate::{Algorithm, DecodeError};

/// Answer of authenticatorGetInfo, with the members that a phone uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetInfo {
    /// 0x01: versions, such as `FIDO_2_1`.
    pub versions: Vec<String>,
    /// 0x02: extensions.
    pub extensions: Vec<String>,
    /// 0x03: model of the authenticator.
    pub aaguid: [u8; 16],
    /// 0x04: options by name. Encoding sorts them; of several with one name the first counts.
    pub options: Vec<(String, bool)>,
    /// 0x05: longest message accepted, in bytes.
    pub max_msg_size: Option<u64>,
    /// 0x07: longest allow or exclude list accepted.
    pub max_credential_count_in_list: Option<u64>,
    /// 0x08: longest credential ID produced, in bytes.
    pub max_credential_id_length: Option<u64>,
    /// 0x09: transports, such as `internal` and `hybrid`.
    pub transports: Vec<String>,
    /// 0x0A: algorithms in the order of preference.
    pub algorithms: Vec<Algorithm>,
    /// 0x16: attestation statement formats in the order of preference.
    pub attestation_formats: Vec<String>,
}

impl GetInfo {
    /// The value of an option, if it is listed.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(n, _)| n == name).map(|&(_, value)| value)
    }

    /// Decodes the CBOR that follows the status byte, or that a phone sends after the hybrid
    /// handshake. Unknown members and algorithms of an unknown type are ignored.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let [
            versions,
            extensions,
            aaguid,
            options,
            max_msg_size,
            max_credential_count_in_list,
            max_credential_id_length,
            transports,
            algorithms,
            attestation_formats,
        ] = Item::parse(bytes)?.numbered([1, 2, 3, 4, 5, 7, 8, 9, 0x0A, 0x16])?;

        Ok(GetInfo {
            versions: read_texts(versions.ok_or(DecodeError::MissingParameter("versions"))?)?,
            extensions: extensions.map(read_texts).transpose()?.unwrap_or_default(),
            aaguid: aaguid
                .ok_or(DecodeError::MissingParameter("aaguid"))?
                .bytes()?
                .try_into()
                .map_err(|_| DecodeError::InvalidValue("aaguid"))?,
            options: options.map(read_options).transpose()?.unwrap_or_default(),
            max_msg_size: optional_unsigned(max_msg_size)?,
            max_credential_count_in_list: optional_unsigned(max_credential_count_in_list)?,
            max_credential_id_length: optional_unsigned(max_credential_id_length)?,
            transports: transports.map(read_texts).transpose()?.unwrap_or_default(),
            algorithms: algorithms.map(read_algorithms).transpose()?.unwrap_or_default(),
            attestation_formats: attestation_formats.map(read_texts).transpose()?.unwrap_or_default(),
        })
    }

    /// The CBOR that follows the status byte, or that a phone sends after the hybrid handshake.
    /// Empty lists are left out, except the versions.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        write_texts(&self.versions, out.number(0x01));
        if !self.extensions.is_empty() {
            write_texts(&self.extensions, out.number(0x02));
        }
        out.number(0x03).bytes(&self.aaguid);
        if !self.options.is_empty() {
            out.number(0x04).raw(&encode_options(&self.options));
        }
        if let Some(size) = self.max_msg_size {
            out.number(0x05).unsigned(size);
        }
        if let Some(count) = self.max_credential_count_in_list {
            out.number(0x07).unsigned(count);
        }
        if let Some(length) = self.max_credential_id_length {
            out.number(0x08).unsigned(length);
        }
        if !self.transports.is_empty() {
            write_texts(&self.transports, out.number(0x09));
        }
        if !self.algorithms.is_empty() {
            write_algorithms(&self.algorithms, out.number(0x0A));
        }
        if !self.attestation_formats.is_empty() {
            write_texts(&self.attestation_formats, out.number(0x16));
        }
        out.finish()
    }
}

fn read_options(item: Item<'_>) -> Result<Vec<(String, bool)>, CborError> {
    let mut options = Vec::with_capacity(item.map()?.count());
    for (name, value) in item.map()? {
        options.push((name.text()?.to_owned(), value.boolean()?));
    }
    Ok(options)
}

fn encode_options(options: &[(String, bool)]) -> Vec<u8> {
    let mut sorted: Vec<_> = options.iter().collect();
    // The canonical order of text keys. The sort is stable, so the first of a name stays first.
    sorted.sort_by_key(|(name, _)| (name.len(), name));
    sorted.dedup_by_key(|(name, _)| name);
    let mut out = MapWriter::new();
    for (name, value) in sorted {
        out.name(name).boolean(*value);
    }
    out.finish()
}

#[cfg(test)]
mod tests;
