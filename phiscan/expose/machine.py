"""The machine whose services are looked at: its configuration files, processes and accounts.

It is this machine, or what was collected from another: `root` is the folder below which its files lie. Every
configuration file that was read or looked for is remembered, so that the daemon can watch it. Nothing is started.
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from phiscan.expose import inside
from phiscan.expose.grant import Identity


@dataclass(frozen=True, slots=True)
class Process:
    """A running program: its arguments, of which the first is the program, and the folder it runs in."""

    argv: tuple[str, ...]
    folder: str = "/"
    pid: int = 0

    @property
    def program(self) -> str:
        """The name of the program without its folder: "vsftpd" of "/usr/sbin/vsftpd", "nginx" of "nginx: master…"."""
        return os.path.basename(self.argv[0].split(":")[0].split(" ")[0]) if self.argv else ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A configuration that could not be read or understood: what it gives away is unknown, not nothing."""

    service: str
    source: str  # "/etc/samba/smb.conf" or with a line
    detail: str  # a phrase of ours
    folder: str = "/"  # what lies in it may be open wider than is known


@dataclass(slots=True)
class Machine:
    """One machine. Paths given and returned are those that the machine itself uses, whatever `root` is."""

    root: str = "/"
    given: dict[str, list[str]] = field(default_factory=dict)  # service → configuration files named by the operator
    processes: Sequence[Process] = ()
    files: set[str] = field(default_factory=set)  # read or looked for
    troubles: list[Trouble] = field(default_factory=list)

    def lines(self, path: str, service: str) -> list[str] | None:
        """Return the lines of a configuration file; None where it is missing. One that is unreadable is a trouble."""
        self.files.add(path)
        try:
            return Path(self._at(path)).read_text("utf-8", "surrogateescape").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            self.troubles.append(Trouble(service, path, "cannot be read"))
            return None

    def matching(self, pattern: str) -> list[str]:
        """Return the files that match a shell pattern, sorted; the folders it names count as looked for."""
        self.files.add(os.path.dirname(re.split(r"[*?\[]", pattern, maxsplit=1)[0]) or "/")
        return sorted(glob.glob(pattern)) if self.root == "/" else inside.matching(self.root, pattern)

    def running(self, *programs: str) -> Iterator[Process]:
        """Yield the processes of a service, by the names of its program."""
        return (process for process in self.processes if process.program in programs)

    def account(self, name: str) -> Identity | None:
        """Return an account of the machine with its groups; None where there is none."""
        if self.root == "/":
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                return None
            return Identity(name, entry.pw_uid, frozenset(os.getgrouplist(name, entry.pw_gid)))
        fields = self._entry("/etc/passwd", name)
        if fields is None or len(fields) < 6 or not (fields[2] + fields[3]).isdigit():
            return None
        gids = {int(fields[3])}
        for line in self.lines("/etc/group", "accounts") or ():
            parts = line.split(":")
            if len(parts) == 4 and parts[2].isdigit() and name in parts[3].split(","):
                gids.add(int(parts[2]))
        return Identity(name, int(fields[2]), frozenset(gids))

    def home(self, name: str) -> str | None:
        """Return the home folder of an account."""
        if self.root == "/":
            try:
                return pwd.getpwnam(name).pw_dir
            except KeyError:
                return None
        fields = self._entry("/etc/passwd", name)
        return fields[5] if fields is not None and len(fields) > 5 else None

    def group(self, name: str) -> int | None:
        """Return the number of a group."""
        if self.root == "/":
            try:
                return grp.getgrnam(name).gr_gid
            except KeyError:
                return None
        fields = self._entry("/etc/group", name)
        return int(fields[2]) if fields is not None and len(fields) > 2 and fields[2].isdigit() else None

    def _entry(self, path: str, name: str) -> list[str] | None:
        lines = self.lines(path, "accounts") or ()
        return next((line.split(":") for line in lines if line.startswith(name + ":")), None)

    def _at(self, path: str) -> str:
        return path if self.root == "/" else inside.at(self.root, path)
