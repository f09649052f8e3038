"""A book of incidents on a store of the tests, with findings made up."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from phiscan.alert.deadlines import remind
from phiscan.alert.grouping import Telling
from phiscan.alert.message import Context, Message, message_of
from phiscan.config import Zone
from phiscan.config.alerts import Alerts
from phiscan.content import recognizers_folder, rules_folder
from phiscan.incidents.book import Book, Finding
from phiscan.incidents.duties import load_duties
from phiscan.incidents.masking import Masks
from phiscan.judge import CategoryFacts, Facts, Fired, Rule, judge, load_rules
from phiscan.model import CATEGORIES, Exposure, Kind, Level, Reason
from phiscan.recognize.load import load_ruleset
from phiscan.store import Store, incidents, ledger, outbox

FILE = {"file": {"path": "/nowhere/alerts.jsonl"}}


@cache
def masks() -> Masks:
    """Return masks with the shipped recognizers."""
    return Masks(load_ruleset([recognizers_folder()]))


@cache
def rules() -> tuple[Rule, ...]:
    """Return the shipped rules."""
    return load_rules([rules_folder()])


def facts(level: Level, persons: int, *health: str) -> Facts:
    """Return facts of so many patients with a NIR and each of these facts."""
    found = {"nir": CategoryFacts(Kind.IDENTIFIER, persons, persons)}
    found |= {name: CategoryFacts(CATEGORIES[name], persons, persons, {"affirmed": persons}) for name in health}
    return Facts(level, persons, persons, True, persons if health else 0, True, persons, found)


class Desk:
    """A store with a book; `at` is the time, seconds."""

    def __init__(self, store: Store, alerts: Mapping[str, Any] = FILE, zones: tuple[Zone, ...] = ()) -> None:
        self.store = store
        self.telling = Telling(Alerts.model_validate(dict(alerts)), masks(), zones)
        self.there: set[bytes] = set()
        self.book = Book(self.telling, masks(), there=lambda path: path in self.there)
        self.at = 1_000_000.0
        with store.write() as connection:
            self.root = ledger.root_of(connection, b"/srv").id

    def found(
        self,
        path: str,
        persons: int = 7,
        *health: str,
        level: Level = Level.PUBLIC,
        content: str | None = None,
        **more: Any,
    ) -> list[str]:
        """Judge a place; return what is new there, by rule."""
        self.there.add(path.encode())
        its = facts(level, persons, *(health or ("hiv",))) if persons else Facts(level)
        dice = np.random.default_rng(zlib.crc32((content or path).encode()))
        keys = np.unique(dice.integers(1, 1 << 62, persons, np.uint64))
        bits = sum(1 << at for at, name in enumerate(CATEGORIES) if name in its.categories)
        finding = Finding(
            root=self.root,
            folder=b"/srv",
            path=path.encode(),
            shown=path,
            zone=more.pop("zone", b"/srv"),
            content=content or f"k1:{path}",
            status=more.pop("status", "scanned"),
            exposure=Exposure(level, (Reason("zone", f"exposure: {level.name.lower()}", "phiscan.yaml:7", "/srv"),)),
            facts=its,
            fired=tuple(more.pop("fired", None) or judge(its, rules())),
            complete=more.pop("complete", True),
            at=self.at,
            persons=(keys, np.full(len(keys), bits, np.uint64)),
            **more,
        )
        with self.store.write() as connection:
            return [one.rule for one in self.book.judged(connection, finding)]

    def gone(self, path: str) -> None:
        """A file is no longer there."""
        self.there.discard(path.encode())
        with self.store.write() as connection:
            self.book.gone(connection, path.encode(), self.at)

    def states(self) -> dict[str, str]:
        """Return the state of each incident by its place; there is one a place."""
        with self.store.read() as connection:
            found = incidents.listed(connection)
        assert len({one.shown for one in found}) == len(found)
        return {one.shown: one.state for one in sorted(found, key=lambda one: one.shown)}

    def kinds(self, number: int) -> list[str]:
        """Return what happened to an incident."""
        with self.store.read() as connection:
            return [event.kind for event in incidents.history(connection, number)]

    def message(self, channel: str = "file") -> Message:
        """Return the next message, which has to be due."""
        message = self.say(channel)
        assert message is not None, "nothing is due"
        return message

    def say(self, channel: str = "file") -> Message | None:
        """Return the next message that is due, as sent; None where nothing is due or left to say."""
        with self.store.write() as connection:
            item = outbox.claim(connection, channel, self.at)
            if item is None:
                return None
            message = message_of(connection, item, replace(context(), hears=self.telling.routing.hears), self.at)
            outbox.sent(connection, item, self.at, 0 if message is None else message.sequence)
        return message

    def said(self, channel: str = "file") -> list[tuple[str, str, int, int, int]]:
        """Say all that is due; return kind, place, new, open and resolved of each message."""
        found = []
        while self.waits(channel):
            if (one := self.say(channel)) is not None:
                found.append((one.kind, one.place, one.new, one.open, one.resolved))
        return found

    def waits(self, channel: str) -> bool:
        """Whether something is due."""
        with self.store.read() as connection:
            due = outbox.next_due(connection, channel)
        return due is not None and due <= self.at

    def again(self, channel: str = "file") -> list[tuple[str, str, int, int, int]]:
        """Note what is to be said again by now, and say all that is due."""
        with self.writing() as connection:
            self.telling.again(connection, self.at)
            remind(connection, self.telling, context(), self.at)
        return self.said(channel)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Yield a transaction."""
        with self.store.write() as connection:
            yield connection


@cache
def context() -> Context:
    """Return what messages are made with."""
    return Context(
        rules={rule.id: rule for rule in rules()},
        duties=load_duties([rules_folder()]),
        role="controller",
        host="serveur",
    )


__all__ = ["Desk", "Fired", "context", "facts", "masks", "rules"]


def message_about(folder: Path, files: Mapping[str, tuple[Any, ...]]) -> Message:
    """Return the first message about some files, each with the persons and the health categories in it."""
    store = Store.open(f"sqlite:///{folder}/state/phiscan.db", create=True)
    desk = Desk(store)
    for path, its in files.items():
        desk.found(path, *its)
    message = desk.message()
    store.close()
    return message
