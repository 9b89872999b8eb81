"""The generated module beside the real library, and a shell in Python around it."""

import asyncio
import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

BINDINGS = Path(__file__).parents[2]
LIBRARY = Path(os.environ["LATCHKEY_LIBRARY"])

# The module looks for the library beside itself.
_module = Path(tempfile.mkdtemp(prefix="latchkey-python-"))
atexit.register(shutil.rmtree, _module, ignore_errors=True)
shutil.copy(BINDINGS / "generated/python/latchkey.py", _module)
os.symlink(LIBRARY.resolve(), _module / LIBRARY.name)
sys.path.insert(0, str(_module))

import latchkey as lk  # noqa: E402
from stage import Stage  # noqa: E402


def pytest_collection_modifyitems(items):
    """What only waits comes last."""
    items.sort(key=lambda item: item.name.startswith("test_nobody_near"))


class Gate(lk.UserGate):
    """A person who says yes, or does what `answer` does with the prompt. Where nothing may be shown, the system says
    `quietly` that it knows who is there, or does not know."""

    def __init__(self):
        self.prompts = []
        self.quiet_prompts = []
        self.quietly = None
        self.enrolled = True
        self.answer = None

    def can_verify(self):
        return self.enrolled

    async def ask(self, prompt):
        if prompt.quiet:
            self.quiet_prompts.append(prompt)
            if self.quietly is None:
                raise lk.GateError.Unavailable()
            return await self.quietly(prompt)
        self.prompts.append(prompt)
        if self.answer:
            return await self.answer(prompt)
        return lk.Consent(verified=prompt.verify, account=0)


class Keys(lk.KeyVault):
    """Wraps with a key of its own, which another process may share."""

    def __init__(self, key=b"k" * 32):
        self.key = key
        self.failure = None

    def _xor(self, data):
        return bytes(a ^ b for a, b in zip(data, hashlib.sha256(self.key).digest()))

    def wrap(self, key):
        if self.failure:
            raise self.failure
        return self._xor(key)

    def unwrap(self, wrapped):
        if self.failure:
            raise self.failure
        return self._xor(wrapped)

    async def create_key(self):
        return None

    async def sign(self, handle, message):
        raise lk.KeyVaultError.Invalidated()

    async def delete_key(self, handle):
        pass


class Device(lk.Device):
    """A phone on which everything works, but for what `different` says."""

    def __init__(self, **different):
        self.different = different

    def facts(self):
        ready = dict.fromkeys(("provider", "camera", "bluetooth"), lk.Availability.READY)
        versions = dict(system_version="18.0", app_version="10.5.0")
        return lk.DeviceFacts(**{"name": "phone", **ready, **versions, **self.different})


class Shell:
    """Opens phones over one database."""

    def __init__(self, folder):
        self.database = str(Path(folder) / "vault.sqlite")
        self.gate = Gate()
        self.keys = Keys()

    async def open(self, platform=None, ports=None, cancel=None, **config):
        platform = lk.Platform.IOS if platform is None else platform
        ports = {"gate": self.gate, "keys": self.keys, "device": Device(), **(ports or {})}
        return await lk.Phone.open(
            lk.PhoneConfig(database=self.database, platform=platform, **config), lk.Ports(**ports), cancel
        )


HASH = hashlib.sha256(b"client data").digest()


def registration(user=b"user", **members):
    defaults = dict(
        client_data_hash=HASH, rp_id="example.com", user_name="ada", user_handle=user, algorithms=[-7, -8]
    )
    return lk.RegistrationRequest(**{**defaults, **members})


def assertion(**members):
    return lk.AssertionRequest(**{**dict(client_data_hash=HASH, rp_id="example.com"), **members})


async def works(phone, gate):
    """Whether a passkey can be made and used, whatever went wrong before."""
    gate.answer = None
    made = await phone.provider().register(registration(user=b"afterwards"))
    signed = await phone.provider().sign_in(assertion(allowed=[made.credential_id]))
    return signed.credential_id == made.credential_id


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def run():
    """Runs a coroutine, for a minute at most unless told otherwise (seconds): nothing may hang."""
    return lambda coroutine, limit=60: asyncio.run(asyncio.wait_for(coroutine, limit))
