"""One writer of a storm: `python -m tests.bench.writer SRV NUMBER FILES EVERY`, as fast as the machine can.

What becomes of each file is settled by its number alone (`fate`), so that whoever judges the storm knows the end of it
without having looked. For each line on standard input it writes as many files as the line says; it ends after FILES.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.running import CLEAN
from tests.watching import table

FOLDER = 100  # files of one folder
PERSONS = 3  # of a sensitive file
_WAYS = 8


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a file lies in the end, below the writer's folder; None where it has been deleted by then."""

    place: str | None
    sensitive: bool
    way: int


def fate(at: int, every: int) -> Fate:
    """Return what becomes of the file of this number; every `every`-th is sensitive."""
    sensitive = at % every == 0
    way = (at // every if sensitive else at) % _WAYS
    deleted = not sensitive and way == _WAYS - 1
    folder = folder_of(at)
    inner = f"t{at}/a/b/" if way in (3, 4) else ""
    return Fate(None if deleted else f"{folder}/{inner}{at}.{'csv' if sensitive else 'txt'}", sensitive, way)


def folder_of(at: int) -> str:
    """Return the folder of a file once the writer is done with it: every other one is renamed then."""
    folder = at // FOLDER
    return f"e{folder}" if folder % 2 else f"d{folder}"


class Writer:
    """Writes its files below `srv`; `aside` is another folder of the same file system, which nobody watches."""

    def __init__(self, srv: Path, aside: Path, number: int, files: int, every: int) -> None:
        self._srv, self._aside, self._number, self._files, self._every = srv, aside, number, files, every

    def write(self, at: int) -> None:
        """Write one file, and see to its folder where it is the first or the last in it."""
        folder = self._srv / f"d{at // FOLDER}"
        if at % FOLDER == 0:
            folder.mkdir()
        its = fate(at, self._every)
        name = f"{at}.{'csv' if its.sensitive else 'txt'}"
        text = table(self._number * self._files + at, PERSONS) if its.sensitive else f"{CLEAN}{self._number}.{at}\n"
        self._arrive(folder, name, text, at, its)
        if (at % FOLDER == FOLDER - 1 or at == self._files - 1) and folder.name != folder_of(at):
            folder.rename(self._srv / folder_of(at))

    def _arrive(self, folder: Path, name: str, text: str, at: int, its: Fate) -> None:
        file, apart = folder / name, self._aside / name
        if its.way == 0:
            file.write_text(text)
        elif its.way == 1:  # moved in
            apart.write_text(text)
            apart.rename(file)
        elif its.way == 2:  # under a temporary name first
            file.with_name(f".{name}.tmp").write_text(text)
            file.with_name(f".{name}.tmp").rename(file)
        elif its.way == 3:  # a tree, moved in
            (self._aside / f"t{at}/a/b").mkdir(parents=True)
            (self._aside / f"t{at}/a/b" / name).write_text(text)
            (self._aside / f"t{at}").rename(folder / f"t{at}")
        elif its.way == 4:  # a tree, made in place
            (folder / f"t{at}/a/b").mkdir(parents=True)
            (folder / f"t{at}/a/b" / name).write_text(text)
        elif its.way == 5:  # from another folder that is watched
            (self._srv / name).write_text(text)
            (self._srv / name).rename(file)
        elif its.way == 6:  # something else first
            file.write_text(CLEAN)
            file.write_text(text)
        else:  # in two parts; a clean one is deleted again
            half = len(text) // 2
            with file.open("w") as out:
                out.write(text[:half])
                out.flush()
                out.write(text[half:])
            if not its.sensitive:
                file.unlink()


def main() -> None:
    """Write as much as each line asks for."""
    srv, number, files, every = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    aside = srv.parent / f"aside{number}"
    aside.mkdir()
    writer, at = Writer(srv / f"w{number}", aside, number, files, every), 0
    for line in sys.stdin:
        for _ in range(min(int(line), files - at)):
            writer.write(at)
            at += 1
        print(at, flush=True)


if __name__ == "__main__":
    main()
