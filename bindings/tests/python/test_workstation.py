"""Pairing, My Computers, unlock and offline PINs, with a real workstation at a real Control Center."""

import latchkey as lk
import pytest
from stage import ADA, Air, Workstation


async def pair(phone, workstation, user=ADA):
    """Pairs by the text of the code."""
    shown = workstation.pair(user)
    approval = await phone.approve(phone.scanner().read(shown.text))
    assert shown.ends()["account"] == user
    return approval.paired


def test_pair(stage, shell, run):
    async def scenario():
        phone = await shell.open(**stage.config())
        desk = Workstation(stage)
        paired = await pair(phone, desk)
        (computer,) = phone.computers().list()
        print(paired, computer, desk.status())

    run(scenario())
