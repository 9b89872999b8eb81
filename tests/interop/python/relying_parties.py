"""Relying parties that others wrote, behind one interface."""

from typing import Any, Protocol

import webauthn
from fido2.attestation import InvalidData, InvalidSignature, NoneAttestation, PackedAttestation
from fido2.server import Fido2Server
from fido2.webauthn import AttestedCredentialData, AttestationObject, PublicKeyCredentialRpEntity
from fido2.webauthn import UserVerificationRequirement
from webauthn.helpers.exceptions import WebAuthnException

from ceremonies import Ceremony, encode


class Refused(Exception):
    """The relying party looked at the response and turned it down."""


class RelyingParty(Protocol):
    def register(self, registration: Ceremony) -> Any:
        """Verifies a registration and returns the credential as this library stores it."""

    def sign_in(self, sign_in: Ceremony, credential: Any) -> None:
        """Verifies a sign-in with a credential that `register` returned."""


class PythonFido2:
    """python-fido2's server. It leaves attestation to its caller, so the verifiers it ships are named here."""

    _ATTESTATIONS = {"none": NoneAttestation(), "packed": PackedAttestation()}

    def register(self, registration: Ceremony) -> AttestedCredentialData:
        try:
            auth_data = self._server(registration).register_complete(
                self._state(registration), registration.response
            )
        except (ValueError, InvalidData, InvalidSignature) as refusal:
            raise Refused from refusal
        assert auth_data.credential_data is not None
        return auth_data.credential_data

    def sign_in(self, sign_in: Ceremony, credential: AttestedCredentialData) -> None:
        try:
            self._server(sign_in).authenticate_complete(self._state(sign_in), [credential], sign_in.response)
        except ValueError as refusal:
            raise Refused from refusal

    def _server(self, ceremony: Ceremony) -> Fido2Server:
        return Fido2Server(
            PublicKeyCredentialRpEntity(id=ceremony.rp_id, name="Interop"),
            attestation="direct",
            verify_origin=lambda origin: origin == ceremony.origin,
            verify_attestation=self._verify_attestation,
        )

    def _verify_attestation(self, attestation: AttestationObject, client_data_hash: bytes) -> None:
        self._ATTESTATIONS[attestation.fmt].verify(
            attestation.att_stmt, attestation.auth_data, client_data_hash
        )

    @staticmethod
    def _state(ceremony: Ceremony) -> dict[str, Any]:
        return {
            "challenge": encode(ceremony.challenge),
            "user_verification": UserVerificationRequirement.REQUIRED,
        }


class PyWebAuthn:
    """py_webauthn, which verifies packed self attestation by itself."""

    def register(self, registration: Ceremony) -> Any:
        try:
            return webauthn.verify_registration_response(
                credential=registration.response,
                expected_challenge=registration.challenge,
                expected_rp_id=registration.rp_id,
                expected_origin=registration.origin,
                require_user_verification=True,
            )
        except WebAuthnException as refusal:
            raise Refused from refusal

    def sign_in(self, sign_in: Ceremony, credential: Any) -> None:
        try:
            webauthn.verify_authentication_response(
                credential=sign_in.response,
                expected_challenge=sign_in.challenge,
                expected_rp_id=sign_in.rp_id,
                expected_origin=sign_in.origin,
                credential_public_key=credential.credential_public_key,
                credential_current_sign_count=credential.sign_count,
                require_user_verification=True,
            )
        except WebAuthnException as refusal:
            raise Refused from refusal
