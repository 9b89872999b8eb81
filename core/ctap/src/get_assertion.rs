//! authenticatorGetAssertion (CTAP 2.3 section 6.2).

use crate::cbor::{Item, MapWriter, Writer};
use crate::entities::{optional_unsigned, read_client_data_hash, read_options, redacted, write_options};
use crate::prf;
use crate::{CredentialDescriptor, DecodeError, PrfAssertion, PrfValues, User};

redacted!(GetAssertionRequest, GetAssertionResponse);

/// Parameters of authenticatorGetAssertion.
#[derive(Clone, PartialEq, Eq)]
pub struct GetAssertionRequest {
    /// 0x01: RP ID.
    pub rp_id: String,
    /// 0x02: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x03: acceptable credentials. `None` asks for discoverable ones; clients also send an empty
    /// array for that, which decodes to `None`. `Some` of an empty list means that every entry was
    /// of an unknown type: nothing can match.
    pub allow_list: Option<Vec<CredentialDescriptor>>,
    /// 0x04: `prf` input.
    pub prf: Option<PrfAssertion>,
    /// 0x05: options.
    pub options: GetAssertionOptions,
    /// 0x06: `pinUvAuthParam`.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x07: `pinUvAuthProtocol`.
    pub pin_uv_auth_protocol: Option<u64>,
}

impl GetAssertionRequest {
    pub(crate) fn decode(parameters: &[u8]) -> Result<Self, DecodeError> {
        use DecodeError::MissingParameter;

        let [
            rp_id,
            client_data_hash,
            allow_list,
            extensions,
            options,
            pin_uv_auth_param,
            pin_uv_auth_protocol,
        ] = Item::parse(parameters)?.numbered([1, 2, 3, 4, 5, 6, 7])?;

        Ok(GetAssertionRequest {
            rp_id: rp_id.ok_or(MissingParameter("rpId"))?.text()?.to_owned(),
            client_data_hash: read_client_data_hash(
                client_data_hash.ok_or(MissingParameter("clientDataHash"))?,
            )?,
            allow_list: allow_list.map(read_allow_list).transpose()?.flatten(),
            prf: extensions.map(PrfAssertion::read).transpose()?.flatten(),
            options: options.map(GetAssertionOptions::read).transpose()?.unwrap_or_default(),
            pin_uv_auth_param: pin_uv_auth_param.map(Item::bytes).transpose()?.map(<[u8]>::to_vec),
            pin_uv_auth_protocol: optional_unsigned(pin_uv_auth_protocol)?,
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        out.number(0x01).text(&self.rp_id);
        out.number(0x02).bytes(&self.client_data_hash);
        if let Some(list) = &self.allow_list {
            write_allow_list(list, out.number(0x03));
        }
        if let Some(prf) = &self.prf {
            prf.write(out.number(0x04).map(1).text(prf::NAME));
        }
        if self.options != GetAssertionOptions::default() {
            self.options.write(out.number(0x05));
        }
        if let Some(param) = &self.pin_uv_auth_param {
            out.number(0x06).bytes(param);
        }
        if let Some(protocol) = self.pin_uv_auth_protocol {
            out.number(0x07).unsigned(protocol);
        }
        out.finish()
    }
}

/// `None` for an empty array, which counts as absent.
fn read_allow_list(item: Item<'_>) -> Result<Option<Vec<CredentialDescriptor>>, DecodeError> {
    match item.array()?.next() {
        None => Ok(None),
        Some(_) => CredentialDescriptor::read_list(item).map(Some),
    }
}

/// An empty list must not turn into an empty array: that would ask for any discoverable
/// credential, where nothing may match.
fn write_allow_list(list: &[CredentialDescriptor], out: &mut Writer) {
    if list.is_empty() {
        CredentialDescriptor::write_unknown(out.array(1));
    } else {
        CredentialDescriptor::write_list(list, out);
    }
}

/// Options of authenticatorGetAssertion; unknown ones are ignored while decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetAssertionOptions {
    /// Not valid in this command, whatever its value; kept so that it can be refused.
    pub rk: Option<bool>,
    /// User presence.
    pub up: Option<bool>,
    /// User verification.
    pub uv: Option<bool>,
}

impl GetAssertionOptions {
    fn read(item: Item<'_>) -> Result<Self, DecodeError> {
        let [rk, up, uv] = read_options(item)?;
        Ok(GetAssertionOptions { rk, up, uv })
    }

    fn write(self, out: &mut Writer) {
        write_options([self.rk, self.up, self.uv], out);
    }
}

/// Answer of authenticatorGetAssertion and authenticatorGetNextAssertion.
#[derive(Clone, PartialEq, Eq)]
pub struct GetAssertionResponse {
    /// 0x01: ID of the credential that signed.
    pub credential_id: Vec<u8>,
    /// 0x02: authenticator data, encoded.
    pub auth_data: Vec<u8>,
    /// 0x03: signature over authenticator data and client data hash.
    pub signature: Vec<u8>,
    /// 0x04: the account.
    pub user: Option<User>,
    /// 0x05: how many credentials matched, if getNextAssertion can follow.
    pub number_of_credentials: Option<u32>,
    /// 0x06: whether the user chose the account on the authenticator.
    pub user_selected: bool,
    /// 0x08 (`unsignedExtensionOutputs`): outputs of `prf`.
    pub prf: Option<PrfValues>,
}

impl GetAssertionResponse {
    /// Decodes the CBOR that follows the status byte. Unknown members are ignored.
    ///
    /// `allow_list` is the request's: an authenticator may leave the credential out when the list
    /// had exactly one entry.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn decode(bytes: &[u8], allow_list: &[CredentialDescriptor]) -> Result<Self, DecodeError> {
        use DecodeError::MissingParameter;

        let [
            credential,
            auth_data,
            signature,
            user,
            number_of_credentials,
            user_selected,
            unsigned_extensions,
        ] = Item::parse(bytes)?.numbered([1, 2, 3, 4, 5, 6, 8])?;

        let credential = match (credential, allow_list) {
            (Some(credential), _) => {
                CredentialDescriptor::read(credential)?.ok_or(DecodeError::InvalidValue("credential.type"))?
            }
            (None, [only]) => only.clone(),
            (None, _) => return Err(MissingParameter("credential")),
        };
        let number_of_credentials = optional_unsigned(number_of_credentials)?
            .map(|number| u32::try_from(number).map_err(|_| DecodeError::InvalidValue("numberOfCredentials")))
            .transpose()?;
        Ok(GetAssertionResponse {
            credential_id: credential.id,
            auth_data: auth_data.ok_or(MissingParameter("authData"))?.bytes()?.to_vec(),
            signature: signature.ok_or(MissingParameter("signature"))?.bytes()?.to_vec(),
            user: user.map(User::read).transpose()?,
            number_of_credentials,
            user_selected: user_selected.map(Item::boolean).transpose()?.unwrap_or(false),
            prf: unsigned_extensions.map(prf::read_results).transpose()?.flatten(),
        })
    }

    /// The CBOR that follows the status byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MapWriter::new();
        CredentialDescriptor::write(&self.credential_id, out.number(0x01));
        out.number(0x02).bytes(&self.auth_data);
        out.number(0x03).bytes(&self.signature);
        if let Some(user) = &self.user {
            user.write(out.number(0x04));
        }
        if let Some(number) = self.number_of_credentials {
            out.number(0x05).unsigned(number.into());
        }
        if self.user_selected {
            out.number(0x06).boolean(true);
        }
        if let Some(results) = &self.prf {
            prf::write_results(results, out.number(0x08));
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests;
