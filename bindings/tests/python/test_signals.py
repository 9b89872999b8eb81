"""What relying parties signal about passkeys: on iOS parsed, on Android as JSON of a calling app."""

import json

import latchkey as lk
import pytest
from conftest import assertion, registration
from test_provider_android import app, b64, browser, creation, open_android, request

KIND = lk.SignalKind


def unknown(credential_id, **members):
    return json.dumps({"rpId": "example.com", "credentialId": b64(credential_id), **members})


def accepted(user_handle, *ids):
    ids = [b64(one) for one in ids]
    return json.dumps({"rpId": "example.com", "userId": b64(user_handle), "allAcceptedCredentialIds": ids})


def details(user_handle, name, display_name):
    user = {"userId": b64(user_handle), "name": name, "displayName": display_name}
    return json.dumps({"rpId": "example.com", **user})


def test_a_hidden_passkey_is_used_only_where_it_is_named(shell, run):
    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        ada = (await provider.register(registration(user=b"ada"))).credential_id
        eve = (await provider.register(registration(user=b"eve"))).credential_id
        shell.gate.prompts.clear()

        (changed,) = provider.signal_unknown("example.com", ada)
        assert changed.id == ada and changed.hidden
        assert provider.signal_unknown("example.com", ada) == []
        assert provider.signal_unknown("example.org", eve) == []
        assert [entry.id for entry in provider.entries("example.com")] == [eve]
        assert [entry.id for entry in provider.entries("example.com", [ada])] == [ada]
        assert {key.id: key.hidden for key in phone.passkeys().list()} == {ada: True, eve: False}
        assert shell.gate.prompts == []

        assert (await provider.sign_in(assertion())).credential_id == eve
        assert (await provider.sign_in(assertion(allowed=[ada]))).credential_id == ada
        assert {key.id: key.hidden for key in phone.passkeys().list()} == {ada: True, eve: False}

    run(scenario())


def test_what_is_hidden_stays_hidden_until_somebody_takes_it_back(shell, run):
    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        made = (await provider.register(registration())).credential_id
        (changed,) = provider.signal_accepted("example.com", b"user", [])
        assert changed.hidden
        phone.shut_down()

        # The app, in a process of its own.
        phone = await shell.open()
        provider, passkeys = phone.provider(), phone.passkeys()
        assert [key.hidden for key in passkeys.list()] == [True] and provider.entries("example.com") == []
        passkeys.unhide(made)
        assert [entry.id for entry in provider.entries("example.com")] == [made]
        provider.signal_unknown("example.com", made)
        (changed,) = provider.signal_accepted("example.com", b"user", [b"another", made])
        assert changed.id == made and not changed.hidden
        with pytest.raises(lk.LatchkeyError.AuthCredentialUnusable):
            passkeys.unhide(b"nobody's")
        provider.signal_unknown("example.com", made)
        await passkeys.delete(made)
        assert passkeys.list() == []

    run(scenario())


def test_an_account_that_is_registered_anew_is_offered(shell, run):
    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        made = (await provider.register(registration())).credential_id
        provider.signal_unknown("example.com", made)
        # Not behind its owner's back.
        with pytest.raises(lk.LatchkeyError.ProviderLocked):
            await provider.register(registration(conditional=True))
        again = (await provider.register(registration())).credential_id
        assert [entry.id for entry in provider.entries("example.com")] == [again]
        assert [key.id for key in phone.passkeys().list()] == [again]

    run(scenario())


def test_a_new_name_is_shown(shell, run):
    async def scenario():
        phone = await shell.open()
        provider = phone.provider()
        made = (await provider.register(registration())).credential_id
        phone.passkeys().rename(made, "Work")
        (changed,) = provider.signal_user_details("example.com", b"user", "ada@example.com")
        assert (changed.user_name, changed.user_display_name, changed.label) == ("ada@example.com", None, "Work")
        (changed,) = provider.signal_user_details("example.com", b"user", "ada@example.com", "Ada")
        assert changed == phone.passkeys().list()[0] and changed.user_display_name == "Ada"
        assert provider.signal_user_details("example.com", b"user", "ada@example.com") == []
        assert provider.signal_user_details("example.com", b"eve", "ada@example.com") == []

    run(scenario())


def test_verification_cannot_be_required_of_nobody(shell, run):
    async def scenario():
        phone = await shell.open()
        with pytest.raises(lk.LatchkeyError.ProviderLocked):
            await phone.provider().register(registration(conditional=True, verification_required=True))
        assert phone.passkeys().list() == [] and shell.gate.prompts == []
        await phone.provider().register(registration(verification_required=True))

    run(scenario())


def test_a_closed_phone_hears_nothing(shell, run):
    async def scenario():
        phone = await shell.open()
        made = (await phone.provider().register(registration())).credential_id
        phone.shut_down()
        with pytest.raises(lk.LatchkeyError.ProviderLocked):
            phone.provider().signal_unknown("example.com", made)
        assert [key.hidden for key in (await shell.open()).passkeys().list()] == [False]

    run(scenario())


@pytest.mark.parametrize("caller", [app(), browser()])
def test_a_sites_own_app_and_pages_may_signal(shell, run, caller):
    async def scenario():
        phone = await open_android(shell)
        provider = phone.provider()
        await provider.create_json(creation(), caller)
        made = phone.passkeys().list()[0].id
        shell.gate.prompts.clear()
        (changed,) = provider.signal_json(KIND.UNKNOWN_CREDENTIAL, unknown(made), caller)
        assert changed.id == made and changed.hidden
        assert provider.entries_json(request(), caller) == []
        (changed,) = provider.signal_json(KIND.ALL_ACCEPTED_CREDENTIAL_IDS, accepted(b"user", made), caller)
        assert not changed.hidden
        assert len(provider.entries_json(request(), caller)) == 1
        renamed = details(b"user", "ada@example.net", "")
        (changed,) = provider.signal_json(KIND.CURRENT_USER_DETAILS, renamed, caller)
        assert (changed.user_name, changed.user_display_name) == ("ada@example.net", "")
        assert shell.gate.prompts == []

    run(scenario())


@pytest.mark.parametrize(
    "caller",
    [
        app(asset_links=None),
        app(certificates=[bytes(32)]),
        app(several_signers=True),
        app(client_data_hash=bytes(32)),
        app(origin="https://login.example.com"),
        browser(origin="https://example.org"),
        browser(package_name="org.browser.fake"),
    ],
)
def test_nobody_hides_the_passkeys_of_somebody_elses_site(shell, run, caller):
    async def scenario():
        phone = await open_android(shell)
        await phone.provider().create_json(creation(), app())
        before = phone.passkeys().list()
        for kind, signal in [
            (KIND.UNKNOWN_CREDENTIAL, unknown(before[0].id)),
            (KIND.ALL_ACCEPTED_CREDENTIAL_IDS, accepted(b"user")),
            (KIND.CURRENT_USER_DETAILS, details(b"user", "mallory", "Mallory")),
        ]:
            with pytest.raises(lk.LatchkeyError.ProviderCallerUntrusted):
                phone.provider().signal_json(kind, signal, caller)
        assert phone.passkeys().list() == before

    run(scenario())


@pytest.mark.parametrize(
    "kind, signal",
    [
        (KIND.UNKNOWN_CREDENTIAL, ""),
        (KIND.UNKNOWN_CREDENTIAL, accepted(b"user")),
        (KIND.UNKNOWN_CREDENTIAL, unknown(b"x", rpId="")),
        (KIND.UNKNOWN_CREDENTIAL, unknown(b"x", credentialId="not base64url!")),
        (KIND.ALL_ACCEPTED_CREDENTIAL_IDS, details(b"user", "ada", "Ada")),
        (KIND.CURRENT_USER_DETAILS, accepted(b"user")),
    ],
)
def test_what_is_no_signal_is_refused(shell, run, kind, signal):
    async def scenario():
        phone = await open_android(shell)
        with pytest.raises(lk.LatchkeyError.RequestMalformed):
            phone.provider().signal_json(kind, signal, app())

    run(scenario())


def test_a_site_says_which_apps_may_signal():
    assert lk.asset_links_url(unknown(b"x")) == "https://example.com/.well-known/assetlinks.json"
    # An app's own site says nothing about somebody else's.
    with pytest.raises(lk.LatchkeyError.RequestMalformed):
        lk.asset_links_url(creation(rpId="attacker.example"))
