"""What the probes of all services share: whom they ask, what they answer, and a file to ask for."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace

from phiscan.expose.grant import Grant
from phiscan.expose.reached import Grants, Reached
from phiscan.model import Level
from phiscan.source.mounts import Mounts

_LOOKED_AT = 500  # names of a folder, until one fits


@dataclass(frozen=True, slots=True)
class Target:
    """A listener of this machine."""

    address: str
    port: int

    @property
    def shown(self) -> str:
        """Address and port as people write them."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a server let in whoever comes; None where it could not be asked. `why` is a phrase of ours."""

    open: bool | None
    why: str


def readable_file(grant: Grant) -> tuple[str, int] | None:
    """Return name and size of a file directly in the folder that visitors could read if the grant let them in."""
    reached = Reached(Grants([replace(grant, level=Level.PUBLIC, read=True)]), Mounts.read())
    real = os.path.realpath(grant.path)
    try:
        with os.scandir(real) as scan:
            for _, entry in zip(range(_LOOKED_AT), scan, strict=False):
                status = entry.stat(follow_symlinks=False)
                name = os.fsdecode(entry.name)
                if not stat.S_ISREG(status.st_mode) or not name.isprintable():
                    continue
                exposure = reached.exposure(os.path.join(real, entry.name), status)
                if exposure is not None and exposure.level > Level.UNKNOWN:
                    return name, status.st_size
    except (OSError, ValueError):
        return None
    return None


def names_in(grant: Grant) -> set[str] | None:
    """Return the names in the folder of a grant; None where they cannot be learnt."""
    try:
        return set(os.listdir(os.fsdecode(os.path.realpath(grant.path))))
    except OSError:
        return None
