//! The `prf` extension of WebAuthn Level 3 section 10.1.4 as a CTAP extension of its own. CTAP 2.3 does not
//! define it, only `hmac-secret`; its form here is that of clients and phones in practice over hybrid.
//!
//! Its salts are SHA-256("WebAuthn PRF" || 0x00 || input): whoever talks to the page has hashed what
//! the page gave. A salt of another length than 32 bytes is an invalid value.

use zeroize::{Zeroize as _, Zeroizing};

use crate::DecodeError;
use crate::cbor::{Item, MapWriter, Writer};
use crate::entities::redacted;

pub(crate) const NAME: &str = "prf";

redacted!(PrfValues, PrfRegistration, PrfAssertion, PrfRegistrationOutput);

/// One or two salts, or the outputs that belong to them: 32 bytes each. Wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct PrfValues {
    /// The first.
    pub first: [u8; 32],
    /// The second, exactly if there is one in the request.
    pub second: Option<[u8; 32]>,
}

impl Drop for PrfValues {
    fn drop(&mut self) {
        self.first.zeroize();
        self.second.zeroize();
    }
}

impl PrfValues {
    fn read(item: Item<'_>) -> Result<Self, DecodeError> {
        let [first, second] = item.named(["first", "second"])?;
        Ok(PrfValues {
            first: read_value(first.ok_or(DecodeError::MissingMember("prf.first"))?)?,
            second: second.map(read_value).transpose()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let mut map = MapWriter::new();
        map.name("first").bytes(&self.first);
        if let Some(second) = &self.second {
            map.name("second").bytes(second);
        }
        // At once, so that no growing message leaves a copy behind.
        out.raw(&Zeroizing::new(map.finish()));
    }
}

fn read_value(item: Item<'_>) -> Result<[u8; 32], DecodeError> {
    item.bytes()?.try_into().map_err(|_| DecodeError::InvalidValue("prf"))
}

/// Input of makeCredential.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PrfRegistration {
    /// Salts to be evaluated at once; `None` asks only whether there can be outputs.
    pub eval: Option<PrfValues>,
}

impl PrfRegistration {
    /// Finds the input in a map of extension inputs; passes over other extensions.
    pub(crate) fn read(extensions: Item<'_>) -> Result<Option<Self>, DecodeError> {
        let [input] = extensions.named([NAME])?;
        let Some(input) = input else { return Ok(None) };
        let [eval] = input.named(["eval"])?;
        Ok(Some(PrfRegistration { eval: eval.map(PrfValues::read).transpose()? }))
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.map(usize::from(self.eval.is_some()));
        if let Some(eval) = &self.eval {
            eval.write(out.text("eval"));
        }
    }
}

/// Input of getAssertion.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PrfAssertion {
    /// Salts for a credential that has none of its own.
    pub eval: Option<PrfValues>,
    /// Salts by credential ID. Encoding sorts them; of several for one ID the first counts.
    pub eval_by_credential: Vec<(Vec<u8>, PrfValues)>,
}

impl PrfAssertion {
    /// The salts for a credential: its own before those for every one.
    #[must_use]
    pub fn salts(&self, credential_id: &[u8]) -> Option<&PrfValues> {
        let own = self.eval_by_credential.iter().find(|(id, _)| id == credential_id);
        own.map(|(_, salts)| salts).or(self.eval.as_ref())
    }

    /// Finds the input in a map of extension inputs; passes over other extensions.
    pub(crate) fn read(extensions: Item<'_>) -> Result<Option<Self>, DecodeError> {
        let [input] = extensions.named([NAME])?;
        let Some(input) = input else { return Ok(None) };
        let [eval, by_credential] = input.named(["eval", "evalByCredential"])?;
        let mut eval_by_credential = Vec::new();
        if let Some(by_credential) = by_credential {
            for (id, salts) in by_credential.map()? {
                eval_by_credential.push((id.bytes()?.to_vec(), PrfValues::read(salts)?));
            }
        }
        Ok(Some(PrfAssertion { eval: eval.map(PrfValues::read).transpose()?, eval_by_credential }))
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        let mut map = MapWriter::new();
        if let Some(eval) = &self.eval {
            eval.write(map.name("eval"));
        }
        if !self.eval_by_credential.is_empty() {
            let mut sorted: Vec<_> = self.eval_by_credential.iter().collect();
            // The canonical order of byte strings. The sort is stable, so the first of an ID stays first.
            sorted.sort_by_key(|(id, _)| (id.len(), id));
            sorted.dedup_by_key(|(id, _)| id);
            let by_credential = map.name("evalByCredential").map(sorted.len());
            for (id, salts) in sorted {
                salts.write(by_credential.bytes(id));
            }
        }
        out.raw(&map.finish());
    }
}

/// Output of makeCredential.
#[derive(Clone, PartialEq, Eq)]
pub struct PrfRegistrationOutput {
    /// Whether this credential can give outputs.
    pub enabled: bool,
    /// The outputs, if salts were given and could be evaluated at once.
    pub results: Option<PrfValues>,
}

impl PrfRegistrationOutput {
    /// Finds the output in a map of extension outputs; passes over other extensions.
    pub(crate) fn read(extensions: Item<'_>) -> Result<Option<Self>, DecodeError> {
        let [output] = extensions.named([NAME])?;
        let Some(output) = output else { return Ok(None) };
        let [enabled, results] = output.named(["enabled", "results"])?;
        Ok(Some(PrfRegistrationOutput {
            enabled: enabled.ok_or(DecodeError::MissingMember("prf.enabled"))?.boolean()?,
            results: results.map(PrfValues::read).transpose()?,
        }))
    }

    /// Writes a map of extension outputs with nothing but this one.
    pub(crate) fn write(&self, out: &mut Writer) {
        out.map(1).text(NAME).map(1 + usize::from(self.results.is_some()));
        out.text("enabled").boolean(self.enabled);
        if let Some(results) = &self.results {
            results.write(out.text("results"));
        }
    }
}

/// Finds the output of getAssertion in a map of extension outputs; passes over other extensions.
pub(crate) fn read_results(extensions: Item<'_>) -> Result<Option<PrfValues>, DecodeError> {
    let [output] = extensions.named([NAME])?;
    let Some(output) = output else { return Ok(None) };
    let [results] = output.named(["results"])?;
    results.map(PrfValues::read).transpose()
}

/// Writes a map of extension outputs with nothing but the output of getAssertion.
pub(crate) fn write_results(results: &PrfValues, out: &mut Writer) {
    results.write(out.map(1).text(NAME).map(1).text("results"));
}

#[cfg(test)]
mod tests;
