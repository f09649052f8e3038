"""What the services of a machine give away: one `Grant` a folder and service, with its evidence.

A grant says whom a service lets into a folder and as which account it then reads. Whether that account may open a
certain file is for the rights of the file system to say, see `phiscan.expose.reached`. Of the grants of one share,
module or virtual host (same `service`, `name` and `listen`) the deepest that holds a place decides for it: a closed
folder in an open one is a grant of its own. Where names of one folder are given to different people, each of these has
a grant of its own there. Of all shares and services the widest level counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from phiscan.expose.names import Names
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
    # As whom files are opened. None: where the grant is PUBLIC or `forged`, rights bind nobody; else everybody comes
    # as the account that he is, and what all accounts of the machine may read is read.
    identity: Identity | None = None
    forged: bool = False  # clients say themselves who they are, such as NFS with sec=sys
    squashes_root: bool = False  # though not that they are root
    read: bool = True
    write: bool = False  # files can be left or changed there
    list: bool = True  # names can be seen; without, whoever knows or guesses a name can read
    reach: Reach = Reach.EVERYWHERE
    listen: tuple[tuple[str, int], ...] = ()  # addresses and ports, as configured; "" is every address
    name: str = ""  # of the share, module or virtual host
    seen: bytes = b"/"  # the folder as visitors and access logs call it
    follows_links: bool = True  # symbolic links that lead out of the folder work
    links_inside: bool = True  # and those that stay inside; where these do not, none does
    links_of_owner: bool = False  # only where the link's owner owns what it leads to
    names: tuple[Names, ...] = ()  # which names this grant is for, where it is not all of them
    refused: tuple[str, ...] = ()  # shell patterns of names that the service does not hand out, whatever else
    refuses_folders: bool = True  # what lies in a folder of such a name is refused too; else it is asked of files only
    withholds_own: bool = False  # files that `identity` owns, such as what visitors have left, are not handed out
    entered: bool = False  # the service enters the folder as root: the rights of the folders above do not count
    logs: tuple[str, ...] | None = None  # the access logs that it writes, by their paths; None: not known, or any
    top: bytes = b"/"  # the root of the service: folders above this one are not passed
    within: str = ""  # the container or chroot that the service runs in; "": it sees the files that we see
    network: int = 0  # the network namespace that it listens in; 0 is ours
    world_readable_only: bool = False  # only files that `other` may read are handed out (vsftpd)
