"""What the mode bits and lists say is what an account without privileges can really do."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from phiscan.expose import acl
from phiscan.expose.acl import Entry, Tag
from phiscan.expose.permissions import Cache, may_read, posix_exposure
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.source.mounts import Mounts, parse
from phiscan.source.walk import walk
from tests.running import need

NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach: pytest's own is shut to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def exposure(path: Path, cache: Cache | None = None) -> Exposure:
    return posix_exposure(os.fsencode(path), path.stat(), cache=cache or Cache())


def file(path: Path, mode: int) -> Path:
    path.write_text("x")
    path.chmod(mode)
    return path


def set_acl(path: Path, *entries: Entry) -> None:
    try:
        os.setxattr(path, "system.posix_acl_access", acl.pack(entries))
    except OSError:
        pytest.skip("no POSIX ACLs on this file system")


def parents(path: Path) -> str:
    modes = 0o777
    for parent in path.parents:
        modes &= parent.stat().st_mode
    return f"{modes:04o}"


@pytest.mark.parametrize(
    ("mode", "level"),
    [
        (0o644, Level.SHARED),
        (0o604, Level.SHARED),
        (0o004, Level.SHARED),
        (0o777, Level.SHARED),
        (0o640, Level.RESTRICTED),
        (0o660, Level.RESTRICTED),
        (0o600, Level.RESTRICTED),
        (0o622, Level.RESTRICTED),
        (0o711, Level.RESTRICTED),
        (0o000, Level.RESTRICTED),
    ],
)
def test_the_mode_of_the_file(reachable: Path, mode: int, level: Level) -> None:
    path = file(reachable / "a", mode)
    more = f", parents {parents(path)}" if level is Level.SHARED else ""
    assert exposure(path) == Exposure(level, (Reason("posix", f"mode {mode:04o}{more}", str(path)),))


def test_every_parent_must_let_everybody_pass(reachable: Path) -> None:
    folder, inner = reachable / "outer", reachable / "outer" / "inner"
    inner.mkdir(parents=True)
    path = file(inner / "a", 0o644)
    for outer_mode, inner_mode, expected in [
        (0o755, 0o755, None),
        (0o711, 0o733, None),  # not listed, but opened by whoever knows the name
        (0o755, 0o750, (inner, "mode 0750")),
        (0o744, 0o755, (folder, "mode 0744")),  # a name to be seen, and no passing
        (0o770, 0o700, (folder, "mode 0770")),
        (0o2750, 0o755, (folder, "mode 2750")),
    ]:
        folder.chmod(outer_mode)
        inner.chmod(inner_mode)
        found = exposure(path)
        if expected is None:
            setting = f"mode 0644, parents {parents(path)}"
            assert found == Exposure(Level.SHARED, (Reason("posix", setting, str(path)),))
        else:
            assert found == Exposure(Level.RESTRICTED, (Reason("posix", expected[1], str(expected[0])),))


def test_a_list_for_named_accounts_stays_restricted(reachable: Path) -> None:
    path = file(reachable / "a", 0o600)
    owner, other = Entry(Tag.USER_OBJ, 6), Entry(Tag.OTHER, 0)
    set_acl(
        path,
        owner,
        Entry(Tag.USER, 4, 33),
        Entry(Tag.USER, 2, 34),
        Entry(Tag.GROUP_OBJ, 0),
        Entry(Tag.GROUP, 7, 100),
        Entry(Tag.MASK, 6),
        other,
    )
    assert path.stat().st_mode & 0o777 == 0o660
    assert exposure(path) == Exposure(
        Level.RESTRICTED,
        (
            Reason("posix", "mode 0660", str(path)),
            Reason("acl", "user:33:r--", str(path)),
            Reason("acl", "group:100:rwx", str(path)),
        ),
    )
    set_acl(path, owner, Entry(Tag.USER, 4, 33), Entry(Tag.GROUP_OBJ, 0), Entry(Tag.MASK, 0), other)
    assert exposure(path) == Exposure(Level.RESTRICTED, (Reason("posix", "mode 0600", str(path)),))
    set_acl(path, owner, Entry(Tag.USER, 0, 33), Entry(Tag.GROUP_OBJ, 0), Entry(Tag.MASK, 0), Entry(Tag.OTHER, 4))
    assert exposure(path).level is Level.SHARED


def test_a_link_given_by_hand_counts_as_what_it_leads_to(reachable: Path) -> None:
    (reachable / "shut").mkdir(mode=0o700)
    (reachable / "open").mkdir(mode=0o755)
    (reachable / "shut" / "way").symlink_to(reachable / "open")
    (reachable / "open" / "way").symlink_to(reachable / "shut")
    seen, hidden = file(reachable / "open" / "a", 0o644), file(reachable / "shut" / "a", 0o644)
    (reachable / "open" / "link").symlink_to(hidden)
    cache = Cache()
    assert exposure(reachable / "shut" / "way" / "a", cache) == exposure(seen, cache)
    assert exposure(seen, cache).level is Level.SHARED
    shut = Exposure(Level.RESTRICTED, (Reason("posix", "mode 0700", str(reachable / "shut")),))
    assert exposure(reachable / "open" / "way" / "a", cache) == shut
    assert exposure(reachable / "open" / "link", cache) == shut


def test_a_relative_path(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(reachable / "a", 0o644)
    monkeypatch.chdir(reachable)
    assert posix_exposure(b"a", path.stat(), cache=Cache()) == exposure(path)


def test_a_place_does_for_a_status(reachable: Path) -> None:
    path = file(reachable / "a", 0o640)
    (place,) = walk([os.fsencode(reachable)])
    assert isinstance(place, Place)
    assert posix_exposure(place.path, place, cache=Cache()) == exposure(path)


def test_what_is_gone_is_unknown(reachable: Path) -> None:
    path = file(reachable / "a", 0o644)
    status = path.stat()
    found = posix_exposure(os.fsencode(reachable / "none" / "a"), status, cache=Cache())
    assert found == Exposure(Level.UNKNOWN, (Reason("posix", "no longer there", str(reachable / "none" / "a")),))


@pytest.mark.parametrize(
    ("kind", "options", "setting"),
    [
        ("fuse.sshfs", "rw", "fuse.sshfs: rights are not its own"),
        ("fuseblk", "rw", "fuseblk: rights are not its own"),
        ("vfat", "rw,fmask=0022", "vfat: rights are not its own"),
        ("9p", "rw", "9p: rights are not its own"),
    ],
)
def test_made_up_rights_are_unknown(reachable: Path, kind: str, options: str, setting: str) -> None:
    path = file(reachable / "a", 0o600)
    device = reachable.stat().st_dev
    line = f"1 0 {os.major(device)}:{os.minor(device)} / {reachable} rw - {kind} x {options}"
    cache = Cache(Mounts(parse(line.encode())))
    assert exposure(path, cache) == Exposure(Level.UNKNOWN, (Reason("posix", setting, str(reachable)),))


@pytest.mark.parametrize(("kind", "options"), [("cifs", "rw,nounix,file_mode=0755"), ("smb3", "rw")])
def test_without_its_server_s_rights_a_cifs_mount_is_unknown(reachable: Path, kind: str, options: str) -> None:
    (reachable / "shut").mkdir(mode=0o700)
    path = file(reachable / "shut" / "a", 0o600)
    device = reachable.stat().st_dev
    line = f"1 0 {os.major(device)}:{os.minor(device)} / {reachable} rw - {kind} //nas/x {options}"
    found = exposure(path, Cache(Mounts(parse(line.encode()))))
    why = "NT ACL not known: the server is not configured under smb"
    assert found == Exposure(Level.UNKNOWN, (Reason("cifs", why, "//nas/x/shut/a"),))


@pytest.mark.parametrize(
    ("kind", "options"), [("cifs", "rw,unix"), ("smb3", "rw,posix"), ("nfs4", "rw"), ("overlay", "rw")]
)
def test_real_rights_are_believed(reachable: Path, kind: str, options: str) -> None:
    device = reachable.stat().st_dev
    line = f"1 0 {os.major(device)}:{os.minor(device)} / / rw - {kind} x {options}"
    cache = Cache(Mounts(parse(line.encode())))
    assert exposure(file(reachable / "a", 0o600), cache).level is Level.RESTRICTED
    assert exposure(file(reachable / "b", 0o644), cache).level is Level.SHARED


def test_a_shut_folder_decides_above_a_mount_that_knows_nothing(reachable: Path) -> None:
    shut = reachable / "shut"
    (shut / "mount").mkdir(parents=True)
    path = file(shut / "mount" / "a", 0o644)
    shut.chmod(0o700)
    assert exposure(path) == Exposure(Level.RESTRICTED, (Reason("posix", "mode 0700", str(shut)),))


def test_a_folder_is_looked_at_once(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in range(20):
        file(reachable / str(name), 0o644)
    looked: list[object] = []
    real = os.lstat

    def look(path: bytes) -> os.stat_result:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(os, "lstat", look)
    cache = Cache()
    for name in range(20):
        assert exposure(reachable / str(name), cache).level is Level.SHARED
    assert looked.count(os.fsencode(reachable)) == 1


# Against the kernel: a process of another account tries.


def really(paths: list[Path], uid: int, gids: Collection[int]) -> dict[str, bool]:
    """Return for each path whether an account can open it for reading."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(list(gids))
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(uid, uid, uid)
            with open(writing, "w") as answer:
                json.dump({str(path): _opens(path) for path in paths}, answer)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        found: dict[str, bool] = json.load(answer)
    os.waitpid(pid, 0)
    return found


def _opens(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except PermissionError:
        return False
    return True


IDS = (1001, 1002, 1003)
GROUPS = (2001, 2002, 2003)


def random_acl(rng: random.Random, bits: tuple[int, ...]) -> list[Entry]:
    users = [Entry(Tag.USER, rng.choice(bits), uid) for uid in sorted(rng.sample(IDS, rng.randint(0, 2)))]
    groups = [Entry(Tag.GROUP, rng.choice(bits), gid) for gid in sorted(rng.sample(GROUPS, rng.randint(0, 2)))]
    entries = [Entry(Tag.USER_OBJ, rng.choice(bits)), *users, Entry(Tag.GROUP_OBJ, rng.choice(bits)), *groups]
    if users or groups or rng.random() < 0.3:
        entries.append(Entry(Tag.MASK, rng.choice(bits)))
    return [*entries, Entry(Tag.OTHER, rng.choice(bits))]


def random_tree(root: Path, rng: random.Random) -> list[Path]:
    """Make folders and files with random owners, modes and lists; return the files."""
    folders, files = [root], []
    for number in range(60):
        folder = rng.choice(folders) / f"d{number}"
        folder.mkdir()
        folders.append(folder)
    for number in range(250):
        path = rng.choice(folders) / f"f{number}"
        path.write_text("x")
        files.append(path)
    for path in [*files, *folders[1:]]:
        bits = tuple(range(8)) if path in files else (7, 5, 5, 5, 1, 1, 3, 4, 0)
        os.chown(path, rng.choice((0, *IDS)), rng.choice((0, *GROUPS)))
        path.chmod(rng.choice(bits) << 6 | rng.choice(bits) << 3 | rng.choice(bits))
        if rng.random() < 0.6:
            set_acl(path, *random_acl(rng, bits))
    return files


@pytest.fixture(params=range(4))
def tree(request: pytest.FixtureRequest, reachable: Path) -> list[Path]:
    return random_tree(reachable, random.Random(request.param))


@root_only
def test_shared_is_what_a_stranger_can_open(tree: list[Path]) -> None:
    truth = really(tree, NOBODY, [])
    cache = Cache()
    found = {str(path): exposure(path, cache).level for path in tree}
    assert set(found.values()) == {Level.SHARED, Level.RESTRICTED}
    assert found == {path: Level.SHARED if opened else Level.RESTRICTED for path, opened in truth.items()}


@root_only
@pytest.mark.parametrize(
    ("uid", "gids"),
    [(NOBODY, []), (1001, []), (1001, [2001]), (1002, [2001, 2002]), (1003, [2003, 0]), (4000, [2001, 2002, 2003])],
)
def test_an_account_may_read_what_it_can_open(tree: list[Path], uid: int, gids: list[int]) -> None:
    truth = really(tree, uid, gids)
    assert {str(path): may_read(os.fsencode(path), uid, [*gids, NOBODY]) for path in tree} == truth
    assert set(truth.values()) == {True, False}


def test_lists_as_setfacl_writes_them(reachable: Path) -> None:
    need(shutil.which("setfacl") is not None, "setfacl")
    path = file(reachable / "a", 0o640)
    subprocess.run(["setfacl", "-m", "u:33:r,g:100:rw", path], check=True)
    assert [str(entry) for entry in acl.read(os.fsencode(path), path.stat().st_mode)] == [
        *("user::rw-", "user:33:r--", "group::r--", "group:100:rw-", "mask::rw-", "other::---"),
    ]


def test_a_list_is_read_back(reachable: Path) -> None:
    path = file(reachable / "a", 0o640)
    entries = (
        *(Entry(Tag.USER_OBJ, 6), Entry(Tag.USER, 4, 33), Entry(Tag.GROUP_OBJ, 4)),
        *(Entry(Tag.GROUP, 6, 100), Entry(Tag.MASK, 6), Entry(Tag.OTHER, 0)),
    )
    mode = path.stat().st_mode
    assert acl.read(os.fsencode(path), mode) == acl.from_mode(0o640)
    set_acl(path, *entries)
    assert acl.read(os.fsencode(path), path.stat().st_mode) == entries
    assert [str(entry) for entry in entries] == [
        *("user::rw-", "user:33:r--", "group::r--", "group:100:rw-", "mask::rw-", "other::---"),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\x02\0\0", b"\x01\0\0\0", b"\x02\0\0\0\x01\0\x06\0", b"\x02\0\0\0\x03\0\x06\0\0\0\0\0"]
)
def test_junk_is_no_list(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a POSIX ACL|not a valid Tag"):
        acl.parse(data)
