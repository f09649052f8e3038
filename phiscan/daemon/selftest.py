"""The self-test: a file of fictitious people is planted, and the daemon has to tell every channel of it in time.

Whoever plants (`phiscan doctor --self-test`, or the daemon every so often) first notes in the store which file it will
be, by its path and the keyed hash of its content, and until when. The daemon takes that one file for a test: no
incident, nothing counted, a message of the kind `test` to each channel, written as an alert would be. So nobody can
hide a file behind the test, and what is measured is the way of every other: kernel, worker, rules, outbox, channel.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from phiscan.messages import Broken, Told
from phiscan.model import Severity
from phiscan.source.paths import below, display
from phiscan.source.scope import Scope
from phiscan.store import outbox
from phiscan.store.notes import note, set_note

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.config import Config
    from phiscan.daemon.logs import Log
    from phiscan.judge import Fired
    from phiscan.seal import Sealer
    from phiscan.store.ledger import Entry

PLAN, SEEN, RESULT = "self_test", "self_test_seen", "self_test_result"  # notes in the store
_NAME: Final = "phiscan-essai-{}.csv"
_PERSONS: Final = 6


def synthetic(rng: random.Random) -> bytes:
    """Return a table of people that nobody is: their NIR are well formed, of communes of Paris that do not exist.

    >>> synthetic(random.Random(1)).splitlines()[0]
    b'NIR;NOM;PRENOM;DATE_NAISSANCE;VIH'
    """
    lines = ["NIR;NOM;PRENOM;DATE_NAISSANCE;VIH"]
    for _ in range(_PERSONS):
        year, month, day = rng.randint(30, 99), rng.randint(1, 12), rng.randint(1, 28)
        number = f"{rng.randint(1, 2)}{year:02d}{month:02d}75{rng.randint(900, 989)}{rng.randint(1, 999):03d}"
        lines.append(f"{number}{97 - int(number) % 97:02d};ESSAI;Phiscan;{day:02d}/{month:02d}/19{year:02d};positif")
    return ("\n".join(lines) + "\n").encode()


def folder_of(config: Config, roots: Sequence[bytes]) -> bytes:
    """Return the folder where the file is planted, links resolved. Raises `Told` where nothing there is watched."""
    if config.self_test.folder is None:
        raise Told("selftest.none")
    folder = os.path.realpath(os.fsencode(config.self_test.folder))
    root = next((root for root in roots if below(folder, root) is not None), None)
    if root is None or not (folder == root or Scope(root, config.exclude).holds(folder, folder=True)):
        raise Told("selftest.unwatched", path=display(folder))
    if not os.path.isdir(folder):
        raise Told("selftest.folder", path=display(folder))
    return folder


def begin(
    connection: Connection, config: Config, sealer: Sealer, folder: bytes, at: float, by: str
) -> tuple[dict[str, Any], bytes]:
    """Note that a test begins; return the plan and the content to plant. Raises `Broken` where one is under way."""
    known = note(connection, PLAN)
    if known is not None and at <= known["until"]:
        raise Broken("selftest.running")
    content, token = synthetic(random.Random(secrets.token_bytes(16))), secrets.token_hex(8)
    plan = {
        "token": token,
        "path": os.path.join(folder, _NAME.format(token).encode()).hex(),
        "content": _content(sealer, content),
        "begun": at,
        "until": at + config.self_test.within,
        "by": by,
    }
    set_note(connection, PLAN, plan)
    return plan, content


def plant(plan: dict[str, Any], content: bytes) -> None:
    """Write the file, to be read by whoever may read its folder. Raises OSError."""
    path = bytes.fromhex(plan["path"])
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        os.fchmod(descriptor, 0o644)  # whatever the umask
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def clear(plan: dict[str, Any]) -> None:
    """Remove the file, where it is there."""
    with suppress(OSError):
        os.unlink(bytes.fromhex(plan["path"]))


def _content(sealer: Sealer, content: bytes) -> str:
    descriptor = os.memfd_create("self-test", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, content)
        return sealer.content(descriptor)
    finally:
        os.close(descriptor)


class SelfTest:
    """The daemon's part."""

    def __init__(
        self, config: Config, sealer: Sealer, channels: Sequence[str], roots: Sequence[bytes], log: Log
    ) -> None:
        self._config, self._sealer, self._roots, self._log = config, sealer, roots, log
        wanted = config.self_test.to
        self._channels = [name for name in channels if wanted is None or name in wanted]
        self._to_plant: tuple[dict[str, Any], bytes] | None = None
        self._last: float | None = None  # when the last test began; None before the store was asked
        self.gauges: dict[str, float] = {}

    def took(self, connection: Connection, entry: Entry, fired: Sequence[Fired], at: float) -> bool:
        """Whether a file that was judged is the one that was planted: then the channels are told, of a test."""
        if not os.path.basename(entry.path).startswith(_NAME.partition("{")[0].encode()):
            return False
        plan = note(connection, PLAN)
        mine = plan is not None and (plan["path"], plan["content"]) == (entry.path.hex(), entry.content)
        if plan is None or not mine or at > plan["until"]:
            return False
        seen = note(connection, SEEN)
        if seen is not None and seen["token"] == plan["token"]:
            return True
        least = Severity[self._config.alerts.minimum.upper()]
        loud, group = any(one.severity >= least for one in fired), 0
        if loud:
            folder = os.path.dirname(entry.path)
            group = outbox.group_of(connection, "test", folder, folder, "", at).id
            outbox.add(connection, group, self._channels, "test", at, at)
        told = {"token": plan["token"], "arrived": entry.mtime_ns / 1e9, "read": at, "loud": loud, "group": group}
        set_note(connection, SEEN, told)
        return True

    def chores(self, connection: Connection, at: float) -> None:
        """See how the test under way is going; begin one where it is time."""
        if self._last is None:
            self._remember(note(connection, RESULT))
        plan = note(connection, PLAN)
        if self._to_plant is not None:
            self._plant(connection, at)
        elif plan is not None:
            self._look(connection, plan, at)
        elif self._due(at):
            self._last = at
            try:
                folder = folder_of(self._config, self._roots)
            except Told as told:
                self._log("warning", "self-test not begun", why=told.key)
                return
            # Planted in the next turn, when the plan is sure to be in the store.
            self._to_plant = begin(connection, self._config, self._sealer, folder, at, "daemon")

    def _due(self, at: float) -> bool:
        every = self._config.self_test.every
        if every is None or self._config.self_test.folder is None:
            return False
        return self._last is None or at >= self._last + every or at < self._last - every

    def _plant(self, connection: Connection, at: float) -> None:
        assert self._to_plant is not None
        (plan, content), self._to_plant = self._to_plant, None
        known = note(connection, PLAN)
        if known is None or known["token"] != plan["token"]:
            return  # the store had failed: what nobody expects would be an incident
        try:
            plant(plan, content)
        except OSError:
            self._finish(connection, plan, {"ok": False, "why": "planted"}, at)

    def _look(self, connection: Connection, plan: dict[str, Any], at: float) -> None:
        seen = note(connection, SEEN)
        if seen is None or seen["token"] != plan["token"]:
            if at > plan["until"]:
                self._finish(connection, plan, {"ok": False, "why": "unread"}, at)
            return
        result: dict[str, Any] = {"read": _span(seen["read"], seen["arrived"]), "channels": {}}
        if not seen["loud"] or not self._channels:
            self._finish(connection, plan, result | {"ok": False, "why": "silent" if self._channels else "nobody"}, at)
            return
        sent = outbox.deliveries(connection, seen["group"], "test", seen["read"])
        result["channels"] = {
            name: None if moment is None else _span(moment, seen["arrived"]) for name, moment in sent.items()
        }
        if all(moment is not None for moment in sent.values()):
            self._finish(connection, plan, result | {"ok": True}, at)
        elif at > plan["until"]:
            outbox.give_up(connection, seen["group"], "test")
            self._finish(connection, plan, result | {"ok": False, "why": "late"}, at)

    def _finish(self, connection: Connection, plan: dict[str, Any], result: dict[str, Any], at: float) -> None:
        """Keep what came of a test, and clear up what we planted ourselves."""
        result |= {"token": plan["token"], "begun": plan["begun"], "ended": at}
        set_note(connection, RESULT, result)
        set_note(connection, PLAN, None)
        set_note(connection, SEEN, None)
        if plan["by"] == "daemon":
            clear(plan)
        self._remember(result)
        told = {"why": result["why"]} if "why" in result else {"seconds": self.gauges["self_test_seconds"]}
        self._log("info" if result["ok"] else "error", "self-test", ok=result["ok"], **told)

    def _remember(self, result: dict[str, Any] | None) -> None:
        self._last = max(self._last or 0.0, 0.0 if result is None else result["begun"])
        if result is not None:
            self.gauges = {"self_test_ok": float(result["ok"]), "self_test_timestamp_seconds": result["begun"]}
            if result["ok"]:
                self.gauges["self_test_seconds"] = max(result["channels"].values())


def _span(moment: float, since: float) -> float:
    return round(max(0.0, moment - since), 3)
