"""One transfer that a server wrote into two logs (vsftpd's `dual_log_enable`, ProFTPD's TransferLog and ExtendedLog).

It is one transfer: the same file, the same way, as many bytes, within two seconds, by the same client as far as both
tell. Each line of one log is paired with one of another at most, so that what was fetched twice stays twice.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final

from phiscan.access.files import base
from phiscan.access.model import FTP, Access

_WITHIN: Final = 2.5  # seconds: logs note the beginning or the end, whole seconds or not
_MOST: Final = 200_000  # moments remembered
_ALIKE: Final = 500  # transfers of as many bytes at one moment
_ADDRESS: Final = re.compile(r"[0-9a-f:.]+\Z")
_ANONYMOUS: Final = {"anonymous", "ftp", ""}


class Twins:
    """Remembers what was counted."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[int, str, int, int], list[tuple[Access, set[bytes]]]] = OrderedDict()

    def again(self, key: int, access: Access, file: bytes) -> bool:
        """Whether an access to a file was counted from another log already; else it counts from now on."""
        if access.size is None or access.action not in ("read", "write") or not set(access.services) & set(FTP):
            return False
        log, tick = base(file), int(access.at / _WITHIN)
        for near in (tick - 1, tick, tick + 1):
            for other, logs in self._seen.get((key, access.action, access.size, near), ()):
                if log not in logs and _one(other, access):
                    logs.add(log)
                    return True
        here = (key, access.action, access.size, tick)
        moments = self._seen.setdefault(here, [])
        if len(moments) < _ALIKE:
            moments.append((access, {log}))
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return False


def _one(one: Access, other: Access) -> bool:
    """Whether two lines may tell of one transfer: a log of host names cannot be compared with one of addresses."""
    near = abs(one.at - other.at) <= _WITHIN and bool(set(one.services) & set(other.services))
    place = one.address == other.address or not (_ADDRESS.match(one.address) and _ADDRESS.match(other.address))
    names = {one.account, other.account}
    return near and place and (len(names) == 1 or names <= _ANONYMOUS)
