"""Those who may call a Control Center: made over the wire, as in real life.

The environment tells where the server is: LATCHKEY_BASE, LATCHKEY_CA, LATCHKEY_ADMIN_TOKEN.
"""

import base64
import functools
import hashlib
import json
import os
import uuid

import requests

BASE = os.environ["LATCHKEY_BASE"]
WEB_APP = "HYPRDefaultApplication"
WORKSTATION_APP = "HYPRDefaultWorkstationApplication"
RP_ID = "login.microsoft.com"

# The base point of P-256 (SEC 2 section 2.4.2): a public key whose private key is 1.
X = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
Y = bytes.fromhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def call(method: str, path: str, body: dict | None = None, token: str | None = None) -> dict:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(
        method, BASE + path, json=body, headers=headers, verify=os.environ["LATCHKEY_CA"], timeout=30
    )
    answer.raise_for_status()
    return answer.json()


def administrator() -> str:
    return os.environ["LATCHKEY_ADMIN_TOKEN"]


@functools.cache
def workstation() -> str:
    wanted = {"scope": ["WSINSTALL"], "rpAppId": WORKSTATION_APP, "expiresInSecs": 3600}
    install = call("POST", "/rp/api/token/endpoint", wanted, administrator())["token"]
    machine = {
        "installToken": install,
        "machineId": "pc-1",
        "machineName": "Desk",
        "publicKey": b64url(b"\x03" + X),
    }
    return call("POST", "/rp/versioned/workstation/enroll", machine)["workstationToken"]


def session_of(account: str) -> str:
    link = call("POST", "/cc/api/magiclink", {"email": account}, administrator())["magicLink"]
    return call("POST", "/dm/api/session", {"token": link.rsplit("/", 1)[1]})["sessionToken"]


@functools.cache
def session() -> str:
    return session_of("ada@example.com")


@functools.cache
def phone() -> str:
    """A phone that is paired with the workstation."""
    account = {"username": "bo@example.com", "accountKind": "entra_cloud"}
    return pair({"rpAppId": WORKSTATION_APP} | account, workstation())


def new_phone() -> str:
    """A phone that nobody else uses, paired by a Magic Link."""
    return pair({"rpAppId": WEB_APP}, session_of(f"{uuid.uuid4()}@example.com"))


def pair(wanted: dict, shown_by: str) -> str:
    """Pairs a phone with the code that the holder of this token shows; its passkey has no attestation."""
    code = json.loads(call("POST", "/rp/versioned/client/qr/create", wanted, shown_by)["qrCode"])
    proof = {"requestId": code["requestId"], "nonce": code["nonce"]}
    options = call("POST", "/rp/api/versioned/fido2/attestation/options", proof)
    credential_id = os.urandom(32)
    # Flags: user present, user verified, attested credential (WebAuthn section 6.1).
    key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + X + b"\x22\x58\x20" + Y
    auth_data = hashlib.sha256(RP_ID.encode()).digest() + b"\x45" + bytes(4 + 16) + b"\x00\x20" + credential_id + key
    attestation = b"\xa3cfmtdnonegattStmt\xa0hauthData\x58" + bytes([len(auth_data)]) + auth_data
    client_data = {
        "type": "webauthn.create",
        "challenge": options["challenge"],
        "origin": f"https://{RP_ID}",
        "crossOrigin": False,
    }
    credential = {
        "id": b64url(credential_id),
        "rawId": b64url(credential_id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": b64url(json.dumps(client_data, separators=(",", ":")).encode()),
            "attestationObject": b64url(attestation),
            "authenticatorData": b64url(auth_data),
            "publicKey": "",
            "publicKeyAlgorithm": -7,
            "transports": ["hybrid"],
        },
    }
    registration = proof | {"deviceName": "A phone", "appVersion": "10.5.0", "credential": credential}
    return call("POST", "/rp/versioned/device/registration", registration)["deviceToken"]
