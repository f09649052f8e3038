"""From where a service can be talked to, as configurations say it: addresses, networks, and TCP wrappers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from phiscan.expose.blocks import joined
from phiscan.expose.grant import Reach
from phiscan.expose.machine import Machine
from phiscan.model import Reason

_EVERY = ("", "*", "0.0.0.0", "::")  # noqa: S104 - nothing is bound here
_ALLOW, _DENY = "/etc/hosts.allow", "/etc/hosts.deny"


def of(addresses: Iterable[str]) -> Reach:
    """Return the widest reach of addresses to listen on; of none, or of an unknown name, EVERYWHERE.

    >>> [of(one).name for one in (["127.0.0.1", "::1"], ["10.1.2.3"], ["127.0.0.1", "*"], ["ftp.example.org"])]
    ['LOOPBACK', 'PRIVATE', 'EVERYWHERE', 'EVERYWHERE']
    """
    return max(map(_of, addresses), default=Reach.EVERYWHERE)


def _of(address: str) -> Reach:
    address = address.strip("[]").partition("%")[0]
    if address in _EVERY:
        return Reach.EVERYWHERE
    if address == "localhost":
        return Reach.LOOPBACK
    try:
        found = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return Reach.EVERYWHERE
    if found.is_loopback:
        return Reach.LOOPBACK
    return Reach.PRIVATE if found.is_private and found.prefixlen else Reach.EVERYWHERE


def wrapped(machine: Machine, service: str, daemon: str) -> Reason | None:
    """Return the line of TCP wrappers that turns away whoever is not named; None: everybody may talk to `daemon`."""
    for path in (_ALLOW, _DENY):
        for number, line in joined(machine.lines(path, service) or ()):
            fields = [field.strip() for field in re.split(r"(?<!\\):", line.partition("#")[0])]
            if len(fields) < 2 or not _matches(fields[0], daemon) or not _matches(fields[1], None):
                continue
            refused = path == _DENY if "allow" not in fields[2:] and "deny" not in fields[2:] else "deny" in fields[2:]
            setting = " : ".join(fields[:2])
            return Reason(service, setting, f"{path}:{number}") if refused else None
    return None


def loaded(machine: Machine, service: str, variable: str) -> list[tuple[str, str]]:
    """Return the values that TCP wrappers give to a variable of the environment, with their source."""
    found = []
    for path in (_ALLOW, _DENY):
        for number, line in joined(machine.lines(path, service) or ()):
            values = re.findall(rf":\s*setenv\s+{variable}\s+([^\s:#]+)", line.partition("#")[0])
            found += [(value, f"{path}:{number}") for value in values]
    return found


def _matches(patterns: str, daemon: str | None) -> bool:
    """Whether a list of TCP wrappers holds a daemon or, None, a client of which nothing is known."""
    words = patterns.replace(",", " ").split()
    if "EXCEPT" in words:
        at = words.index("EXCEPT")
        return _any(words[:at], daemon) and not _matches(" ".join(words[at + 1 :]), daemon)
    return _any(words, daemon)


def _any(words: Sequence[str], daemon: str | None) -> bool:
    return any(word == "ALL" or (daemon is not None and word.partition("@")[0] == daemon) for word in words)
