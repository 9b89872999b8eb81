"""A ceremony with a computer nearby: its code in a picture, the tunnel service, and an advert in the air."""

import base64

import latchkey as lk
import pytest
from stage import Air
from webauthn import verify_authentication_response, verify_registration_response

CHALLENGE = bytes(range(32))


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def verified(created):
    return verify_registration_response(
        credential=created,
        expected_challenge=CHALLENGE,
        expected_origin="https://example.com",
        expected_rp_id="example.com",
        require_user_verification=True,
    )


def test_a_computer_gets_a_passkey_made_and_used(stage, shell, run):
    async def scenario():
        air = Air(stage.air)
        phone = await shell.open(ports={"advertiser": air}, **stage.config())

        async def ceremony(kind):
            shown = stage.computer(kind, "--challenge", b64(CHALLENGE), form="png")
            code = phone.scanner().scan(shown.frame())
            assert code.is_hybrid() and code.text.startswith("FIDO:/")
            answered = (await phone.approve(code)).answer
            # The same code is not served again.
            with pytest.raises(lk.LatchkeyError.QrInvalid):
                await phone.approve(code)
            return answered, shown.ends()

        answer, created = await ceremony("create")
        assert (answer.action, answer.rp_id, answer.error) == (lk.Action.CREATE, "example.com", None)
        passkey = verified(created)
        answer, asserted = await ceremony("get")
        assert (answer.action, answer.rp_id, answer.error) == (lk.Action.SIGN_IN, "example.com", None)
        verify_authentication_response(
            credential=asserted,
            expected_challenge=CHALLENGE,
            expected_origin="https://example.com",
            expected_rp_id="example.com",
            credential_public_key=passkey.credential_public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )

        # One advert of 20 bytes for each ceremony, and none goes on.
        phone.shut_down()
        assert [len(data) for data in air.started] == [20, 20] and air.started[0] != air.started[1]
        assert len(air.stopped) == 2 and all(stopped.wait(10) for stopped in air.stopped.values())
        assert [type(prompt.kind).__name__ for prompt in shell.gate.prompts] == [
            "PromptKind.REGISTER",
            "PromptKind.SIGN_IN",
        ]

    run(scenario())


def test_a_computer_hears_of_a_refusal(stage, shell, run):
    async def scenario():
        phone = await shell.open(ports={"advertiser": Air(stage.air)}, **stage.config())

        async def refuse(prompt):
            raise lk.GateError.Denied()

        shell.gate.answer = refuse
        shown = stage.computer("create")
        answer = (await phone.approve(phone.scanner().read(shown.text))).answer
        assert answer.error.info().id == "reg.canceled" and phone.passkeys().list() == []
        shown.ends(20)

        # A passkey of the phone that the computer excludes.
        shell.gate.answer = None
        shown = stage.computer("create", "--challenge", b64(CHALLENGE))
        await phone.approve(phone.scanner().read(shown.text))
        credential = verified(shown.ends()).credential_id
        shown = stage.computer("create", "--exclude", b64(credential))
        answer = (await phone.approve(phone.scanner().read(shown.text))).answer
        assert answer.error.info().id == "reg.already_registered"
        shown.ends(20)
        assert [passkey.id for passkey in phone.passkeys().list()] == [credential]

    run(scenario())


def test_an_advert_that_cannot_be_sent_leaves_the_code_as_good_as_before(stage, shell, run):
    async def scenario():
        air = Air(stage.air)
        phone = await shell.open(ports={"advertiser": air}, **stage.config())
        shown = stage.computer("create", "--challenge", b64(CHALLENGE))
        code = phone.scanner().read(shown.text)
        for failure, error in (
            (lk.AdvertError.Off(), lk.LatchkeyError.HybridBluetoothOff),
            (lk.AdvertError.NotPermitted(), lk.LatchkeyError.HybridBluetoothOff),
            (lk.AdvertError.Failed(), lk.LatchkeyError.AnyInternal),
            (RuntimeError("a radio's mistake"), lk.LatchkeyError.AnyInternal),
        ):
            air.failure = failure
            with pytest.raises(error):
                await phone.approve(code)
        air.failure = None
        assert (await phone.approve(code)).answer.error is None
        verified(shown.ends())

    run(scenario())
