"""POSIX access control lists, read from their extended attribute, and the question they answer.

The attribute is acl(5)'s in the layout of linux/posix_acl_xattr.h: a version, then entries of tag, permissions, id.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

READ, WRITE, SEARCH = 4, 2, 1

_ATTRIBUTE = "system.posix_acl_access"
_VERSION = 2


class Tag(IntEnum):
    """Whom an entry is for."""

    USER_OBJ = 0x01
    USER = 0x02
    GROUP_OBJ = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHER = 0x20


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: whom it is for, a sum of READ, WRITE and SEARCH, and the id of a named user or group."""

    tag: Tag
    permissions: int
    id: int = 0xFFFFFFFF

    def __str__(self) -> str:
        kind = {Tag.USER_OBJ: "user", Tag.GROUP_OBJ: "group"}.get(self.tag, self.tag.name.lower())
        name = str(self.id) if self.tag in (Tag.USER, Tag.GROUP) else ""
        letters = "".join(
            letter if self.permissions & bit else "-" for letter, bit in zip("rwx", (4, 2, 1), strict=True)
        )
        return f"{kind}:{name}:{letters}"


def parse(data: bytes) -> tuple[Entry, ...]:
    """Return the entries of an attribute. ValueError where it is none."""
    if len(data) < 4 or (len(data) - 4) % 8 or struct.unpack_from("<I", data)[0] != _VERSION:
        raise ValueError("not a POSIX ACL")
    return tuple(
        Entry(Tag(tag), permissions & 7, id_) for tag, permissions, id_ in struct.iter_unpack("<HHI", data[4:])
    )


def pack(entries: Collection[Entry]) -> bytes:
    """Return the attribute for `entries`, which are in the order of their tags.

    >>> parse(pack([Entry(Tag.USER_OBJ, 6), Entry(Tag.USER, 4, 33)]))[1]
    Entry(tag=<Tag.USER: 2>, permissions=4, id=33)
    """
    packed = [struct.pack("<HHI", entry.tag, entry.permissions, entry.id) for entry in entries]
    return struct.pack("<I", _VERSION) + b"".join(packed)


def from_mode(mode: int) -> tuple[Entry, ...]:
    """Return the entries that mode bits alone amount to."""
    return (Entry(Tag.USER_OBJ, mode >> 6 & 7), Entry(Tag.GROUP_OBJ, mode >> 3 & 7), Entry(Tag.OTHER, mode & 7))


def read(path: bytes, mode: int) -> tuple[Entry, ...]:
    """Return the entries that rule `path`, whose mode is `mode`; those of the mode where it has no list.

    Raises OSError where the list cannot be read, ValueError where it is none.
    """
    if stat.S_ISLNK(mode):
        return from_mode(mode)
    try:
        return parse(os.getxattr(path, _ATTRIBUTE, follow_symlinks=False))
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return from_mode(mode)
        raise


def allows(entries: Collection[Entry], owner: int, group: int, uid: int, gids: Collection[int], wanted: int) -> bool:
    """Whether the account may do what is `wanted` with a file of `owner` and `group`.

    As acl(5) says, and as Linux departs from it: a list with an empty mask is not looked at, so that whom it names is
    left with what everybody has (acl_permission_check in fs/namei.c). Privileges are not considered: that root can
    read says nothing about exposure.
    """
    mask = next((entry.permissions for entry in entries if entry.tag == Tag.MASK), 7)
    if uid == owner:
        return any(entry.tag == Tag.USER_OBJ and _has(entry.permissions, wanted) for entry in entries)
    if mask == 0:
        entries = [entry for entry in entries if entry.tag not in (Tag.USER, Tag.GROUP)]
    named = [entry for entry in entries if entry.tag == Tag.USER and entry.id == uid]
    if named:
        return _has(named[0].permissions & mask, wanted)
    groups = [entry for entry in entries if _is_of(entry, group, gids)]
    if groups:
        return any(_has(entry.permissions & mask, wanted) for entry in groups)
    return any(entry.tag == Tag.OTHER and _has(entry.permissions, wanted) for entry in entries)


def _is_of(entry: Entry, group: int, gids: Collection[int]) -> bool:
    return (entry.tag == Tag.GROUP_OBJ and group in gids) or (entry.tag == Tag.GROUP and entry.id in gids)


def _has(permissions: int, wanted: int) -> bool:
    return permissions & wanted == wanted


def allows_some(entries: Collection[Entry], owner: int, group: int, wanted: int) -> bool:
    """Whether some account but root, in some groups but root's, may do what is `wanted`.

    This is what a client may do that says itself who it is, and is only not believed that it is root.
    """
    mask = next((entry.permissions for entry in entries if entry.tag == Tag.MASK), 7)
    for entry in entries:
        if entry.tag == Tag.OTHER or (entry.tag == Tag.USER_OBJ and owner):
            given = entry.permissions
        elif (entry.tag == Tag.GROUP_OBJ and group) or (entry.tag in (Tag.USER, Tag.GROUP) and entry.id and mask):
            given = entry.permissions & mask
        else:
            continue
        if _has(given, wanted):
            return True
    return False
