"""Sealed copies: what is in them, who can open them, and what the incident's history says of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path

import py7zr
import pytest
import yaml

from phiscan.commands.common import EXIT_GAPS, EXIT_OK, EXIT_USAGE
from phiscan.incidents import preserving
from phiscan.messages import Told
from phiscan.store import Store, access, incidents
from tests.access.test_keeping import add, evidence
from tests.alert.book import Desk
from tests.running import Inside

SECRET = "une longue phrase secrète"
CONTENT = b"NOM;VIH\nDURAND;positif\n" * 100_000


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with one incident, of a file that is there, and a reader."""
    store = Store.open(f"sqlite:///{tmp_path}/state/phiscan.db", create=True)
    found = Desk(store)
    (tmp_path / "patients.csv").write_bytes(CONTENT)
    found.found(str(tmp_path / "patients.csv"))
    add(found, evidence(1, found.at))
    (tmp_path / "phiscan.yaml").write_text(yaml.safe_dump({"store": f"sqlite:///{tmp_path}/state/phiscan.db"}))
    (tmp_path / "secret").write_text(f"{SECRET}\n", "utf-8")
    (tmp_path / "out").mkdir()
    return found


@pytest.fixture
def run(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    return Inside(tmp_path, capfdbinary, monkeypatch)


def preserve(run: Inside, home: Path, *more: str) -> tuple[int, bytes, bytes]:
    flags = ["--passphrase-file", str(home / "secret"), "--reason", "réquisition", "-c", str(home / "phiscan.yaml")]
    return run("incidents", "preserve", "1", *flags, *(more or ("--to", str(home / "out"))))


def opened(file: Path) -> dict[str, bytes]:
    with py7zr.SevenZipFile(file, password=SECRET) as archive:
        factory = py7zr.io.BytesIOFactory(1 << 30)
        archive.extractall(factory=factory)
        return {name: found.read() for name, found in factory.products.items()}


def test_the_copy_holds_the_file_the_lines_and_a_manifest(desk: Desk, run: Inside, tmp_path: Path) -> None:
    status, out, err = preserve(run, tmp_path)
    assert (status, err) == (EXIT_OK, b"")
    (sealed,) = (tmp_path / "out").iterdir()
    assert sealed.stat().st_mode & 0o777 == 0o600
    found = opened(sealed)
    assert found["fichier/patients.csv"] == CONTENT
    assert found["lignes.log"] == b"line 1000000\n"
    manifest = json.loads(found["manifest.json"])
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert (manifest["file"]["sha256"], manifest["file"]["size"], manifest["file"]["changed"]) == (
        sha256,
        len(CONTENT),
        False,
    )
    assert manifest["sealed"]["reason"] == "réquisition"
    assert [one["address"] for one in manifest["readers"]["by"]] == ["203.0.113.7"]
    container = hashlib.sha256(sealed.read_bytes()).hexdigest()
    assert sha256.encode() in out
    assert container.encode() in out
    with desk.store.read() as connection:
        (event,) = (one for one in incidents.history(connection, 1) if one.kind == "preserved")
        lines = access.lines_of(connection, 1)
    assert (event.data["sha256"], event.data["container"], event.data["lines"]) == (sha256, container, len(lines))
    assert event.author == manifest["sealed"]["by"]


def test_without_the_passphrase_not_even_names_can_be_seen(desk: Desk, run: Inside, tmp_path: Path) -> None:
    preserve(run, tmp_path)
    (sealed,) = (tmp_path / "out").iterdir()
    raw = sealed.read_bytes()
    assert not any(word in raw for word in (b"patients", "patients".encode("utf-16-le"), b"DURAND", b"203.0.113"))
    for wrong in (None, "autre phrase secrète"):
        with pytest.raises(Exception):  # noqa: B017  whichever the library chooses
            py7zr.SevenZipFile(io.BytesIO(raw), password=wrong).getnames()


def test_of_a_file_that_is_gone_the_lines_are_sealed(desk: Desk, run: Inside, tmp_path: Path) -> None:
    (tmp_path / "patients.csv").unlink()
    status, out, _ = preserve(run, tmp_path, "--to", str(tmp_path / "out/c.7z"))
    assert status == EXIT_GAPS
    assert "ne peut plus être lu" in out.decode()
    found = opened(tmp_path / "out/c.7z")
    assert sorted(found) == ["lignes.log", "manifest.json"]
    assert json.loads(found["manifest.json"])["file"]["unread"] == "vanished"


def test_nothing_is_overwritten_and_nothing_is_sealed_weakly(desk: Desk, run: Inside, tmp_path: Path) -> None:
    (tmp_path / "there.7z").write_bytes(b"mine")
    assert preserve(run, tmp_path, "--to", str(tmp_path / "there.7z"))[0] == EXIT_USAGE
    assert (tmp_path / "there.7z").read_bytes() == b"mine"
    (tmp_path / "secret").write_text("court\n")
    assert preserve(run, tmp_path)[0] == EXIT_USAGE
    os.unlink(tmp_path / "secret")
    assert preserve(run, tmp_path)[0] == EXIT_USAGE
    assert run("incidents", "preserve", "1", "--to", "x", "-c", str(tmp_path / "phiscan.yaml"))[0] == EXIT_USAGE
    assert list((tmp_path / "out").iterdir()) == []


def test_a_copy_that_cannot_be_written_leaves_nothing(desk: Desk, run: Inside, tmp_path: Path) -> None:
    assert preserve(run, tmp_path, "--to", str(tmp_path / "nowhere/c.7z"))[0] == 1
    with desk.store.read() as connection:
        assert "preserved" not in [one.kind for one in incidents.history(connection, 1)]
    with pytest.raises(Told):
        preserving.passphrase(str(tmp_path / "gone"))
