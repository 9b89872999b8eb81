"""Each error reaches Python as itself, from its true cause, with its words and with nothing else."""

import asyncio
import base64
import json
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import latchkey as lk
import pytest
from conftest import HASH, Device, Gate, Keys, Shell, assertion, registration
from stage import ADA, Air, Stage, Workstation

FIXTURES = Path(__file__).parents[3] / "fixtures"
FIXTURE = json.loads((FIXTURES / "errors.json").read_text())
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


async def framed(shell, luma):
    """A frame of 100 times 100 pixels."""
    (await shell.open()).scanner().scan(lk.Frame(width=100, height=100, stride=100, luma=luma))


async def approved(shell, **ports):
    tunnel = lk.TunnelAddress(host="127.0.0.1", port=9)
    phone = await shell.open(ports=ports, tunnel=tunnel)
    await phone.approve(phone.scanner().read(FIDO))


async def typed(shell, address, code):
    await (await shell.open()).look_up(address, code)


async def unlocked(shell):
    await (await shell.open()).computers().unlock("nobody")


async def untrusted(shell):
    caller = lk.Caller(package_name="org.browser", certificates=[HASH], origin="https://example.com")
    request = {"challenge": base64.urlsafe_b64encode(HASH).decode().rstrip("="), "rpId": "example.com"}
    await (await shell.open(lk.Platform.ANDROID)).provider().get_json(json.dumps(request), caller)


async def found(shell, check, **facts):
    """What readiness finds is the error that the person would meet."""
    phone = await shell.open(ports={"device": Device(**facts)})
    (finding,) = [finding for finding in await phone.readiness() if finding.check == check]
    assert (finding.explanation, finding.next_step) == (
        finding.error.info().explanation,
        finding.error.info().next_step,
    )
    raise finding.error


# A sound code of the hybrid transport, from the vectors.
FIDO = json.loads((FIXTURES / "hybrid-vectors.json").read_text())["qr"]["valid"][0]["url"]

SIGN_IN = lambda provider: provider.sign_in(assertion())
FORBIDDEN = lk.Availability.NOT_PERMITTED
GATE = lk.GateError
ERROR = lk.LatchkeyError

# What a phone meets by itself.
ALONE = [
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
    (ERROR.ProviderNotEnabled, lambda shell: found(shell, lk.Check.PROVIDER, provider=lk.Availability.OFF)),
    (ERROR.ProviderCallerUntrusted, untrusted),
    (ERROR.QrCameraDenied, lambda shell: found(shell, lk.Check.CAMERA, camera=FORBIDDEN)),
    (ERROR.HybridBluetoothOff, lambda shell: found(shell, lk.Check.BLUETOOTH, bluetooth=FORBIDDEN)),
    (ERROR.RegAlreadyRegistered, excluded),
    (ERROR.ProviderEntraPasskeyExists, only_one),
    (ERROR.RequestBusy, busy),
    (ERROR.AnyNotSupported, lambda shell: registered(shell, algorithms=[-257])),
    (ERROR.RequestMalformed, lambda shell: registered(shell, client_data_hash=b"short")),
    (ERROR.RequestMalformed, lambda shell: registered(shell, user=b"")),
    (ERROR.RequestMalformed, lambda shell: registered(shell, rp_id="")),
    (ERROR.RequestListTooLong, lambda shell: registered(shell, excluded=[b"x"] * 65)),
    (ERROR.QrInvalid, lambda shell: scanned(shell, "WIFI:S:home;;")),
    (ERROR.QrInvalid, lambda shell: framed(shell, bytes(10_000))),
    (ERROR.QrInvalid, lambda shell: framed(shell, bytes(9_999))),
    (ERROR.QrUnsupported, lambda shell: scanned(shell, '{"v":2}')),
    (ERROR.HybridNoInternet, lambda shell: approved(shell, network=Offline())),
    (ERROR.HybridTunnelFailed, approved),
    (ERROR.CodeBadAddress, lambda shell: typed(shell, "http://example.com", "ABCDEF")),
    (ERROR.CodeNotFound, lambda shell: typed(shell, "https://example.com", "?")),
    (ERROR.AnyNoDevice, unlocked),
]


def another(shell, name="another"):
    """A phone beside this one."""
    folder = Path(shell.database).parent / name
    folder.mkdir()
    return Shell(folder)


async def paired(shell, stage, desk):
    """A phone that is paired with Ada's account."""
    phone = await shell.open(**stage.config())
    await phone.approve(phone.scanner().read(desk.pair().text))
    return phone


async def with_pins(shell, stage):
    """A paired phone that has offline PINs."""
    stage.allow_offline_pins()
    desk = Workstation(stage)
    phone = await paired(shell, stage, desk)
    assert (await phone.computers().unlock(desk.serve().machine_id)).pins == lk.PinsAfterUnlock.REPLENISHED
    return phone, desk


async def unlock_without_server(shell, stage):
    desk = Workstation(stage)
    phone = await paired(shell, stage, desk)
    stage.control_center.kill()
    await phone.computers().unlock(desk.machine_id)


async def pair_without_server(shell, stage):
    phone, text = await shell.open(**stage.config()), Workstation(stage).pair().text
    stage.control_center.kill()
    await phone.approve(phone.scanner().read(text))


async def activate_without_server(shell, stage):
    async def consent_at_the_end_of_the_server(prompt):
        stage.control_center.kill()
        return lk.Consent(verified=True)

    phone, text = await shell.open(**stage.config()), Workstation(stage).pair().text
    shell.gate.answer = consent_at_the_end_of_the_server
    await phone.approve(phone.scanner().read(text))


async def one_phone_too_many(shell, stage):
    """An account has five passkeys at most."""
    for number in range(5):
        await paired(another(shell, str(number)), stage, Workstation(stage, str(number)))
    await paired(shell, stage, Workstation(stage))


async def deregistered(shell, stage):
    desk = Workstation(stage)
    phone = await paired(shell, stage, desk)
    stage.administrator("DELETE", f"/cc/api/versioned/rpUser/{ADA}")
    await phone.computers().unlock(desk.serve().machine_id)


async def under_another_key(shell, stage):
    """Somebody has changed the server's records: a workstation is told another key than the phone signs with."""
    phone, lab = await paired(shell, stage, Workstation(stage)), Workstation(stage, "lab")
    await paired(another(shell), stage, lab)
    with sqlite3.connect(stage.database) as database:
        keys = "SELECT other.public_key FROM passkeys AS other WHERE other.rowid <> passkeys.rowid"
        assert database.execute(f"UPDATE passkeys SET public_key = ({keys})").rowcount == 2
    await phone.approve(phone.scanner().read(lab.sign_in_code().text))


async def passkey_deleted(shell, stage):
    desk = Workstation(stage)
    phone = await paired(shell, stage, desk)
    await phone.passkeys().delete(phone.passkeys().list()[0].id)
    await phone.computers().unlock(desk.serve().machine_id)


async def mistyped(shell, stage, attempts):
    phone = await shell.open(**stage.config())
    for _ in range(attempts - 1):
        with pytest.raises(ERROR.CodeNotFound):
            await phone.look_up(stage.address, "ABCDEF")
    await phone.look_up(stage.address, "ABCDEF")


async def without_bluetooth(shell, stage):
    phone = await shell.open(**stage.config())
    await phone.approve(phone.scanner().read(stage.computer("create").text))


async def left_by_the_computer(shell, stage):
    phone = await shell.open(ports={"advertiser": Air(stage.air)}, **stage.config())
    shown = stage.computer("create")

    async def computer_leaves(prompt):
        shown.kill()
        await asyncio.sleep(3600)

    shell.gate.answer = computer_leaves
    await phone.approve(phone.scanner().read(shown.text))


async def other_machine(shell, stage):
    """A code that names a computer of this phone, and a key that is not the one it was paired with."""
    desk, lab = Workstation(stage), Workstation(stage, "lab")
    phone = await paired(shell, stage, desk)
    code = json.loads(desk.sign_in_code().text)
    code["pk"] = json.loads(lab.sign_in_code().text)["pk"]
    await phone.approve(phone.scanner().read(json.dumps(code)))


async def stranger(shell, stage):
    """A sign-in code of an organisation that the phone is not registered with."""
    phone = await shell.open(**stage.config())
    await phone.approve(phone.scanner().read(Workstation(stage).sign_in_code().text))


async def used_before(shell, stage):
    text = Workstation(stage).pair().text
    for one in (another(shell), shell):
        phone = await one.open(**stage.config())
        await phone.approve(phone.scanner().read(text))


async def too_late(shell, stage):
    """A code lives for a minute."""
    text = Workstation(stage).pair().text
    phone = await shell.open(**stage.config(clock_ahead=timedelta(seconds=70)))
    await phone.approve(phone.scanner().read(text))


async def never_unlocked(shell, stage):
    desk = Workstation(stage)
    await (await paired(shell, stage, desk)).offline_pins().display(desk.machine_id)


async def switched_off(shell, stage):
    phone, desk = await with_pins(shell, stage)
    stage.allow_offline_pins(False)
    assert (await phone.computers().unlock(desk.machine_id)).pins == lk.PinsAfterUnlock.OFF
    await phone.offline_pins().display(desk.machine_id)


async def pins_after(shell, stage, **time):
    """The offline PINs of a computer, after a time."""
    phone, desk = await with_pins(shell, stage)
    phone.shut_down()
    phone = await shell.open(**stage.config(clock_ahead=timedelta(**time)))
    return phone.offline_pins(), desk.machine_id


async def low(shell, stage):
    """They live for a week: four days later there are not many days left."""
    pins, machine_id = await pins_after(shell, stage, days=4, minutes=1)
    shown = await pins.display(machine_id)
    assert shown.status.notice.info().warning and shown.status.remaining == 9
    raise pins.status(machine_id).notice


async def expired(shell, stage):
    pins, machine_id = await pins_after(shell, stage, days=7, minutes=1)
    await pins.display(machine_id)


async def exhausted(shell, stage):
    phone, desk = await with_pins(shell, stage)
    shown = set()
    for number in range(11):
        assert len(shown) == number
        phone.shut_down()
        phone = await shell.open(**stage.config(clock_ahead=number * timedelta(seconds=20)))
        shown.add((await phone.offline_pins().display(desk.machine_id)).pin)


# What a phone meets with others.
WITH_OTHERS = [
    (ERROR.AuthUnavailable, unlock_without_server),
    (ERROR.RegUnavailable, pair_without_server),
    (ERROR.RegActivationFailed, activate_without_server),
    (ERROR.RegLimitReached, one_phone_too_many),
    (ERROR.AnySessionExpired, deregistered),
    (ERROR.AnySignatureRejected, under_another_key),
    (ERROR.AuthCredentialUnusable, passkey_deleted),
    (ERROR.CodeNotFound, lambda shell, stage: mistyped(shell, stage, 1)),
    (ERROR.CodeRateLimited, lambda shell, stage: mistyped(shell, stage, 6)),
    (ERROR.HybridBluetoothOff, without_bluetooth),
    (ERROR.HybridPeerCanceled, left_by_the_computer),
    (ERROR.HybridHandshakeFailed, other_machine),
    (ERROR.PairingWrongAccount, stranger),
    (ERROR.PairingExpired, used_before),
    (ERROR.PairingExpired, too_late),
    (ERROR.OfflineNotProvisioned, never_unlocked),
    (ERROR.OfflineDisabled, switched_off),
    (ERROR.OfflineLow, low),
    (ERROR.OfflineExpired, expired),
    (ERROR.OfflineExhausted, exhausted),
]

# Takes a minute: it has a test of its own, which begins before the others and ends after them.
SLOW = [ERROR.HybridPeerNotNear]

# What no phone meets, and why; the list is the same for all languages. The workstation meets it in test_workstation.py.
NEVER = json.loads((Path(__file__).parents[1] / "errors-not-provoked.json").read_text())


def test_every_id_is_provoked_or_cannot_be():
    provoked = {error().info().id for error in [error for error, _ in ALONE + WITH_OTHERS] + SLOW}
    assert provoked.isdisjoint(NEVER)
    assert provoked | NEVER.keys() == {row["id"] for row in FIXTURE["errors"]}


def named(rows):
    return dict(argvalues=rows, ids=[error.__name__.removeprefix("LatchkeyError.") for error, _ in rows])


@pytest.mark.parametrize("error, provoke", **named(ALONE))
def test_what_happens_is_what_is_raised(shell, run, error, provoke):
    with pytest.raises(error) as raised:
        run(provoke(shell))
    as_before(shell, run, raised.value)


@pytest.mark.parametrize("error, provoke", **named(WITH_OTHERS))
def test_what_others_do_is_what_is_raised(shell, stage, run, error, provoke):
    with pytest.raises(error) as raised:
        run(provoke(shell, stage))
    as_before(shell, run, raised.value)


@pytest.fixture(scope="session", autouse=True)
def nobody_near(tmp_path_factory):
    """A phone advertises to a computer that does not hear it, for as long as phones do, while the other tests run."""
    shell, stage, raised = Shell(tmp_path_factory.mktemp("far")), Stage(), []
    shown = stage.computer("create")

    async def approve():
        air = Air(stage.folder / "another air")
        phone = await shell.open(ports={"advertiser": air}, **stage.config())
        try:
            await phone.approve(phone.scanner().read(shown.text))
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=lambda: asyncio.run(approve()))
    thread.start()
    yield shell, thread, raised
    stage.close()
    thread.join()


# conftest.py puts it behind all others.
def test_nobody_near_is_what_is_raised(nobody_near, run):
    shell, thread, raised = nobody_near
    thread.join(90)
    assert [type(error) for error in raised] == SLOW
    as_before(shell, run, raised[0])


def as_before(shell, run, error):
    """The error says nothing but itself, and the core is as good as before."""
    assert error.args == ()
    shell.keys, shell.gate = Keys(), Gate()
    if not isinstance(error, ERROR.AnyInternal):
        assert run(again(shell))


async def again(shell):
    return (await (await shell.open()).provider().register(registration(user=b"afterwards"))).credential_id
