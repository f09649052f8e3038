"""Writes the small synthetic share of a laboratory that the tests scan, and what a scan must say of it.

    python -m tests.generate.share [FOLDER]        default: tests/corpus

FOLDER/share/ gets the files, FOLDER/expected.json the expectations, keyed by path below share/ (`outer.zip!inner.csv`
for members); see `tests.generate.share_model.Expected` for the fields. Writing again gives the same bytes, but for
the encrypted zip, whose salt is random: it is written only where it is missing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.generate import share_innocent, share_letters, share_tables
from tests.generate.share_model import Entry

# Categories whose absence counts too: where `categories` does not name one of them, nobody may have it.
WATCHED = ("hiv", "cancer", "genetic", "pregnancy", "blood_group", "infection")


def entries() -> list[Entry]:
    """Return all files of the share."""
    return [*share_tables.entries(), *share_letters.entries(), *share_innocent.entries()]


def expectations(files: list[Entry]) -> dict[str, object]:
    """Return the JSON of expectations."""
    expected = {}
    for entry in files:
        for member, what in entry.expected.items():
            expected[entry.path + ("!" + member if member else "")] = what.as_dict()
    return {"watched": list(WATCHED), "on_disk": len(files), "files": dict(sorted(expected.items()))}


def write(folder: Path) -> None:
    """Write share/ and expected.json below `folder`; files of an earlier writing that are no more are removed."""
    files = entries()
    share = folder / "share"
    for entry in files:
        path = share / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (entry.volatile and path.exists()):
            path.write_bytes(entry.data)
    known = {share / entry.path for entry in files}
    for path in sorted(share.rglob("*")):
        if path.is_file() and path not in known:
            path.unlink()
    text = json.dumps(expectations(files), indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n", "utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.generate.share", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[1] / "corpus")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
