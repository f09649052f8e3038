"""Times what an operator waits for before anything is scanned: the help, and scans of small files.

    python -m tests.bench.startup [--runs N]

Whole processes, medians. The house asks `phiscan --help` to answer in under 0.3 s.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import run
from tests.generate.comments import Commenter
from tests.generate.people import Population, fold

_MIB = 1 << 20
_LETTER = """Madame {name} {given}
née le {birth}

Cher confrère, votre patiente est suivie pour un carcinome du sein. Elle n'a pas de diabète.
"""


def files(folder: Path) -> dict[str, Path]:
    """Write small files of the kinds that cost differently: nothing to find, a table, a letter of prose."""
    person, *others = Population(5).people(101)
    commenter = Commenter(6)
    table = ["NIR;NOM;PRENOM;DATE_NAISSANCE;COMMENTAIRE"]
    table += [
        f"{p.nir}{p.nir_key};{fold(p.used_name)};{p.given[0]};{p.birth:%d/%m/%Y};"
        f"{commenter.draw().text.replace(';', ',')}"
        for p in others
    ]
    letter = _LETTER.format(name=person.used_name, given=person.given[0], birth=person.birth.strftime("%d/%m/%Y"))
    contents = {"nothing": "rien à signaler\n", "table of 100": "\n".join(table) + "\n", "letter": letter}
    paths = {}
    for number, (name, text) in enumerate(contents.items()):
        paths[name] = folder / f"f{number}.txt"
        paths[name].write_text(text, "utf-8")
    return paths


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.startup", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = [sys.executable, "-m", "phiscan"]
        commands = {"python -c pass": [sys.executable, "-c", "pass"], "--help": [*base, "--help"]}
        for name, path in files(Path(folder)).items():
            commands[f"scan, {name}"] = [*base, "scan", "-f", "json", "--assume-exposure", "public", str(path)]
        for name, command in commands.items():
            runs = [run(command) for _ in range(given.runs)]
            wall = statistics.median(r.seconds for r in runs)
            peak = max(r.peak for r in runs) / _MIB
            statuses = sorted({r.status for r in runs})
            print(f"{name:20} {wall:6.2f} s   peak {peak:5.0f} MiB   status {', '.join(map(str, statuses))}")


if __name__ == "__main__":
    main()
