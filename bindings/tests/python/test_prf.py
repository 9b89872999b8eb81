"""The PRF extension through the operating system's door: salts in the shape of iOS, a page's inputs in Android's JSON."""

import base64
import hashlib
import json

import latchkey as lk
import pytest
from conftest import assertion, registration
from test_provider_android import app, browser, creation, open_android, request


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def salt(data):
    """What a client makes of a page's input."""
    return hashlib.sha256(b"WebAuthn PRF\0" + data).digest()


FIRST, SECOND = b"first input", b"an input may have any length" * 9


def salts(first=FIRST, second=None):
    return lk.PrfValues(first=salt(first), second=second and salt(second))


def evaluate(*inputs):
    return lk.PrfRegistrationInput.EVALUATE(salts=salts(*inputs))


def sign_in_with(**members):
    return assertion(prf=lk.PrfAssertionInput(**members))


def test_ios_gets_the_same_outputs_every_time(shell, run):
    async def scenario():
        provider = (await shell.open()).provider()
        made = await provider.register(registration(prf=evaluate(FIRST, SECOND)))
        assert made.prf.is_supported
        assert len(made.prf.outputs.first) == len(made.prf.outputs.second) == 32
        assert made.prf.outputs.first != made.prf.outputs.second
        signed = await provider.sign_in(sign_in_with(salts=salts(FIRST, SECOND)))
        assert signed.prf == made.prf.outputs
        swapped = await provider.sign_in(sign_in_with(salts=salts(SECOND, FIRST)))
        assert (swapped.prf.first, swapped.prf.second) == (signed.prf.second, signed.prf.first)
        alone = await provider.sign_in(sign_in_with(salts=salts(FIRST)))
        assert alone.prf == lk.PrfValues(first=signed.prf.first, second=None)

        # Also after the phone was opened anew, and not with another passkey.
        again = (await shell.open()).provider()
        assert (await again.sign_in(sign_in_with(salts=salts(FIRST, SECOND)))).prf == signed.prf
        other = await again.register(registration(user=b"other", prf=evaluate(FIRST)))
        assert other.prf.outputs.first != signed.prf.first

    run(scenario())


def test_ios_may_ask_for_support_alone_or_not_at_all(shell, run):
    async def scenario():
        provider = (await shell.open()).provider()
        made = await provider.register(registration(prf=lk.PrfRegistrationInput.CHECK_FOR_SUPPORT()))
        assert made.prf == lk.PrfRegistrationOutput(is_supported=True, outputs=None)
        assert (await provider.sign_in(assertion())).prf is None
        assert (await provider.sign_in(sign_in_with())).prf is None
        # A passkey whose registration did not ask has a secret all the same.
        unasked = await provider.register(registration(user=b"unasked"))
        assert unasked.prf is None
        signed = await provider.sign_in(
            assertion(allowed=[unasked.credential_id], prf=lk.PrfAssertionInput(salts=salts()))
        )
        assert len(signed.prf.first) == 32

    run(scenario())


def test_ios_salts_of_the_passkey_come_before_those_for_all(shell, run):
    async def scenario():
        provider = (await shell.open()).provider()
        id = (await provider.register(registration())).credential_id
        wanted = (await provider.sign_in(sign_in_with(salts=salts(SECOND)))).prf
        own = {id: salts(SECOND), b"another": salts(FIRST)}
        for members in [dict(per_credential=own), dict(per_credential=own, salts=salts(FIRST))]:
            assert (await provider.sign_in(sign_in_with(**members))).prf == wanted
        others = {b"another": salts(FIRST)}
        assert (await provider.sign_in(sign_in_with(per_credential=others, salts=salts(SECOND)))).prf == wanted
        assert (await provider.sign_in(sign_in_with(per_credential=others))).prf is None

    run(scenario())


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_salt_of_another_length_is_refused_before_anybody_is_asked(shell, run, length):
    async def scenario():
        provider = (await shell.open()).provider()
        bad = bytes(length)
        for values in [lk.PrfValues(first=bad), lk.PrfValues(first=salt(b""), second=bad)]:
            with pytest.raises(lk.LatchkeyError.RequestMalformed):
                await provider.register(registration(prf=lk.PrfRegistrationInput.EVALUATE(salts=values)))
            for members in [dict(salts=values), dict(per_credential={b"id": values})]:
                with pytest.raises(lk.LatchkeyError.RequestMalformed):
                    await provider.sign_in(sign_in_with(**members))
        assert shell.gate.prompts == [] and provider.entries("example.com") == []

    run(scenario())


def test_nobody_who_was_not_verified_gets_outputs(shell, run):
    async def scenario():
        provider = (await shell.open()).provider()
        made = await provider.register(registration(conditional=True, prf=evaluate(FIRST)))
        assert made.prf == lk.PrfRegistrationOutput(is_supported=True, outputs=None)
        assert (await provider.sign_in(sign_in_with(salts=salts()))).prf is not None

    run(scenario())


def prf(first=FIRST, second=None):
    values = {"first": b64(first), **({"second": b64(second)} if second else {})}
    return {"prf": {"eval": values}}


def hashed(first=FIRST):
    return {"prfAlreadyHashed": {"eval": {"first": b64(salt(first))}}}


async def created(provider, caller=None, **extensions):
    made = json.loads(await provider.create_json(creation(extensions=extensions), caller or app()))
    return made, made["clientExtensionResults"]


async def got(provider, caller=None, allow=None, **extensions):
    members = {"allowCredentials": [{"type": "public-key", "id": allow}]} if allow else {}
    answer = await provider.get_json(request(extensions=extensions, **members), caller or app())
    return json.loads(answer)["clientExtensionResults"]


def test_android_answers_a_page_in_json(shell, run):
    async def scenario():
        provider = (await open_android(shell)).provider()
        _, results = await created(provider, **prf(FIRST, SECOND), credProps=True)
        assert results["credProps"] == {"rk": True} and results["prf"]["enabled"] is True
        outputs = results["prf"]["results"]
        assert [len(unb64(outputs[name])) for name in ("first", "second")] == [32, 32]
        assert await got(provider, **prf(FIRST, SECOND)) == {"prf": {"results": outputs}}
        assert await got(provider, **prf(FIRST)) == {"prf": {"results": {"first": outputs["first"]}}}
        assert (await got(provider, **prf(b"")))["prf"]["results"]["first"] != outputs["first"]
        assert await got(provider) == {}
        assert await got(provider, prf={}) == {"prf": {}}
        _, results = await created(provider, prf={})
        assert results == {"prf": {"enabled": True}}

    run(scenario())


def test_both_shapes_have_one_secret(shell, run):
    async def scenario():
        android = (await open_android(shell)).provider()
        made, results = await created(android, **prf(FIRST))
        ios = (await shell.open()).provider()
        signed = await ios.sign_in(sign_in_with(salts=salts(FIRST)))
        assert b64(signed.credential_id) == made["id"]
        assert b64(signed.prf.first) == results["prf"]["results"]["first"]

    run(scenario())


def test_android_browsers_may_have_hashed_the_inputs(shell, run):
    async def scenario():
        provider = (await open_android(shell)).provider()
        caller = browser(client_data_hash=bytes(32))
        _, results = await created(provider, caller, **hashed(FIRST))
        wanted = results["prf"]["results"]
        assert await got(provider, caller, **hashed(FIRST)) == {"prf": {"results": wanted}}
        assert await got(provider, browser(), **hashed(FIRST)) == {"prf": {"results": wanted}}
        assert await got(provider, caller, **prf(FIRST)) == {"prf": {"results": wanted}}
        # What the page gave itself counts.
        assert await got(provider, caller, **prf(FIRST), **hashed(SECOND)) == {"prf": {"results": wanted}}
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            await got(provider, caller, prfAlreadyHashed={"eval": {"first": b64(b"short")}})
        # An app has no page: from it the member is unknown.
        assert await got(provider, app(), **hashed(FIRST)) == {}
        _, results = await created(provider, app(), **hashed(FIRST))
        assert results == {}

    run(scenario())


def test_android_inputs_by_credential(shell, run):
    async def scenario():
        provider = (await open_android(shell)).provider()
        made, _ = await created(provider, prf={})
        wanted = await got(provider, **prf(SECOND))
        own = {"evalByCredential": {made["id"]: {"first": b64(SECOND)}}, **prf(FIRST)["prf"]}
        assert await got(provider, allow=made["id"], prf=own) == wanted

        # As a browser would refuse them: no list to choose from, not in the list, not in a registration.
        prompts = len(shell.gate.prompts)
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            await got(provider, prf=own)
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            await got(provider, allow=b64(b"other"), prf=own)
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            await created(provider, prf=own)
        for shape in [True, {"eval": {}}, {"eval": {"first": 1}}, {"eval": {"first": "*"}}]:
            with pytest.raises(lk.LatchkeyError.RequestMalformed):
                await got(provider, prf=shape)
        assert len(shell.gate.prompts) == prompts

    run(scenario())
