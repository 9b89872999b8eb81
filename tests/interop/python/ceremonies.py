"""The ceremonies that a demo left behind, and the ways to spoil them."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable


@dataclass(frozen=True)
class Ceremony:
    """What a relying party knows (all but `response`) and what the client sent it (`response`)."""

    rp_id: str
    origin: str
    challenge: bytes
    user_handle: bytes
    response: dict[str, Any]  # RegistrationResponseJSON or AuthenticationResponseJSON

    @property
    def credential_id(self) -> str:
        return self.response["id"]


def load(path: Path) -> list[Ceremony]:
    """Reads one ceremony, or an array of them."""
    content = json.loads(path.read_text())
    ceremonies = content if isinstance(content, list) else [content]
    assert ceremonies, f"{path} holds no ceremony"
    return [
        Ceremony(
            rp_id=c["rpId"],
            origin=c["origin"],
            challenge=decode(c["challenge"]),
            user_handle=decode(c["userHandle"]),
            response=c["response"],
        )
        for c in ceremonies
    ]


def decode(text: str) -> bytes:
    """Base64url without padding, as WebAuthn's JSON has it."""
    assert "=" not in text, "base64url in WebAuthn JSON carries no padding"
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


# Offsets in authenticator data (WebAuthn L3 section 6.1).
RP_ID_HASH, FLAGS, SIGN_COUNT, AAGUID = 0, 32, 33, 37
USER_PRESENT = 0x01
USER_VERIFIED = 0x04


def _flip(data: bytes, at: int, mask: int = 0x01) -> bytes:
    spoilt = bytearray(data)
    spoilt[at] ^= mask
    return bytes(spoilt)


def _with_member(ceremony: Ceremony, name: str, change: Callable[[bytes], bytes]) -> Ceremony:
    members = ceremony.response["response"]
    changed = {**members, name: encode(change(decode(members[name])))}
    return replace(ceremony, response={**ceremony.response, "response": changed})


def _auth_data(offset: int, mask: int = 0x01) -> Callable[[Ceremony], Ceremony]:
    """Flips a bit of the authenticator data, wherever this kind of response carries it."""

    def spoil(ceremony: Ceremony) -> Ceremony:
        if "authenticatorData" in ceremony.response["response"] and "signature" in ceremony.response["response"]:
            return _with_member(ceremony, "authenticatorData", lambda data: _flip(data, offset, mask))
        rp_id_hash = hashlib.sha256(ceremony.rp_id.encode()).digest()  # authenticator data begins with it
        return _with_member(
            ceremony, "attestationObject", lambda data: _flip(data, data.index(rp_id_hash) + offset, mask)
        )

    return spoil


def _attestation_signature(ceremony: Ceremony) -> Ceremony:
    def spoil(attestation: bytes) -> bytes:
        head = attestation.index(b"\x63sig\x58") + 5  # text(3) "sig", then a byte string with a one-byte length
        return _flip(attestation, head + attestation[head])

    return _with_member(ceremony, "attestationObject", spoil)


def _client_data(ceremony: Ceremony) -> Ceremony:
    """The same JSON with one more space: only a hash can tell."""
    return _with_member(ceremony, "clientDataJSON", lambda data: data.replace(b"{", b"{ ", 1))


Spoil = Callable[[Ceremony], Ceremony]

# Every relying party must refuse these, signed or not.
ANY: dict[str, Spoil] = {
    "another challenge": lambda c: replace(c, challenge=_flip(c.challenge, -1)),
    "another origin": lambda c: replace(c, origin="https://login.example.net"),
    "another RP ID hash": _auth_data(RP_ID_HASH),
    "user not present": _auth_data(FLAGS, USER_PRESENT),
    "user not verified": _auth_data(FLAGS, USER_VERIFIED),
}
# These only a signature shows.
PACKED: dict[str, Spoil] = {
    "changed AAGUID": _auth_data(AAGUID),
    "changed client data": _client_data,
    "changed attestation signature": _attestation_signature,
}
SIGN_IN: dict[str, Spoil] = {
    "changed sign count": _auth_data(SIGN_COUNT + 3),
    "changed client data": _client_data,
    "changed signature": lambda c: _with_member(c, "signature", lambda data: _flip(data, -1)),
}
