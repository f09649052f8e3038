"""A file shut for everybody but its owner, and opened again as it was."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from phiscan.respond.files import ACL, Held, Refused, acl_of, refused

if TYPE_CHECKING:
    from phiscan.store.responses import Response

_OTHERS = 0o077


def shut(one: Held, step: Callable[[str], None]) -> None:
    """Take away what group, others and an access list may do. To do so again does no harm. Raises `Refused`."""
    try:
        # First the mode: with an access list its group bits are the mask, so everybody is out at once.
        os.fchmod(one.file, stat.S_IMODE(one.status().st_mode) & ~_OTHERS)
        step("mode")
        if acl_of(one.file) is not None:
            os.removexattr(one.file, ACL)
        step("acl")
        if stat.S_IMODE(one.status().st_mode) & _OTHERS or acl_of(one.file) is not None:
            raise Refused("ignored")
        os.fsync(one.file)
        step("synced")
    except OSError as error:
        raise refused(error) from None


def open_again(one: Held, response: Response, step: Callable[[str], None]) -> None:
    """Put mode and access list back. To do so again does no harm. Raises `Refused`."""
    assert response.before is not None
    try:
        if response.before["acl"] is not None:
            os.setxattr(one.file, ACL, base64.b64decode(response.before["acl"]))
        step("acl")
        os.fchmod(one.file, response.before["mode"])
        step("mode")
        os.fsync(one.file)
        step("synced")
    except OSError as error:
        raise refused(error) from None
