"""Files whose content is not here but on tape or in a cloud: opening one would fetch it, and a walk all of them.

Only what says so itself is taken for such a stub. A file without blocks alone is none: it may be a hole, which costs
nothing to read, or lie on a file system that counts no blocks. And whoever may put files on a share must not be able
to hide them: a mark that anybody can set counts only where nothing at all of the content lies here.

    user.DOSATTRIB                               what Samba remembers of Windows' attributes; anybody can write it
    user.cifs.dosattrib, user.smb3.dosattrib     the attributes as the server of a mount (CIFS) tells them
    system.ntfs_attrib                           those of an NTFS volume
    trusted.hsm                                  Lustre: released; seen by root only
    trusted.SGI_DMI_…, dmapi.…                   DMF, Storage Protect, Spectrum Scale: managed by a DMAPI migrator
"""

from __future__ import annotations

import ctypes
import functools
import os
import re
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

BY: Final = "offline"  # whose word it is, in reports

_BLOCK: Final = 512  # bytes, of `st_blocks`
_FEW: Final = 8  # less than one part in so many: what a migrator leaves behind, an icon or the first page
_OFFLINE: Final = 0x1000  # FILE_ATTRIBUTE_OFFLINE, which a client may set
_RECALL: Final = 0x40000 | 0x400000  # FILE_ATTRIBUTE_RECALL_ON_OPEN, …_ON_DATA_ACCESS, which only a server sets
_SMB: Final = {0xFF534D42, 0xFE534D42, 0x517B}  # statfs(2): cifs, smb3, smbfs
_SERVED: Final = ("user.cifs.dosattrib", "user.smb3.dosattrib")
_NTFS: Final = "system.ntfs_attrib"
_SAMBA: Final = "user.DOSATTRIB"
_HEXADECIMAL: Final = re.compile(rb"0x[0-9a-fA-F]{1,8}")
_LUSTRE: Final = "trusted.hsm"
_RELEASED: Final = 0x4  # HS_RELEASED
_MIGRATORS: Final = ("trusted.SGI_DMI_", "dmapi.")
_TELLING: Final = (*_SERVED, _NTFS, _SAMBA, _LUSTRE, *_MIGRATORS)


def is_stub(path: bytes, status: os.stat_result) -> bool:
    """Whether reading the file at `path` would fetch its content from elsewhere. Opens nothing and raises nothing.

    A file that is all here is not asked: over a network each question is a journey.
    """
    here = status.st_blocks * _BLOCK
    if here >= status.st_size:
        return False
    smb = _on_smb(path)
    return tells(_marks(path, smb=smb), nothing=here == 0, few=here * _FEW < status.st_size, smb=smb)


def tells(marks: Mapping[str, bytes], *, nothing: bool, few: bool, smb: bool) -> bool:
    """Whether extended attributes say that a file's content is elsewhere.

    `nothing` of it lies here, or only a `few` blocks; `smb`: on a mount, whose server gives the attributes.
    """
    for name, value in marks.items():
        if name in _SERVED or name == _NTFS:
            mark, believed = _little(value), smb or name == _NTFS
        elif name == _SAMBA:
            mark, believed = samba_attributes(value), False
        elif name == _LUSTRE:
            mark, believed = _RECALL if _little(value[4:]) & _RELEASED else 0, True
        else:
            mark, believed = _OFFLINE if name.startswith(_MIGRATORS) else 0, True
        if (mark & _RECALL and (nothing or believed)) or (mark & _OFFLINE and (nothing or (few and believed))):
            return True
    return False


def _marks(path: bytes, *, smb: bool) -> dict[str, bytes]:
    """Return the extended attributes that may tell. A server's need not be listed: its kernel answers by name only."""
    found: dict[str, bytes] = {}
    with suppress(OSError):
        listed = [name for name in os.listxattr(path, follow_symlinks=False) if name.startswith(_TELLING)]
        for name in dict.fromkeys([*listed, *(_SERVED if smb else ())]):
            with suppress(OSError):
                found[name] = os.getxattr(path, name, follow_symlinks=False)
    return found


def samba_attributes(written: bytes) -> int:
    r"""Return the Windows attributes in Samba's `user.DOSATTRIB`, 0 where it cannot be understood.

    Samba's `xattr.idl`: a text in hexadecimal, all there is in old files; then version, and the union's discriminant,
    16 bits each; in versions 3 to 5 the flags of what is valid (1: the attributes) and the attributes, 32 bits each.

    >>> samba_attributes(b"0x1020\0") == 0x1020
    True
    >>> hex(samba_attributes(bytes.fromhex("0000040004000000510000002010000000000000")))
    '0x1020'
    >>> hex(samba_attributes(bytes.fromhex("307832300000030003000000110000002000000000")))
    '0x20'
    """
    text, end, _ = written.partition(b"\0")
    if end and (at := _aligned(len(text) + 1, 2)) + 4 <= len(written):
        version, kind = struct.unpack_from("<HH", written, at)
        at = _aligned(at + 4, 4)
        if version == kind and version in (3, 4, 5) and at + 8 <= len(written):
            valid, found = struct.unpack_from("<II", written, at)
            return int(found) if valid & 1 else 0
    return int(text, 16) if _HEXADECIMAL.fullmatch(text) else 0


def _aligned(at: int, to: int) -> int:
    return -(-at // to) * to


def _little(value: bytes) -> int:
    return int.from_bytes(value[:4], "little") if len(value) >= 4 else 0


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _on_smb(path: bytes) -> bool:
    """Whether a file lies on a mount of an SMB server: there its attributes are the server's word."""
    answer = ctypes.create_string_buffer(256)
    if _libc().statfs(ctypes.c_char_p(path), answer) != 0:
        return False
    return struct.unpack_from("@l", answer.raw)[0] & 0xFFFFFFFF in _SMB
