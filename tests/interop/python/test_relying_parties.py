"""Relying parties that others wrote accept what Latchkey answered, and nothing near it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from fido2.cose import CoseKey
from fido2.webauthn import AttestationObject

import ceremonies
from ceremonies import Ceremony, decode
from relying_parties import PyWebAuthn, PythonFido2, Refused, RelyingParty


def attestation(registration: Ceremony) -> AttestationObject:
    return AttestationObject(decode(registration.response["response"]["attestationObject"]))


@pytest.fixture(params=[PythonFido2, PyWebAuthn], ids=["python-fido2", "py_webauthn"])
def relying_party(request: pytest.FixtureRequest) -> RelyingParty:
    return request.param()


def test_accepts_the_registration(relying_party: RelyingParty, registration: Ceremony) -> None:
    relying_party.register(registration)


@pytest.mark.parametrize("how", ceremonies.ANY)
def test_refuses_a_spoilt_registration(relying_party: RelyingParty, registration: Ceremony, how: str) -> None:
    with pytest.raises(Refused):
        relying_party.register(ceremonies.ANY[how](registration))


@pytest.mark.parametrize("how", ceremonies.PACKED)
def test_refuses_a_spoilt_self_attestation(
    relying_party: RelyingParty, registrations: dict[str, Ceremony], how: str
) -> None:
    packed = [r for r in registrations.values() if attestation(r).fmt == "packed"]
    assert packed, "the demo made no registration with packed self attestation"
    for registration in packed:
        with pytest.raises(Refused):
            relying_party.register(ceremonies.PACKED[how](registration))


def test_accepts_the_sign_in(
    relying_party: RelyingParty, registrations: dict[str, Ceremony], sign_in: Ceremony
) -> None:
    credential = relying_party.register(registrations[sign_in.credential_id])
    relying_party.sign_in(sign_in, credential)


@pytest.mark.parametrize("how", ceremonies.ANY | ceremonies.SIGN_IN)
def test_refuses_a_spoilt_sign_in(
    relying_party: RelyingParty, registrations: dict[str, Ceremony], sign_in: Ceremony, how: str
) -> None:
    credential = relying_party.register(registrations[sign_in.credential_id])
    spoil = (ceremonies.ANY | ceremonies.SIGN_IN)[how]
    with pytest.raises(Refused):
        relying_party.sign_in(spoil(sign_in), credential)


def test_the_members_of_a_registration_agree(registration: Ceremony) -> None:
    """What the client copies out for relying parties without CBOR (WebAuthn L3 section 5.2.1) is what was attested."""
    members = registration.response["response"]
    attested = attestation(registration).auth_data
    assert decode(members["authenticatorData"]) == attested

    assert attested.credential_data is not None
    assert decode(registration.response["id"]) == attested.credential_data.credential_id
    key: CoseKey = attested.credential_data.public_key
    assert members["publicKeyAlgorithm"] == key.ALGORITHM
    spki = load_der_public_key(decode(members["publicKey"]))
    assert type(key).from_cryptography_key(spki) == key
    assert isinstance(spki, EllipticCurvePublicKey) == (key.ALGORITHM == -7)


def test_a_registration_tells_how_to_reach_the_phone(registration: Ceremony) -> None:
    assert "hybrid" in registration.response["response"]["transports"]
    assert registration.response["authenticatorAttachment"] == "cross-platform"


def test_a_sign_in_without_a_list_names_its_user(
    registrations: dict[str, Ceremony], sign_in: Ceremony
) -> None:
    """Without a credential list the user handle is all a relying party has to find the account (section 7.2 step 6)."""
    handle = decode(sign_in.response["response"]["userHandle"])
    assert handle == sign_in.user_handle == registrations[sign_in.credential_id].user_handle
