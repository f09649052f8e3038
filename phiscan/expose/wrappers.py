"""TCP wrappers: whom `hosts.allow` and `hosts.deny` turn away from a server that asks them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phiscan.expose.blocks import joined
from phiscan.expose.machine import Machine
from phiscan.model import Reason

_ALLOW, _DENY = "/etc/hosts.allow", "/etc/hosts.deny"


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
