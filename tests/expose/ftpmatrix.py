"""Prints what is stated of real FTP and SSH servers beside what is true: `python -m tests.expose.ftpmatrix`, as root.

One line a configuration: for each place `L` it can be listed, `R` read, `W` written to, as it is in truth; `.` it
cannot. What is stated wrongly is marked with `!`, and ends the program with status 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.expose import ftpservers, sshserver, test_matrix_ftp, test_matrix_ssh
from tests.expose.ftpservers import Cell


def rows() -> Iterator[tuple[str, list[Cell]]]:
    """Yield every configuration with its cells."""
    for case in test_matrix_ftp.CASES:
        yield str(case), ftpservers.cells(case)
    for visit in test_matrix_ssh.CASES:
        yield str(visit), sshserver.cells(visit)


def shown(cells: list[Cell]) -> str:
    """Return the cells of one configuration as a line."""
    parts: dict[str, str] = {}
    for cell in cells:
        letter = cell.action[0].upper() if cell.true else "."
        parts[cell.place] = parts.get(cell.place, "") + letter + ("!" if cell.true != cell.stated else "")
    return "  ".join(f"/{place} {letters}" for place, letters in parts.items())


def main() -> int:
    """Print the matrix and what it adds up to."""
    cases = asked = given = wide = narrow = 0
    for name, cells in rows():
        print(f"{name}\n    {shown(cells)}", flush=True)
        cases += 1
        asked += len(cells)
        given += sum(cell.true for cell in cells)
        wide += sum(cell.stated and not cell.true for cell in cells)
        narrow += sum(cell.true and not cell.stated for cell in cells)
    print(
        f"\n{cases} configurations, {asked} cells, {given} of them given; "
        f"stated but not true {wide}, true but not stated {narrow}"
    )
    return 1 if wide or narrow else 0


if __name__ == "__main__":
    sys.exit(main())
