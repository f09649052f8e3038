"""Accounts that several people seem to use, by what the logs say of them: the failing of the leak's private zone.

Three kinds: `generic` (a name that belongs to nobody: labo, admin), `addresses` (one account from many addresses at
once), `anonymous` (visitors without an account who read or write). Two more watch what staff does, and laboratories
work at night: `address` (an account from where it never came) and `hour` are off unless a site switches them on.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from phiscan.access.files import blocks
from phiscan.access.formats import Parser
from phiscan.access.model import WEB
from phiscan.access.search import Part, services_of
from phiscan.errors import Unreadable
from phiscan.store.access import Account

if TYPE_CHECKING:
    from phiscan.access.model import Access
    from phiscan.config import Accounts as Settings

KINDS: Final = ("generic", "addresses", "anonymous", "address", "hour")
_ANONYMOUS: Final = ("anonymous", "ftp", "nobody", "guest", "invité")
_MOST: Final = 100_000  # accounts and addresses remembered
_WHOLE: Final = 8 << 20  # bytes of one part of a log: of more, the end is looked at


class Accounts:
    """Remembers who came from where lately."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._generic = {name.lower() for name in settings.generic}
        self._lately: dict[tuple[str, str], deque[tuple[float, str]]] = defaultdict(deque)
        self._known: dict[tuple[str, str], set[str]] = defaultdict(set)

    def look(
        self,
        parts: Iterable[Part],
        exposed: frozenset[str],
        places: Callable[[Access], Collection[bytes]] = lambda access: (b"",),
    ) -> list[Account]:
        """Return what parts of logs say of accounts, one each of a service, kind and place (where `places` says so).

        Anonymous visitors matter where health data lies open to them: of the services in `exposed`, or where a zone
        is declared and the service is not known ("zone").
        """
        found: dict[tuple[str, str, str, bytes], Account] = {}
        for part in parts:
            for access in _accesses(part):
                for one in self._of(access):
                    if one.kind == "anonymous" and not exposed & {*access.services, "zone"}:
                        continue
                    for place in places(access) or (b"",):
                        key = one.service, one.account, one.kind, place
                        found[key] = _both(replace(one, place=place), found.get(key))
        return list(found.values())

    def _of(self, access: Access) -> Iterable[Account]:
        name, service = access.account, "/".join(access.services)
        if access.action not in ("read", "write", "login") or (not name and set(access.services) & set(WEB)):
            return
        kinds: list[str] = []
        who = (service, name.lower())
        addresses = self._addresses(who, access)
        if not name or name.lower() in _ANONYMOUS:
            kinds.append("anonymous")
        else:
            if name.lower() in self._generic:
                kinds.append("generic")
            if addresses >= self._settings.addresses:
                kinds.append("addresses")
            known = self._known[who]
            if self._settings.new_address and known and access.address not in known:
                kinds.append("address")
            hour = datetime.fromtimestamp(access.at).hour  # noqa: DTZ006  the hour on the wall
            if self._settings.hours is not None and not self._settings.hours[0] <= hour < self._settings.hours[1]:
                kinds.append("hour")
            if len(self._known) < _MOST and len(known) < 1000:
                known.add(access.address)
        for kind in kinds:
            yield Account(
                service=service, account=name, kind=kind, addresses=addresses, first=access.at, last=access.at
            )

    def _addresses(self, who: tuple[str, str], access: Access) -> int:
        """Return from how many addresses an account came within the time that counts as at once."""
        lately = self._lately[who]
        lately.append((access.at, access.address))
        while len(lately) > 1000 or abs(lately[0][0] - access.at) > self._settings.within:
            lately.popleft()
        if len(self._lately) > _MOST:
            self._lately.clear()
        return len({address for _, address in lately})


def _both(one: Account, before: Account | None) -> Account:
    if before is None:
        return one
    first, last = min(one.first, before.first), max(one.last, before.last)
    return replace(one, addresses=max(one.addresses, before.addresses), first=first, last=last)


def _accesses(part: Part) -> Iterable[Access]:
    parse = Parser()
    start = part.start if part.end is None else max(part.start, part.end - _WHOLE)
    try:
        for _, block in blocks(part.file, start, part.end):
            for line in block.split(b"\n"):
                access = parse(line)
                if access is not None and not access.passive:
                    services = services_of(access, part.file)
                    yield access if services == access.services else replace(access, services=services)
    except Unreadable:
        return
