"""A sign of life to an address that misses it: so that a silent daemon is noticed."""

from __future__ import annotations

import contextlib
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from phiscan.alert.channel import PATIENCE
from phiscan.config import secret

if TYPE_CHECKING:
    from phiscan.config import Heartbeat
    from phiscan.daemon.logs import Log

_STUCK: Final = 120.0  # seconds without anything written, an idle daemon does every few: then there is no sign


@contextlib.contextmanager
def beating(settings: Heartbeat, last_well: Callable[[], float], log: Log) -> Iterator[None]:
    """Call the address within the block, as long as the loop turns and its store can be written.

    systemd's watchdog asks for less: to begin anew would not mend a full disk. `last_well` is `time.monotonic()`.
    """
    url = secret(settings.url, settings.url_file)
    if url is None:
        yield
        return
    ended = threading.Event()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def beat() -> None:
        failed = False
        while not ended.is_set():
            if time.monotonic() - last_well() < _STUCK:
                try:
                    with opener.open(url, timeout=PATIENCE) as answer:
                        answer.read(1024)
                    failed = False
                except Exception:  # the address holds a secret, and the message may hold the address
                    if not failed:
                        log("warning", "heartbeat not accepted")
                    failed = True
            ended.wait(settings.every)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
