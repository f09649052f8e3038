"""What is shipped: the wheel holds what git tracks and nothing else, and starting imports nothing heavy."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from phiscan import __version__
from phiscan.store.schema import SCHEMA
from tests.running import environment

ROOT = Path(__file__).parents[1]
SHIPPED = {"phiscan/": "phiscan/"} | {
    f"{folder}/": f"phiscan/_content/{folder}/" for folder in ("recognizers", "rules", "packaging", "docs")
}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once, with what is installed: nothing is fetched."""
    try:
        version("hatchling")
    except PackageNotFoundError:
        pytest.skip("hatchling is not installed here")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def _tracked() -> set[str]:
    """Return the members that the wheel should have, by what git tracks."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    # Whoever owns the checkout: a container's root often does not.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *SHIPPED]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in done.stdout.split("\0") if name]
    return {inside + name.removeprefix(folder) for name in names for folder, inside in SHIPPED.items()
            if name.startswith(folder)}  # fmt: skip


def test_the_wheel_holds_what_git_tracks(wheel: Path) -> None:
    expected = _tracked()
    with zipfile.ZipFile(wheel) as archive:
        members = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {
        "shipped, not tracked (git add, or ignore)": sorted(members - expected),
        "tracked, not shipped": sorted(expected - members),
    } == {"shipped, not tracked (git add, or ignore)": [], "tracked, not shipped": []}


def test_the_wheel_holds_what_is_not_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = set(archive.namelist())
    needed = {
        "phiscan/py.typed",
        "phiscan/report/report.html.j2",
        "phiscan/alert/wazuh/phiscan_decoders.xml",
        "phiscan/alert/wazuh/phiscan_rules.xml",
        "phiscan/_content/recognizers/roles.yaml",
        "phiscan/_content/recognizers/codes.yaml",
        "phiscan/_content/recognizers/identity/nir.yaml",
        "phiscan/_content/recognizers/identity/first_names.txt",
        "phiscan/_content/rules/public.identified-health.yaml",
        f"phiscan-{__version__}.dist-info/licenses/LICENSE",
        f"phiscan-{__version__}.dist-info/entry_points.txt",
    }
    assert needed - members == set()


def test_nothing_generic_lands_in_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"phiscan", f"phiscan-{__version__}.dist-info"}


def test_the_wheel_makes_a_store(wheel: Path, tmp_path: Path) -> None:
    """The scripts that make and migrate one are in it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import phiscan; from phiscan.store import Store; Store.open('sqlite:///phiscan.db', create=True).close(); "
        "print(phiscan.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(tmp_path, PYTHONPATH=str(tmp_path / "site")), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == f"{tmp_path}/site/phiscan/__init__.py\n"
    with closing(sqlite3.connect(tmp_path / "phiscan.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA,)]


def test_the_version_is_one() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert declared == __version__
    assert f"\n## {__version__} " in changes


def test_the_command_line_imports_nothing_heavy() -> None:
    heavy = {"numpy", "pandas", "pyarrow", "spacy", "pydantic"}
    code = "import sys, phiscan.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert (heavy & loaded, {"phiscan", "typer"} <= loaded) == (set(), True)
