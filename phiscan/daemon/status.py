"""How the daemon is: its log, its metrics, its word to systemd, and the record that each walk leaves."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from phiscan import __version__
from phiscan.daemon.counting import Counting
from phiscan.daemon.inner import UNMOUNTED
from phiscan.daemon.zoned import zones_record
from phiscan.errors import origin
from phiscan.incidents.incident import moment
from phiscan.source.offline import BY as OFFLINE
from phiscan.source.paths import display
from phiscan.store import backlog, coverage, incidents, ledger, ledger_sums, now, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.logs import Log
    from phiscan.daemon.loop import Daemon
    from phiscan.daemon.watched import Watched
    from phiscan.incidents.incident import Incident
    from phiscan.messages import Broken
    from phiscan.model import Place
    from phiscan.scan.reading import Reading
    from phiscan.seal import Sealer
    from phiscan.source.reconcile import Reconcile
    from phiscan.store.backlog import Amount

_COMPLAIN: Final = 5.0  # seconds between two words on a store that keeps failing
_ALIVE: Final = 10.0  # seconds between two signs of life to systemd
_GAPS: Final = 10_000  # gaps that a record names
_LATEST: Final = 10_000  # arrivals whose waiting time is measured at once


class Status:
    """What is known of the daemon's own state."""

    def __init__(self, log: Log, sealer: Sealer, digests: tuple[str, str]) -> None:
        self.log, self._sealer, self._digests = log, sealer, digests
        self.files: Counter[str] = Counter()  # by what became of them
        self.bytes = self.overflows = self.failures = self.bugs = 0
        self.started = now()
        self.arrivals: dict[bytes, float] = {}  # when something happened to a file that has not been read since
        self.gauges: dict[str, float] = {}
        self.rate = backlog.Rate()  # what reading costs
        self._left: dict[str, float] = {}  # of the backlog, as last counted
        self._counting: Counting | None = None
        self._next_count = 0.0
        self._recorded: list[tuple[Watched, Reconcile, int]] = []  # walks on record in this turn; how many gaps
        self._late_since: float | None = None  # since when something has been waiting in the ledger to be read
        self._next_alive = self._next_complaint = 0.0
        self.last_well = time.monotonic()  # when the store could last be written: whoever writes nothing tells nobody

    def ready(self) -> None:
        """The daemon has begun."""
        self.log("info", "started", version=__version__)
        notify("READY=1")

    def turn(self, daemon: Daemon, at: float) -> None:
        """Give a sign of life."""
        if at >= self._next_alive:
            self._next_alive = at + _ALIVE
            notify(f"WATCHDOG=1\nSTATUS={daemon.watcher.watches} folders watched, {len(self.arrivals)} files to read")

    def ended(self) -> None:
        """The daemon ends."""
        if self._counting is not None:
            self._counting.close()
        notify("STOPPING=1")
        self.log("info", "stopped")

    def overflowed(self) -> None:
        """The kernel dropped events: a walk finds what they would have told."""
        self.overflows += 1
        self.log("warning", "events lost, walking")

    def unavailable(self, root: bytes) -> None:
        """A root is not there: what lay in it is neither gone nor watched."""
        self.log("error", "root unavailable", root=display(root))

    def available(self, root: bytes) -> None:
        """A root that was not there is back."""
        self.log("info", "root available", root=display(root))

    def mounted(self, root: bytes, missing: int) -> None:
        """Something that was mounted below a root is not, or is again: what it holds is not gone, but out of sight."""
        if missing:
            self.log("error", "file systems unavailable", root=display(root), missing=missing)
        else:
            self.log("info", "file systems available", root=display(root))

    def short(self, root: bytes) -> None:
        """The kernel allows too few watches: walks see the rest."""
        self.log("warning", "too few watches, walking", root=display(root))

    def broken(self, error: Broken) -> None:
        """The store fails."""
        self.failures += 1
        if error.key == "store.locked":
            self.log.store_failed(error.key)
        elif time.monotonic() >= self._next_complaint:
            self._next_complaint = time.monotonic() + _COMPLAIN
            self.log.store_failed(error.key)

    def bug(self, error: Exception) -> None:
        """A file has brought out a bug of ours. What the error says may hold a value of it."""
        self.bugs += 1
        self.log("error", "internal error", kind=type(error).__name__, at_code=origin(error))

    def arrived(self, path: bytes) -> None:
        """Something happened to a file."""
        if len(self.arrivals) < _LATEST:
            self.arrivals.setdefault(path, time.time())

    def left(self, path: bytes) -> None:
        """A file has gone before it was read."""
        self.arrivals.pop(path, None)

    def read(self, place: Place, status: str, news: list[Incident]) -> None:
        """A file was read."""
        self.files[status] += 1
        self.bytes += place.size
        self.arrivals.pop(place.path, None)
        for incident in news:
            self.log(
                "warning",
                "incident",
                id=incident.id,
                rule=incident.rule,
                severity=incident.severity.name.lower(),
                state=incident.state,
                place=incident.masked,
            )

    def cost(self, reading: Reading) -> None:
        """A file has come back from its workers. What was slowed down says nothing of how fast we are."""
        if reading.begun and reading.pace is None:
            self.rate.read(reading.place.size, reading.shares * (time.monotonic() - reading.begun))

    def _count(self, daemon: Daemon) -> None:
        """Have what is left to read counted and say how long it takes; a long ledger is not counted all the time."""
        if self._counting is None:
            self._counting = Counting(daemon.store)
        left = self._counting.take()
        if left is not None:
            self._next_count = time.monotonic() + max(daemon.times.count, 100 * self._counting.took)
            self._say_left(left, daemon)
        elif not self._counting.under_way and time.monotonic() >= self._next_count:
            self._counting.ask([one.root.id for one in daemon.watched])

    def _say_left(self, left: Amount, daemon: Daemon) -> None:
        seconds = self.rate.seconds(left, daemon.workers, daemon.pace.bandwidth)
        paused = daemon.pace.paused_until()
        self._left = {"backlog_files": float(left.files), "backlog_bytes": float(left.bytes)}
        if seconds is not None:
            self._left["backlog_seconds"] = round(seconds, 1)
        if left.files:
            told: dict[str, Any] = {} if seconds is None else {"seconds": round(seconds)}
            told |= {} if paused is None else {"paused_until": moment(paused)}
            self.log("info", "left to read", files=left.files, bytes=left.bytes, **told)

    def chores(self, connection: Connection, daemon: Daemon) -> None:
        """Measure what only the store knows."""
        self._count(daemon)
        backlog.keep_rate(connection, self.rate)
        waiting = ledger.waiting(connection)
        self._late_since = (self._late_since or now()) if waiting else None
        oldest = min([*self.arrivals.values(), *([self._late_since] if self._late_since else [])], default=None)
        self.gauges = {
            "files_waiting": float(waiting + len(self.arrivals)),
            "oldest_unread_seconds": 0.0 if oldest is None else max(0.0, now() - oldest),
            "folders_watched": float(daemon.watcher.watches),
            "roots_silent": float(sum(one.silent for one in daemon.watched)),
            "roots_unavailable": float(sum(not one.available for one in daemon.watched)),
            "mounts_unavailable": float(sum(len(one.inner.missing) for one in daemon.watched)),
            "alive_timestamp_seconds": now(),
            "reading_paused": float(daemon.pace.paused_until() is not None),
            **self._left,
            **({} if daemon.self_test is None else daemon.self_test.gauges),
            **{f"waiting.{name}": float(count) for name, (count, _) in outbox.queued(connection).items()},
            **{f"incidents.{state}": float(count) for state, count in incidents.counts(connection).items()},
            **{f"gaps.{reason}": float(count) for reason, count in ledger_sums.gaps(connection).items()},
        }
        late = {name: max(0.0, now() - since) for name, (_, since) in outbox.queued(connection).items()}
        self.gauges |= {f"waiting_seconds.{name}": age for name, age in late.items()}
        coverage.alive(connection, now())
        coverage.live(connection, now(), self._sealer.sign)

    def surroundings(self, grants: int, troubles: int) -> None:
        """What the services of this machine give away has changed."""
        self.log("info", "services changed", grants=grants, troubles=troubles)

    def walked(self, walk: Reconcile) -> None:
        """A walk has ended."""
        if walk.whole:
            took = round(max(0.0, now() - walk.started), 3)
            gaps = walk.left_out["gap"]
            counts = {"files": walk.files, "bytes": walk.size, "gaps": gaps}
            self.log("info", "walked", root=display(walk.root.path), **counts, lost=walk.lost, seconds=took)

    def cover(self, connection: Connection, daemon: Daemon) -> None:
        """Leave the record of each whole walk of which all that it had met has been looked at by now."""
        recorded = []
        for one in daemon.watched:
            one.unread &= daemon.hands.tasks.keys()
            walk = one.covered
            if walk is not None and not one.unread and not ledger.waiting(connection, one.root.id):
                record = self._record(connection, daemon, one, walk)
                written = json.dumps(record, sort_keys=True, ensure_ascii=False)
                coverage.put(connection, one.root.id, walk.started, now(), written, self._sealer.sign(written))
                recorded.append((one, walk, record["gaps_count"]))
        self._recorded = recorded

    def committed(self) -> None:
        """What the turn has written is written: tell which walks are on record."""
        for one, walk, gaps in self._recorded:
            one.covered = None if one.covered is walk else one.covered
            self.log("info", "covered", root=display(one.path), files=walk.files, gaps=gaps)
        self._recorded.clear()

    def undone(self) -> None:
        """What the turn has written is not: the records are left at another time."""
        self._recorded.clear()

    def _record(self, connection: Connection, daemon: Daemon, one: Watched, walk: Reconcile) -> dict[str, Any]:
        totals = ledger_sums.totals(connection, one.root.id)
        gaps = walk.gaps + ledger_sums.with_gaps(connection, one.root.id)
        gaps[:0] = [(point, UNMOUNTED) for point in sorted(one.inner.missing)]
        if one.root.id in daemon.examiner.unknown:
            gaps.insert(0, (one.path, daemon.examiner.unknown[one.root.id]))
        return {
            "schema": "phiscan.coverage/1",
            "phiscan": __version__,
            "root": display(one.path),
            "started": moment(walk.started),
            "ended": moment(now()),
            "recognizers": self._digests[0],
            "rules": self._digests[1],
            "files": walk.files,
            "bytes": walk.size,
            "by_status": {name: count for name, count in totals.items() if name not in ("files", "bytes")},
            "down": coverage.down(connection, one.root.id, self.started),
            "excluded": [{"path": path, "pattern": pattern, "by": by} for path, pattern, by in walk.excluded],
            "excluded_count": walk.left_out["excluded"],
            "offline_count": walk.left_out[OFFLINE],
            "gaps": [
                {
                    "path": display(path) + (f"!{gap.member}" if gap.member else ""),
                    "stage": gap.stage,
                    "reason": gap.reason,
                    "detail": gap.detail,
                }
                for path, gap in gaps[:_GAPS]
            ],
            "gaps_count": len(gaps) + walk.left_out["gap"] - len(walk.gaps),
            **zones_record(connection, daemon.examiner.declared, one.root, walk, gaps),
        }


def notify(state: str) -> None:
    """Tell systemd how we are, sd_notify(3); nothing where it does not ask."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
