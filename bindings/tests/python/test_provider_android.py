"""Android's shape of the door: WebAuthn's JSON in and out, and who may ask."""

import base64
import hashlib
import json

import latchkey as lk
import pytest
from webauthn import verify_authentication_response, verify_registration_response

CERTIFICATE = hashlib.sha256(b"certificate").digest()
FINGERPRINT = ":".join(f"{byte:02X}" for byte in CERTIFICATE)
CHALLENGE = bytes(range(32))
ORIGIN = "https://login.example.com"
APP_ORIGIN = "android:apk-key-hash:" + base64.urlsafe_b64encode(CERTIFICATE).decode().rstrip("=")

BROWSERS = json.dumps(
    {
        "apps": [
            {
                "type": "android",
                "info": {
                    "package_name": "org.browser",
                    "signatures": [{"build": "release", "cert_fingerprint_sha256": FINGERPRINT}],
                },
            }
        ]
    }
)
LINKS = json.dumps(
    [
        {
            "relation": ["delegate_permission/common.get_login_creds"],
            "target": {
                "namespace": "android_app",
                "package_name": "com.example.app",
                "sha256_cert_fingerprints": [FINGERPRINT],
            },
        }
    ]
)


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def creation(**members):
    return json.dumps(
        {
            "rp": {"id": "example.com", "name": "Example"},
            "user": {"id": b64(b"user"), "name": "ada@example.com", "displayName": "Ada"},
            "challenge": b64(CHALLENGE),
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
            "extensions": {"credProps": True},
            **members,
        }
    )


def request(**members):
    return json.dumps({"challenge": b64(CHALLENGE), "rpId": "example.com", **members})


def browser(**members):
    return lk.Caller(**{**dict(package_name="org.browser", certificates=[CERTIFICATE], origin=ORIGIN), **members})


def app(**members):
    return lk.Caller(
        **{**dict(package_name="com.example.app", certificates=[CERTIFICATE], asset_links=LINKS), **members}
    )


def open_android(shell):
    return shell.open(lk.Platform.ANDROID, trusted_browsers=BROWSERS)


@pytest.mark.parametrize("caller, origin", [(browser(), ORIGIN), (app(), APP_ORIGIN)])
def test_a_relying_party_accepts_it(shell, run, caller, origin):
    async def scenario():
        provider = (await open_android(shell)).provider()
        made = await provider.create_json(creation(), caller)
        assert json.loads(made)["clientExtensionResults"] == {"credProps": {"rk": True}}
        verified = verify_registration_response(
            credential=made,
            expected_challenge=CHALLENGE,
            expected_origin=origin,
            expected_rp_id="example.com",
            require_user_verification=True,
        )
        response = json.loads(made)["response"]
        assert response["transports"] == ["internal", "hybrid"] and response["publicKeyAlgorithm"] == -7

        signed = await provider.get_json(request(), caller)
        verify_authentication_response(
            credential=signed,
            expected_challenge=CHALLENGE,
            expected_origin=origin,
            expected_rp_id="example.com",
            credential_public_key=verified.credential_public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        assert json.loads(signed)["authenticatorAttachment"] == "platform"

    run(scenario())


def test_a_trusted_browser_signs_over_its_own_hash(shell, run):
    async def scenario():
        provider = (await open_android(shell)).provider()
        made = json.loads(await provider.create_json(creation(), browser(client_data_hash=bytes(32))))
        assert made["response"]["clientDataJSON"] == b64(b"{}")
        (entry,) = provider.entries_json(request(), browser())
        assert b64(entry.id) == made["id"] and entry.user_display_name == "Ada"
        signed = json.loads(await provider.get_json(request(), browser(client_data_hash=bytes(32)), entry.id))
        assert signed["id"] == made["id"]
        with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
            other = [{"type": "public-key", "id": b64(b"other")}]
            await provider.get_json(request(allowCredentials=other), browser(), entry.id)

    run(scenario())


@pytest.mark.parametrize(
    "caller",
    [
        app(client_data_hash=bytes(32)),
        app(asset_links=None),
        app(asset_links="[]"),
        app(several_signers=True),
        app(certificates=[]),
        browser(package_name="org.other"),
        browser(certificates=[bytes(32)]),
        browser(package_name="org.other", client_data_hash=bytes(32)),
        browser(origin="https://example.org"),
    ],
)
def test_nobody_else_may_ask(shell, run, caller):
    async def scenario():
        phone = await open_android(shell)
        for call in (
            phone.provider().create_json(creation(), caller),
            phone.provider().get_json(request(), caller),
        ):
            with pytest.raises(lk.LatchkeyError.ProviderCallerUntrusted) as refused:
                await call
            assert refused.value.info().id == "provider.caller_untrusted"
        assert shell.gate.prompts == [] and phone.passkeys().list() == []

    run(scenario())


def test_what_is_no_request_is_refused(shell, run):
    async def scenario():
        provider = (await open_android(shell)).provider()
        for text in ("", "{}", "[]", creation(challenge=7), creation(rp={"name": "no id"}), "x" * 300_000):
            with pytest.raises(lk.LatchkeyError.RequestMalformed):
                await provider.create_json(text, app())
        long = [{"type": "public-key", "id": b64(bytes([n]))} for n in range(65)]
        with pytest.raises(lk.LatchkeyError.RequestListTooLong):
            await provider.create_json(creation(excludeCredentials=long), app())
        with pytest.raises(lk.LatchkeyError.AnyNotSupported):
            await provider.create_json(creation(pubKeyCredParams=[{"type": "public-key", "alg": -257}]), app())
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            await shell.open(lk.Platform.ANDROID, trusted_browsers="{}")

    run(scenario())


def test_where_a_site_names_its_apps():
    assert lk.asset_links_url(request()) == "https://example.com/.well-known/assetlinks.json"
    with pytest.raises(lk.LatchkeyError.RequestMalformed):
        lk.asset_links_url(request(rpId="example.com/elsewhere"))
