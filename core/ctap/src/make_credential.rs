//! authenticatorMakeCredential (CTAP 2.3 section 6.1).

use crate::cbor::{Item, MapWriter, Writer};
use crate::entities::{
    optional_unsigned, read_algorithms, read_client_data_hash, read_options, read_texts, redacted,
    write_algorithms, write_options, write_texts,
};
use crate::prf;
use crate::{
    Algorithm, AttestationStatement, CredProtect, CredentialDescriptor, DecodeError, PrfRegistration,
    PrfRegistrationOutput, RelyingParty, User,
};

redacted!(MakeCredentialRequest, MakeCredentialResponse);

/// Parameters of authenticatorMakeCredential.
#[derive(Clone, PartialEq, Eq)]
pub struct MakeCredentialRequest {
    /// 0x01: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x02: the relying party.
    pub rp: RelyingParty,
    /// 0x03: the account.
    pub user: User,
    /// 0x04: algorithms of the entries of type `public-key`, in the order of preference. Empty if
    /// there were none, even of another type: then no algorithm is supported.
    pub algorithms: Vec<Algorithm>,
    /// 0x05: credentials that must not exist here; absent and empty mean the same.
    pub exclude_list: Vec<CredentialDescriptor>,
    /// 0x06: requested `credProtect` level.
    pub cred_protect: Option<CredProtect>,
    /// 0x06: `prf` input.
    pub prf: Option<PrfRegistration>,
    /// 0x07: options.
    pub options: MakeCredentialOptions,
    /// 0x08: `pinUvAuthParam`.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x09: `pinUvAuthProtocol`.
    pub pin_uv_auth_protocol: Option<u64>,
    /// 0x0A: enterprise attestation.
    pub enterprise_attestation: Option<u64>,
    /// 0x0B: attestation statement formats in the order of preference.
    pub attestation_formats: Vec<String>,
}

impl MakeCredentialRequest {
    pub(crate) fn decode(parameters: &[u8]) -> Result<Self, DecodeError> {
        use DecodeError::MissingParameter;

        let [
            client_data_hash,
            rp,
            user,
            algorithms,
            exclude_list,
            extensions,
            options,
            pin_uv_auth_param,
            pin_uv_auth_protocol,
            enterprise_attestation,
            attestation_formats,
        ] = Item::parse(parameters)?.numbered([1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B])?;

        Ok(MakeCredentialRequest {
            client_data_hash: read_client_data_hash(
                client_data_hash.ok_or(MissingParameter("clientDataHash"))?,
            )?,
            rp: RelyingParty::read(rp.ok_or(MissingParameter("rp"))?)?,
            user: User::read(user.ok_or(MissingParameter("user"))?)?,
            algorithms: read_algorithms(algorithms.ok_or(MissingParameter("pubKeyCredParams"))?)?,
            exclude_list: exclude_list.map(CredentialDescriptor::read_list).transpose()?.unwrap_or_default(),
            cred_protect: extensions.map(CredProtect::read).transpose()?.flatten(),
            prf: extensions.map(PrfRegistration::read).transpose()?.flatten(),
            options: options.map(MakeCredentialOptions::read).transpose()?.unwrap_or_default(),
            pin_uv_auth_param: pin_uv_auth_param.map(Item::bytes).transpose()?.map(<[u8]>::to_vec),
            pin_uv_auth_protocol: optional_unsigned(pin_uv_auth_protocol)?,
            enterprise_attestation: optional_unsigned(enterprise_attestation)?,
            attestation_formats: attestation_formats.map(read_texts).transpose()?.unwrap_or_default(),
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        out.number(0x01).bytes(&self.client_data_hash);
        self.rp.write(out.number(0x02));
        self.user.write(out.number(0x03));
        write_algorithms(&self.algorithms, out.number(0x04));
        if !self.exclude_list.is_empty() {
            CredentialDescriptor::write_list(&self.exclude_list, out.number(0x05));
        }
        if self.prf.is_some() || self.cred_protect.is_some() {
            self.write_extensions(out.number(0x06));
        }
        if self.options != MakeCredentialOptions::default() {
            self.options.write(out.number(0x07));
        }
        if let Some(param) = &self.pin_uv_auth_param {
            out.number(0x08).bytes(param);
        }
        if let Some(protocol) = self.pin_uv_auth_protocol {
            out.number(0x09).unsigned(protocol);
        }
        if let Some(enterprise_attestation) = self.enterprise_attestation {
            out.number(0x0A).unsigned(enterprise_attestation);
        }
        if !self.attestation_formats.is_empty() {
            write_texts(&self.attestation_formats, out.number(0x0B));
        }
        out.finish()
    }

    fn write_extensions(&self, out: &mut Writer) {
        let mut map = MapWriter::new();
        if let Some(prf) = &self.prf {
            prf.write(map.name(prf::NAME));
        }
        if let Some(level) = self.cred_protect {
            map.name(CredProtect::NAME).unsigned(level as u64);
        }
        out.raw(&map.finish());
    }
}

/// Options of authenticatorMakeCredential; unknown ones are ignored while decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MakeCredentialOptions {
    /// Discoverable credential.
    pub rk: Option<bool>,
    /// User presence.
    pub up: Option<bool>,
    /// User verification.
    pub uv: Option<bool>,
}

impl MakeCredentialOptions {
    fn read(item: Item<'_>) -> Result<Self, DecodeError> {
        let [rk, up, uv] = read_options(item)?;
        Ok(MakeCredentialOptions { rk, up, uv })
    }

    fn write(self, out: &mut Writer) {
        write_options([self.rk, self.up, self.uv], out);
    }
}

/// Answer of authenticatorMakeCredential.
#[derive(Clone, PartialEq, Eq)]
pub struct MakeCredentialResponse {
    /// 0x01 and 0x03: attestation format and statement.
    pub attestation: AttestationStatement,
    /// 0x02: authenticator data, encoded, because it is signed as bytes.
    pub auth_data: Vec<u8>,
    /// 0x06 (`unsignedExtensionOutputs`): `prf` output.
    pub prf: Option<PrfRegistrationOutput>,
}

impl MakeCredentialResponse {
    /// Decodes the CBOR that follows the status byte. Unknown members are ignored.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let [format, auth_data, statement, unsigned_extensions] =
            Item::parse(bytes)?.numbered([1, 2, 3, 6])?;
        let format = format.ok_or(DecodeError::MissingParameter("fmt"))?.text()?;
        Ok(MakeCredentialResponse {
            attestation: AttestationStatement::read(format, statement)?,
            auth_data: auth_data.ok_or(DecodeError::MissingParameter("authData"))?.bytes()?.to_vec(),
            prf: unsigned_extensions.map(PrfRegistrationOutput::read).transpose()?.flatten(),
        })
    }

    /// The CBOR that follows the status byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        out.number(0x01).text(self.attestation.format());
        out.number(0x02).bytes(&self.auth_data);
        self.attestation.write(out.number(0x03));
        if let Some(prf) = &self.prf {
            prf.write(out.number(0x06));
        }
        out.finish()
    }

    /// The attestation object that a WebAuthn client hands to the relying party (WebAuthn Level 3
    /// section 6.5.4), in canonical CBOR. Unsigned extension outputs are not part of it: they are for
    /// the client.
    #[must_use]
    pub fn attestation_object(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        out.name("fmt").text(self.attestation.format());
        self.attestation.write(out.name("attStmt"));
        out.name("authData").bytes(&self.auth_data);
        out.finish()
    }

    /// Reads an attestation object, as a relying party does.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn from_attestation_object(object: &[u8]) -> Result<Self, DecodeError> {
        let [format, statement, auth_data] = Item::parse(object)?.named(["fmt", "attStmt", "authData"])?;
        let format = format.ok_or(DecodeError::MissingParameter("fmt"))?.text()?;
        let statement = statement.ok_or(DecodeError::MissingParameter("attStmt"))?;
        let auth_data = auth_data.ok_or(DecodeError::MissingParameter("authData"))?;
        Ok(MakeCredentialResponse {
            attestation: AttestationStatement::read(format, Some(statement))?,
            auth_data: auth_data.bytes()?.to_vec(),
            prf: None,
        })
    }
}

#[cfg(test)]
mod tests;
