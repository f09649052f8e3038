"""Machines made of files, for what is read of configurations: nothing of the real one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine, Process
from phiscan.model import Level

ACCOUNTS = """\
root:x:0:0:root:/root:/bin/bash
www-data:x:33:33::/var/www:/usr/sbin/nologin
bio:x:1001:1001::/home/bio:/bin/bash
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
"""
GROUPS = "root:x:0:\nwww-data:x:33:\nlabo:x:900:bio\nbio:x:1001:\nnogroup:x:65534:\n"


def machine(root: Path, files: Mapping[str, str], processes: Sequence[Process] = ()) -> Machine:
    """Return a machine with a few accounts and the files given by their path."""
    for path, text in {"/etc/passwd": ACCOUNTS, "/etc/group": GROUPS, **files}.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", "surrogateescape")
    return Machine(root=str(root), processes=processes)


def brief(grants: Sequence[Grant]) -> list[tuple[str, str, Level, str]]:
    """Return name, path, level and what can be done (read, write, list) of each."""
    return [(one.name, one.path.decode("utf-8", "surrogateescape"), one.level, rights(one)) for one in grants]


def rights(grant: Grant) -> str:
    """Return "r", "w" and "l", each or "-"."""
    marks = zip((grant.read, grant.write, grant.list), "rwl", strict=True)
    return "".join(letter if one else "-" for one, letter in marks)


def evidence(grant: Grant) -> list[tuple[str, str]]:
    """Return setting and source of each reason."""
    return [(one.setting, one.source) for one in grant.evidence]
