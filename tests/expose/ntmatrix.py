"""Descriptors by share rights: what phiscan states of NT rights, beside what real clients of a real smbd can do.

`python -m tests.expose.ntmatrix` prints it. A cell is one descriptor, one share's rights, one who comes (nobody, an
account that does not exist, an account) and one of listing, reading and leaving a file.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from phiscan.expose.nt.check import ADD_FILE, LIST, READ
from phiscan.expose.nt.descriptor import parse
from phiscan.expose.nt.rights import Rights
from phiscan.expose.nt.stated import Share, outcomes
from tests.expose import netmatrix
from tests.expose.ntserver import GLOBAL, LOGINS, NtServer, ntserver

READ_ = "0x001200a9"
WRITE = "0x00100116"
CHANGE = "0x001301bf"
FULL = "0x001f01ff"
OWN = "DOMAIN-1000:ALLOWED/0x0/FULL"  # the administrator's: what phiscan asks as

# By name: the entries of the descriptor, as smbcacls writes them.
LISTS: Mapping[str, tuple[str, ...]] = {
    "everyone reads": (f"S-1-1-0:ALLOWED/0x0/{READ_}",),
    "everyone changes": (f"S-1-1-0:ALLOWED/0x0/{CHANGE}",),
    "everyone full": (f"S-1-1-0:ALLOWED/0x0/{FULL}",),
    "everyone writes only": (f"S-1-1-0:ALLOWED/0x0/{WRITE}",),
    "generic read": ("S-1-1-0:ALLOWED/0x0/0x80000000",),
    "generic all": ("S-1-1-0:ALLOWED/0x0/0x10000000",),
    "generic write": ("S-1-1-0:ALLOWED/0x0/0x40000000",),
    "attributes only": ("S-1-1-0:ALLOWED/0x0/0x00120080",),
    "anonymous reads": (f"S-1-5-7:ALLOWED/0x0/{READ_}",),
    "network reads": (f"S-1-5-2:ALLOWED/0x0/{READ_}",),
    "authenticated read": (f"S-1-5-11:ALLOWED/0x0/{READ_}",),
    "authenticated change": (f"S-1-5-11:ALLOWED/0x0/{CHANGE}",),
    "domain users read": (f"DOMAIN-513:ALLOWED/0x0/{READ_}",),
    "guests read": (f"S-1-5-32-546:ALLOWED/0x0/{READ_}",),
    "domain guests change": (f"DOMAIN-514:ALLOWED/0x0/{CHANGE}",),
    "the guest reads": (f"DOMAIN-501:ALLOWED/0x0/{READ_}",),
    "inherited": (f"S-1-1-0:ALLOWED/0x10/{READ_}",),
    "inherit only": (f"S-1-1-0:ALLOWED/0xb/{FULL}",),
    "for all below too": (f"S-1-1-0:ALLOWED/0x3/{CHANGE}",),
    "guests denied": (f"S-1-5-32-546:DENIED/0x0/{FULL}", f"S-1-1-0:ALLOWED/0x0/{CHANGE}"),
    "accounts denied": (f"S-1-5-11:DENIED/0x0/{FULL}", f"S-1-1-0:ALLOWED/0x0/{CHANGE}"),
    "domain users denied": (f"DOMAIN-513:DENIED/0x0/{READ_}", f"S-1-1-0:ALLOWED/0x0/{CHANGE}"),
    "everyone denied": (f"S-1-1-0:DENIED/0x0/{FULL}", f"S-1-5-11:ALLOWED/0x0/{FULL}"),
    "writing denied": ("S-1-5-11:DENIED/0x0/0x00000116", f"S-1-1-0:ALLOWED/0x0/{FULL}"),
    "anonymous denied": (f"S-1-5-7:DENIED/0x0/{FULL}", f"S-1-1-0:ALLOWED/0x0/{READ_}"),
    "somebody else": (f"DOMAIN-4711:ALLOWED/0x0/{FULL}",),
    "somebody else denied": (f"DOMAIN-4711:DENIED/0x0/{FULL}", f"S-1-5-11:ALLOWED/0x0/{READ_}"),
    "system": (f"S-1-5-18:ALLOWED/0x0/{FULL}", f"S-1-5-32-544:ALLOWED/0x0/{FULL}"),
    "denied but inherit only": (f"S-1-1-0:DENIED/0xb/{FULL}", f"S-1-1-0:ALLOWED/0x0/{READ_}"),
}


def _sid(text: str) -> bytes:
    _, _, authority, *rest = text.split("-")
    return (
        struct.pack("<BB", 1, len(rest))
        + int(authority).to_bytes(6, "big")
        + b"".join(struct.pack("<I", int(one)) for one in rest)
    )


def ace(type_: int, mask: int, sid: str, flags: int = 0, before: bytes = b"") -> bytes:
    """Return an entry as bytes."""
    body = struct.pack("<I", mask) + before + _sid(sid)
    return struct.pack("<BBH", type_, flags, 4 + len(body)) + body


def packed(aces: tuple[bytes, ...] | None, control: int = 0x8004, owner: str = "") -> bytes:
    """Return a descriptor as bytes; None: a list is said to be there and is not."""
    named = _sid(owner) if owner else b""
    at = 20 + len(named)
    head = struct.pack("<BBHIIII", 1, 0, control, 20 if owner else 0, 0, 0, 0 if aces is None else at) + named
    if aces is None:
        return head
    rest = b"".join(aces)
    return head + struct.pack("<BBHHH", 4, 0, 8 + len(rest), len(aces), 0) + rest


# What smbcacls does not write: entries in an order of their own, a list without entries, none at all.
RAW: Mapping[str, bytes] = {
    "no list": packed(None),
    "empty list": packed(()),
    "allowed before denied": packed((ace(0, 0x1200A9, "S-1-1-0"), ace(1, 0x1F01FF, "S-1-5-11"))),
    "half allowed before denied": packed(
        (ace(0, 0x120116, "S-1-5-11"), ace(1, 0x1F01FF, "S-1-1-0"), ace(0, 0x1F01FF, "S-1-5-11"))
    ),
    "in two parts": packed((ace(0, 0x120080, "S-1-1-0"), ace(0, 0x29, "S-1-5-11"), ace(0, 0x116, "S-1-5-2"))),
}
# By name: the entries of the share, as sharesec writes them.
SHARES: Mapping[str, tuple[str, ...]] = {
    "full": ("S-1-1-0:ALLOWED/0x0/FULL",),
    "read": ("S-1-1-0:ALLOWED/0x0/READ", OWN),
    "accounts": ("S-1-5-11:ALLOWED/0x0/FULL", OWN),
    "accounts read": ("S-1-5-11:ALLOWED/0x0/READ", OWN),
    "guests": ("S-1-5-32-546:ALLOWED/0x0/FULL", OWN),
    "anonymous": ("S-1-5-7:ALLOWED/0x0/CHANGE", OWN),
    "not guests": ("S-1-5-32-546:DENIED/0x0/FULL", "S-1-1-0:ALLOWED/0x0/CHANGE"),
    "named": (OWN,),
}
ACTIONS = {"list": LIST, "read": READ, "write": ADD_FILE}


@dataclass(frozen=True)
class Cell:
    """One statement and its truth. `stated` None: not established."""

    descriptor: str
    share: str
    who: str
    action: str
    stated: bool | None
    true: bool

    def __str__(self) -> str:
        return f"{self.descriptor} / {self.share}: {self.who} {self.action}: stated {self.stated}, true {self.true}"


def prepare(server: NtServer) -> dict[str, str]:
    """Make a folder with a file for each descriptor; return the folder by the descriptor's name."""
    server.share_rights("nt", SHARES["full"])
    folders = {name: f"d{at:02}" for at, name in enumerate((*LISTS, *RAW))}
    for name, folder in folders.items():
        (server.data / folder).mkdir()
        (server.data / folder).chmod(0o777)
        file = server.data / folder / f"sign-{folder}"
        file.write_bytes(b"x")
        file.chmod(0o666)
        for path in (f"{folder}\\{file.name}", folder):
            if name in RAW:
                server.acl("nt", path, ("S-1-1-0:ALLOWED/0x0/FULL",))
                server.raw("nt", path, RAW[name])
            else:
                server.acl("nt", path, LISTS[name])
    return folders


def cells(server: NtServer, share: str, folders: Mapping[str, str], *, guests: bool) -> Iterator[Cell]:
    """Yield what is stated and what is true under the rights that a share has now."""
    rights = Rights((server.configured(guests=guests),))
    mount = server.the_mount("nt")
    of_share = rights.share(mount)
    truths = {who: _truth(server, login, folders, who) for who, login in LOGINS.items()}
    with server.session("nt") as asking:
        for name, folder in folders.items():
            bytes_ = {"list": asking.descriptor(folder), "read": asking.descriptor(rf"{folder}\sign-{folder}")}
            for action, right in ACTIONS.items():
                stated = _stated(bytes_["read" if action == "read" else "list"], of_share, right, guests=guests)
                for who in LOGINS:
                    yield Cell(name, share, who, action, stated[who], truths[who][action, folder])
    rights.close()


def _stated(descriptor: bytes, share: Share, right: int, *, guests: bool) -> dict[str, bool | None]:
    assert share.rights is not None, share.why
    return {one.who.name: one.has for one in outcomes(parse(descriptor), share, right, guests=guests)}


def _truth(server: NtServer, login: list[str], folders: Mapping[str, str], who: str) -> dict[tuple[str, str], bool]:
    """Try everything in one session."""
    got = server.config.parent / "got"
    got.mkdir(exist_ok=True)
    for one in got.iterdir():
        one.unlink()
    commands = [f'get "{folder}\\sign-{folder}" "{got}/{folder}"' for folder in folders.values()]
    commands += [f'put "{server.config}" "{folder}\\new-{who}"' for folder in folders.values()]
    commands += [f'ls "{folder}\\*"' for folder in folders.values()]
    seen = server.client("nt", login, "; ".join(commands))
    names = set(seen.split())
    found: dict[tuple[str, str], bool] = {}
    for folder in folders.values():
        new = server.data / folder / f"new-{who}"
        found["list", folder] = f"sign-{folder}" in names
        found["read", folder] = (got / folder).exists()
        found["write", folder] = new.exists()
        new.unlink(missing_ok=True)
    return found


def all_cells(scratch: Path) -> list[Cell]:
    """Run the server and return every cell."""
    share = f"[nt]\npath = DATA\nguest ok = yes\nread only = no\n{GLOBAL}"
    found: list[Cell] = []
    with ntserver(scratch, share) as server:
        folders = prepare(server)
        for name, aces in SHARES.items():
            server.share_rights("nt", aces)
            found += cells(server, name, folders, guests=True)
    return found


def main() -> int:
    """Print the matrix; the status is 1 where a cell is wrong."""
    found: list[Cell] = []
    for folder in netmatrix.scratch():
        found += all_cells(folder)
    wrong = [cell for cell in found if cell.stated is not cell.true]
    lines = [*map(str, wrong), f"{len(found)} cells, {sum(cell.true for cell in found)} open: {len(wrong)} differ"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
