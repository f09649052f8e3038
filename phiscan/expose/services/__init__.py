"""One module or package a service: what its configuration gives away.

Each has `grants(machine)`, which yields `Grant`s; what cannot be read or understood is added to `machine.troubles`.
Files come from the operator (`machine.given`), from the arguments of running processes, and from the usual places.
Compiled defaults and included files count. A module names nothing but its own service; a new one is one line here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final, Protocol, cast

from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine, Trouble

SERVICES: Final[tuple[str, ...]] = (
    "apache",
    "nfs",
    "nginx",
    "proftpd",
    "pureftpd",
    "rsync",
    "samba",
    "sshd",
    "vsftpd",
)

# By which word in its path a configuration file given by hand is known.
_WORDS: Final = {
    "smb": "samba",
    "usershares": "samba",
    "vsftpd": "vsftpd",
    "proftpd": "proftpd",
    "pure-ftpd": "pure-ftpd",
    "sshd": "sshd",
    "exports": "nfs",
    "rsyncd": "rsync",
    "nginx": "nginx",
    "apache": "apache",
    "httpd": "apache",
}


class Service(Protocol):
    """What a module of this package offers."""

    def grants(self, machine: Machine) -> list[Grant]:
        """Return the folders that the service gives to somebody."""


def grants(machine: Machine) -> list[Grant]:
    """Return what all services of a machine give away, sorted by path and service."""
    found: list[Grant] = []
    for name in SERVICES:
        service = cast("Service", importlib.import_module(f"{__name__}.{name}"))
        try:
            found += service.grants(machine)
        except (ValueError, IndexError, KeyError, RecursionError):  # a bug of ours, met in somebody's file
            machine.troubles.append(Trouble(name, "", "could not be understood"))
    return sorted(found, key=lambda grant: (grant.path, grant.service, grant.name))


def service_of(path: Path) -> str | None:
    """Return whose configuration a file is, by the words in its path, its name first; None: unknown.

    >>> [service_of(Path(path)) for path in ("/etc/samba/smb.conf", "/srv/apache/vsftpd-labo.conf", "a.conf")]
    ['samba', 'vsftpd', None]
    """
    for part in reversed(path.parts):
        for word, service in _WORDS.items():
            if word in part.lower():
                return service
    return None
