"""What a shell brings: keys in hardware that really sign, ports that throw and ports that keep everybody
waiting."""

import asyncio
import threading
import time

import latchkey as lk
import pytest
from conftest import HASH, Device, Gate, Keys, assertion, registration, works
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.cose import CoseKey
from fido2.webauthn import AttestationObject
from stage import Air, Workstation


class Chip(Keys):
    """Keys that stay where they are; the library knows them by a handle."""

    def __init__(self):
        super().__init__()
        self.keys = {}
        self.refusal = None

    async def create_key(self):
        handle, key = f"key {len(self.keys)}".encode(), ec.generate_private_key(ec.SECP256R1())
        self.keys[handle] = key
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return lk.HardwareKey(handle=handle, public_key=point)

    async def sign(self, handle, message):
        if self.refusal:
            raise self.refusal
        return self.keys[handle].sign(message, ec.ECDSA(hashes.SHA256()))

    async def delete_key(self, handle):
        self.keys.pop(handle, None)


def test_hardware_signs_and_its_keys_go_with_their_passkeys(shell, run):
    async def scenario():
        shell.keys = chip = Chip()
        phone = await shell.open(hardware_keys=True)
        made = await phone.provider().register(registration())
        (passkey,), (key,) = phone.passkeys().list(), chip.keys.values()
        assert passkey.hardware_key
        data = AttestationObject(made.attestation_object).auth_data.credential_data
        numbers = key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        assert (data.public_key[-2], data.public_key[-3]) == (x, y)

        signed = await phone.provider().sign_in(assertion())
        CoseKey.parse(data.public_key).verify(signed.authenticator_data + HASH, signed.signature)
        for refusal, error in (
            (lk.KeyVaultError.Invalidated(), lk.LatchkeyError.AuthCredentialUnusable),
            (lk.KeyVaultError.Failed(), lk.LatchkeyError.AnyInternal),
        ):
            chip.refusal = refusal
            with pytest.raises(error):
                await phone.provider().sign_in(assertion())
        chip.refusal = None

        # What hardware cannot do, software does.
        await phone.provider().register(registration(user=b"other", algorithms=[-8]))
        assert len(chip.keys) == 1 and len(phone.passkeys().list()) == 2
        await phone.passkeys().delete(made.credential_id)
        assert chip.keys == {} and phone.passkeys().damaged() == 0

    run(scenario())


class Slow(Chip):
    """Makes its first key when it is let go, and deletes none before."""

    def __init__(self):
        super().__init__()
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def create_key(self):
        self.asked.set()
        await self.go.wait()
        return await super().create_key()

    async def delete_key(self, handle):
        self.asked.set()
        await self.go.wait()
        await super().delete_key(handle)


@pytest.mark.parametrize("way", ["token", "dropped", "shut down"])
def test_hardware_that_makes_a_key_can_be_left_and_the_key_goes(shell, run, way):
    async def scenario():
        # The core asks for the key's end from a thread of its own.
        lk.uniffi_set_event_loop(asyncio.get_running_loop())
        shell.keys = chip = Slow()
        phone = await shell.open(hardware_keys=True)
        cancel = lk.Cancel()
        call = asyncio.ensure_future(phone.provider().register(registration(), cancel))
        await chip.asked.wait()
        if way == "dropped":
            call.cancel()
        elif way == "token":
            cancel.cancel()
        else:
            phone.shut_down()
        ends = {"dropped": asyncio.CancelledError, "token": lk.LatchkeyError.RegCanceled}
        with pytest.raises(ends.get(way, lk.LatchkeyError.ProviderLocked)):
            await asyncio.wait_for(call, 5)
        if way != "shut down":
            # Nobody is kept waiting for the key, which comes all the same.
            await phone.provider().register(registration(algorithms=[-8]))
        deleted = asyncio.Event()
        delete_key = chip.delete_key

        async def note(handle):
            await delete_key(handle)
            deleted.set()

        chip.delete_key = note
        chip.go.set()
        await asyncio.wait_for(deleted.wait(), 5)
        assert chip.keys == {}
        # The core hears of it before the loop is closed.
        await asyncio.sleep(0.2)

    try:
        run(scenario())
    finally:
        lk.uniffi_set_event_loop(None)


def test_who_does_not_wait_for_the_hardware_has_deleted_the_passkey(shell, run):
    async def scenario():
        shell.keys = chip = Slow()
        chip.go.set()
        phone = await shell.open(hardware_keys=True)
        made = await phone.provider().register(registration())
        chip.go.clear()
        chip.asked.clear()
        cancel = lk.Cancel()
        call = asyncio.ensure_future(phone.passkeys().delete(made.credential_id, cancel))
        await chip.asked.wait()
        cancel.cancel()
        await asyncio.wait_for(call, 4)
        assert phone.passkeys().list() == [] and len(chip.keys) == 1
        # The key goes with the next ceremony.
        chip.go.set()
        await phone.provider().register(registration(algorithms=[-8]))
        assert chip.keys == {}

    run(scenario())


class Mute(Chip):
    """Makes keys; for the first time that it is asked to sign, it does not come back."""

    def __init__(self):
        super().__init__()
        self.asked, self.left = asyncio.Event(), asyncio.Event()

    async def sign(self, handle, message):
        if self.asked.is_set():
            return await super().sign(handle, message)
        self.asked.set()
        try:
            await asyncio.sleep(3600)
        finally:
            self.left.set()


@pytest.mark.parametrize("way", ["token", "dropped"])
def test_hardware_that_never_signs_can_be_left(shell, run, way):
    async def scenario():
        shell.keys = chip = Mute()
        phone = await shell.open(hardware_keys=True)
        made = await phone.provider().register(registration())
        cancel = lk.Cancel()
        call = asyncio.ensure_future(phone.provider().sign_in(assertion(), cancel))
        await chip.asked.wait()
        if way == "token":
            cancel.cancel()
            with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
                await asyncio.wait_for(call, 5)
        else:
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        await asyncio.wait_for(chip.left.wait(), 5)
        assert (await phone.provider().sign_in(assertion())).credential_id == made.credential_id

    run(scenario())


class Throwing(lk.UserGate, lk.KeyVault, lk.Device, lk.Network, lk.Observer, lk.BleAdvertiser):
    """Every port of a shell that is broken, and which of its methods were called."""

    def __init__(self):
        self.called = set()

    def _fail(self, call):
        self.called.add(call)
        raise RuntimeError("name of a user, for instance")

    def can_verify(self):
        self._fail("can_verify")

    async def ask(self, prompt):
        self._fail("ask")

    def wrap(self, key):
        self._fail("wrap")

    def unwrap(self, wrapped):
        self._fail("unwrap")

    async def create_key(self):
        self._fail("create_key")

    async def sign(self, handle, message):
        self._fail("sign")

    async def delete_key(self, handle):
        self._fail("delete_key")

    def facts(self):
        self._fail("facts")

    def is_online(self):
        self._fail("is_online")

    def reached(self, step):
        self._fail("reached")

    async def start(self, advert, service_data):
        self._fail("start")

    def stop(self, advert):
        self._fail("stop")


class Mixed(Keys):
    """Keys that this process wraps, over hardware that can be exchanged."""

    def __init__(self):
        super().__init__()
        self.hardware = Chip()

    async def create_key(self):
        return await self.hardware.create_key()

    async def sign(self, handle, message):
        return await self.hardware.sign(handle, message)

    async def delete_key(self, handle):
        await self.hardware.delete_key(handle)


class Unaskable(Gate):
    """A person who could be verified and cannot be asked."""

    def __init__(self, broken):
        super().__init__()
        self.answer = broken.ask


def test_ports_that_throw_are_failures_of_theirs(stage, shell, run):
    async def scenario():
        broken = Throwing()

        async def fails(error, call):
            with pytest.raises(error) as raised:
                await call
            assert "user" not in repr(raised.value) + str(raised.value)

        # The vault's key, to wrap and to unwrap; then everything else.
        await fails(lk.LatchkeyError.AnyInternal, shell.open(ports={"keys": broken}))
        await shell.open()
        await fails(lk.LatchkeyError.AnyInternal, shell.open(ports={"keys": broken}))
        ports = {"device": broken, "network": broken, "observer": broken, "advertiser": broken}
        phone = await shell.open(ports=ports, **stage.config())
        findings = {finding.check: finding.state for finding in await phone.readiness()}
        assert findings[lk.Check.CAMERA] == lk.CheckState.UNKNOWN
        assert findings[lk.Check.NETWORK] == lk.CheckState.OK
        code = phone.scanner().read(stage.computer("create").text)
        await fails(lk.LatchkeyError.AnyInternal, phone.approve(code))

        # Hardware that refuses when it makes a key and when it signs, and that cannot delete.
        keys = Mixed()
        careful = await shell.open(ports={"keys": keys}, hardware_keys=True)
        made = await careful.provider().register(registration())
        keys.hardware = broken
        await fails(lk.LatchkeyError.AnyInternal, careful.provider().register(registration(user=b"other")))
        signing = careful.provider().sign_in(assertion(allowed=[made.credential_id]))
        await fails(lk.LatchkeyError.AnyInternal, signing)
        await careful.passkeys().delete(made.credential_id)

        # A person who cannot be asked.
        asked = await shell.open(ports={"gate": broken})
        await fails(lk.LatchkeyError.ProviderBiometricsMissing, asked.provider().register(registration()))
        silent = await shell.open(ports={"gate": Unaskable(broken)})
        await fails(lk.LatchkeyError.ProviderLocked, silent.provider().register(registration()))

        while len(broken.called) < 12:
            await asyncio.sleep(0.01)
        assert await works(phone, shell.gate)

    run(scenario())


class Stuck(Device, lk.Network, lk.Observer):
    """Ports that are asked and do not come back."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()
        self.asked = []

    def facts(self):
        self.asked.append("facts")
        self.go.wait(60)
        return super().facts()

    def is_online(self):
        self.asked.append("is_online")
        self.go.wait(60)
        return False

    def reached(self, step):
        self.asked.append("reached")
        self.go.wait(60)


def test_ports_that_never_answer_are_not_waited_for(shell, run):
    async def scenario():
        stuck = Stuck()
        phone = await shell.open(ports={"device": stuck, "network": stuck, "observer": stuck})
        begun = time.monotonic()
        findings = {finding.check: finding.state for finding in await phone.readiness()}
        assert stuck.asked == ["facts", "is_online"] and 9 < time.monotonic() - begun < 30
        assert findings[lk.Check.CAMERA] == lk.CheckState.UNKNOWN
        assert findings[lk.Check.NETWORK] == lk.CheckState.OK
        stuck.go.set()
        findings = {finding.check: finding.state for finding in await phone.readiness()}
        assert findings[lk.Check.CAMERA] == lk.CheckState.OK
        assert findings[lk.Check.NETWORK] == lk.CheckState.ATTENTION

    run(scenario())


def test_an_observer_that_is_stuck_does_not_hold_up_an_unlock(stage, shell, run):
    async def scenario():
        stuck = Stuck()
        phone, desk = await shell.open(ports={"observer": stuck}, **stage.config()), Workstation(stage)
        await phone.approve(phone.scanner().read(desk.pair().text))
        await phone.computers().unlock(desk.serve().machine_id)
        assert desk.unlocked_by() == "phone" and stuck.asked == ["reached"]
        stuck.go.set()

    run(scenario())


class Silent(Air):
    """A radio that never takes the advert."""

    async def start(self, advert, service_data):
        self.stopped[advert] = threading.Event()
        await asyncio.sleep(3600)


def test_a_radio_that_never_answers_costs_its_ceremony_only(stage, shell, run):
    async def scenario():
        radio = Silent(stage.air)
        phone = await shell.open(ports={"advertiser": radio}, **stage.config())
        shown = stage.computer("create")
        begun = time.monotonic()
        with pytest.raises(lk.LatchkeyError.AnyInternal):
            await phone.approve(phone.scanner().read(shown.text))
        assert 4 < time.monotonic() - begun < 15
        (stopped,) = radio.stopped.values()
        assert stopped.wait(10)
        assert (await phone.provider().register(registration())).credential_id

    run(scenario())


def test_a_ceremony_that_is_cancelled_ends_its_advert(stage, shell, run):
    async def scenario():
        # Nobody listens there.
        air = Air(stage.folder / "another air")
        phone = await shell.open(ports={"advertiser": air}, **stage.config())
        for dropped in (False, True):
            shown, cancel = stage.computer("create"), lk.Cancel()
            call = asyncio.ensure_future(phone.approve(phone.scanner().read(shown.text), cancel))
            while len(air.started) <= dropped:
                await asyncio.sleep(0.01)
            if dropped:
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            else:
                cancel.cancel()
                with pytest.raises(lk.LatchkeyError.RegCanceled):
                    await call
            assert all(stopped.wait(10) for stopped in air.stopped.values())
        assert shell.gate.prompts == [] and len(air.stopped) == 2

    run(scenario())
