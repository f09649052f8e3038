"""What is stated of a real OpenSSH server is what its visitors find, for many configurations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expose import sshserver
from tests.expose.sshserver import OPEN, Case


def loose(root: Path) -> None:
    """Let the group write to the root, which the server then shuts nobody into."""
    root.chmod(0o775)


def included(root: Path) -> None:
    """Make a file to include: its Match ends with it."""
    (root.parent / "more.conf").write_text("Match User games\n  ForceCommand internal-sftp -R\n", "utf-8")


CASES = [
    Case("an account shut in", "Match User www-data\n  ChrootDirectory ROOT\n  ForceCommand internal-sftp\n"),
    Case("a group, read only", "Match Group www-data\n  ChrootDirectory ROOT\n  ForceCommand internal-sftp -R\n"),
    Case("everybody shut in", "ChrootDirectory ROOT\n"),
    Case("somebody else", "Match User games\n  ChrootDirectory ROOT\n"),
    Case(
        "the first Match counts",
        "ChrootDirectory none\nMatch User www-*\n  ChrootDirectory ROOT\nMatch all\n  ChrootDirectory /var/empty\n",
    ),
    Case(
        "the name in the path",
        "Match User www-data,games\n  ChrootDirectory SCRATCH/%u/../root\n",
        prepare=lambda root: (root.parent / "www-data").mkdir(),
    ),
    Case(
        "no listing", "Match User www-data\n  ChrootDirectory ROOT\n  ForceCommand internal-sftp -P opendir,readdir\n"
    ),
    Case(
        "only some requests",
        "Match User www-data\n  ChrootDirectory ROOT\n"
        "  ForceCommand internal-sftp -p open,close,read,stat,lstat,fstat,realpath\n",
    ),
    Case("nobody is shut into a folder that others may write to", "ChrootDirectory ROOT\n", prepare=loose),
    Case("a file that is included", "Include SCRATCH/more.conf\nChrootDirectory ROOT\n", prepare=included),
    Case(
        "not among the users",
        "AllowUsers games root\nMatch User www-data\n  ChrootDirectory SCRATCH/%u/../root\n",
        prepare=lambda root: (root.parent / "www-data").mkdir(),
    ),
    Case("public: no password", "PermitEmptyPasswords yes\nChrootDirectory ROOT\n", user=OPEN),
    Case("closed: no password, and none is permitted", "ChrootDirectory ROOT\n", user=OPEN),
    Case(
        "closed: no password authentication",
        "PermitEmptyPasswords yes\nPasswordAuthentication no\nChrootDirectory ROOT\n",
        user=OPEN,
    ),
    Case(
        "closed: refused by its group", "PermitEmptyPasswords yes\nDenyGroups inv*\nChrootDirectory ROOT\n", user=OPEN
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_stated_is_true(case: Case) -> None:
    wrong = [str(cell) for cell in sshserver.cells(case) if cell.stated != cell.true]
    assert wrong == []
