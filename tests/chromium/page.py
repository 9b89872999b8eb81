"""The relying party's page: the browser loads it, asks what to do, and reports what came of it."""

import json
import queue
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("page.html")


@dataclass(frozen=True)
class Outcome:
    """What `navigator.credentials` gave the page: a response as JSON, or the name of an error."""

    response: dict[str, Any] | None = None
    error: str | None = None
    message: str | None = None


class Page:
    """Serves the page on loopback, which browsers take for a secure context, until `close`."""

    rp_id = "localhost"

    def __init__(self) -> None:
        self._requests: queue.Queue[bytes] = queue.Queue()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.origin = f"http://{self.rp_id}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def request(self, method: str, options: dict[str, Any]) -> None:
        """Has the page call `navigator.credentials.create` or `get`, as `method` says."""
        self._requests.put(json.dumps({"method": method, "options": options}).encode())

    def outcome(self, seconds: float) -> Outcome | None:
        """What came of the request, or None if the page does not know after so long."""
        try:
            return self._outcomes.get(timeout=seconds)
        except queue.Empty:
            return None

    def _handler(page) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/":
                    self._answer(200, PAGE.read_bytes(), "text/html")
                elif self.path == "/request":
                    try:
                        self._answer(200, page._requests.get(timeout=10), "application/json")
                    except queue.Empty:
                        self._answer(204)
                else:
                    self._answer(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                page._outcomes.put(Outcome(**json.loads(body)))
                self._answer(204)

            def _answer(self, status: int, body: bytes = b"", kind: str = "text/plain") -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
