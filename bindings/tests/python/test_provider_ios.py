"""iOS's shape of the door: a client data hash in, attestation object and assertion out."""

import hashlib

import latchkey as lk
import pytest
from conftest import HASH, assertion, registration
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import CoseKey
from fido2.webauthn import AttestationObject, AuthenticatorData

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def test_register_and_sign_in(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration())
        attested = AttestationObject(made.attestation_object)
        data = attested.auth_data
        assert attested.fmt == "none" and attested.att_stmt == {}
        assert data.flags == UP | UV | BE | BS | AT
        assert data.rp_id_hash == hashlib.sha256(b"example.com").digest()
        assert data.credential_data.credential_id == made.credential_id

        signed = await phone.provider().sign_in(assertion(allowed=[made.credential_id]))
        assert signed.credential_id == made.credential_id and signed.user_handle == b"user"
        assert AuthenticatorData(signed.authenticator_data).flags == UP | UV | BE | BS
        key = CoseKey.parse(data.credential_data.public_key)
        key.verify(signed.authenticator_data + HASH, signed.signature)
        with pytest.raises(Exception):
            key.verify(signed.authenticator_data + bytes(32), signed.signature)

        kinds = [type(prompt.kind).__name__.removeprefix("PromptKind.") for prompt in shell.gate.prompts]
        assert kinds == ["REGISTER", "SIGN_IN"] and all(prompt.verify for prompt in shell.gate.prompts)
        (passkey,) = phone.passkeys().list()
        assert passkey.user_name == "ada" and passkey.backed_up and passkey.last_used_at is not None

    run(scenario())


def test_lists_show_what_can_sign_in(shell, run):
    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        made = [await provider.register(registration(user=bytes([n]))) for n in range(1, 4)]
        elsewhere = await provider.register(registration(rp_id="example.org"))
        ids = lambda entries: {entry.id for entry in entries}
        assert ids(provider.entries("example.com")) == {one.credential_id for one in made}
        assert ids(provider.entries("example.com", [made[1].credential_id, elsewhere.credential_id])) == {
            made[1].credential_id
        }
        assert provider.entries("example.net") == []
        with pytest.raises(lk.LatchkeyError.RequestListTooLong):
            provider.entries("example.com", [b"x"] * 65)
        assert len(shell.gate.prompts) == 4

    run(scenario())


def test_the_person_chooses_the_account(shell, run):
    async def scenario():
        phone = await shell.open()
        for user in (b"first", b"second"):
            await phone.provider().register(registration(user=user))

        async def second(prompt):
            assert [account.user_name for account in prompt.kind.accounts] == ["ada", "ada"]
            return lk.Consent(verified=True, account=1)

        shell.gate.answer = second
        assert (await phone.provider().sign_in(assertion())).user_handle == b"first"

    run(scenario())


def test_a_conditional_registration_asks_nobody_and_says_so(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration(conditional=True))
        assert AttestationObject(made.attestation_object).auth_data.flags == UP | BE | BS | AT
        assert shell.gate.prompts == []
        # The account has a passkey now: a second one would replace it behind its owner's back. Nobody
        # has agreed that the relying party learns of it, or of one that it excludes.
        for again in (
            registration(conditional=True),
            registration(conditional=True, user=b"other", excluded=[made.credential_id]),
            registration(conditional=True, user=b"other", verification_required=True),
        ):
            with pytest.raises(lk.LatchkeyError.ProviderLocked) as refused:
                await phone.provider().register(again)
            assert refused.value.info().ios == [100]
        assert [key.id for key in phone.passkeys().list()] == [made.credential_id]
        assert shell.gate.prompts == []

    run(scenario())


def test_an_excluded_passkey_is_told_after_a_gesture(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration())
        with pytest.raises(lk.LatchkeyError.RegAlreadyRegistered) as refused:
            await phone.provider().register(registration(user=b"other", excluded=[made.credential_id]))
        assert refused.value.info().ios == [102]
        assert len(shell.gate.prompts) == 2 and len(phone.passkeys().list()) == 1

    run(scenario())


def test_without_an_interface_the_answer_says_who_was_verified(shell, run):
    async def known(prompt):
        assert prompt.verify and prompt.kind.rp_id == "example.com"
        return lk.Consent(verified=True)

    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        made = await provider.register(registration())
        key = CoseKey.parse(AttestationObject(made.attestation_object).auth_data.credential_data.public_key)
        shell.gate.prompts.clear()
        request = lambda **members: assertion(allowed=[made.credential_id], **members)

        async def signed(request):
            answer = await provider.sign_in_quietly(request)
            key.verify(answer.authenticator_data + HASH, answer.signature)
            assert answer.credential_id == made.credential_id and answer.user_handle == b"user"
            return AuthenticatorData(answer.authenticator_data).flags

        # Nobody is known: only a relying party that discourages verification does without.
        with pytest.raises(lk.LatchkeyError.ProviderLocked) as refused:
            await provider.sign_in_quietly(request())
        assert refused.value.info().ios == [100]
        assert phone.passkeys().list()[0].last_used_at is None
        assert await signed(request(verification_discouraged=True)) == UP | BE | BS
        assert phone.passkeys().list()[0].last_used_at is not None

        shell.gate.quietly = known
        for discouraged in (False, True):
            assert await signed(request(verification_discouraged=discouraged)) == UP | UV | BE | BS
        assert len(shell.gate.quiet_prompts) == 4 and shell.gate.prompts == []

    run(scenario())


def test_without_an_interface_what_needs_verification_waits(shell, run):
    async def broken(prompt):
        raise RuntimeError("not of the port's errors")

    async def unverified(prompt):
        return lk.Consent(verified=False)

    async def scenario():
        provider = (await shell.open()).provider()
        made = await provider.register(registration())
        salts = lk.PrfAssertionInput(salts=lk.PrfValues(first=bytes(32)))
        request = lambda **members: assertion(allowed=[made.credential_id], **members)
        for quietly in (None, broken, unverified):
            shell.gate.quietly = quietly
            for needy in (request(), request(prf=salts, verification_discouraged=True)):
                with pytest.raises(lk.LatchkeyError.ProviderLocked):
                    await provider.sign_in_quietly(needy)
        # With an interface the same request is answered, and the person is verified whatever the relying party says.
        answer = await provider.sign_in(request(prf=salts, verification_discouraged=True))
        assert AuthenticatorData(answer.authenticator_data).flags == UP | UV | BE | BS
        assert len(answer.prf.first) == 32

    run(scenario())


def test_without_an_interface_the_one_passkey_that_was_offered_is_used(shell, run):
    async def scenario():
        provider = (await shell.open()).provider()
        made = [(await provider.register(registration(user=bytes([n])))).credential_id for n in (1, 2)]
        request = lambda *allowed: assertion(allowed=list(allowed), verification_discouraged=True)
        for allowed in ([], made):
            with pytest.raises(lk.LatchkeyError.RequestMalformed):
                await provider.sign_in_quietly(request(*allowed))
        provider.signal_unknown("example.com", made[0])
        for gone in (made[0], b"nobody's"):
            with pytest.raises(lk.LatchkeyError.AuthCredentialUnusable) as refused:
                await provider.sign_in_quietly(request(gone))
            assert refused.value.info().ios == [101]
        assert (await provider.sign_in_quietly(request(made[1]))).credential_id == made[1]

        shell.gate.enrolled = False
        with pytest.raises(lk.LatchkeyError.ProviderBiometricsMissing):
            await provider.sign_in_quietly(request(made[1]))

    run(scenario())
