"""Those whom a phone meets, as processes of the simulator: a Control Center, a tunnel service, workstations and
computers. The phone knows them over the wire alone."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import latchkey as lk
from PIL import Image

SIMULATOR = os.environ["LATCHKEY_SIMULATOR"]
WORKSTATIONS = "HYPRDefaultWorkstationApplication"
ADA = "ada@example.com"

# What takes longer hangs.
HANGS = 30


class Process:
    """`latchkey-sim` with these arguments, in the background."""

    def __init__(self, *arguments):
        self.arguments = [str(argument) for argument in arguments]
        pipes = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._process = subprocess.Popen([SIMULATOR, *self.arguments], **pipes)
        self._news = threading.Condition()
        self._lines = []
        self._read = 0
        self.stdout, self.stderr = [], []
        self._readers = [
            threading.Thread(target=self._listen, args=(pipe, lines), daemon=True)
            for pipe, lines in ((self._process.stdout, self.stdout), (self._process.stderr, self.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def _listen(self, pipe, lines):
        for line in pipe:
            with self._news:
                lines.append(line)
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def __str__(self):
        return f"latchkey-sim {' '.join(self.arguments)} said:\n{''.join(self.stdout + self.stderr)}"

    def says(self, pattern):
        """Waits for a line that this pattern is in, and goes on behind it."""
        deadline = time.monotonic() + HANGS
        with self._news:
            while True:
                while self._read < len(self._lines):
                    self._read += 1
                    if found := re.search(pattern, self._lines[self._read - 1]):
                        return found
                ended = not any(reader.is_alive() for reader in self._readers)
                assert not ended and time.monotonic() < deadline, f"no {pattern!r}: {self}"
                self._news.wait(0.2)

    def ends(self, status=0):
        """Waits for its end, which has to be with this status: the JSON that it printed, if any."""
        assert self._process.wait(HANGS) == status, str(self)
        for reader in self._readers:
            reader.join()
        return json.loads("".join(self.stdout) or "null")

    def kill(self):
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        self._process.stdout.close()
        self._process.stderr.close()


class Shown:
    """A code on a computer's screen."""

    def __init__(self, process, file, typed=None):
        # Written before the first line is said.
        self.file = file
        self.typed = typed
        self.ends, self.kill, self.says = process.ends, process.kill, process.says

    @property
    def text(self):
        return self.file.read_text()

    def frame(self):
        """The picture as the frame of a camera."""
        with Image.open(self.file) as picture:
            luma = picture.convert("L")
            return lk.Frame(width=luma.width, height=luma.height, stride=luma.width, luma=luma.tobytes())


class Stage:
    """A Control Center and a tunnel service on loopback, and an air."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lk-"))
        self.air = self.folder / "air"
        self.ca_file = self.folder / "ca.pem"
        self._processes = []
        state = self.folder / "control-center"
        self.control_center = self.run("control-center", "--listen", "127.0.0.1:0", "--state", state, "--json")
        self.database = state / "control-center.db"
        self.address = self.control_center.says(r'"baseUrl": "(.+)"')[1]
        self.control_center.says("}")
        tunnel_ca = self.folder / "tunnel.pem"
        self.tunnel = self.run("tunnel", "--listen", "127.0.0.1:0", "--ca-out", tunnel_ca)
        self.tunnel_port = int(self.tunnel.says(r"tunnel service on .*:(\d+)")[1])
        self.ca_file.write_text((state / "ca.pem").read_text() + tunnel_ca.read_text())
        self._token = (state / "admin-token").read_text().strip()

    def run(self, *arguments):
        """Starts `latchkey-sim`; it is gone when the stage is."""
        self._processes.append(Process(*arguments))
        return self._processes[-1]

    def close(self):
        for process in self._processes:
            process.kill()
        shutil.rmtree(self.folder)

    def administrator(self, method, path, body=None):
        """A call of the administrator: the JSON of the answer."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(request, context=context, timeout=HANGS) as answer:
            return json.load(answer)

    def install_token(self):
        body = {"scope": ["WSINSTALL"], "rpAppId": WORKSTATIONS, "expiresInSecs": 600}
        return self.administrator("POST", "/rp/api/token/endpoint", body)["token"]

    def allow_offline_pins(self, enabled=True):
        """Ten PINs of ten characters, shown for 15 seconds each, good for a week."""
        offline = dict(enabled=enabled, length=10, count=10, validDays=7, displaySecs=15)
        offline.update(promptThresholdPct=20, maxFailures=3, window=None)
        settings = {"requireUserPresenceForRegistration": False, "offline": offline}
        self.administrator("PUT", f"/cc/api/appconfig/workstation?rpAppId={WORKSTATIONS}", settings)

    def audit_trail(self):
        """The names of all events of workstations."""
        span = "pageSize=100&startTSUTC=0&endTSUTC=99999999999999"
        answer = self.administrator("GET", f"/cc/api/versioned/audit/search?rpAppId={WORKSTATIONS}&{span}")
        return [event["eventName"] for event in answer["data"]]

    def config(self, **members):
        """What a phone's configuration needs to meet these servers."""
        tunnel = lk.TunnelAddress(host="localhost", port=self.tunnel_port)
        return dict(developer=True, extra_ca=self.ca_file.read_bytes(), tunnel=tunnel, **members)

    def link(self):
        """What `latchkey-sim` needs to meet a phone nearby."""
        return ["--air", self.air, "--tunnel", f"localhost:{self.tunnel_port}", "--ca-file", self.ca_file]

    def show(self, *arguments, form="txt"):
        """Starts a command that shows a code, as its text or as a picture (`png`)."""
        file = self.folder / f"code-{len(self._processes)}.{form}"
        process = self.run(*arguments, "--qr", file, "--no-terminal-qr")
        process.says("scan this code")
        typed = process.says(r"type this code on it: (\w+)")[1] if "--code" in arguments else None
        return Shown(process, file, typed)

    def computer(self, ceremony, *arguments, **members):
        """A computer nearby that wants a passkey made (`create`) or used (`get`)."""
        return self.show("computer", ceremony, *arguments, *self.link(), **members)


class Workstation:
    """A workstation that is enrolled."""

    def __init__(self, stage, name="desk"):
        self.stage = stage
        self._state = ["--state", stage.folder / name, "--json"]
        self._server = [*self._state, "--ca-file", stage.ca_file]
        enrolled = stage.run(
            *["workstation", "enroll", *self._server, "--name", name],
            *["--address", stage.address, "--token", stage.install_token()],
        )
        self.machine_id = enrolled.ends()["machineId"]
        self.serving = None

    def pair(self, user=ADA, *arguments, **members):
        """Shows a code that pairs a phone with this account."""
        return self.stage.show("workstation", "pair", *self._server, "--user", user, *arguments, **members)

    def sign_in_code(self, *arguments):
        """Shows a code that unlocks for any phone that is registered."""
        return self.stage.show("workstation", "unlock", "--scan-code", *self._server, *arguments)

    def serve(self):
        """Serves its phones from now on. Offline PINs are made as cheaply as they can be."""
        cost = ["--argon2-memory", "8", "--argon2-iterations", "1"]
        self.serving = self.stage.run("workstation", "run", *self._server, *cost)
        self.serving.says('"event":"online"')
        return self

    def stop(self):
        self.serving.kill()

    def sign_in(self):
        """Asks the phone that unlocked it to sign in, without a code."""
        command = ["workstation", "sign-in", *self._state, *self.stage.link(), "--no-terminal-qr"]
        return self.stage.run(*command)

    def type_pin(self, pin):
        return self.stage.run("workstation", "unlock", *self._state, "--pin", pin).ends()

    def refuse_pin(self, pin):
        """Types a PIN that must not be accepted: what the person reads."""
        typing = self.stage.run("workstation", "unlock", *self._state, "--pin", pin)
        typing.ends(20)
        return "".join(typing.stderr)

    def lock(self):
        self.stage.run("workstation", "lock", *self._state).ends()

    def status(self):
        return self.stage.run("workstation", "status", *self._state).ends()

    def unlocked_by(self):
        """How it was unlocked (`phone`, `code`, `pin`), or nothing."""
        return self.status()["lock"].get("by")


class Air(lk.BleAdvertiser):
    """Advertises in the simulator's air: a folder in which everybody who listens has a datagram socket."""

    def __init__(self, folder):
        self.folder = folder
        self.failure = None
        self.started = []
        self.stopped = {}

    async def start(self, advert, service_data):
        if self.failure:
            raise self.failure
        self.started.append(service_data)
        self.stopped[advert] = threading.Event()
        threading.Thread(target=self._send, args=(self.stopped[advert], service_data), daemon=True).start()

    def _send(self, stopped, service_data):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as radio:
            while not stopped.wait(0.1):
                for listener in self.folder.glob("listener-*"):
                    try:
                        radio.sendto(service_data, str(listener))
                    except OSError:
                        pass  # It has stopped listening.

    def stop(self, advert):
        if advert in self.stopped:
            self.stopped[advert].set()
