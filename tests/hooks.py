"""An HTTP endpoint such as Slack's or a SIEM's, which the tests tell how to answer. Real, on loopback."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.servers import web


@dataclass
class Hook:
    """What came in, and how to answer: a status, with headers; 0 says nothing at all."""

    port: int = 0
    answer: Callable[[int], tuple[int, dict[str, str]]] = lambda number: (200, {})
    bodies: list[Any] = field(default_factory=list)  # that were answered with 200
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    asked: int = 0
    body: bytes = b"ok"  # of the answer
    hold: Callable[[], object] = lambda: None  # called before it answers

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextlib.contextmanager
def hook() -> Iterator[Hook]:
    """Run an endpoint."""
    state, lock, ended = Hook(), threading.Lock(), threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                state.asked += 1
                status, headers = state.answer(state.asked)
                if status == 200:
                    state.bodies.append(json.loads(body))
                    state.headers.append(dict(self.headers))
                    state.raw.append(body)
                    state.times.append(time.time())
            state.hold()
            if not status:
                ended.wait(60)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with web(Handler) as port:
        state.port = port
        try:
            yield state
        finally:
            ended.set()
