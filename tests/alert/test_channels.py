"""Each channel against a real server on loopback: what arrives, and what a refusal or a silence becomes."""

from __future__ import annotations

import hmac
import json
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from phiscan.alert.channel import Channel, Undelivered, make
from phiscan.alert.message import Message, evidence, test_message
from phiscan.config import Config
from phiscan.model import CATEGORIES, Kind, Reason
from tests.alert.book import message_about
from tests.hooks import Hook, hook
from tests.servers import free_port

test_message.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture
def endpoint() -> Iterator[Hook]:
    with hook() as one:
        yield one


@pytest.fixture
def message(tmp_path: Path) -> Message:
    files = {"/srv/pub/CR_GARNIER_Lucie_VIH.csv": (3,), "/srv/pub/export <!channel>.csv": (12, "hiv", "cancer")}
    return message_about(tmp_path, files)


def configured(name: str, lang: str = "fr", **settings: Any) -> Channel:
    return make(name, Config.model_validate({"alerts": {name: settings}}), lang)  # type: ignore[arg-type]


def refused(channel: Channel, message: Message) -> tuple[str, float | None]:
    with pytest.raises(Undelivered) as error:
        channel.send(message)
    return error.value.why, error.value.after


def test_what_a_message_says(message: Message) -> None:
    said = message.to_dict()
    assert [(one["path"], one["persons"]["count"]) for one in said.pop("incidents")] == [
        ("/srv/pub/•••.csv", "< 5"),
        ("/srv/pub/export <!channel>.csv", 12),
    ]
    assert re.fullmatch(r"[0-9a-f]{8}-1", said.pop("id"))
    assert re.fullmatch(r"[0-9a-f]{8}-g1", said.pop("thread"))
    assert said == {
        "schema": "phiscan.alert/1",
        "kind": "alert",
        "sequence": 2,
        "at": "1970-01-12T13:46:40Z",
        "host": "serveur",
        "zone": "/srv",
        "place": "/srv/pub",
        "severity": "critical",
        "exposure": {"level": "public", "why": ["zone: exposure: public"]},
        "files": 2,
        "new": 2,
        "reopened": 0,
        "open": 2,
        "resolved": 0,
        "persons": {"count": 15, "exact": True},
        "identified_health_persons": {"count": 15, "exact": True},
        "categories": ["hiv", "cancer", "nir"],
        "rules": [{"id": "public.identified-health", "version": 1}],
        "duties": [
            {"id": "cnil-72h", "version": 1, "within": 259_200.0},
            {"id": "inform-persons", "version": 1, "within": None},
            {"id": "report-ans", "version": 1, "within": None},
            {"id": "complaint-72h", "version": 1, "within": 259_200.0},
        ],
        "deadlines": [],
        "first_seen": "1970-01-12T13:46:40Z",
        "accounts": [],
        "ends": None,
        "readers": {"count": 0, "latest": []},
    }


def test_the_evidence_names_configurations_and_nothing_that_is_given_away() -> None:
    reasons = (
        Reason("vsftpd", "anonymous_enable=YES", "/etc/vsftpd.conf:12", "/srv/ftp"),
        Reason("vsftpd", "anon_root (default )", "/etc/vsftpd.conf", "/srv/ftp"),
        Reason("apache", "Require all granted", "/var/www/GARNIER Lucie/.htaccess:1", "/var/www/GARNIER Lucie"),
        Reason("apache", "Require all granted", "/var/www/GARNIER Lucie/.htaccess:1", "/var/www/GARNIER Lucie/vih"),
        Reason("nginx", "autoindex on", "/srv/ftp/GARNIER Lucie/site.conf:3", "/srv/ftp"),
        Reason("posix", "mode 0644", "/srv/ftp/GARNIER Lucie:7", "/srv/ftp"),
        Reason("zone", "exposure: public", "phiscan.yaml:7", "/srv/ftp"),
    )
    assert evidence(reasons) == (
        "vsftpd: /etc/vsftpd.conf:12 anonymous_enable=YES",
        "vsftpd: anon_root (default )",
        "apache: Require all granted",
        "nginx: autoindex on",
        "posix: mode 0644",
        "zone: exposure: public",
    )


def test_lines_of_json(message: Message, tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    channel = configured("file", path=str(file))
    channel.send(message)
    with file.open("ab") as out:
        out.write(b'{"cut')
    channel.send(message)
    lines = file.read_text("utf-8").split("\n")
    assert [lines[0], lines[2], lines[3]] == [json.dumps(message.to_dict(), ensure_ascii=False)] * 2 + [""]
    nowhere = configured("file", path=str(tmp_path / "nowhere/x"))
    assert refused(nowhere, message) == ("the file cannot be written", None)


def test_webhook(message: Message, endpoint: Hook, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    (tmp_path / "hmac").write_text("key\n")
    channel = configured(
        "webhook", url=endpoint.url, token_file=str(tmp_path / "token"), hmac_file=str(tmp_path / "hmac")
    )
    channel.send(message)
    assert endpoint.bodies == [json.loads(json.dumps(message.to_dict()))]
    (headers,) = endpoint.headers
    signed = "sha256=" + hmac.new(b"key", endpoint.raw[0], "sha256").hexdigest()
    assert (headers["Authorization"], headers["X-Phiscan-Signature"]) == ("Bearer s3cret", signed)
    assert headers["Idempotency-Key"] == message.key


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (500, {}, ("HTTP 500", None)),
        (429, {"Retry-After": "7"}, ("HTTP 429", 7.0)),
    ],
)
@pytest.mark.parametrize("name", ["webhook", "slack"])
def test_refusals(
    message: Message, endpoint: Hook, name: str, status: int, headers: dict[str, str], told: tuple[str, float | None]
) -> None:
    endpoint.answer = lambda number: (status, headers)
    assert refused(http(name, endpoint.url), message) == told
    assert endpoint.asked == 1


def test_nobody_is_sent_elsewhere(message: Message, endpoint: Hook) -> None:
    endpoint.answer = lambda number: (302, {"Location": "http://127.0.0.1:9/"})
    assert refused(http("webhook", endpoint.url), message) == ("HTTP 302", None)
    assert refused(http("slack", endpoint.url), message) == ("not reached", None)
    endpoint.answer = lambda number: (200, {})
    endpoint.body = b"<html>connect to this network</html>"
    why = refused(http("slack", endpoint.url), message)
    assert why == ("no answer that could be understood", None)


@pytest.mark.parametrize("name", ["webhook", "slack"])
def test_silence_and_nobody(message: Message, endpoint: Hook, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("webhook", "slack"):
        monkeypatch.setattr(f"phiscan.alert.{module}.PATIENCE", 1.0)
    endpoint.answer = lambda number: (0, {})
    assert refused(http(name, endpoint.url), message)[0] in ("no answer in time", "not reached")
    assert refused(http(name, f"http://127.0.0.1:{free_port()}/"), message) == ("not reached", None)


def http(name: str, url: str) -> Channel:
    if name == "webhook":
        return configured("webhook", url=url)
    from phiscan.alert.slack import Slack
    from phiscan.config.alerts import Slack as Settings

    return Slack(Settings.model_construct(webhook_url=_Secret(url), webhook_url_file=None, proxy=None), "fr")


class _Secret:
    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value


def test_ocsf(message: Message, endpoint: Hook) -> None:
    configured("webhook", url=endpoint.url, format="ocsf").send(message)
    first, second = endpoint.bodies[0]
    assert {(one["class_uid"], one["type_uid"], one["activity_id"], one["severity_id"]) for one in (first, second)} == {
        (2006, 200_601, 1, 5)
    }
    assert [one["finding_info"]["uid"] for one in (first, second)] == [one["uid"] for one in message.incidents]
    assert first["file"] == {"name": "•••.csv", "type_id": 1, "path": "/srv/pub/•••.csv"}
    assert first["data_security"]["discovery_details"] == [{"type": "nir"}, {"type": "hiv"}]


def test_slack_within_its_limits(message: Message, endpoint: Hook) -> None:
    http("slack", endpoint.url).send(message)
    (body,) = endpoint.bodies
    blocks = body["blocks"]
    assert len(blocks) <= 50
    assert blocks[0]["text"]["text"] == "🔴 phiscan · Alerte · critique · 2 fichiers · /srv/pub"
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert all(len(text) <= 3000 for text in texts)
    assert texts[0] == "*Des données de santé de personnes identifiées sont lisibles par n'importe qui*"
    assert [re.sub(r"\d\d/\d\d/1970 \d\d:\d\d", "then", text) for text in texts[1:]] == [
        "*Où* /srv/pub (zone /srv)\n"
        "*Exposé* public, sans aucun compte (zone déclarée, exposure: public)\n"
        "*Fichiers* •••.csv (incident 1), export &lt;!channel&gt;.csv (incident 2)\n"
        "*Incidents* 2 incidents ouverts, dont 2 nouveaux\n"
        "*Personnes* 15, dont 15 avec des données de santé\n"
        "*Données* VIH, cancer, NIR\n"
        "*Depuis* then · serveur",
        "*À faire*\nFermer l'accès ou retirer le fichier tout de suite, conserver les journaux d'accès, "
        "prévenir le DPO.",
        "*À examiner*\n• Notifier la violation à la CNIL (sous 72 h)\n• Informer les personnes concernées\n"
        "• Signaler l'incident grave de sécurité\n"
        "• Déposer plainte si une assurance couvre le risque cyber (sous 72 h)\n"
        "(proposition à valider\u202f: seule la qualification par une personne ouvre un délai)",
        "*Détail* phiscan incidents list\n*Répondre* phiscan incidents ack ID",
    ]
    assert "<!channel>" not in json.dumps(body)


def test_slack_takes_whatever_there_is_to_say(tmp_path: Path, endpoint: Hook) -> None:
    health = [name for name, kind in CATEGORIES.items() if kind is Kind.HEALTH]
    deep = "/srv/" + "/".join(["<&>" * 80] * 16)
    files = {f"{deep}/{number}.csv": (1000 + number, *health) for number in range(60)}
    http("slack", endpoint.url).send(message_about(tmp_path, files))
    assert (len(endpoint.bodies), endpoint.unfit) == (1, [])


class Mailbox:
    def __init__(self) -> None:
        self.got: list[tuple[list[str], bytes]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802  aiosmtpd's
        if self.answer.startswith("250"):
            self.got.append((envelope.rcpt_tos, envelope.content))
        return self.answer


def test_mail(message: Message) -> None:
    import dataclasses
    import email
    import email.policy

    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    try:
        settings: dict[str, Any] = {
            "host": "127.0.0.1", "port": controller.port, "starttls": False, "from": "phiscan@example.org",
            "to": ["rssi@example.org"],
        }  # fmt: skip
        data = {"alerts": {"email": settings}, "organisation": {"dpo": "dpo@example.org"}}
        channel = make("email", Config.model_validate(data), "fr")
        channel.send(message)
        channel.send(dataclasses.replace(message, kind="dismissal", key="k2"))
        channel.send(dataclasses.replace(message, kind="deadline", key="k3"))
        (to, first), (to_dpo, second), (to_dpo_too, _) = box.got
        assert (to, to_dpo) == (["rssi@example.org"], ["rssi@example.org", "dpo@example.org"])
        assert to_dpo_too == to_dpo
        mail, other = (email.message_from_bytes(one, policy=email.policy.default) for one in (first, second))
        assert mail["Subject"] == "phiscan · Alerte · critique · 2 fichiers · /srv/pub"
        assert (mail["Message-ID"], other["Message-ID"]) == (f"<{message.key}@example.org>", "<k2@example.org>")
        assert mail["References"] == other["References"] == f"<{message.thread}@example.org>"
        assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        plain = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "à faire" in plain
        assert "15, dont 15 avec des données de santé" in plain
        box.answer = "451 later"
        assert refused(channel, message) == ("SMTP 451", None)
    finally:
        controller.stop()
    assert refused(channel, message) == ("not reached", None)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that nobody else has signed."""
    key, public = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", public, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, check=True,
    )  # fmt: skip
    return key, public


def receive(listener: socket.socket, wrap: Callable[[socket.socket], socket.socket], into: list[bytes]) -> None:
    for _ in range(2):
        try:
            raw, _ = listener.accept()
            raw.settimeout(20)
            with raw, wrap(raw) as stream:
                data = b""
                while piece := stream.recv(65536):
                    data += piece
                into.append(data)
        except (OSError, ssl.SSLError):
            continue


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls", "unix"])
def test_syslog(message: Message, tmp_path: Path, scheme: str) -> None:
    got: list[bytes] = []
    settings: dict[str, Any] = {}
    if scheme in ("udp", "unix"):
        family = socket.AF_UNIX if scheme == "unix" else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as server:
            server.bind(str(tmp_path / "log") if scheme == "unix" else ("127.0.0.1", 0))
            where = f"unix://{tmp_path}/log" if scheme == "unix" else f"udp://127.0.0.1:{server.getsockname()[1]}"
            server.settimeout(20)
            configured("syslog", address=where).send(message)
            (line,) = [server.recv(65536)]
    else:
        wrap: Callable[[socket.socket], socket.socket] = lambda raw: raw  # noqa: E731
        if scheme == "tls":
            key, public = certificate(tmp_path)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(public, key)
            wrap, settings["ca_file"] = lambda raw: context.wrap_socket(raw, server_side=True), str(public)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(20)
            thread = threading.Thread(target=receive, args=(listener, wrap, got))
            thread.start()
            where = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
            if scheme == "tls":  # a stranger's certificate is no server of ours
                assert refused(configured("syslog", address=where), message) == ("the certificate is not trusted", None)
            configured("syslog", address=where, **settings).send(message)
            if scheme == "tcp":
                configured("syslog", address=where, **settings).send(message)
            thread.join(30)
        length, _, line = got[0].partition(b" ")
        assert int(length) == len(line)
    text = line.decode()
    assert text.startswith('<106>1 1970-01-12T13:46:40Z serveur phiscan - alert [phiscan@32473 id="')
    assert 'place="/srv/pub" open="2" new="2" resolved="0" persons="15" categories="hiv,cancer,nir"' in text
    assert text.endswith("] \ufeffphiscan · Alerte · critique · 2 fichiers · /srv/pub")


def test_a_test_says_that_it_is_one(endpoint: Hook, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    for channel in (configured("file", path=str(file)), http("slack", endpoint.url)):
        channel.send(test_message(12.0, "x"))
    assert json.loads(file.read_text())["kind"] == "test"
    assert endpoint.bodies[0]["blocks"][1]["text"]["text"] == (
        "*Ceci est un essai de phiscan\u202f: ce canal fonctionne.*"
    )


def test_secrets_that_are_not_there() -> None:
    from phiscan.messages import Told

    with pytest.raises(Told) as error:
        configured("slack", proxy="http://127.0.0.1:3128")
    assert error.value.key == "alert.no_secret"
    with pytest.raises(Told) as error:
        configured("webhook", url="https://127.0.0.1/", token_file="/nowhere/token")
    assert error.value.key == "file.unreadable"
    with pytest.raises(Told) as error:
        configured("webhook", url="https://127.0.0.1/", ca_file="/nowhere/ca.pem")
    assert error.value.key == "file.unreadable"
