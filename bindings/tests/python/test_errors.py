"""Each error reaches Python as itself, with its words and with nothing else."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import latchkey as lk
import pytest
from conftest import Keys, assertion, registration

FIXTURE = json.loads((Path(__file__).parents[3] / "fixtures/errors.json").read_text())
ERRORS = [
    variant
    for name, variant in vars(lk.LatchkeyError).items()
    if isinstance(variant, type) and issubclass(variant, lk.LatchkeyError)
]


def test_every_id_has_its_class():
    ids = {error().info().id for error in ERRORS}
    assert ids == {row["id"] for row in FIXTURE["errors"]}
    for error in ERRORS:
        info = error().info()
        assert info.title and info.explanation and info.next_step
        assert error.__name__.removeprefix("LatchkeyError.") == "".join(
            part.title() for part in info.id.replace(".", "_").split("_")
        )


class Offline(lk.Network):
    def is_online(self):
        return False


async def refuse(error):
    raise error


async def never(_):
    await asyncio.sleep(3600)


async def locked(shell):
    shell.keys.failure = lk.KeyVaultError.Locked()
    await shell.open()


async def invalidated(shell):
    await shell.open()
    shell.keys.failure = lk.KeyVaultError.Invalidated()
    await shell.open()


async def broken(shell):
    shell.database = "/nowhere/vault.sqlite"
    await shell.open()


async def prompted(shell, error, call=lambda provider: provider.register(registration())):
    phone = await shell.open()
    shell.gate.answer = lambda prompt: refuse(error)
    await call(phone.provider())


async def late(shell, call):
    phone = await shell.open(prompt_timeout=timedelta(milliseconds=200))
    shell.gate.answer = never
    await call(phone.provider())


async def missing(shell):
    await (await shell.open()).provider().sign_in(assertion())


async def not_enrolled(shell):
    shell.gate.enrolled = False
    await missing(shell)


async def excluded(shell):
    provider = (await shell.open()).provider()
    made = await provider.register(registration())
    await provider.register(registration(user=b"other", excluded=[made.credential_id]))


async def only_one(shell):
    provider = (await shell.open()).provider()
    for user in (b"first", b"second"):
        await provider.register(registration(user=user, rp_id="login.microsoft.com"))


async def busy(shell):
    provider = (await shell.open()).provider()
    shell.gate.answer = never
    first = asyncio.ensure_future(provider.register(registration()))
    await asyncio.sleep(0.2)
    try:
        await provider.register(registration())
    finally:
        first.cancel()


async def registered(shell, **members):
    await (await shell.open()).provider().register(registration(**members))


async def scanned(shell, text):
    (await shell.open()).scanner().read(text)


async def approved(shell, **ports):
    tunnel = lk.TunnelAddress(host="127.0.0.1", port=9)
    phone = await shell.open(ports=ports, tunnel=tunnel)
    await phone.approve(phone.scanner().read(FIDO))


async def typed(shell, address, code):
    await (await shell.open()).look_up(address, code)


async def unlocked(shell):
    await (await shell.open()).computers().unlock("nobody")


# A sound code of the hybrid transport, from the vectors.
FIDO = json.loads((Path(__file__).parents[3] / "fixtures/hybrid-vectors.json").read_text())["qr"]["valid"][0]["url"]

SIGN_IN = lambda provider: provider.sign_in(assertion())
GATE = lk.GateError
ERROR = lk.LatchkeyError

PROVOKED = [
    (ERROR.ProviderLocked, locked),
    (ERROR.AuthCredentialUnusable, invalidated),
    (ERROR.AnyInternal, broken),
    (ERROR.RegCanceled, lambda shell: prompted(shell, GATE.Denied())),
    (ERROR.AuthNotFoundOrCanceled, missing),
    (ERROR.AuthUvFailed, lambda shell: prompted(shell, GATE.LockedOut())),
    (ERROR.AuthUvFailed, lambda shell: prompted(shell, GATE.VerificationFailed(), SIGN_IN)),
    (ERROR.ProviderLocked, lambda shell: prompted(shell, GATE.Unavailable())),
    (ERROR.ProviderLocked, lambda shell: prompted(shell, RuntimeError("a shell's mistake"))),
    (ERROR.RegTimeout, lambda shell: late(shell, lambda provider: provider.register(registration()))),
    (ERROR.AuthTimeout, lambda shell: late(shell, SIGN_IN)),
    (ERROR.ProviderBiometricsMissing, not_enrolled),
    (ERROR.RegAlreadyRegistered, excluded),
    (ERROR.ProviderEntraPasskeyExists, only_one),
    (ERROR.RequestBusy, busy),
    (ERROR.AnyNotSupported, lambda shell: registered(shell, algorithms=[-257])),
    (ERROR.RequestMalformed, lambda shell: registered(shell, client_data_hash=b"short")),
    (ERROR.RequestMalformed, lambda shell: registered(shell, user=b"")),
    (ERROR.RequestMalformed, lambda shell: registered(shell, rp_id="")),
    (ERROR.RequestListTooLong, lambda shell: registered(shell, excluded=[b"x"] * 65)),
    (ERROR.QrInvalid, lambda shell: scanned(shell, "WIFI:S:home;;")),
    (ERROR.QrUnsupported, lambda shell: scanned(shell, '{"v":2}')),
    (ERROR.HybridNoInternet, lambda shell: approved(shell, network=Offline())),
    (ERROR.HybridTunnelFailed, approved),
    (ERROR.CodeBadAddress, lambda shell: typed(shell, "http://example.com", "ABCDEF")),
    (ERROR.CodeNotFound, lambda shell: typed(shell, "https://example.com", "?")),
    (ERROR.AnyNoDevice, unlocked),
]


@pytest.mark.parametrize("error, provoke", PROVOKED, ids=[error.__name__ for error, _ in PROVOKED])
def test_what_happens_is_what_is_raised(shell, run, error, provoke):
    with pytest.raises(error) as raised:
        run(provoke(shell))
    assert raised.value.args == ()
    # The core is as good as before.
    shell.keys, shell.gate.answer, shell.gate.enrolled = Keys(), None, True
    if error is not ERROR.AnyInternal:
        assert run(again(shell))


async def again(shell):
    return (await (await shell.open()).provider().register(registration(user=b"afterwards"))).credential_id
