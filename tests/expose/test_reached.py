"""What services give away of a place, under the rights of the file system: stated, and tried against the kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.expose.grant import Grant, Identity
from phiscan.expose.links import Links, leading_out
from phiscan.expose.names import Names
from phiscan.expose.reached import Grants, Reached
from phiscan.model import Exposure, Level, Reason
from phiscan.source.mounts import Mounts
from tests.expose.forest import VISITORS, grow, opened, stated

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = Identity("nobody", 65534, frozenset({65534}))


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def file(path: Path, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    path.chmod(mode)
    return path


def grant(path: Path, level: Level = Level.PUBLIC, **more: object) -> Grant:
    made = {"service": "ftp", "evidence": (Reason("ftp", level.name, "ftp.conf:1"),), "identity": NOBODY, **more}
    return Grant(path=os.fsencode(path), level=level, **made)  # type: ignore[arg-type]


def reached(*grants: Grant, links: Links | None = None) -> Reached:
    return Reached(Grants(grants, links), Mounts.read())


def level(what: Reached, path: Path) -> Level | None:
    found = what.exposure(os.fsencode(path), path.lstat())
    return None if found is None else found.level


# Against the kernel


@root_only
@pytest.mark.parametrize("visitor", VISITORS, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(3))
def test_public_is_what_a_visitor_can_open(reachable: Path, seed: int, visitor: Identity) -> None:
    forest = grow(reachable, seed, 600)
    truth = opened(forest, visitor)
    assert 0 < len(truth) < len(forest.files)
    assert stated(forest, visitor) == truth


@root_only
@pytest.mark.parametrize("visitor", VISITORS, ids=lambda one: one.name)
def test_of_a_folder_that_a_service_enters_those_above_do_not_count(reachable: Path, visitor: Identity) -> None:
    forest = grow(reachable, 7, 300, links=0)
    reachable.chmod(0o700)
    assert (stated(forest, visitor), opened(forest, visitor)) == (set(), set())
    truth = opened(forest, visitor, entered=True)
    assert len(truth) > 0
    assert stated(forest, visitor, entered=True) == truth


@root_only
def test_a_folder_is_public_through_a_bind_mount(reachable: Path) -> None:
    secret, point = reachable / "shut" / "labo", reachable / "ftp" / "labo"
    seen, beside = file(secret / "pub" / "a"), file(reachable / "shut" / "b")
    point.mkdir(parents=True)
    (reachable / "shut").chmod(0o700)
    found = grant(reachable / "ftp")
    assert level(reached(found), seen) is None
    done = subprocess.run(["mount", "--bind", secret, point], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("no mounting here")
    try:
        after = reached(found)
        assert level(after, seen) is Level.PUBLIC  # the folders above the mount point count, not those of its source
        assert level(after, point / "pub" / "a") is Level.PUBLIC
        assert level(after, beside) is None
        subprocess.run(["mount", "-t", "tmpfs", "none", point / "pub"], check=True)
        try:
            assert level(reached(found), seen) is None  # hidden by what is mounted over it
        finally:
            subprocess.run(["umount", point / "pub"], check=True)
    finally:
        subprocess.run(["umount", point], check=True)


# Which grant decides


def test_the_deepest_grant_of_a_share_decides_and_the_widest_of_all_shares(reachable: Path) -> None:
    path = file(reachable / "pub" / "prive" / "a")
    outer, inner = grant(reachable / "pub"), grant(reachable / "pub" / "prive", Level.RESTRICTED)
    assert level(reached(outer), path) is Level.PUBLIC
    assert level(reached(outer, inner), path) is None
    assert level(reached(outer, inner), file(reachable / "pub" / "b")) is Level.PUBLIC
    other = grant(reachable / "pub" / "prive", Level.RESTRICTED, name="prive")
    assert level(reached(outer, other), path) is Level.PUBLIC  # closed by another share: the first is still there
    shared = grant(reachable, Level.SHARED, name="tout")
    assert level(reached(shared), path) is Level.SHARED
    assert level(reached(shared, outer), path) is Level.PUBLIC
    assert level(reached(grant(reachable / "pub" / "prive" / "a", Level.RESTRICTED), outer), path) is None
    assert level(reached(grant(path)), path) is Level.PUBLIC
    assert level(reached(grant(path)), file(path.parent / "b")) is None


def test_the_evidence_is_told(reachable: Path) -> None:
    path = file(reachable / "pub" / "a")
    evidence = (Reason("ftp", "anonymous_enable=YES", "ftp.conf:2"), Reason("ftp", "x", "ftp.conf:9", "zone"))
    found = reached(grant(reachable / "pub", evidence=evidence)).exposure(os.fsencode(path), path.lstat())
    assert found == Exposure(
        Level.PUBLIC,
        (Reason("ftp", "anonymous_enable=YES", "ftp.conf:2", str(reachable / "pub")), evidence[1]),
    )


def test_what_nobody_reads_there_is_not_public(reachable: Path) -> None:
    path, shut = file(reachable / "in" / "a"), file(reachable / "in" / "b", 0o640)
    assert level(reached(grant(reachable / "in", read=False, write=True)), path) is None
    assert level(reached(grant(reachable / "in")), shut) is None
    assert level(reached(grant(reachable / "in", level=Level.RESTRICTED)), path) is None
    assert level(reached(grant(reachable / "in", Level.SHARED, identity=None)), path) is None  # the rights say it


def test_names_that_are_refused(reachable: Path) -> None:
    what = reached(grant(reachable, refused=("*.key", "prive", "a/b")))
    for name, expected in [
        ("x.csv", Level.PUBLIC),
        ("x.key", None),
        ("prive/x", None),
        ("c/prive/d/x", None),
        ("privee/x", Level.PUBLIC),
        ("a/b", None),
        ("c/a/b", Level.PUBLIC),
    ]:
        assert level(what, file(reachable / name)) is expected, name


def test_only_what_everybody_may_read(reachable: Path) -> None:
    """An upload that belongs to the visitors' account and is not for others, as vsftpd's anon_umask=077 leaves it."""
    mine = Identity("me", os.geteuid(), frozenset({os.getegid()}))
    path = file(reachable / "upload", 0o600)
    assert level(reached(grant(reachable, identity=mine)), path) is Level.PUBLIC
    assert level(reached(grant(reachable, identity=mine, world_readable_only=True)), path) is None
    path.chmod(0o604)
    assert level(reached(grant(reachable, identity=mine, world_readable_only=True)), path) is Level.PUBLIC


def test_clients_that_say_who_they_are(reachable: Path) -> None:
    path = file(reachable / "a", 0o600)
    everyone = grant(reachable, identity=None)
    assert level(reached(everyone), path) is Level.PUBLIC
    but_root = grant(reachable, identity=None, squashes_root=True)
    owned_by_root = os.geteuid() == 0
    assert level(reached(but_root), path) is (None if owned_by_root else Level.PUBLIC)
    path.chmod(0o604)
    assert level(reached(but_root), path) is Level.PUBLIC
    assert level(reached(grant(reachable, Level.SHARED, identity=None, forged=True)), path) is Level.SHARED


# Links


def test_a_link_that_leads_out_gives_away_where_it_leads(reachable: Path) -> None:
    top, beside = reachable / "www", file(reachable / "labo" / "deep" / "a")
    top.mkdir()
    (top / "l").symlink_to(reachable / "labo")
    found = leading_out(os.fsencode(top))
    assert found.to == {os.fsencode(reachable / "labo"): (os.fsencode(top / "l"),)}
    what = reached(grant(top), links=found)
    exposure = what.exposure(os.fsencode(beside), beside.lstat())
    assert exposure is not None
    assert exposure.reasons[-1] == Reason("link", "symbolic link", str(top / "l"), str(top))
    assert level(reached(grant(top)), beside) is None
    assert level(what, file(reachable / "other")) is None


def test_links_to_files_above_in_circles_and_further(reachable: Path) -> None:
    top = reachable / "www"
    secret, far, alone = file(reachable / "s" / "a"), file(reachable / "far" / "a"), file(reachable / "alone" / "a")
    (top / "in").mkdir(parents=True)
    (top / "in" / "self").symlink_to(top)
    (top / "file").symlink_to(alone)
    (top / "s").symlink_to(reachable / "s")
    (reachable / "s" / "far").symlink_to(reachable / "far")
    (reachable / "far" / "back").symlink_to(reachable / "s")
    what = reached(grant(top), links=leading_out(os.fsencode(top)))
    assert [level(what, path) for path in (secret, far, alone)] == [Level.PUBLIC] * 3
    assert level(what, file(reachable / "alone" / "b")) is None
    (top / "up").symlink_to("..")
    assert level(reached(grant(top), links=leading_out(os.fsencode(top))), alone.parent / "b") is Level.PUBLIC


def test_a_link_that_leads_around_a_closed_folder(reachable: Path) -> None:
    path = file(reachable / "www" / "prive" / "a")
    (reachable / "www" / "way").symlink_to("prive")
    top, closed = os.fsencode(reachable / "www"), os.fsencode(reachable / "www" / "prive")
    grants = grant(reachable / "www"), grant(reachable / "www" / "prive", Level.RESTRICTED)
    assert level(reached(*grants, links=leading_out(top)), path) is None
    assert level(reached(*grants, links=leading_out(top, [closed])), path) is Level.PUBLIC


def test_a_link_is_a_way_around_rules_on_names(reachable: Path) -> None:
    """The file is found, though its own name is not handed out; and not where such links do not work."""
    top = reachable / "www"
    path = file(top / "a.csv")
    (top / "a.txt").symlink_to("a.csv")
    rules = Names((("/*.txt",),), True), Names((), False)
    every, out = leading_out(os.fsencode(top), every=True), leading_out(os.fsencode(top))
    assert level(reached(grant(top, names=rules), links=out), path) is None
    assert level(reached(grant(top, names=rules), links=every), path) is Level.PUBLIC
    assert level(reached(grant(top, refused=("*.csv",)), links=every), path) is Level.PUBLIC
    assert level(reached(grant(top, names=rules, links_inside=False), links=every), path) is None
    assert level(reached(grant(top, names=rules, follows_links=False), links=every), path) is Level.PUBLIC
    assert level(reached(grant(top, names=rules, links_of_owner=True), links=every), path) is Level.PUBLIC


@root_only
def test_links_whose_owner_counts(reachable: Path) -> None:
    top, path = reachable / "www", file(reachable / "s" / "a")
    top.mkdir()
    (top / "s").symlink_to(reachable / "s")
    owned = grant(top, links_of_owner=True)
    assert level(reached(owned, links=leading_out(os.fsencode(top))), path) is Level.PUBLIC
    os.chown(top / "s", 1001, 1001, follow_symlinks=False)
    assert level(reached(owned, links=leading_out(os.fsencode(top))), path) is None
    assert level(reached(grant(top), links=leading_out(os.fsencode(top))), path) is Level.PUBLIC


def test_links_that_one_service_follows_and_another_does_not(reachable: Path) -> None:
    top, path = reachable / "www", file(reachable / "s" / "a")
    top.mkdir()
    (top / "s").symlink_to(reachable / "s")
    one, other = grant(top, Level.SHARED, name="one"), grant(top, follows_links=False, name="other")
    assert level(reached(one, other, links=leading_out(os.fsencode(top))), path) is Level.SHARED


def test_each_name_has_the_grant_that_is_for_it(reachable: Path) -> None:
    shared = grant(reachable, Level.SHARED, names=(Names((("*.csv",),), True), Names((), False)))
    public = grant(reachable, names=(Names((("*.csv",),), False), Names((("/x/*.é",),), False)), seen=b"/x/")
    what = reached(shared, public)
    for name, expected in [
        ("a.csv", Level.SHARED),
        ("a.csv/b", Level.PUBLIC),
        ("a", Level.PUBLIC),
        ("b.é", None),
        ("a\nb.csv", Level.PUBLIC),  # whose name no pattern is sure of
    ]:
        assert level(what, file(reachable / "d" / name)) is expected, name
        (reachable / "d" / name).unlink()
        shutil.rmtree(reachable / "d")


def test_a_search_that_does_not_end_says_so(reachable: Path) -> None:
    for number in range(20):
        file(reachable / f"d{number}" / "a")
    assert leading_out(os.fsencode(reachable), entries=10) == Links({}, (os.fsencode(reachable),))
    assert leading_out(os.fsencode(reachable), seconds=-1.0) == Links({}, (os.fsencode(reachable),))
    assert leading_out(os.fsencode(reachable)) == Links()


def test_many_files_of_a_folder_cost_one_look_at_the_folders_above(
    reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [file(reachable / "pub" / str(number)) for number in range(50)]
    looked: list[object] = []
    real = os.lstat

    def look(path: bytes) -> os.stat_result:
        looked.append(path)
        return real(path)

    what = reached(grant(reachable / "pub"))
    monkeypatch.setattr(os, "lstat", look)
    for path in paths:
        assert what.exposure(os.fsencode(path), real(path)) is not None
    assert sorted(looked) == sorted([os.fsencode(one) for one in paths[0].parents])  # type: ignore[type-var]
