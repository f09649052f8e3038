"""NT security descriptors in their binary form, as a file server or the xattr of a CIFS mount hands them out.

The layout is MS-DTYP 2.4.6 (self-relative SECURITY_DESCRIPTOR), 2.4.4 (ACE) and 2.4.5 (ACL). The bytes come from
another machine: every offset and length is checked, and what does not fit raises ValueError. Who may do what with them
is for `phiscan.expose.nt.check` to say. System ACLs are not looked at: they audit and grant nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

MOST: Final = 1 << 20  # bytes; a descriptor's lists are 64 KiB each at most, its SIDs 68 bytes

_DACL_PRESENT: Final = 0x0004
_AUTO_INHERITED: Final = 0x0400
_PROTECTED: Final = 0x1000
_SELF_RELATIVE: Final = 0x8000

_INHERIT_ONLY: Final = 0x08
_INHERITED: Final = 0x10
_OBJECT_TYPE: Final = 0x1
_INHERITED_OBJECT_TYPE: Final = 0x2
_SUBAUTHORITIES: Final = 15


class Kind(Enum):
    """What an entry does."""

    ALLOW = "allow"
    DENY = "deny"
    MAYBE_ALLOW = "maybe allow"  # on a condition that is not evaluated here, or of a kind that is not known
    MAYBE_DENY = "maybe deny"


# By the type of the entry: what it does, and whether object types may stand before its SID.
_TYPES: Final = {
    0x00: (Kind.ALLOW, False),
    0x01: (Kind.DENY, False),
    # For a part of an object. Files have none: Samba passes over such entries, and nothing is built on them.
    0x05: (Kind.MAYBE_ALLOW, True),
    0x06: (Kind.MAYBE_DENY, True),
    0x09: (Kind.MAYBE_ALLOW, False),  # callback: a conditional expression follows
    0x0A: (Kind.MAYBE_DENY, False),
    0x0B: (Kind.MAYBE_ALLOW, True),
    0x0C: (Kind.MAYBE_DENY, True),
}
# Audit, alarm, mandatory label, resource attribute, scoped policy, trust label, access filter: they grant nothing.
_SILENT: Final = frozenset({0x02, 0x03, 0x07, 0x08, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15})


@dataclass(frozen=True, slots=True)
class Ace:
    """One entry of a list. `sid` is written as `S-1-5-11`; "" where the entry is of a kind that is not known."""

    kind: Kind
    sid: str
    mask: int
    inherited: bool = False
    inherit_only: bool = False  # for what lies below; says nothing of the object itself


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Who owns an object, and its list. `aces` None: there is no list, everybody may do everything."""

    owner: str
    group: str
    aces: tuple[Ace, ...] | None
    protected: bool = False  # takes nothing over from the folder above
    auto_inherited: bool = False

    @property
    def of_modes(self) -> bool:
        """Whether Samba has made this of mode bits and a POSIX ACL, which then bind on the way to what lies below.

        Such a descriptor is protected, nothing in it is inherited or denied, and some of it names a Unix account.
        """
        if self.aces is None or not self.protected or self.auto_inherited:
            return False
        names = (self.owner, self.group, *(ace.sid for ace in self.aces))
        plain = all(ace.kind is Kind.ALLOW and not ace.inherited for ace in self.aces)
        return plain and any(name.startswith(("S-1-22-1-", "S-1-22-2-")) for name in names)


def parse(data: bytes) -> Descriptor:
    """Return the descriptor that `data` is. Raises ValueError where it is none."""
    if not 20 <= len(data) <= MOST:
        raise ValueError("not a security descriptor")
    revision, _, control, owner, group, _, dacl = struct.unpack_from("<BBHIIII", data)
    if revision != 1 or not control & _SELF_RELATIVE:
        raise ValueError("not a security descriptor")
    listed = control & _DACL_PRESENT and dacl
    return Descriptor(
        owner=sid_at(data, owner) if owner else "",
        group=sid_at(data, group) if group else "",
        aces=_acl(data, dacl) if listed else None,
        protected=bool(control & _PROTECTED),
        auto_inherited=bool(control & _AUTO_INHERITED),
    )


def sid_at(data: bytes, at: int) -> str:
    """Return the SID at an offset. Raises ValueError.

    >>> sid_at(bytes([1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0]), 0)
    'S-1-5-11'
    """
    if at + 8 > len(data):
        raise ValueError("a SID beyond the end")
    revision, count = data[at], data[at + 1]
    if revision != 1 or count > _SUBAUTHORITIES or at + 8 + 4 * count > len(data):
        raise ValueError("not a SID")
    authority = int.from_bytes(data[at + 2 : at + 8], "big")
    # As Windows writes it: an authority beyond 32 bits is hexadecimal.
    first = str(authority) if authority < 1 << 32 else f"0x{authority:012X}"
    return "-".join(["S-1", first, *map(str, struct.unpack_from(f"<{count}I", data, at + 8))])


def _acl(data: bytes, at: int) -> tuple[Ace, ...]:
    if at + 8 > len(data):
        raise ValueError("a list beyond the end")
    revision, _, size, count, _ = struct.unpack_from("<BBHHH", data, at)
    end = at + size
    if revision not in (2, 3, 4) or size < 8 or end > len(data):
        raise ValueError("not a list")
    found, at = [], at + 8
    for _ in range(count):
        if at + 8 > end:
            raise ValueError("an entry beyond the end of its list")
        length = int.from_bytes(data[at + 2 : at + 4], "little")
        if length < 8 or length % 4 or at + length > end:
            raise ValueError("an entry beyond the end of its list")
        ace = _ace(data[at : at + length])
        if ace is not None:
            found.append(ace)
        at += length
    return tuple(found)


def _ace(data: bytes) -> Ace | None:
    """Return an entry; None where it is of a kind that grants nothing. Raises ValueError."""
    type_, flags, _, mask = struct.unpack_from("<BBHI", data)
    inherited, inherit_only = bool(flags & _INHERITED), bool(flags & _INHERIT_ONLY)
    if type_ in _SILENT:
        return None
    if type_ not in _TYPES:
        return Ace(Kind.MAYBE_ALLOW, "", 0xFFFFFFFF, inherited, inherit_only)
    kind, has_objects = _TYPES[type_]
    at = 8
    if has_objects:
        if len(data) < at + 4:
            raise ValueError("an entry without its object types")
        present = int.from_bytes(data[8:12], "little")
        at += 4 + 16 * bool(present & _OBJECT_TYPE) + 16 * bool(present & _INHERITED_OBJECT_TYPE)
    return Ace(kind, sid_at(data, at), mask, inherited, inherit_only)
