"""Apprise against a real HTTP endpoint on loopback (`json://`): what arrives, what is refused, no address repeated."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.alert.channel import Channel, Undelivered, make
from phiscan.alert.message import Message
from phiscan.config import Config
from phiscan.messages import Told, tell
from phiscan.model import Severity
from tests.alert.book import message_about
from tests.hooks import Hook, hook
from tests.running import Inside
from tests.servers import free_port


@pytest.fixture
def endpoint() -> Iterator[Hook]:
    with hook() as one:
        yield one


@pytest.fixture
def other() -> Iterator[Hook]:
    with hook() as one:
        yield one


@pytest.fixture
def message(tmp_path: Path) -> Message:
    return message_about(tmp_path, {"/srv/pub/CR_GARNIER_Lucie_VIH.csv": (12,)})


def address(one: Hook) -> str:
    return f"json://127.0.0.1:{one.port}/hook"


def channel(folder: Path, *lines: str) -> Channel:
    file = folder / "apprise.urls"
    file.write_text("\n".join(["# services", "", *lines]) + "\n", "utf-8")
    return make("apprise", Config.model_validate({"alerts": {"apprise": [str(file)]}}), "fr")


def test_what_a_service_gets(message: Message, endpoint: Hook, tmp_path: Path) -> None:
    channel(tmp_path, address(endpoint)).send(message)
    (body,) = endpoint.bodies
    assert (body["title"], body["type"]) == ("phiscan · Alerte · critique · 1 fichier · /srv/pub", "failure")
    assert body["message"].splitlines()[0] == (
        "Des données de santé de personnes identifiées sont lisibles par n'importe qui"
    )
    assert "12, dont 12 avec des données de santé" in body["message"]
    assert "GARNIER" not in endpoint.raw[0].decode()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"severity": Severity.MEDIUM}, "warning"),
        ({"kind": "resolved", "open": 0, "resolved": 1}, "success"),
        ({"kind": "dismissal", "open": 0}, "info"),
        ({"kind": "deadline", "open": 0}, "failure"),
    ],
)
def test_its_type(message: Message, endpoint: Hook, tmp_path: Path, change: dict[str, object], kind: str) -> None:
    channel(tmp_path, address(endpoint)).send(dataclasses.replace(message, **change))  # type: ignore[arg-type]  # any field
    assert [body["type"] for body in endpoint.bodies] == [kind]


def test_who_has_accepted_is_not_asked_again_unless_there_is_more(
    message: Message, endpoint: Hook, other: Hook, tmp_path: Path
) -> None:
    services = channel(tmp_path, address(endpoint), address(other))
    other.answer = lambda number: (503, {}) if number < 4 else (200, {})
    another = dataclasses.replace(message, key="another", place="/srv/b")
    for tried in (message, another, dataclasses.replace(message, sequence=7)):  # something happened elsewhere
        with pytest.raises(Undelivered) as error:
            services.send(tried)
        assert error.value.why == "not accepted by every service"
    services.send(dataclasses.replace(message, persons=message.persons + 1))
    services.send(another)
    assert (len(endpoint.bodies), len(other.bodies), other.asked) == (3, 2, 5)


def test_nobody_there_and_no_redirection(message: Message, endpoint: Hook, other: Hook, tmp_path: Path) -> None:
    endpoint.answer = lambda number: (302, {"Location": other.url})
    services = channel(tmp_path, f"json://127.0.0.1:{free_port()}/s3cret", address(endpoint))
    with pytest.raises(Undelivered) as error:
        services.send(message)
    assert error.value.why == "not accepted by every service"
    assert (endpoint.asked, other.asked) == (1, 0)


def test_what_is_wrong_is_one_line_and_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "apprise.urls"
    with pytest.raises(Told) as error:
        channel(tmp_path, "json://127.0.0.1:9/", "nonsense://s3cret")
    assert tell(error.value, "en") == f"{file}:4: not an address that Apprise knows"
    with pytest.raises(Told) as error:
        channel(tmp_path)
    assert tell(error.value, "en") == "alerts.apprise: no address"
    with pytest.raises(Told) as error:
        make("apprise", Config.model_validate({"alerts": {"apprise": ["/nowhere/urls"]}}), "fr")
    assert tell(error.value, "en") == "/nowhere/urls: cannot be read (No such file or directory)"
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(Told) as error:
        channel(tmp_path, "json://127.0.0.1:9/")
    assert tell(error.value, "en") == "alerts.apprise: a package is missing: pip install 'phiscan[apprise]'"


def test_the_real_command(
    endpoint: Hook, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Inside(tmp_path, capfdbinary, monkeypatch)
    monkeypatch.setenv("PHISCAN_LANGUAGE", "fr")
    (tmp_path / "apprise.urls").write_text(address(endpoint) + "\n")
    (tmp_path / "phiscan.yaml").write_text("alerts: {apprise: [apprise.urls]}\n")
    assert run("alert-test", "-c", str(tmp_path / "phiscan.yaml")) == (0, "apprise  accepté\n".encode(), b"")
    assert [body["title"].partition(" · ")[2].partition(" · ")[0] for body in endpoint.bodies] == ["Essai"]
    endpoint.answer = lambda number: (500, {})
    status, out, err = run("alert-test", "-c", str(tmp_path / "phiscan.yaml"))
    assert (status, err) == (1, b"")
    assert out.decode() == "apprise  pas accepté\u202f: pas accepté par tous les services\n"
