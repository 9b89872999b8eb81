"""What the core takes of a process's memory: an extension of iOS is ended without a word when it takes too much."""

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import latchkey as lk
import pytest
from conftest import Shell, assertion, registration

PROCESS = Path("/proc/self")

# Linux alone tells; where it is Linux and does not, these fail.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason=f"no {PROCESS} to read memory from")

PASSKEYS = 10_000

# What a piece of work with that many passkeys may add to a process at its peak, in KiB (docs/adr/0009-bindings.md). An
# extension lists them all only where the system's store of identities takes nothing less.
BUDGET = {"sign_in": 10 * 1024, "register": 10 * 1024, "list": 24 * 1024}


def memory(name):
    """A line of this process's status in KiB: `VmRSS` is resident now, `VmHWM` was at most."""
    lines = (PROCESS / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


EXTENSION = """
import asyncio, ctypes, json, sys
sys.path.insert(0, sys.argv[1])
from conftest import Shell, assertion, registration
from test_memory import PASSKEYS, PROCESS, memory

async def sign_in(phone):
    (entry,) = phone.provider().entries("site4711.example")
    signed = await phone.provider().sign_in(assertion(rp_id="site4711.example", allowed=[entry.id]))
    assert signed.credential_id == entry.id and len(shell.gate.prompts) == 1

async def register(phone):
    made = await phone.provider().register(registration(rp_id="site4711.example", user=b"another"))
    assert made.credential_id in {entry.id for entry in phone.provider().entries("site4711.example")}
    assert len(shell.gate.prompts) == 1

async def list(phone):
    assert len(phone.passkeys().list()) >= PASSKEYS

async def main():
    # What the interpreter has freed would hide what the core takes; 5 forgets the peak so far (proc_pid_clear_refs(5)).
    ctypes.CDLL(None).malloc_trim(0)
    (PROCESS / "clear_refs").write_text("5")
    before = memory("VmRSS")
    phone = await shell.open()
    await globals()[sys.argv[3]](phone)
    phone.shut_down()
    print(json.dumps({"before": before, "peak": memory("VmHWM")}))

shell = Shell(sys.argv[2])
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def filled():
    # In memory, where nothing waits for the disk.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        asyncio.run(fill(Shell(folder)))
        yield folder


@pytest.mark.parametrize("work", BUDGET)
def test_an_extension_stays_within_its_budget(filled, work):
    command = [sys.executable, "-c", EXTENSION, str(Path(__file__).parent), filled, work]
    extension = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60)
    figures = json.loads(extension.stdout)
    added = figures["peak"] - figures["before"]
    print(f"memory: {work} adds {added} KiB to {figures['before']} KiB")
    assert added < BUDGET[work], figures


async def fill(shell):
    phone = await shell.open()
    provider = phone.provider()
    # Those that are made without asking need not wait for each other.
    for first in range(0, PASSKEYS, 100):
        await asyncio.gather(
            *(
                provider.register(registration(rp_id=f"site{number}.example", conditional=True))
                for number in range(first, first + 100)
            )
        )
    assert len(phone.passkeys().list()) == PASSKEYS
    phone.shut_down()


def test_memory_is_stable_over_10000_calls(shell, run):
    async def scenario():
        phone = await shell.open()
        made = await phone.provider().register(registration())
        request, unknown = assertion(allowed=[made.credential_id]), assertion(rp_id="example.org")

        async def calls(count):
            for number in range(count):
                if number % 5 == 0:
                    await phone.provider().sign_in(request)
                elif number % 5 == 1:
                    with pytest.raises(lk.LatchkeyError.AuthNotFoundOrCanceled):
                        await phone.provider().sign_in(unknown)
                else:
                    phone.provider().entries("example.com")
                shell.gate.prompts.clear()
            gc.collect()
            return memory("VmRSS")

        # What leaks grows in every round; the allocator and the interpreter grow and shrink in some.
        changes, before = [], await calls(2_000)
        while not changes or (abs(changes[-1]) >= 1024 and len(changes) < 8):
            after = await calls(10_000)
            changes.append(after - before)
            before = after
        print(f"memory: {before} KiB, after each 10,000 calls {changes} KiB more")
        assert abs(changes[-1]) < 1024, f"changed by {changes} KiB, in every round"

    run(scenario(), limit=300)
