"""Files and folders with random owners, modes, lists and links, and what an account can really open among them.

Shared by `test_reached.py` and `tests.bench.rights`. The truth comes from the kernel: a forked process becomes the
account, walks in as a visitor of a service would, and opens every path there is.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from phiscan.expose import acl
from phiscan.expose.acl import Entry, Tag
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.links import Links, leading_out
from phiscan.expose.reached import Grants, Reached
from phiscan.model import Level, Reason
from phiscan.source.mounts import Mounts

USERS = (1001, 1002, 1003)
GROUPS = (2001, 2002, 2003)
VISITORS = (
    Identity("stranger", 65534, frozenset({65534})),
    Identity("owner", 1001, frozenset({1001})),
    Identity("member", 1002, frozenset({1002, 2001, 2002})),
    Identity("staff", 4000, frozenset({4000, 2001, 2002, 2003})),
)
_FOLDER_MODES = (0o755, 0o755, 0o755, 0o755, 0o750, 0o711, 0o751, 0o700, 0o705, 0o710, 0o744, 0o771, 0o070)


@dataclass(frozen=True, slots=True)
class Forest:
    """`top` is given away; `files` lie in it and beside it, real paths."""

    top: Path
    files: tuple[Path, ...]


def grow(root: Path, seed: int, files: int, *, links: int = 40, top_mode: int = 0o755) -> Forest:
    """Make a forest in an empty folder that everybody may pass."""
    rng = random.Random(seed)
    top, beside = root / "given", root / "beside"
    folders = [top, beside]
    for folder in folders:
        folder.mkdir()
    for number in range(files // 12):
        folder = rng.choice(folders) / f"d{number}"
        folder.mkdir()
        folders.append(folder)
    made = []
    for number in range(files):
        path = rng.choice(folders) / f"f{number}"
        path.write_text("x")
        made.append(path)
    for number in range(links):
        target: Path = rng.choice([*made, *folders[2:]])
        link = rng.choice([one for one in folders if one.is_relative_to(top)]) / f"l{number}"
        link.symlink_to(target if rng.random() < 0.5 else os.path.relpath(target, link.parent))
    for path in made:
        _decide(path, rng, tuple(range(8)))
    for folder in folders[2:]:
        _decide(folder, rng, (7, 5, 5, 5, 5, 1, 3, 4, 0), rng.choice(_FOLDER_MODES))
    top.chmod(top_mode)
    return Forest(top, tuple(made))


def _decide(path: Path, rng: random.Random, bits: tuple[int, ...], mode: int | None = None) -> None:
    os.chown(path, rng.choice((0, *USERS)), rng.choice((0, *GROUPS)))
    path.chmod(rng.choice(bits) << 6 | rng.choice(bits) << 3 | rng.choice(bits) if mode is None else mode)
    if rng.random() < 0.3:
        os.setxattr(path, "system.posix_acl_access", acl.pack(_list(rng, bits)))


def _list(rng: random.Random, bits: tuple[int, ...]) -> list[Entry]:
    users = [Entry(Tag.USER, rng.choice(bits), uid) for uid in sorted(rng.sample(USERS, rng.randint(0, 2)))]
    groups = [Entry(Tag.GROUP, rng.choice(bits), gid) for gid in sorted(rng.sample(GROUPS, rng.randint(0, 2)))]
    entries = [Entry(Tag.USER_OBJ, rng.choice(bits)), *users, Entry(Tag.GROUP_OBJ, rng.choice(bits)), *groups]
    if users or groups or rng.random() < 0.3:
        entries.append(Entry(Tag.MASK, rng.choice(bits)))
    return [*entries, Entry(Tag.OTHER, rng.choice(bits))]


def stated(forest: Forest, identity: Identity, *, entered: bool = False) -> set[str]:
    """Return the files that phiscan says are public where a service gives `top` to everybody as an account."""
    top = os.fsencode(forest.top)
    evidence = (Reason("test", "everybody = yes", "test.conf:1"),)
    grant = Grant(service="test", path=top, level=Level.PUBLIC, evidence=evidence, identity=identity, entered=entered)
    reached = Reached(Grants([grant], leading_out(top)), Mounts.read())
    found = ((path, reached.exposure(os.fsencode(path), path.lstat())) for path in forest.files)
    return {str(path) for path, exposure in found if exposure is not None and exposure.level is Level.PUBLIC}


def public(grants: Iterable[Grant], path: bytes) -> bool:
    """Whether phiscan calls a file public where these are the grants of a machine."""
    tops = {os.path.realpath(grant.path) for grant in grants if grant.follows_links}
    reached = Reached(Grants(grants, Links().join(map(leading_out, tops))), Mounts.read())
    exposure = reached.exposure(os.path.realpath(path), os.lstat(path))
    return exposure is not None and exposure.level is Level.PUBLIC


def opened(forest: Forest, identity: Identity, *, entered: bool = False) -> set[str]:
    """Return the files that a process which has become the account can open by some path below `top`."""
    seen = {path: os.path.realpath(path) for path in _seen(forest.top)}
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if entered:
                os.chdir(forest.top)
            become(identity)
            with open(writing, "w") as answer:
                json.dump([path for path in seen if _opens(path, forest.top if entered else None)], answer)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        found = json.load(answer)
    os.waitpid(pid, 0)
    return {seen[path] for path in found}


def become(identity: Identity) -> None:
    """Turn this process into one of the account."""
    os.setgroups(sorted(identity.gids))
    gid = min(identity.gids)
    os.setresgid(gid, gid, gid)
    os.setresuid(identity.uid, identity.uid, identity.uid)


def _opens(path: str, entered: Path | None) -> bool:
    try:
        os.close(os.open(path if entered is None else os.path.relpath(path, entered), os.O_RDONLY))
    except PermissionError:
        return False
    return True


def _seen(folder: Path, chain: Collection[str] = ()) -> Iterator[str]:
    """Yield every path of a file below a folder, through links too, each folder once on the way."""
    real = os.path.realpath(folder)
    if real in chain:
        return
    with os.scandir(folder) as scan:
        for entry in scan:
            if entry.is_dir():
                yield from _seen(Path(entry.path), {*chain, real})
            elif entry.is_file():
                yield entry.path
