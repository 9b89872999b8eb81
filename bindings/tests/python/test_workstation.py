"""Pairing, My Computers, unlock and offline PINs, with real workstations at a real Control Center."""

import asyncio
import time
from datetime import datetime, timedelta, timezone

import latchkey as lk
import pytest
from conftest import Device, Shell
from stage import ADA, Air, Workstation

GRACE = "grace@example.com"


async def pair(phone, workstation, user=ADA):
    """Pairs by the text of the code."""
    shown = workstation.pair(user)
    approval = await phone.approve(phone.scanner().read(shown.text))
    assert approval.is_paired() and shown.ends()["account"] == user
    return approval.paired


async def unlock(phone, workstation):
    """Unlocks, and locks again: what became of the offline PINs."""
    unlocked = await phone.computers().unlock(workstation.machine_id)
    assert unlocked.machine_id == workstation.machine_id and workstation.unlocked_by() == "phone"
    workstation.lock()
    return unlocked.pins


class Network(lk.Network):
    online = True

    def is_online(self):
        return self.online


class Observer(lk.Observer):
    def __init__(self):
        self.steps = []

    def reached(self, step):
        self.steps.append(type(step).__name__.removeprefix("Step."))


def test_pair_by_the_text_of_the_code(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        assert phone.computers().list() == [] and desk.status()["phones"] == []
        paired = await pair(phone, desk)
        assert (paired.account, paired.tenant, paired.machine_id) == (ADA, stage.address, desk.machine_id)

        (prompt,) = shell.gate.prompts
        assert prompt.verify and prompt.kind.is_pair()
        assert (prompt.kind.host, prompt.kind.computer, prompt.kind.account) == ("localhost", "desk", ADA)
        (computer,) = phone.computers().list()
        assert (computer.machine_id, computer.name, computer.os_user) == (desk.machine_id, "desk", ADA)
        assert computer.credential_id == paired.credential_id and computer.last_online_at is None
        (passkey,) = phone.passkeys().list()
        assert passkey.id == paired.credential_id and passkey.user_name == ADA
        (known,) = desk.status()["phones"]
        assert (known["deviceName"], known["account"]) == ("phone", ADA)
        assert "X_PAIRING_COMPLETED" in stage.audit_trail()

    run(scenario())


def test_pair_by_a_picture_of_the_code(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        shown = desk.pair(form="png")
        code = phone.scanner().scan_photo(shown.frame())
        assert code.is_control_center() and code.code.pairs()
        assert (await phone.approve(code)).paired.machine_id == desk.machine_id
        assert shown.ends()["account"] == ADA

    run(scenario())


def test_pair_by_a_typed_code(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        shown = desk.pair(ADA, "--code")
        address = stage.address.removeprefix("https://")
        assert phone.host_of(address) == "localhost"
        code = await phone.look_up(address, f" {shown.typed[:3]}-{shown.typed[3:]} ".upper())
        assert (code.code.pairs(), code.code.computer(), code.code.account()) == (True, "desk", ADA)
        with pytest.raises(lk.LatchkeyError.CodeNotFound):
            await phone.look_up(address, shown.typed)
        assert (await phone.approve(code)).paired.machine_id == desk.machine_id
        assert shown.ends()["account"] == ADA

    run(scenario())


def test_my_computers(stage, shell, run):
    async def scenario():
        phone = await shell.open(**stage.config())
        desk, lab = Workstation(stage, "desk"), Workstation(stage, "lab")
        first = await pair(phone, desk)
        second = await pair(phone, lab)
        computers = phone.computers()
        names = lambda: [computer.name for computer in computers.list()]
        assert names() == ["desk", "lab"]
        # One account has one passkey on a phone, the newest.
        assert {computer.credential_id for computer in computers.list()} == {second.credential_id}
        assert [passkey.id for passkey in phone.passkeys().list()] == [second.credential_id]
        assert first.credential_id != second.credential_id

        computers.rename(desk.machine_id, "Ada's desk")
        assert names() == ["Ada's desk", "lab"] and computers.list()[0].machine_name == "desk"
        with pytest.raises(lk.LatchkeyError.AnyInternal):
            computers.rename(desk.machine_id, "x" * 65)
        with pytest.raises(lk.LatchkeyError.AnyNoDevice):
            computers.rename("nobody", "name")
        assert names() == ["Ada's desk", "lab"]
        desk.serve()
        await unlock(phone, desk)
        assert shell.gate.prompts[-1].kind.computer == "Ada's desk"
        computers.rename(desk.machine_id, "")
        assert names() == ["desk", "lab"]

        assert len(lab.status()["phones"]) == 1
        assert await computers.remove(lab.machine_id) is True
        lab.serve()
        assert names() == ["desk"] and lab.status()["phones"] == []
        assert len(phone.passkeys().list()) == 1
        with pytest.raises(lk.LatchkeyError.AnyNoDevice):
            await computers.remove(lab.machine_id)
        await unlock(phone, desk)

    run(scenario())


def test_unlock(stage, shell, run):
    async def scenario():
        observer = Observer()
        phone = await shell.open(ports={"observer": observer}, **stage.config())
        desk = Workstation(stage)
        await pair(phone, desk)
        assert desk.serve().status()["lock"] == {"locked": True}

        unlocked = await phone.computers().unlock(desk.machine_id)
        assert (unlocked.machine_id, unlocked.pins) == (desk.machine_id, lk.PinsAfterUnlock.OFF)
        lock = desk.status()["lock"]
        assert (lock["locked"], lock["account"], lock["by"]) == (False, ADA, "phone")
        prompt = shell.gate.prompts[-1]
        assert prompt.verify and prompt.kind.is_unlock() and prompt.kind.computer == "desk"
        assert phone.computers().list()[0].last_online_at is not None
        phone.shut_down()
        assert observer.steps == ["CONTACTING_COMPUTER", "COMPUTER_REACHED", "UNLOCKED"]

    run(scenario())


def test_an_unlock_that_is_refused_or_cancelled_leaves_it_locked(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        await pair(phone, desk)
        desk.serve()

        async def refuse(prompt):
            raise lk.GateError.Denied()

        shell.gate.answer = refuse
        with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
            await phone.computers().unlock(desk.machine_id)
        assert desk.unlocked_by() is None

        cancel = lk.Cancel()

        async def stop(prompt):
            cancel.cancel()
            await asyncio.sleep(3600)

        shell.gate.answer = stop
        with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
            await phone.computers().unlock(desk.machine_id, cancel)
        assert desk.unlocked_by() is None

        reached = asyncio.Event()

        async def hang(prompt):
            reached.set()
            await asyncio.sleep(3600)

        shell.gate.answer = hang
        call = asyncio.ensure_future(phone.computers().unlock(desk.machine_id))
        await reached.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert desk.unlocked_by() is None

        shell.gate.answer = None
        await unlock(phone, desk)

    run(scenario())


def test_a_sign_in_code_unlocks_a_computer_that_was_never_paired(stage, shell, run):
    async def scenario():
        phone, desk, lab = await shell.open(**stage.config()), Workstation(stage), Workstation(stage, "lab")
        await pair(phone, desk)
        shown = lab.sign_in_code("--code")
        code = await phone.look_up(stage.address, shown.typed)
        assert not code.code.pairs() and code.code.computer() == "lab"
        approval = await phone.approve(code)
        assert approval.is_unlocked() and approval.unlocked.machine_id == lab.machine_id
        assert shown.ends()["by"] == "code" and lab.unlocked_by() == "code"
        assert [computer.name for computer in phone.computers().list()] == ["desk", "lab"]
        lab.lock()
        lab.serve()
        await unlock(phone, lab)

    run(scenario())


def test_a_computer_waits_for_the_session_passkey(stage, shell, run):
    async def scenario():
        air = Air(stage.air)
        phone, desk = await shell.open(ports={"advertiser": air}, **stage.config()), Workstation(stage)
        await pair(phone, desk)
        desk.serve()
        await phone.computers().unlock(desk.machine_id)
        assert await phone.computers().waiting() == []

        signing_in = desk.sign_in()
        (request,) = await phone.computers().waiting(timedelta(seconds=20))
        assert request.machine_id() == desk.machine_id
        left = request.expires_at() - datetime.now(timezone.utc)
        assert timedelta(0) < left <= timedelta(seconds=121)
        answer = await phone.computers().answer(request)
        assert (answer.action, answer.rp_id, answer.error) == (
            lk.Action.SIGN_IN,
            "login.microsoft.com",
            None,
        )
        assert signing_in.ends() == {"signedInBy": "session passkey"}
        assert shell.gate.prompts[-1].kind.is_sign_in() and len(air.started) == 1
        assert await phone.computers().waiting() == []

    run(scenario())


def test_offline_pins(stage, shell, run):
    async def scenario():
        network = Network()
        phone = await shell.open(ports={"network": network}, **stage.config())
        desk = Workstation(stage)
        await pair(phone, desk)
        pins, machine = phone.offline_pins(), desk.machine_id
        assert pins.unlock_way(machine) == lk.UnlockWay.ONLINE(pin_on_long_press=False)
        assert not pins.status(machine).offered

        stage.allow_offline_pins()
        desk.serve()
        assert await unlock(phone, desk) == lk.PinsAfterUnlock.REPLENISHED
        desk.serving.says('"event":"served".*"confirmed"')
        status = pins.status(machine)
        assert (status.offered, status.remaining, status.total, status.notice) == (True, 10, 10, None)
        assert pins.unlock_way(machine) == lk.UnlockWay.ONLINE(pin_on_long_press=True)

        # Nobody is online any more.
        desk.stop()
        stage.control_center.kill()
        network.online = False
        assert pins.unlock_way(machine) == lk.UnlockWay.OFFLINE(pin_on_tap=True)
        shown = await pins.display(machine)
        prompt = shell.gate.prompts[-1]
        assert prompt.verify and prompt.kind.is_show_pin() and prompt.kind.computer == "desk"
        assert len(shown.pin) == 10 and shown.status.remaining == pins.status(machine).remaining == 9
        assert (await pins.display(machine)).pin == shown.pin
        assert desk.type_pin(shown.pin.lower())["by"] == "pin" and desk.unlocked_by() == "pin"

        # It is used up.
        desk.lock()
        refused = desk.refuse_pin(shown.pin)
        assert "[offline.wrong_pin: " in refused and desk.unlocked_by() is None
        assert desk.status()["offlinePins"][0]["attemptsLeft"] == 2
        phone.shut_down()
        # The display time is over.
        phone = await shell.open(**stage.config(clock_ahead=timedelta(seconds=20)))
        assert (await phone.offline_pins().display(machine)).pin != shown.pin

    run(scenario())


def test_too_many_wrong_pins_destroy_the_offline_pins(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        await pair(phone, desk)
        stage.allow_offline_pins()
        assert await unlock(phone, desk.serve()) == lk.PinsAfterUnlock.REPLENISHED
        shown = await phone.offline_pins().display(desk.machine_id)
        wrong = "0" * 10
        for left in (2, 1):
            assert "[offline.wrong_pin: " in desk.refuse_pin(wrong)
            (pins,) = desk.status()["offlinePins"]
            assert pins["attemptsLeft"] == left
            time.sleep(pins["waitSecs"] + 1)
        assert "[offline.locked: " in desk.refuse_pin(wrong)
        assert "[offline.locked: " in desk.refuse_pin(shown.pin) and desk.unlocked_by() is None
        # Unlocking online brings new ones.
        await unlock(phone, desk)
        assert phone.offline_pins().status(desk.machine_id).remaining == 10

    run(scenario())


def test_what_a_person_has_to_know_before_pairing_and_after(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        states = lambda findings: {finding.check: finding.state for finding in findings}
        ok, unknown = lk.CheckState.OK, lk.CheckState.UNKNOWN
        before = states(await phone.readiness())
        assert (before[lk.Check.ACCOUNT], before[lk.Check.CLOCK]) == (unknown, unknown)
        await pair(phone, desk)
        after = states(await phone.readiness())
        assert after == dict.fromkeys(list(lk.Check)[:9], ok)

        phone.shut_down()
        old = await shell.open(ports={"device": Device(app_version="10.4.9")}, **stage.config())
        assert states(await old.readiness())[lk.Check.APP_VERSION] == lk.CheckState.ATTENTION

        old.shut_down()
        late = await shell.open(**stage.config(clock_ahead=timedelta(seconds=300)))
        assert states(await late.readiness())[lk.Check.CLOCK] == lk.CheckState.ATTENTION
        stage.control_center.kill()
        findings = {finding.check: finding for finding in await late.readiness()}
        assert findings[lk.Check.NETWORK].error.info().id == "auth.unavailable"
        assert findings[lk.Check.NETWORK].next_step and findings[lk.Check.ACCOUNT].state == unknown

    run(scenario())


def test_a_computer_that_is_removed_offline_is_removed_when_the_phone_is_back(stage, shell, run):
    async def scenario():
        network = Network()
        phone = await shell.open(ports={"network": network}, **stage.config())
        desk = Workstation(stage)
        await pair(phone, desk)
        network.online = False
        assert await phone.computers().remove(desk.machine_id) is False
        assert phone.computers().list() == []
        desk.serve().stop()
        assert len(desk.status()["phones"]) == 1
        with pytest.raises(lk.LatchkeyError.AnyNoDevice):
            await phone.computers().unlock(desk.machine_id)
        with pytest.raises(lk.LatchkeyError.HybridNoInternet):
            await phone.resume()
        phone.shut_down()

        # Also when the app was ended in between.
        phone = await shell.open(**stage.config())
        resumed = await phone.resume()
        assert (resumed.removed, resumed.open, resumed.given_up, resumed.paired) == (1, 0, 0, [])
        desk.serve()
        assert desk.status()["phones"] == []
        resumed = await phone.resume()
        assert (resumed.removed, resumed.open) == (0, 0)

    run(scenario())


def test_a_pairing_that_broke_off_is_given_up_when_the_app_is_opened_again(stage, shell, run):
    async def scenario():
        phone, desk = await shell.open(**stage.config()), Workstation(stage)
        reached = asyncio.Event()

        async def hang(prompt):
            reached.set()
            await asyncio.sleep(3600)

        shell.gate.answer = hang
        shown = desk.pair()
        call = asyncio.ensure_future(phone.approve(phone.scanner().read(shown.text)))
        await reached.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        phone.shut_down()

        shell.gate.answer = None
        phone = await shell.open(**stage.config())
        resumed = await phone.resume()
        assert (resumed.given_up, resumed.paired, resumed.open) == (1, [], 0)
        assert phone.computers().list() == [] and phone.passkeys().list() == []
        assert shown.ends(15) is None and desk.status()["phones"] == []
        await pair(phone, desk)

    run(scenario())


def test_two_phones_of_two_people(stage, shell, run, tmp_path):
    async def scenario():
        desk = Workstation(stage)
        (tmp_path / "other").mkdir()
        ada, grace = await shell.open(**stage.config()), await Shell(tmp_path / "other").open(**stage.config())
        await pair(ada, desk)
        await pair(grace, desk, GRACE)
        desk.serve()
        await grace.computers().unlock(desk.machine_id)
        assert desk.status()["lock"]["account"] == GRACE
        await ada.computers().unlock(desk.machine_id)
        assert desk.status()["lock"]["account"] == ADA

    run(scenario())
