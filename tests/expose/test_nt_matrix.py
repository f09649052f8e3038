"""NT rights against a real smbd: what is stated of descriptors and shares is what real clients can do, cell by cell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.expose.nt.check import READ
from phiscan.expose.nt.descriptor import parse
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.rights import Rights
from phiscan.expose.nt.stated import outcomes
from phiscan.expose.permissions import Cache, posix_exposure
from phiscan.model import Exposure, Level
from tests.expose import netmatrix, ntmatrix
from tests.expose.ntmatrix import FULL, READ_, SHARES, Cell, ace, packed
from tests.expose.ntserver import GLOBAL, LOGINS, NtServer, ntserver

SHARE = f"[nt]\npath = DATA\nguest ok = yes\nread only = no\n{GLOBAL}"
scratch = pytest.fixture(netmatrix.scratch)


@pytest.fixture
def server(scratch: Path) -> Iterator[NtServer]:
    """Run a server that lets in guests."""
    with ntserver(scratch, SHARE) as running:
        yield running


def looked_at(server: NtServer, file: str, *, guests: bool, share: str = "nt") -> Exposure:
    """Return who can read a file, as a scan states it over the mount table."""
    rights = Rights((server.configured(guests=guests),))
    path = server.data / file
    try:
        cache = Cache(server.mount(share), nt=Mounted(rights))
        return posix_exposure(os.fsencode(path), path.stat(), cache=cache)
    finally:
        rights.close()


def reads(server: NtServer, share: str, who: str, path: str) -> bool:
    """Whether smbclient gets a file."""
    got = server.config.parent / "one"
    got.unlink(missing_ok=True)
    server.client(share, LOGINS[who], f'get "{path}" "{got}"')
    return got.exists()


def test_every_cell_is_true(scratch: Path) -> None:
    found = ntmatrix.all_cells(scratch)
    assert [str(cell) for cell in found if cell.stated is not cell.true] == []
    descriptors, shares = len(ntmatrix.LISTS) + len(ntmatrix.RAW), len(SHARES)
    assert len(found) == descriptors * shares * 3 * 3
    # Each who and each action is met both open and closed.
    kinds = {(cell.who, cell.action, cell.true) for cell in found}
    assert len(kinds) == 3 * 3 * 2


def test_levels_of_files_are_those_of_whom_they_let_in(server: NtServer) -> None:
    """The whole way: mount table, descriptor, share, level."""
    folders = ntmatrix.prepare(server)
    stated, true = {}, {}
    for share in ("full", "accounts", "named"):
        server.share_rights("nt", SHARES[share])
        truths = {who: ntmatrix._truth(server, login, folders, who) for who, login in LOGINS.items()}
        rights = Rights((server.configured(guests=True),))
        cache = Cache(server.mount("nt"), nt=Mounted(rights))
        for name, folder in folders.items():
            path = server.data / folder / f"sign-{folder}"
            stated[share, name] = posix_exposure(os.fsencode(path), path.stat(), cache=cache).level
            read = {who for who in LOGINS if truths[who]["read", folder]}
            public, shared = read & {"anonymous", "guest"}, "account" in read
            true[share, name] = Level.PUBLIC if public else Level.SHARED if shared else Level.RESTRICTED
        rights.close()
    assert stated == true
    assert set(true.values()) == {Level.PUBLIC, Level.SHARED, Level.RESTRICTED}


def test_without_guests_everyone_is_any_account(scratch: Path) -> None:
    with ntserver(scratch, SHARE, "map to guest = Never") as server:
        folders = ntmatrix.prepare(server)
        found = list(ntmatrix.cells(server, "full", folders, guests=False))
    wrong = [cell for cell in found if cell.stated is not None and cell.stated is not cell.true]
    # The guest is named by a descriptor; that this server lets him in nowhere, no descriptor tells.
    assert {(cell.who, cell.descriptor) for cell in wrong} == {
        ("guest", "guests read"), ("guest", "domain guests change"), ("guest", "the guest reads"),
    }  # fmt: skip
    assert all(cell.stated for cell in wrong)
    assert [cell for cell in found if cell.who == "account" and cell.stated is not cell.true] == []
    # Whoever comes without an account may be one of Everyone: not established, and less than what any account reads.
    unknown = {(cell.who, cell.descriptor) for cell in found if cell.stated is None and cell.action == "read"}
    assert ("anonymous", "everyone reads") in unknown
    assert {("anonymous", "anonymous reads"), ("guest", "no list")} <= unknown  # the share is Everyone's


def test_groups_that_this_server_does_not_know_are_stated_too_wide(server: NtServer) -> None:
    """BUILTIN\\Users needs winbind here, and another domain's users a trust: elsewhere these are any account."""
    (server.data / "a").write_bytes(b"x")
    for sid in ("S-1-5-32-545", "S-1-5-21-1-2-3-513"):
        server.acl("nt", "a", (f"{sid}:ALLOWED/0x0/{READ_}",))
        assert looked_at(server, "a", guests=True).level is Level.SHARED
        assert not reads(server, "nt", "account", "a")


def test_who_asks_for_no_more_than_the_data_reads_with_that_right_alone(server: NtServer) -> None:
    from smbprotocol.open import CreateDisposition, ImpersonationLevel, Open

    (server.data / "a").write_bytes(b"secret")
    server.acl("nt", "a", ("S-1-5-11:ALLOWED/0x0/0x00000001",))
    assert looked_at(server, "a", guests=False).level is Level.SHARED
    assert not reads(server, "nt", "account", "a")  # smbclient asks for the attributes too
    with server.session("nt", "games") as asking:
        opened = Open(asking._tree, "a")
        opened.create(ImpersonationLevel.Impersonation, 0x1, 0, 7, CreateDisposition.FILE_OPEN, 0)
        assert opened.read(0, 6) == b"secret"
        opened.close()


def test_entries_on_a_condition_or_for_parts_are_not_certain(server: NtServer) -> None:
    """Samba passes over them; Windows evaluates conditions. They close nothing and open nothing for certain."""
    (server.data / "a").write_bytes(b"x")
    server.share_rights("nt", SHARES["full"])
    rights = Rights((server.configured(guests=True),))
    share = rights.share(server.the_mount("nt"))
    rights.close()
    for kind, before in ((9, b""), (5, bytes(4)), (5, b"\x01\0\0\0" + bytes(16))):
        server.raw("nt", "a", packed((ace(kind, 0x1200A9, "S-1-1-0", before=before),)))
        with server.session("nt") as asking:
            stored = parse(asking.descriptor("a"))
        assert [one.has for one in outcomes(stored, share, READ, guests=True)] == [None, None, None]
        assert not reads(server, "nt", "account", "a")


# Folders on the way.


def test_a_closed_folder_does_not_close_a_file_that_is_open(server: NtServer) -> None:
    """As with Windows, where everybody bypasses traverse checking."""
    (server.data / "shut").mkdir(mode=0o777)
    (server.data / "shut").chmod(0o777)
    (server.data / "shut" / "a").write_bytes(b"x")
    (server.data / "shut" / "a").chmod(0o666)
    server.acl("nt", "shut\\a", (f"S-1-5-11:ALLOWED/0x0/{READ_}",))
    server.acl("nt", "shut", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    assert looked_at(server, "shut/a", guests=False).level is Level.SHARED
    assert reads(server, "nt", "account", "shut\\a")


@pytest.mark.parametrize("folder", [0o700, 0o711, 0o744, 0o750, 0o755, 0o777])
@pytest.mark.parametrize("file", [0o600, 0o640, 0o604, 0o644, 0o666])
def test_descriptors_made_of_mode_bits_bind_on_the_way(plain: NtServer, folder: int, file: int) -> None:
    """A Samba that keeps no descriptors makes them of modes, and the kernel checks every folder."""
    top = plain.data / f"{folder:o}-{file:o}"
    (top / "in").mkdir(parents=True)
    path = top / "in" / "a"
    path.write_bytes(b"x")
    path.chmod(file)
    (top / "in").chmod(0o755)
    top.chmod(folder)
    open_ = reads(plain, "plain", "account", f"{top.name}\\in\\a")
    assert open_ == (bool(folder & 0o001) and bool(file & 0o004))
    found = looked_at(plain, f"{top.name}/in/a", guests=False, share="plain")
    assert found.level is (Level.SHARED if open_ else Level.RESTRICTED)
    if not open_ and file & 0o004:
        assert [(one.setting, one.source) for one in found.reasons] == [
            ("NT ACL: folder not passed", f"//127.0.0.1/plain/{top.name}")
        ]


@pytest.fixture(scope="module")
def plain() -> Iterator[NtServer]:
    """Run a server that keeps no descriptors."""
    for folder in netmatrix.scratch():
        with ntserver(folder, "[plain]\npath = DATA\nread only = no\n") as running:
            yield running


def test_evidence_names_who_and_what(server: NtServer) -> None:
    (server.data / "a").write_bytes(b"x")
    server.acl("nt", "a", (f"S-1-1-0:ALLOWED/0x10/{READ_}",))
    server.share_rights("nt", SHARES["accounts read"])
    found = looked_at(server, "a", guests=False)
    assert [(one.service, one.setting, one.source) for one in found.reasons] == [
        ("cifs", 'NT ACL "Everyone" S-1-1-0 read (inherited)', "//127.0.0.1/nt/a"),
        ("cifs", 'share rights "Authenticated Users" S-1-5-11 read', "//127.0.0.1/nt"),
    ]


def test_named_accounts_are_told_where_only_they_read(server: NtServer) -> None:
    (server.data / "a").write_bytes(b"x")
    server.acl("nt", "a", (f"DOMAIN-4711:ALLOWED/0x0/{FULL}", f"S-1-5-18:ALLOWED/0x0/{FULL}"))
    found = looked_at(server, "a", guests=True)
    assert found.level is Level.RESTRICTED
    assert [(one.setting, one.source) for one in found.reasons] == [
        ("NT ACL: nobody but named accounts reads", "//127.0.0.1/nt/a"),
        (f"NT ACL {server.domain}-4711 full control", "//127.0.0.1/nt/a"),
    ]


def test_a_share_that_is_closed_is_told(server: NtServer) -> None:
    (server.data / "a").write_bytes(b"x")
    server.acl("nt", "a", (f"S-1-5-11:ALLOWED/0x0/{READ_}",))
    server.share_rights("nt", SHARES["named"])
    found = looked_at(server, "a", guests=False)
    assert found.level is Level.RESTRICTED
    assert [(one.setting, one.source) for one in found.reasons] == [
        ("share rights: nothing for account", "//127.0.0.1/nt")
    ]


def test_cells_say_what_they_are() -> None:
    cell = Cell("everyone reads", "full", "guest", "read", None, true=True)
    assert str(cell) == "everyone reads / full: guest read: stated None, true True"
