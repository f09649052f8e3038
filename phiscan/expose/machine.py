"""The machine whose services are looked at: its configuration files, processes and accounts.

It is this machine, a container or chroot on it, or what was collected from another: `root` is the folder below which
its files lie, and nothing but what lies there is read. Every configuration file that was read or looked for is
remembered, so that the daemon can watch it. Nothing is started.
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

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


_MAGIC: Final = re.compile(r"[*?\[]")
_FOLDERS: Final = 1000  # of a pattern such as /etc/nginx/*/*.conf in which new files are looked for
_LARGEST: Final = 16 << 20  # bytes of a configuration file; none is larger


@dataclass(slots=True)
class Machine:
    """One machine. Paths given and returned are those that the machine itself uses, whatever `root` is."""

    root: str = "/"
    given: dict[str, list[str]] = field(default_factory=dict)  # service → configuration files named by the operator
    processes: Sequence[Process] = ()
    files: set[str] = field(default_factory=set)  # read or looked for
    troubles: list[Trouble] = field(default_factory=list)
    # Files that change the rules of the folder they lie in, wherever they appear: below which folder, and their names.
    appearing: set[tuple[str, str]] = field(default_factory=set)
    live: bool = False  # though the root is another, its folders are at hand, and accounts have our numbers there
    ours: bool = False  # though the root is another, its accounts are those of this machine

    def lines(self, path: str, service: str) -> list[str] | None:
        """Return the lines of a configuration file; None where it is missing. One that is unreadable is a trouble."""
        self.files.add(path)
        try:
            return self._read(self.at(path)).decode("utf-8", "surrogateescape").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            self.troubles.append(Trouble(service, path, "cannot be read"))
            return None

    def _read(self, path: str) -> bytes:
        """Read a file that may be anything where somebody else has put it. Raises OSError or ValueError."""
        elsewhere = 0 if self.root == "/" else os.O_NOFOLLOW  # links were resolved inside of the root
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | elsewhere)
        with open(fd, "rb") as file:
            status = os.fstat(fd)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(path)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise ValueError("not a configuration file")
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ValueError("not a configuration file")
        return data

    def matching(self, pattern: str) -> list[str]:
        """Return the files that match a shell pattern, sorted; folders in which more may come are looked for."""
        folder, _, name = pattern.rpartition("/")
        self.files.add(os.path.dirname(_MAGIC.split(pattern, maxsplit=1)[0]) or "/")
        if _MAGIC.search(folder) and name:
            self.files.update(self.matching(folder)[:_FOLDERS])
        return self.there(pattern)

    def there(self, pattern: str) -> list[str]:
        """Return the files that match a shell pattern, sorted."""
        return sorted(glob.glob(pattern)) if self.root == "/" else inside.matching(self.root, pattern)

    def running(self, *programs: str) -> Iterator[Process]:
        """Yield the processes of a service, by the names of its program."""
        return (process for process in self.processes if process.program in programs)

    @property
    def at_hand(self) -> bool:
        """Whether the rights of its folders can be looked at."""
        return self.root == "/" or self.live

    @property
    def own(self) -> bool:
        """Whether its accounts are those that this machine's own libraries know."""
        return self.root == "/" or self.ours

    def account(self, name: str) -> Identity | None:
        """Return an account of the machine with its groups; None where there is none."""
        if self.own:
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
        if self.own:
            try:
                return pwd.getpwnam(name).pw_dir
            except KeyError:
                return None
        fields = self._entry("/etc/passwd", name)
        return fields[5] if fields is not None and len(fields) > 5 else None

    def group(self, name: str) -> int | None:
        """Return the number of a group."""
        if self.own:
            try:
                return grp.getgrnam(name).gr_gid
            except KeyError:
                return None
        fields = self._entry("/etc/group", name)
        return int(fields[2]) if fields is not None and len(fields) > 2 and fields[2].isdigit() else None

    def _entry(self, path: str, name: str) -> list[str] | None:
        lines = self.lines(path, "accounts") or ()
        return next((line.split(":") for line in lines if line.startswith(name + ":")), None)

    def at(self, path: str) -> str:
        """Return where a path lies for us; links stay inside of the root. Raises OSError where they lead in circles."""
        return path if self.root == "/" else inside.at(self.root, path)
