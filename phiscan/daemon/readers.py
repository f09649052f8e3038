"""The daemon's look at the access logs: who has read the files of incidents, and who is reading them now.

A thread of its own follows the logs. What is new in them is compared with every incident that is not over; a new
incident has all the logs searched for it once, rotated ones too. Lines, counts and whom to tell are written in one
transaction, with how far the logs were read: after a crash each line counts once.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from phiscan.access import files, following
from phiscan.access.accounts import Accounts
from phiscan.access.doubled import Twins
from phiscan.access.lying_open import learn
from phiscan.access.model import Target
from phiscan.access.search import Looked, look_up
from phiscan.access.sessions import Sessions
from phiscan.errors import origin
from phiscan.incidents.incident import OURSELVES
from phiscan.messages import Broken
from phiscan.source.paths import display
from phiscan.store import Store, access, incidents, now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.access.files import Log as AccessLog
    from phiscan.access.model import Access, Mapping
    from phiscan.alert.grouping import Telling
    from phiscan.config import Config
    from phiscan.daemon.logs import Log
    from phiscan.daemon.sharing import Sharing
    from phiscan.incidents.incident import Incident
    from phiscan.seal import Sealer
    from phiscan.store.access import News

_PAUSE: Final = 0.5  # seconds between two looks whether a log has grown
_PLACES: Final = 10.0  # seconds between two looks which logs there are
_PATIENCE: Final = 1.0  # seconds that a turn waits for another writer, and the daemon for a turn to end
_BROKEN: Final = 5.0  # seconds until a store that fails is asked again
_TOGETHER: Final = 500  # new incidents that the logs are searched for together
_RESTS: Final = 10.0  # after a search of all logs, times as long as it took
_RESTS_AT_MOST: Final = 60.0  # seconds
_AT_ONCE: Final = 10  # readers of a file of whom each is told at once; more are told as their group is


class Readers:
    """Follows the logs until it is closed."""

    def __init__(
        self,
        store: Store,
        telling: Telling,
        sealer: Sealer,
        config: Config,
        log: Log,
        *,
        mappings: Callable[[], Sequence[Mapping]] = tuple,
        named: Callable[[], Sequence[str]] = tuple,
        told: Callable[[], None] = lambda: None,
        sharing: Sharing | None = None,
        usual: Sequence[str] = files.USUAL,
    ) -> None:
        """`mappings`: the folders that services give away; `named`: their configurations' logs; `told`: news is out.

        `sharing`: what becomes of accounts that several people use; nothing but a note of them without.
        """
        self._sharing = sharing
        self._store, self._telling, self._sealer, self._log = store, telling, sealer, log
        self._config, self._mappings, self._told, self._usual = config, mappings, told, usual
        self._named: Callable[[], Sequence[str]] = named
        self._places: Sequence[str] = ()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access logs", daemon=True)
        self._twins = Twins()
        self._sessions: dict[bytes, Sessions] = {}
        self._accounts = Accounts(config.accounts)
        self._logs: list[AccessLog] = []
        self._known: tuple[tuple[int, float], list[Target], frozenset[str]] | None = None
        self._given: Sequence[Mapping] = ()
        self._next_places = 0.0
        self._last_event = -1
        self._waiting = True  # incidents may wait for their first search
        self._next_search = 0.0
        self._missed = False  # the last look came to nothing

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the step under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._ended.is_set():
            wait = _PAUSE
            try:
                self.turn()
                self._missed = False
            except Broken as error:
                self._log.store_failed(error.key)
                wait, self._missed = _BROKEN, True
            except Exception as error:  # a line that brings out a bug of ours must not end the watch over the others
                self._log("error", "internal error", kind=type(error).__name__, at_code=origin(error))
                wait, self._missed = _BROKEN, True
            self._ended.wait(wait)

    def turn(self) -> None:
        """Look whether there is something new, and take it in."""
        shared = self._turn()
        sharing = self._sharing
        if sharing is None or self._ended.is_set() or not (shared or sharing.due()):
            return
        if sharing.turn(self._store, now(), _PATIENCE):
            self._told()

    def _turn(self) -> bool:
        """Take in what is new; return whether that says something of accounts."""
        grown = self._grown() or self._missed
        with self._store.read() as connection:
            last = incidents.last_event(connection)
            self._waiting |= last != self._last_event
            self._last_event = last
            due = self._waiting and time.monotonic() >= self._next_search
            if not grown and not due:
                return False
            new = access.unsearched(connection, _TOGETHER) if due else []
            known = access.log_states(connection)
            watched, exposed = self._standing(connection, last)
            fresh = access.targets(connection, new)
        at = now()
        step = following.step(self._logs, known, at)
        sessions = {name: copy.deepcopy(one) for name, one in self._sessions.items()}
        live = look_up(step.parts, watched, self._given, self._twins, sessions)
        states = {state.path: state for state in [*known, *step.states]}
        there = [state for path, state in states.items() if path in {log.path for log in self._logs}]
        began = time.monotonic()
        first = look_up(following.everything(self._logs, there), fresh, self._given) if fresh else None
        took = time.monotonic() - began
        shared = self._accounts.look(step.parts, exposed, self._where)
        if self._ended.is_set():
            return False  # the daemon has let the store go meanwhile
        if step.states or new or shared:
            with self._store.write(_PATIENCE) as connection:
                for state in step.states:
                    access.set_log(connection, state)
                self._take(connection, live, watched, at, live=True)
                if first is not None:
                    self._take(connection, first, fresh, at, live=False)
                access.set_searched(connection, new, at)
                for account in shared:
                    if account.place:
                        access.set_account_place(connection, account)
                    if access.set_account(connection, account):
                        self._log("warning", "shared account", service=account.service, kind=account.kind)
            self._told()
        self._sessions = sessions
        if due:
            self._waiting = len(new) == _TOGETHER
            self._next_search = time.monotonic() + min(_RESTS_AT_MOST, _RESTS * took)
        if new:
            self._known = None
        for path in step.lost:
            self._log("warning", "log rotated away before it was read", log=display(path))
        return bool(shared)

    def _where(self, at: Access) -> frozenset[bytes]:
        return frozenset() if self._sharing is None else self._sharing.spots.of(at, self._given)

    def _grown(self) -> bool:
        """Learn which logs there are; return whether one of them is not as it was."""
        places = self._named()
        if time.monotonic() < self._next_places and places == self._places:
            fresh = [files.again(log) for log in self._logs]
            there = [log for log in fresh if log is not None]
            pairs = zip(self._logs, fresh, strict=True)
            if all(new is not None and new.inode == old.inode and new.size >= old.size for old, new in pairs):
                changed = there != self._logs
                self._logs = there
                return changed
        self._next_places = time.monotonic() + _PLACES
        self._given, self._places = self._mappings(), places
        before, self._logs = self._logs, files.found([*self._config.logs, *places], self._usual)
        return before != self._logs

    def _standing(self, connection: Connection, last: int) -> tuple[list[Target], frozenset[str]]:
        """Return the files of incidents that are not over and were searched before, and the services that expose them.

        Asked of the store again where something has happened to one, and now and then, as files grow.
        """
        if self._known is None or self._known[0] != (last, self._next_places):
            targets = access.targets(connection, access.standing(connection))
            self._known = (last, self._next_places), targets, access.exposing(connection)
        return self._known[1:]

    def _take(
        self, connection: Connection, looked: Looked, targets: Sequence[Target], at: float, *, live: bool
    ) -> None:
        sizes = {target.key: target.size for target in targets}
        news = access.add(connection, looked.gathered, self._sealer, sizes)
        for number in {one.key for one in looked.gathered.lines}:
            learn(connection, number)
        for number, what in news.items():
            incident = incidents.get(connection, number)
            if incident is not None:
                self._read(connection, incident, what, sizes.get(number), at, live=live)

    def _read(
        self, connection: Connection, incident: Incident, news: News, size: int | None, at: float, *, live: bool
    ) -> None:
        """Somebody has read a file: write it down and tell; where it happens now, an acknowledged incident is new."""
        got = sum(reader.extent(size) in ("complete", "parts") for reader in news.readers)
        incidents.happened(
            connection, incident.id, at, "read", OURSELVES, readers=len(news.readers), complete=got, live=live
        )
        if not incident.open:
            return
        if live and incident.state == "acknowledged":
            incident = incidents.put(connection, replace(incident, state="new"))
        few = len(access.readers_of(connection, incident.id)) <= _AT_ONCE
        self._telling.read(connection, incident, at, at_once=live and few)
