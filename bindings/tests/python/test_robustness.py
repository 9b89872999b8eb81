"""Whatever a shell does, the core stays whole: cancelled calls, ports that never answer, many calls at once, two
processes, closing."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import latchkey as lk
import pytest
from conftest import Gate, Keys, Shell, assertion, registration, works


@pytest.mark.parametrize("way", ["token", "dropped"])
def test_a_cancelled_call_leaves_the_phone_ready(shell, run, way):
    async def scenario():
        phone = await shell.open()
        disappeared = asyncio.Event()

        async def shown(prompt):
            try:
                await asyncio.sleep(3600)
            finally:
                disappeared.set()

        shell.gate.answer = shown
        cancel = lk.Cancel()
        call = asyncio.ensure_future(phone.provider().register(registration(), cancel))
        while not shell.gate.prompts:
            await asyncio.sleep(0.01)
        if way == "token":
            cancel.cancel()
            with pytest.raises(lk.LatchkeyError.RegCanceled):
                await call
        else:
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        await asyncio.wait_for(disappeared.wait(), 5)
        assert phone.passkeys().list() == []
        assert await works(phone, shell.gate)

    run(scenario())


def test_a_call_that_is_cancelled_before_it_begins_does_nothing(shell, run):
    async def scenario():
        phone = await shell.open()
        cancel = lk.Cancel()
        cancel.cancel()
        made = await phone.provider().register(registration())
        shell.gate.prompts.clear()
        for call in (
            phone.provider().sign_in(assertion(), cancel),
            phone.passkeys().delete(made.credential_id, cancel),
            phone.computers().remove("desk", cancel),
            phone.readiness(cancel),
            shell.open(cancel=cancel),
        ):
            with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
                await call
        assert shell.gate.prompts == [] and len(phone.passkeys().list()) == 1

    run(scenario())


class Blocking(Gate):
    """A gate whose quick question blocks until it is let go."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()

    def can_verify(self):
        self.go.wait(60)
        return True


def test_a_port_that_never_answers_costs_its_call_only(shell, run):
    async def scenario():
        gate = Blocking()
        phone = await shell.open(ports={"gate": gate})
        start = time.monotonic()
        with pytest.raises(lk.LatchkeyError.ProviderBiometricsMissing):
            await phone.provider().register(registration())
        assert 4 < time.monotonic() - start < 15
        gate.go.set()
        assert await works(phone, gate)

    run(scenario())


class Sealed(Keys):
    """A key vault of which one call does not come back until it is let go."""

    def __init__(self, call):
        super().__init__()
        self.call = call
        self.asked = threading.Event()
        self.go = threading.Event()

    def _wait(self, call):
        if call == self.call:
            self.asked.set()
            self.go.wait(60)

    def wrap(self, key):
        self._wait("wrap")
        return super().wrap(key)

    def unwrap(self, wrapped):
        self._wait("unwrap")
        return super().unwrap(wrapped)


async def opened_before(shell, call):
    """A new phone's key is wrapped, that of one that was opened before unwrapped."""
    if call == "unwrap":
        (await shell.open()).shut_down()
    shell.keys = Sealed(call)
    return shell.keys


@pytest.mark.parametrize("call", ["wrap", "unwrap"])
@pytest.mark.parametrize("way", ["token", "dropped"])
def test_a_key_vault_that_never_answers_can_be_left(shell, run, way, call):
    async def scenario():
        keys = await opened_before(shell, call)
        cancel = lk.Cancel()
        opening = asyncio.ensure_future(shell.open(cancel=cancel))
        assert await asyncio.to_thread(keys.asked.wait, 10)
        if way == "token":
            cancel.cancel()
            with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
                await asyncio.wait_for(opening, 5)
        else:
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
        keys.go.set()
        assert await works(await shell.open(), shell.gate)

    run(scenario())


def test_a_key_vault_that_never_answers_has_20_seconds(tmp_path, run):
    async def stays_closed(call):
        folder = tmp_path / call
        folder.mkdir()
        shell = Shell(folder)
        keys = await opened_before(shell, call)
        start = time.monotonic()
        with pytest.raises(lk.LatchkeyError.AnyInternal):
            await shell.open()
        assert keys.asked.is_set() and 19 < time.monotonic() - start < 35
        keys.go.set()
        assert await works(await shell.open(), shell.gate)

    async def scenario():
        await asyncio.gather(stays_closed("wrap"), stays_closed("unwrap"))

    run(scenario())


def test_200_calls_at_once(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration())

        async def one(number):
            if number % 2:
                return len(phone.provider().entries("example.com"))
            while True:
                try:
                    signed = await phone.provider().sign_in(assertion(allowed=[made.credential_id]))
                    return signed.credential_id == made.credential_id
                except lk.LatchkeyError.RequestBusy:
                    await asyncio.sleep(0.01)

        assert all(await asyncio.gather(*(one(number) for number in range(200))))
        assert len(phone.passkeys().list()) == 1

    run(scenario())


def test_200_threads_at_once(shell, run):
    phone = run(shell.open())
    run(phone.provider().register(registration()))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(len(phone.passkeys().list()))) for _ in range(200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [1] * 200


OTHER_PROCESS = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import conftest
from conftest import Shell, registration

async def main():
    shell = Shell(sys.argv[2])
    phone = await shell.open()
    for number in range(40):
        await phone.provider().register(registration(user=f"{sys.argv[3]}{number}".encode()))
    phone.shut_down()

asyncio.run(main())
"""


def test_app_and_extension_share_one_database(shell, run, tmp_path):
    command = [sys.executable, "-c", OTHER_PROCESS, str(Path(__file__).parent), str(tmp_path)]
    processes = [subprocess.Popen([*command, name]) for name in ("app", "extension")]
    assert [process.wait(60) for process in processes] == [0, 0]
    phone = run(shell.open())
    names = {passkey.user_handle for passkey in phone.passkeys().list()}
    assert names == {f"{name}{number}".encode() for name in ("app", "extension") for number in range(40)}


def test_shut_down_and_open_again(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration())
        passkeys, provider = phone.passkeys(), phone.provider()
        phone.shut_down()
        phone.shut_down()
        for call in (passkeys.list, lambda: provider.entries("example.com")):
            with pytest.raises(lk.LatchkeyError.ProviderLocked):
                call()
        with pytest.raises(lk.LatchkeyError.ProviderLocked):
            await provider.sign_in(assertion())
        assert list(Path(shell.database).parent.iterdir()) == [Path(shell.database)]

        phone = await shell.open()
        signed = await phone.provider().sign_in(assertion())
        assert signed.credential_id == made.credential_id

    run(scenario())


@pytest.mark.parametrize("signing_in", [False, True])
def test_shut_down_ends_what_waits_for_the_person(shell, run, signing_in):
    async def scenario():
        phone = await shell.open()
        await phone.provider().register(registration())

        async def shown(prompt):
            await asyncio.Event().wait()

        shell.gate.answer = shown
        shell.gate.prompts.clear()
        provider = phone.provider()
        waiting = provider.sign_in(assertion()) if signing_in else provider.register(registration(user=b"other"))
        call = asyncio.ensure_future(waiting)
        while not shell.gate.prompts:
            await asyncio.sleep(0.01)
        phone.shut_down()
        with pytest.raises(lk.LatchkeyError.ProviderLocked):
            await asyncio.wait_for(call, 5)

        # The next phone does not mind.
        again = await shell.open()
        assert await works(again, shell.gate)
        assert {passkey.user_handle for passkey in again.passkeys().list()} == {b"user", b"afterwards"}
        assert await works(again, shell.gate)

    run(scenario())
