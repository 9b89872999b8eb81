"""An unmodified Chromium makes and uses passkeys with the phone; relying parties that others wrote verify them.

Prints one line per check and ends with status 0 if all held.
"""

import secrets
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ceremonies import Ceremony, decode, encode
from page import Outcome, Page
from relying_parties import PythonFido2, PyWebAuthn, Refused
from surroundings import Broken, Surroundings

# A ceremony takes seconds. The browser gives up after 180 of them, so what the page hears within these was no time-out.
CEREMONY = 90
EVERYTHING = 300

# The phone's exit statuses (`latchkey-sim --help`).
ANSWERED, NO_CODE, REFUSED = 0, 10, 20

# CTAP 2.3 section 8.2.
EXCLUDED, DENIED, NO_CREDENTIALS = 0x19, 0x27, 0x2E

# COSE algorithms.
ES256, EDDSA, RS256 = -7, -8, -257


class NotHeld(Exception):
    """A check failed."""


@dataclass(frozen=True)
class Ended:
    """A ceremony that came to its end: what the page was given, the phone's exit status, and what the phone told."""

    outcome: Outcome
    status: int
    told: dict[str, Any]
    origin: str
    challenge: bytes

    def answered(self, action: str, user_handle: bytes) -> Ceremony:
        """Checks that the phone did it and the page has it, and returns it for relying parties to verify."""
        self._phone_told(ANSWERED, action, 0)
        check(self.outcome.response is not None, f"the page got {self.outcome}")
        return Ceremony(Page.rp_id, self.origin, self.challenge, user_handle, self.outcome.response)

    def refused(self, action: str, ctap_status: int, error: str) -> None:
        """Checks that the phone refused with this status and the page was given this error."""
        self._phone_told(REFUSED, action, ctap_status)
        check(self.outcome.error == error, f"the page got {self.outcome}, not {error}")

    def touched(self, error: str) -> None:
        """Checks that the browser asked the phone for a touch at last, and told the page this error."""
        self._phone_told(ANSWERED, "touch", 0)
        check(self.outcome.error == error, f"the page got {self.outcome}, not {error}")

    def _phone_told(self, status: int, action: str, ctap_status: int) -> None:
        told = (self.status, self.told.get("action"), self.told.get("status"))
        check(told == (status, action, ctap_status), f"the phone told {self.told}, status {self.status}")


class Computer:
    """A browser on our page, and a phone that answers what it shows."""

    def __init__(self, page: Page, surroundings: Surroundings) -> None:
        self._page = page
        self._surroundings = surroundings
        self._last_code: str | None = None

    def create(
        self,
        user_handle: bytes,
        algorithms: list[int],
        exclude: list[str] | None = None,
        consent: bool = True,
        prf: dict[str, Any] | None = None,
    ) -> Ended:
        options = {
            "rp": {"id": Page.rp_id, "name": "A relying party"},
            "user": {"id": encode(user_handle), "name": "alex", "displayName": "Alex"},
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in algorithms],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            "excludeCredentials": descriptors(exclude),
            "extensions": extensions(prf),
        }
        return self._perform("create", options, consent)

    def get(self, allow: list[str] | None = None, prf: dict[str, Any] | None = None) -> Ended:
        options = {
            "rpId": Page.rp_id,
            "userVerification": "required",
            "allowCredentials": descriptors(allow),
            "extensions": extensions(prf),
        }
        return self._perform("get", options, consent=True)

    def _perform(self, method: str, options: dict[str, Any], consent: bool) -> Ended:
        """Lets the page ask, the phone read the code from the screen and answer, and the page hear of it."""
        deadline = time.monotonic() + CEREMONY
        challenge = secrets.token_bytes(32)
        options |= {"challenge": encode(challenge), "hints": ["hybrid"]}
        self._page.request(method, options)
        status = NO_CODE
        while status == NO_CODE:
            code = self._new_code(deadline)
            status, told = self._surroundings.phone_approve(consent, left(deadline))
        if status not in (ANSWERED, REFUSED):
            raise Broken(f"the phone could not answer: status {status}, {told}")
        self._last_code = code
        outcome = self._page.outcome(left(deadline))
        if outcome is None:
            raise Broken(f"the page heard nothing, {CEREMONY} s after it had asked")
        return Ended(outcome, status, told, self._page.origin, challenge)

    def _new_code(self, deadline: float) -> str:
        """Waits for a code on the screen; that of the last ceremony may still fade."""
        while time.monotonic() < deadline:
            code = self._surroundings.code_on_screen()
            if code not in (None, self._last_code):
                return code
            if early := self._page.outcome(0.1):
                raise Broken(f"the browser did not ask for a phone; the page got {early}")
        raise Broken(f"the browser showed no code for {CEREMONY} s")


def left(deadline: float) -> float:
    return max(1.0, deadline - time.monotonic())


def descriptors(ids: list[str] | None) -> list[dict[str, Any]]:
    return [{"type": "public-key", "id": id, "transports": ["hybrid"]} for id in ids or []]


def extensions(prf: dict[str, Any] | None) -> dict[str, Any]:
    return {} if prf is None else {"prf": prf}


def inputs(first: bytes, second: bytes | None = None) -> dict[str, str]:
    """A page's inputs of the PRF extension, which the browser hashes."""
    return {"first": encode(first)} | ({} if second is None else {"second": encode(second)})


def outputs(ceremony: Ceremony) -> dict[str, bytes]:
    """The page's outputs of the PRF extension by name, 32 bytes each."""
    results = ceremony.response["clientExtensionResults"].get("prf", {}).get("results", {})
    decoded = {name: decode(output) for name, output in results.items()}
    check(all(len(output) == 32 for output in decoded.values()), f"outputs of other lengths: {results}")
    return decoded


def check(held: bool, otherwise: str) -> None:
    if not held:
        raise NotHeld(otherwise)


RELYING_PARTIES = (PyWebAuthn(), PythonFido2())


def register(registration: Ceremony) -> list[Any]:
    """Each relying party's record of the credential; none of them takes the answer to another challenge."""
    other = replace(registration, challenge=secrets.token_bytes(32))
    records = []
    for relying_party in RELYING_PARTIES:
        records.append(relying_party.register(registration))
        must_refuse(relying_party, lambda: relying_party.register(other))
    return records


def sign_in(sign_in: Ceremony, records: list[Any]) -> None:
    """Each relying party lets the user in; none of them takes the answer to another challenge."""
    other = replace(sign_in, challenge=secrets.token_bytes(32))
    for relying_party, record in zip(RELYING_PARTIES, records, strict=True):
        relying_party.sign_in(sign_in, record)
        must_refuse(relying_party, lambda: relying_party.sign_in(other, record))


def must_refuse(relying_party: Any, attempt: Any) -> None:
    try:
        attempt()
    except Refused:
        return
    raise NotHeld(f"{type(relying_party).__name__} took the answer to another challenge")


class Report:
    """One line per check, with the time since the line before."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def held(self, what: str) -> None:
        now = time.monotonic()
        print(f"ok  {what}  ({now - self._since:.1f} s)", flush=True)
        self._since = now


def ceremonies(computer: Computer, phone: Surroundings) -> None:
    report = Report()
    alex, robin = secrets.token_bytes(16), secrets.token_bytes(16)

    registration = computer.create(alex, [ES256, RS256]).answered("create", alex)
    first = registration.credential_id
    check(registration.response["authenticatorAttachment"] == "cross-platform", "not known as another device's")
    check("hybrid" in registration.response["response"]["transports"], "not known to be reachable over hybrid")
    records = register(registration)
    check(phone.passkeys() == {first}, "the phone does not list this passkey alone")
    report.held("create: a discoverable ES256 passkey, user verified")

    answer = computer.get().answered("get", alex)
    check(answer.credential_id == first, "signed in with another passkey")
    check(answer.response["response"].get("userHandle") == encode(alex), "signed in as somebody else")
    sign_in(answer, records)
    report.held("get: without being told which passkey")

    answer = computer.get(allow=[first]).answered("get", alex)
    check(answer.credential_id == first, "signed in with another passkey")
    sign_in(answer, records)
    report.held("get: with a list of allowed passkeys")

    computer.create(alex, [ES256], exclude=[first]).refused("create", EXCLUDED, "InvalidStateError")
    check(phone.passkeys() == {first}, "the phone changed its passkeys")
    report.held("create again, the passkey excluded: InvalidStateError")

    computer.create(robin, [ES256], consent=False).refused("create", DENIED, "NotAllowedError")
    check(phone.passkeys() == {first}, "the phone changed its passkeys")
    report.held("create, declined on the phone: NotAllowedError, and not by time-out")

    unknown = encode(secrets.token_bytes(32))
    computer.get(allow=[unknown]).refused("get", NO_CREDENTIALS, "NotAllowedError")
    report.held("get, none of the allowed passkeys: NotAllowedError, and not by time-out")

    # getInfo tells the browser that the phone has no such algorithm. It asks for a touch before it tells the page.
    computer.create(robin, [RS256]).touched("NotAllowedError")
    check(phone.passkeys() == {first}, "the phone changed its passkeys")
    report.held("create, RS256 alone: a touch, then NotAllowedError")

    registration = computer.create(robin, [EDDSA]).answered("create", robin)
    second = registration.credential_id
    records = register(registration)
    check(phone.passkeys() == {first, second}, "the phone does not list both passkeys")
    answer = computer.get(allow=[second]).answered("get", robin)
    check(answer.credential_id == second, "signed in with another passkey")
    sign_in(answer, records)
    report.held("create and get: EdDSA")

    prf_extension(computer)
    report.held("create and get: the PRF extension gives the same outputs for the same inputs")


def prf_extension(computer: Computer) -> None:
    """The browser asks a phone for PRF outputs over hybrid only if its getInfo lists the extension."""
    kim, first, second = secrets.token_bytes(16), b"an input", secrets.token_bytes(100)

    registration = computer.create(kim, [ES256], prf={"eval": inputs(first)}).answered("create", kim)
    passkey, records = registration.credential_id, register(registration)
    enabled = registration.response["clientExtensionResults"].get("prf", {}).get("enabled")
    check(enabled is True, f"the extension is not enabled: {enabled}")
    made = outputs(registration)
    check(made.keys() == {"first"}, f"the registration has the outputs {made.keys()}")

    def sign_in_with(prf: dict[str, Any] | None) -> dict[str, bytes]:
        answer = computer.get(allow=[passkey], prf=prf).answered("get", kim)
        sign_in(answer, records)
        return outputs(answer)

    check(sign_in_with({"eval": inputs(first)}) == made, "the sign-in has another output than the registration")
    both = sign_in_with({"eval": inputs(second, first)})
    check(both["second"] == made["first"], "the second output of an input is not its first")
    check(both["first"] != made["first"], "another input has the same output")
    own = {"eval": inputs(first), "evalByCredential": {passkey: inputs(second)}}
    check(sign_in_with(own) == {"first": both["first"]}, "the passkey's own input does not count before the other")
    check(sign_in_with(None) == {}, "there are outputs that nobody asked for")


def run(programs: Path, folder: Path) -> None:
    page, surroundings = Page(), Surroundings(programs, folder)
    try:
        surroundings.start(page.origin + "/")
        try:
            ceremonies(Computer(page, surroundings), surroundings)
        except BaseException:
            surroundings.photograph()
            raise
    finally:
        surroundings.close()
        page.close()


def stop(number: int, _frame: Any) -> None:
    if number == signal.SIGALRM:
        raise Broken(f"not done after {EVERYTHING} s")
    sys.exit(128 + number)


def main() -> int:
    for number in (signal.SIGALRM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    signal.alarm(EVERYTHING)
    folder = Path(tempfile.mkdtemp(prefix="latchkey-chromium-"))
    try:
        run(Path(sys.argv[1]).resolve(), folder)
    except Exception as failure:
        for log in sorted(folder.glob("*.log")):
            print(f"--- {log}", *log.read_text(errors="replace").splitlines()[-20:], sep="\n")
        print("---", flush=True)
        traceback.print_exc()
        print(f"FAILED: {failure}\nThe last picture of the screen and all logs are in {folder}")
        return 1
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
