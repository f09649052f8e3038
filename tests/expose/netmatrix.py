"""What Samba, rsync, nginx and Apache give away in truth, and what is stated of their configurations, cell by cell.

Each service is started with many configurations. A client without an account tries at the same places of a folder to
list, read and write; the grants, with the rights of the account they name, say what it should come to. Run
`python -m tests.expose.netmatrix` as root for the whole matrix.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phiscan.expose import names
from phiscan.expose.grant import Grant
from phiscan.expose.links import Links, leading_out
from phiscan.expose.reached import Grants, Reached
from phiscan.model import Level
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, resolved

READ, WRITE, SEARCH = 4, 2, 1
FILES = (
    "open.txt",
    "closed.txt",
    "group.txt",
    ".hidden.txt",
    "a.bak",
    "in",
    "out",
    "passed/open.txt",
    "shut/open.txt",
    "secret/open.txt",
    "secret/deep/open.txt",
)
FOLDERS = (".", "passed", "shut", "secret", "up")
WRITTEN = (".", "up", "secret")
NEW = "new.txt"
Cell = tuple[str, str]  # what is done, and where
Cells = dict[Cell, bool]


@dataclass(frozen=True)
class Row:
    """One configuration: the cells as they are and as they are stated."""

    service: str
    name: str
    truth: Cells
    stated: Cells

    def wrong(self) -> list[str]:
        """Return the cells that differ."""
        differ = sorted(cell for cell, true in self.truth.items() if true != self.stated[cell])
        return [f"{' '.join(cell)}: in truth {self.truth[cell]}" for cell in differ]

    def public(self) -> tuple[bool, bool, bool]:
        """Return whether anything can be listed, read and written in truth."""
        return (self._any("list"), self._any("read"), self._any("write"))

    def _any(self, what: str) -> bool:
        return any(done for (kind, _), done in self.truth.items() if kind == what)


def tree(root: Path, gid: int, outside: Path) -> None:
    """Make the folder that is given away, and what a link in it leads to. `gid` may read one file."""
    modes = {"passed": 0o711, "shut": 0o700, "secret": 0o755, "secret/deep": 0o755, "up": 0o777}
    root.mkdir()
    for name, mode in modes.items():
        (root / name).mkdir()
        (root / name).chmod(mode)
    rights = {"closed.txt": 0o600, "group.txt": 0o640}
    for name in FILES:
        if name not in ("in", "out"):
            (root / name).write_text(f"{name}\n", "utf-8")
            (root / name).chmod(rights.get(name, 0o644))
    os.chown(root / "group.txt", 0, gid)
    (root / "in").symlink_to("open.txt")
    outside.write_text("outside\n", "utf-8")
    (root / "out").symlink_to(outside)
    os.chown(root / "out", gid, gid, follow_symlinks=False)  # not whose it leads to
    for name in FOLDERS:
        (root / name / sign(name)).touch(0o644)
    root.chmod(0o777)


def sign(folder: str) -> str:
    """Return the name of a file that lies in this folder only: whoever sees it has seen the names there."""
    return f"lies-{'here' if folder == '.' else folder}"


def stated(grants: Sequence[Grant], root: Path) -> Cells:
    """Return what the grants say that a client without an account can do."""
    cells: Cells = {
        ("list", name): any(_lists(grant, root / name) for grant in _holding(grants, root / name)) for name in FOLDERS
    }
    ways = seen(grants, [root / name for name in FILES])
    cells |= {("read", name): os.fsencode(root / name) in ways for name in FILES}
    written = {name: _holding(grants, root / name / NEW) for name in WRITTEN}
    return cells | {("write", name): any(_writes(one, root / name) for one in written[name]) for name in WRITTEN}


def seen(grants: Sequence[Grant], files: Sequence[Path]) -> set[bytes]:
    """Return the paths under which the grants give what lies at some paths, of which some are links."""
    tops = {resolved(grant.path) for grant in grants}
    links = Links().join(leading_out(top, every=True) for top in tops)
    reached = Reached(Grants(grants, links), Mounts.read())
    targets = {os.path.realpath(os.fsencode(file)) for file in files}
    ways = (way for target in targets for way in reached.ways(target, os.lstat(target)))
    public = ((way, below(path, way.top) or b"") for way, path in ways if way.grant.level is Level.PUBLIC)
    return {os.path.normpath(os.path.join(way.grant.path, rest)) for way, rest in public}  # a grant may be of a link


def _holding(grants: Sequence[Grant], path: Path) -> list[Grant]:
    """Return the public grants that hold a place: of each share the deepest."""
    deepest: dict[object, list[Grant]] = {}
    place = os.fsencode(os.path.normpath(path))
    for grant in grants:
        if place == grant.path or place.startswith(grant.path.rstrip(b"/") + b"/"):
            share = (grant.service, grant.name, grant.listen)
            known = deepest.get(share, [])
            longest = max((len(one.path) for one in known), default=-1)
            if len(grant.path) > longest:
                deepest[share] = [grant]
            elif len(grant.path) == longest:
                known.append(grant)
    return [grant for found in deepest.values() for grant in found if grant.level is Level.PUBLIC]


def _lists(grant: Grant, folder: Path) -> bool:
    return grant.list and not _refused(grant, folder, "") and _passes(grant, folder) and _may(grant, folder, READ)


def _writes(grant: Grant, folder: Path) -> bool:
    refused = _refused(grant, folder, NEW)
    return grant.write and not refused and _passes(grant, folder) and _may(grant, folder, WRITE | SEARCH)


def _refused(grant: Grant, folder: Path, name: str) -> bool:
    """Whether a service refuses a name in a folder, or, without one, the folder itself."""
    rest = os.path.relpath(folder / name, os.fsdecode(grant.path))
    within = os.path.relpath(folder / (name or "any"), os.fsdecode(grant.path))
    parts = [within, *within.split("/")]
    if any(fnmatch.fnmatchcase(part, pattern) for part in parts for pattern in grant.refused):
        return True
    address = b"" if rest == "." else os.fsencode(rest if name else f"{rest}/")
    return not names.given(grant.names, grant.seen.rstrip(b"/") + b"/", address)


def _passes(grant: Grant, folder: Path) -> bool:
    top = Path(os.fsdecode(grant.path)) if grant.entered else Path("/")
    folders = [folder, *folder.parents]
    inside = [one for one in folders if one == top or top in one.parents]
    return all(_may(grant, one, SEARCH) for one in inside or folders)


def _may(grant: Grant, path: Path, wanted: int) -> bool:
    who = grant.identity
    if who is None or who.uid == 0:
        return True
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    bits = mode >> 6 if status.st_uid == who.uid else mode >> 3 if status.st_gid in who.gids else mode
    return bits & wanted == wanted


def moved(grant: Grant, link: Path, folder: Path) -> Grant:
    """Return the grant of a link as one of the folder that it leads to."""
    return replace(grant, path=grant.path.replace(os.fsencode(link), os.fsencode(folder)))


def clean(root: Path) -> None:
    """Take away what clients wrote."""
    for name in WRITTEN:
        (root / name / NEW).unlink(missing_ok=True)


def cells(
    root: Path, lists: Callable[[str], bool], reads: Callable[[str], bool], writes: Callable[[str], None]
) -> Cells:
    """Return what a client can do; `writes` tries to leave a file in a folder, which is looked for there."""
    found: Cells = {("list", name): lists(name) for name in FOLDERS}
    found |= {("read", name): reads(name) for name in FILES}
    for name in WRITTEN:
        writes(name)
        found["write", name] = (root / name / NEW).exists()
    clean(root)
    return found


def either(one: Cells, other: Cells) -> Cells:
    """Return what can be done by one way or another."""
    return {cell: one[cell] or other[cell] for cell in one}


def table(rows: Sequence[Row]) -> str:
    """Return the matrix: a line a configuration, what can be done there in truth, and where the statement differs."""
    lines = [f"{'service':8}{'configuration':34}{'list':>5}{'read':>5}{'write':>6}{'cells':>7}{'wrong':>6}"]
    for row in rows:
        marks = "".join(f"{'yes' if one else '-':>{width}}" for one, width in zip(row.public(), (5, 5, 6), strict=True))
        lines.append(f"{row.service:8}{row.name:34}{marks}{len(row.truth):>7}{len(row.wrong()):>6}")
        lines += [f"{'':8}  {wrong}" for wrong in row.wrong()]
    total = sum(len(row.truth) for row in rows)
    wrong = sum(len(row.wrong()) for row in rows)
    lines.append(f"{len(rows)} configurations, {total} cells: {wrong} wrong")
    return "\n".join(lines)


def scratch() -> Iterator[Path]:
    """Yield a folder that every account may pass, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="phiscan-net-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def main() -> int:
    """Print the matrix; the status is 1 where a cell is wrong."""
    from tests.expose import netfiles, netweb

    rows: list[Row] = []
    for run in (netfiles.samba, netfiles.rsync, netweb.nginx, netweb.apache):
        for folder in scratch():
            rows += run(folder)
    sys.stdout.write(table(rows) + "\n")
    return 1 if any(row.wrong() for row in rows) else 0


Configurations = Mapping[str, str]

if __name__ == "__main__":
    sys.exit(main())
