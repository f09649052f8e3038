"""Folders that users of a Samba server share themselves (`net usershare`): one file each in a folder of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from phiscan.expose.inifile import Section, Setting
from phiscan.expose.machine import Machine
from phiscan.expose.services.samba.conf import SERVICE, Conf

_EVERYONE: Final = "S-1-1-0"
_GUESTS: Final = frozenset({_EVERYONE, "S-1-5-32-546"})
_ACCOUNTS: Final = frozenset({_EVERYONE, "S-1-5-11", "S-1-5-32-545"})
_ENTRY: Final = re.compile(r"(S-1(?:-\d+)+):([RFD])", re.IGNORECASE)
_LEAST: Final = 4  # lines that such a file has


@dataclass(frozen=True, slots=True)
class Rights:
    """A share, and what its own access list gives to guests and to every account."""

    share: Section
    guests: bool
    guests_write: bool
    everybody: bool
    everybody_writes: bool
    why: tuple[Setting, ...]


def shares(machine: Machine, conf: Conf) -> list[Rights]:
    """Return the shares that users have made, without those whose name a share of smb.conf has.

    Who owns file and folder is not asked: Samba leaves out a folder that is not its sharer's, which `net usershare`
    does not make either.
    """
    common = conf.common
    folder = common.get("usersharepath").value.strip("\"'")
    if not folder or common.get("usersharemaxshares").value == "0":
        return []
    found = (_share(machine, conf, path) for path in machine.matching(f"{folder}/*"))
    return [one for one in found if one is not None and one.share.name.lower() not in conf.shares]


def _share(machine: Machine, conf: Conf, path: str) -> Rights | None:
    """Return the share of one file; None where Samba does not take it."""
    lines = machine.lines(path, SERVICE) or []
    if len(lines) < _LEAST or lines[0] not in ("#VERSION 1", "#VERSION 2"):
        return None
    keys = {
        key: Setting(value, f"{key}={value}", f"{path}:{number}")
        for number, (key, equals, value) in enumerate((line.partition("=") for line in lines), 1)
        if equals
    }
    folder, access = keys.get("path"), keys.get("usershare_acl")
    if folder is None or access is None or not folder.value.startswith("/") or not _permitted(conf, folder.value):
        return None
    entries = [one for one in access.value.replace(" ", "").split(",") if one] or [f"{_EVERYONE}:R"]
    rights = [(match[1].upper(), match[2].upper()) for match in map(_ENTRY.fullmatch, entries) if match]
    if len(rights) != len(entries):
        return None
    common = conf.common
    template = conf.shares.get(common.get("usersharetemplateshare").value.lower())
    share = Section(os.path.basename(path), common.file, common.defaults, base=dict(common.own))
    if template is not None:
        share.base = template.base | template.own
    welcome = keys.get("guest_ok")
    guest = welcome is not None and welcome.value.startswith("y") and common.says("usershareallowguests")
    share.own["path"] = folder
    share.own["readonly"] = Setting("no", access.text, access.source)
    share.own["available"] = Setting("yes", access.text, access.source)
    if welcome is None:
        share.own["guestok"] = Setting("no", "guest_ok (default n)", path)
    else:
        share.own["guestok"] = Setting("yes" if guest else "no", welcome.text, welcome.source)
    why = (access, common.get("usershareallowguests")) if guest else (access,)
    return Rights(
        share,
        _given(rights, _GUESTS, "RF"),
        _given(rights, _GUESTS, "F"),
        _given(rights, _ACCOUNTS, "RF"),
        _given(rights, _ACCOUNTS, "F"),
        why,
    )


def _given(rights: list[tuple[str, str]], who: frozenset[str], kinds: str) -> bool:
    """Whether the list gives a right to one of `who` and denies it to none."""
    of = [right for sid, right in rights if sid in who]
    return "D" not in of and any(right in kinds for right in of)


def _permitted(conf: Conf, folder: str) -> bool:
    """Whether folders may be shared there, by the server's lists of prefixes."""
    common = conf.common
    allowed, denied = (list(_absolute(common, f"usershareprefix{kind}list")) for kind in ("allow", "deny"))
    if any(_within(folder, prefix) for prefix in denied):
        return False
    return not allowed or any(_within(folder, prefix) for prefix in allowed)


def _absolute(common: Section, key: str) -> Iterator[str]:
    return (word for word in common.words(key) if word.startswith("/"))


def _within(folder: str, prefix: str) -> bool:
    return folder == prefix.rstrip("/") or folder.startswith(prefix.rstrip("/") + "/")
