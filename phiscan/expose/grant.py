"""What the services of a machine give away: one `Grant` a folder and service, with its evidence.

A grant says whom a service lets into a folder and as which account it then reads. Whether that account may open a
certain file is for the rights of the file system to say, see `phiscan.expose.permissions`. The deepest grant of a
service that holds a place decides for that service; of several services the widest level counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from phiscan.model import Level, Reason


class Reach(IntEnum):
    """From where a service can be talked to, as its own configuration says. A firewall may narrow it."""

    LOOPBACK = 0
    PRIVATE = 1  # addresses of a private network, or clients limited to some
    EVERYWHERE = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """An account whose rights bind whoever comes in. `gids` are all its groups, the first one included."""

    name: str
    uid: int
    gids: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A folder that a service gives to somebody. `path` is absolute and normal; it need not exist.

    `level` is whom the service itself lets in: PUBLIC nobody needs an account, SHARED any account of the machine or
    share, RESTRICTED accounts that are named. A RESTRICTED grant matters where it lies under a wider one.
    """

    service: str  # "vsftpd": the name of its module under `services/`
    path: bytes
    level: Level
    evidence: tuple[Reason, ...]  # what decides, in the order of its weight; `source` is "file:line"
    identity: Identity | None = None  # None: rights do not bind visitors, such as NFS clients that say who they are
    read: bool = True
    write: bool = False  # files can be left or changed there
    list: bool = True  # names can be seen; without, whoever knows or guesses a name can read
    reach: Reach = Reach.EVERYWHERE
    listen: tuple[tuple[str, int], ...] = ()  # addresses and ports, as configured; "" is every address
    name: str = ""  # of the share, module or virtual host
    seen: bytes = b"/"  # the folder as visitors and access logs call it
    follows_links: bool = True  # symbolic links that lead out of the folder work
    refused: tuple[str, ...] = ()  # shell patterns of names that the service does not hand out
    world_readable_only: bool = False  # only files that `other` may read are handed out (vsftpd)
