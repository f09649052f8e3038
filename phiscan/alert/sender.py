"""Takes what waits in the outbox to the channels, each with threads of its own: a dead or slow one delays no other.

A row is claimed before it is handed over and done once the channel has accepted it. What was claimed when a daemon
died may or may not have arrived; it is said again, under the same key.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from phiscan.alert.channel import Channel, Partly, Undelivered
from phiscan.alert.message import Context, message_of
from phiscan.messages import Broken
from phiscan.store import Store, now, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.alert.message import Message
    from phiscan.daemon.logs import Log

_LONGEST: Final = 300.0  # seconds between two attempts
_LOOK: Final = 30.0  # seconds after which a thread looks by itself
_BROKEN: Final = 5.0  # seconds until a store that fails is asked again
_AT_ONCE: Final = {"slack": 4, "webhook": 4, "email": 2}  # messages on their way together, of different groups
_END_WITHIN: Final = 2.0  # seconds that a delivery under way may still take when the daemon ends


class Sender:
    """Delivers until it is closed."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], context: Context, log: Log) -> None:
        self._store, self._channels, self._context, self._log = store, channels, context, log
        self._ended = threading.Event()
        self._news = {name: threading.Event() for name in channels}
        self.sent: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.latency: dict[str, float] = {}  # seconds from the outbox to the channel, of the last message
        self._threads = [
            threading.Thread(target=self._run, args=(name,), name=f"alerts {name}", daemon=True)
            for name in channels
            for _ in range(_AT_ONCE.get(name, 1))
        ]
        self._counting = threading.Lock()
        self._last = -1  # row of the outbox that the threads have been told of

    @property
    def channels(self) -> list[str]:
        """The names of the channels."""
        return list(self._channels)

    def start(self) -> None:
        """Give back what a daemon that died had claimed, and begin."""
        with self._store.write() as connection:
            unsure = outbox.unclaim(connection, list(self._channels))
        if unsure:
            self._log("warning", "deliveries unknown, said again", count=unsure)
        for thread in self._threads:
            thread.start()

    def news(self, last: int) -> None:
        """The last row of the outbox is `last`: see to it, unless that was so before.

        Most of what a daemon writes is nothing to be told, and each look costs every thread a question to the store.
        """
        if last != self._last:
            self._last = last
            self.wake()

    def wake(self) -> None:
        """Something may wait."""
        for event in self._news.values():
            event.set()

    def close(self) -> None:
        """End. What was not accepted by then is said by the next daemon."""
        self._ended.set()
        self.wake()
        end = time.monotonic() + _END_WITHIN
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def _run(self, name: str) -> None:
        while not self._ended.is_set():
            try:
                wait = self.deliver(name)
            except Broken as error:
                self._log("error", "store failed", why=error.key)
                wait = _BROKEN
            except Exception as error:  # whatever it is, it must not silence the channel for good
                self._log("error", "delivery failed", channel=name, why=type(error).__name__)
                wait = _BROKEN
            if wait > 0 and not self._ended.is_set():
                self._news[name].wait(wait)
                self._news[name].clear()

    def deliver(self, name: str) -> float:
        """Deliver what is due for a channel next; return how many seconds to wait then."""
        with self._store.read() as connection:
            due = outbox.next_due(connection, name)
        if due is None or due > now():
            return _LOOK if due is None else min(_LOOK, due - now())
        with self._store.write() as connection:
            item = outbox.claim(connection, name, now())
        if item is None:
            return 0.0
        try:
            message, partly = self._said(item)
        except Undelivered as error:
            self._again(item, error)
            return 0.0
        except Exception as error:  # a library's: its words may quote what was to be sent
            self._again(item, Undelivered(type(error).__name__))
            return 0.0
        upto = 0 if message is None else message.sequence
        self._note(lambda connection: outbox.sent(connection, item, now(), upto, partly))
        if message is not None:
            with self._counting:
                self.sent[name] += 1
                self.latency[name] = max(0.0, now() - item.created)
            self._log("info", "alert sent", channel=name, id=message.key, kind=message.kind, open=message.open)
        if partly is not None:
            with self._counting:
                self.failed[name] += 1
            self._log("warning", "alert not accepted for everybody", channel=name, why=partly)
        return 0.0

    def _said(self, item: outbox.Item) -> tuple[Message | None, str | None]:
        """Say what there is to say; return it, None where it is over already, and why not everybody has it.

        Raises Undelivered and anything else.
        """
        with self._store.read() as connection:  # a large group takes its time, and nobody waits for it to be read
            message = message_of(connection, item, self._context, now())
        try:
            if message is not None:
                self._channels[item.channel].send(message)
        except Partly as error:
            return message, error.why
        return message, None

    def _again(self, item: outbox.Item, error: Undelivered) -> None:
        with self._counting:
            self.failed[item.channel] += 1
        pause = min(_LONGEST, 2.0 ** min(item.attempts, 20)) * random.uniform(0.75, 1.25)
        pause = pause if error.after is None else max(1.0, min(_LONGEST, error.after))
        self._log("warning", "alert not accepted", channel=item.channel, why=error.why, again_in=round(pause, 1))
        self._note(lambda connection: outbox.failed(connection, item, error.why, now() + pause))

    def _note(self, what: Callable[[Connection], None]) -> None:
        """Write down what became of a delivery, whenever the store can be written: a claim that stays is never told.

        Where the daemon ends first, the next one says it again.
        """
        while True:
            try:
                with self._store.write() as connection:
                    what(connection)
            except Broken as error:
                self._log("error", "store failed", why=error.key)
                if self._ended.wait(_BROKEN):
                    return
            else:
                return
