"""Everything around the page: a Bluetooth stand-in, the tunnel service, a screen, the browser, the phone."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image, ImageGrab

# Tunnel domain 0, which the phone names in its advert and the browser therefore calls (CTAP 2.3 section 11.5.1).
TUNNEL_HOST = "cable.ua5v.com"
START = 60  # seconds in which a program must be ready, on a machine that has other things to do
STOP = 5  # seconds in which it must end by itself


class Broken(Exception):
    """Something around the ceremony does not work."""


class Surroundings:
    """Starts what a ceremony needs, each program with a log in `folder`; `close` ends all of it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._running = ExitStack()
        self._env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            # Nothing of the desktop this may run on, and no bus started for want of one.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    def start(self, url: str) -> None:
        """Opens `url` in a browser that knows nothing but our Bluetooth, our tunnel service and our authority."""
        try:
            self._start_all(url)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._running.close()

    def _start_all(self, url: str) -> None:
        self._run("bluez-standin", [self._programs / "bluez-standin"])
        self._env["DBUS_SYSTEM_BUS_ADDRESS"] = self._told("bluez-standin", r"^DBUS_SYSTEM_BUS_ADDRESS=(.+)$")

        names = ["--name", TUNNEL_HOST, "--name", "localhost"]
        self._authority = self._folder / "ca.pem"
        self._run(
            "tunnel",
            [self._programs / "latchkey-sim", "tunnel", "--listen", "127.0.0.1:0", "--ca-out", self._authority, *names],
        )
        self._tunnel_port = self._told("tunnel", r"^tunnel service on .*:(\d+)$")
        self._trust_authority()

        self._run("Xvfb", ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"])
        self._env["DISPLAY"] = ":" + self._told("Xvfb", r"^(\d+)$")

        # The browser reaches our tunnel service under its public name, this machine, and nothing else.
        rules = f"MAP {TUNNEL_HOST}:443 127.0.0.1:{self._tunnel_port}, MAP * ~NOTFOUND, EXCLUDE localhost"
        self._run(
            "chromium",
            [
                "chromium",
                "--no-sandbox",  # which neither root nor most containers can have
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--password-store=basic",
                f"--user-data-dir={self._folder / 'profile'}",
                "--window-position=0,0",
                "--window-size=1200,900",
                f"--host-resolver-rules={rules}",
                url,
            ],
        )

    def _trust_authority(self) -> None:
        """Chromium takes further authorities from the user's NSS database."""
        database = self._folder / ".pki/nssdb"
        database.mkdir(parents=True)
        certutil = ["certutil", "-d", f"sql:{database}"]
        for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "latchkey", "-i", self._authority]):
            done = subprocess.run(certutil + arguments, env=self._env, capture_output=True, text=True, timeout=START)
            if done.returncode != 0:
                raise Broken(f"certutil: {done.stderr.strip()}")

    def _run(self, name: str, command: list[str | Path]) -> None:
        with open(self._log(name), "wb") as log:
            process = subprocess.Popen(
                command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its children end with it
            )
        self._running.callback(_end, process)
        self._started[name] = process

    def _told(self, name: str, pattern: str) -> str:
        """Waits for the line by which a program says that it is ready."""
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            found = re.search(pattern, self._log(name).read_text(errors="replace"), re.MULTILINE)
            if found:
                return found[1]
            self._still_runs(name)
            time.sleep(0.05)
        raise Broken(f"{name} was not ready in {START} s")

    def _still_runs(self, name: str) -> None:
        if self._started[name].poll() is not None:
            raise Broken(f"{name} ended with status {self._started[name].returncode}")

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    @property
    def picture(self) -> Path:
        """The last picture of the screen."""
        return self._folder / "screen.png"

    def photograph(self) -> Image.Image:
        """Takes a picture of the screen, as the phone's camera would."""
        screen = ImageGrab.grab(xdisplay=self._env["DISPLAY"])
        screen.save(self.picture)
        return screen

    def code_on_screen(self) -> str | None:
        """Takes a picture and reads it with a decoder that others wrote: the phone will have to read it by itself."""
        self._still_runs("chromium")
        codes = zxingcpp.read_barcodes(self.photograph().convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
        return next((code.text for code in codes if code.text.startswith("FIDO:/")), None)

    def phone_approve(self, consent: bool, seconds: float) -> tuple[int, dict[str, Any]]:
        """Hands the last picture to the phone, whose owner consents or types "n": its exit status and what it tells."""
        command = ["approve", self.picture, "--json", *(["--yes"] if consent else [])]
        command += ["--adapter", "hci1", "--tunnel", f"localhost:{self._tunnel_port}", "--ca-file", self._authority]
        done = self._phone(command, "" if consent else "n\n", seconds)
        return done.returncode, json.loads(done.stdout or "{}")

    def passkeys(self) -> set[str]:
        """The credential ids of all passkeys on the phone."""
        done = self._phone(["list", "--json"], "", START)
        if done.returncode != 0:
            raise Broken(f"phone list ended with status {done.returncode}")
        return {key["credentialId"] for key in json.loads(done.stdout)["securityKeys"]}

    def _phone(self, arguments: list[str | Path], typed: str, seconds: float) -> subprocess.CompletedProcess[str]:
        with open(self._log("phone"), "a") as log:
            log.write(f"# phone {arguments[0]}\n")
            log.flush()
            command = [self._programs / "latchkey-sim", "phone", *arguments, "--state", self._folder / "phone"]
            return subprocess.run(
                command, env=self._env, input=typed, stdout=subprocess.PIPE, stderr=log, text=True, timeout=seconds
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    """An interrupt lets all of these programs end well; what is left of the group then is killed."""
    try:
        process.send_signal(signal.SIGINT)
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
