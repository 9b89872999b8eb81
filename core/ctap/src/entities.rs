//! Who and what a request is about (WebAuthn Level 3 sections 5.3, 5.4 and 5.8).

use crate::cbor::{CborError, Item, MapWriter, Writer};
use crate::{Algorithm, DecodeError};

/// The only credential type there is.
const PUBLIC_KEY: &str = "public-key";

/// Longest user handle (WebAuthn Level 3 section 5.4.3), in bytes.
const MAX_USER_ID: usize = 64;

/// Prints a type as redacted: it holds what must not reach a log.
macro_rules! redacted {
    ($($name:ident),+) => {
        $(impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        })+
    };
}
pub(crate) use redacted;

redacted!(RelyingParty, User, CredentialDescriptor);

/// A relying party (`PublicKeyCredentialRpEntity`). Tells where somebody has an account: never
/// logged.
#[derive(Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// RP ID: a domain name.
    pub id: String,
    /// Name for people, if the client sent one.
    pub name: Option<String>,
}

impl RelyingParty {
    pub(crate) fn read(item: Item<'_>) -> Result<Self, DecodeError> {
        let [id, name] = item.named(["id", "name"])?;
        Ok(RelyingParty {
            id: id.ok_or(DecodeError::MissingMember("rp.id"))?.text()?.to_owned(),
            name: optional_text(name)?,
        })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.map(1 + usize::from(self.name.is_some()));
        out.text("id").text(&self.id);
        if let Some(name) = &self.name {
            out.text("name").text(name);
        }
    }
}

/// An account at a relying party (`PublicKeyCredentialUserEntity`). Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// User handle, 1 to 64 bytes.
    pub id: Vec<u8>,
    /// Account name, such as an e-mail address.
    pub name: Option<String>,
    /// Name for people.
    pub display_name: Option<String>,
}

impl User {
    /// A user handle that is empty or longer than 64 bytes is an invalid value.
    pub(crate) fn read(item: Item<'_>) -> Result<Self, DecodeError> {
        let [id, name, display_name] = item.named(["id", "name", "displayName"])?;
        let id = id.ok_or(DecodeError::MissingMember("user.id"))?.bytes()?;
        if id.is_empty() || id.len() > MAX_USER_ID {
            return Err(DecodeError::InvalidValue("user.id"));
        }
        Ok(User { id: id.to_vec(), name: optional_text(name)?, display_name: optional_text(display_name)? })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.map(1 + usize::from(self.name.is_some()) + usize::from(self.display_name.is_some()));
        out.text("id").bytes(&self.id);
        if let Some(name) = &self.name {
            out.text("name").text(name);
        }
        if let Some(display_name) = &self.display_name {
            out.text("displayName").text(display_name);
        }
    }
}

/// One entry of an allow or exclude list; entries of a type other than `public-key` are dropped
/// while decoding.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialDescriptor {
    /// Credential ID, as long as the client sent it.
    pub id: Vec<u8>,
}

impl CredentialDescriptor {
    /// `None` for an entry of an unknown type.
    pub(crate) fn read(item: Item<'_>) -> Result<Option<Self>, DecodeError> {
        let [id, kind, transports] = item.named(["id", "type", "transports"])?;
        if kind.ok_or(DecodeError::MissingMember("descriptor.type"))?.text()? != PUBLIC_KEY {
            return Ok(None);
        }
        let id = id.ok_or(DecodeError::MissingMember("descriptor.id"))?.bytes()?;
        // A hint for clients; an authenticator only cares that it is sound.
        if let Some(transports) = transports {
            transports.array()?.try_for_each(|transport| transport.text().map(drop))?;
        }
        Ok(Some(CredentialDescriptor { id: id.to_vec() }))
    }

    pub(crate) fn write(id: &[u8], out: &mut Writer) {
        out.map(2);
        out.text("id").bytes(id);
        out.text("type").text(PUBLIC_KEY);
    }

    pub(crate) fn read_list(item: Item<'_>) -> Result<Vec<Self>, DecodeError> {
        item.array()?.filter_map(|entry| CredentialDescriptor::read(entry).transpose()).collect()
    }

    pub(crate) fn write_list(list: &[Self], out: &mut Writer) {
        out.array(list.len());
        for descriptor in list {
            CredentialDescriptor::write(&descriptor.id, out);
        }
    }

    /// An entry of a type that nobody knows, so that it matches nothing.
    pub(crate) fn write_unknown(out: &mut Writer) {
        out.map(2);
        out.text("id").bytes(&[]);
        out.text("type").text("");
    }
}

/// A list of `PublicKeyCredentialParameters`; entries of an unknown type are dropped.
///
/// An entry without `type` or `alg` counts as a missing parameter, unlike other nested members.
pub(crate) fn read_algorithms(item: Item<'_>) -> Result<Vec<Algorithm>, DecodeError> {
    let mut algorithms = Vec::new();
    for entry in item.array()? {
        let [algorithm, kind] = entry.named(["alg", "type"])?;
        if kind.ok_or(DecodeError::MissingParameter("pubKeyCredParams.type"))?.text()? == PUBLIC_KEY {
            let algorithm = algorithm.ok_or(DecodeError::MissingParameter("pubKeyCredParams.alg"))?;
            algorithms.push(Algorithm(algorithm.integer()?));
        }
    }
    Ok(algorithms)
}

pub(crate) fn write_algorithms(algorithms: &[Algorithm], out: &mut Writer) {
    out.array(algorithms.len());
    for algorithm in algorithms {
        out.map(2);
        out.text("alg").integer(algorithm.0);
        out.text("type").text(PUBLIC_KEY);
    }
}

/// A list of identifiers. Empty ones mean nothing and are dropped.
///
/// Counts before it allocates: the shortest entries are far smaller on the wire than in memory.
pub(crate) fn read_texts(item: Item<'_>) -> Result<Vec<String>, CborError> {
    let mut count = 0usize;
    for entry in item.array()? {
        count = count.saturating_add(usize::from(!entry.text()?.is_empty()));
    }
    let mut texts = Vec::with_capacity(count);
    for entry in item.array()? {
        let text = entry.text()?;
        if !text.is_empty() {
            texts.push(text.to_owned());
        }
    }
    Ok(texts)
}

pub(crate) fn write_texts(texts: &[String], out: &mut Writer) {
    out.array(texts.len());
    for text in texts {
        out.text(text);
    }
}

/// SHA-256 of the client data; another length is an invalid value.
pub(crate) fn read_client_data_hash(item: Item<'_>) -> Result<[u8; 32], DecodeError> {
    item.bytes()?.try_into().map_err(|_| DecodeError::InvalidValue("clientDataHash"))
}

pub(crate) fn optional_text(item: Option<Item<'_>>) -> Result<Option<String>, CborError> {
    Ok(item.map(Item::text).transpose()?.map(str::to_owned))
}

pub(crate) fn optional_unsigned(item: Option<Item<'_>>) -> Result<Option<u64>, CborError> {
    item.map(Item::unsigned).transpose()
}

/// Names of the options that makeCredential and getAssertion know, in canonical order.
const OPTIONS: [&str; 3] = ["rk", "up", "uv"];

/// The options `rk`, `up` and `uv`; others are passed over.
pub(crate) fn read_options(item: Item<'_>) -> Result<[Option<bool>; 3], CborError> {
    let [rk, up, uv] = item.named(OPTIONS)?.map(|option| option.map(Item::boolean).transpose());
    Ok([rk?, up?, uv?])
}

pub(crate) fn write_options(options: [Option<bool>; 3], out: &mut Writer) {
    let mut map = MapWriter::new();
    for (name, option) in OPTIONS.into_iter().zip(options) {
        if let Some(value) = option {
            map.name(name).boolean(value);
        }
    }
    out.raw(&map.finish());
}
