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
    unfit: list[str] = field(default_factory=list)  # why Slack would have refused: such messages are answered with 400

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


def unfit(body: dict[str, Any]) -> list[str]:
    """Return why Slack would refuse a message: the limits of Block Kit, and what would address people.

    https://docs.slack.dev/reference/block-kit/blocks
    """
    wrong = [] if 1 <= len(body["blocks"]) <= 50 else [f"{len(body['blocks'])} blocks"]
    texts = [("text", body["text"], 40_000)]
    for block in body["blocks"]:
        if block["type"] == "header":
            texts.append(("header", block["text"]["text"], 150))
            wrong += [] if block["text"]["type"] == "plain_text" else ["a header that is not plain text"]
        elif block["type"] == "section":
            texts.append(("section", block["text"]["text"], 3000))
        elif block["type"] == "context":
            wrong += [] if 1 <= len(block["elements"]) <= 10 else [f"{len(block['elements'])} elements"]
            texts += [("element", one["text"], 3000) for one in block["elements"]]
        else:
            wrong.append("a block of another type")
    wrong += [f"{what} of {len(text)} characters" for what, text, most in texts if not 1 <= len(text) <= most]
    marked = [what for what, text, _ in texts if what != "header" and set(text) & set("<>")]
    return wrong + [f"{what} that is no plain text" for what in marked]


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
                said = json.loads(body)
                if isinstance(said, dict) and "blocks" in said and (why := unfit(said)):
                    state.unfit += why
                    status = 400
                if status == 200:
                    state.bodies.append(said)
                    state.headers.append(dict(self.headers))
                    state.raw.append(body)
                    state.times.append(time.time())
            state.hold()
            if not status:
                ended.wait(60)
                return
            with contextlib.suppress(OSError):  # who asked may have died
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
