"""The configuration of the contract, to the letter, and one line for whatever is wrong with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan import config
from phiscan.config.yamlfile import parse
from phiscan.errors import UsageError
from phiscan.messages import Told, tell
from phiscan.model import Limits

CONTRACT = """\
language: fr
organisation: {name: Labo X, siren: "000000000", role: controller, dpo: dpo@example.org}   # or processor
watch: [/srv/ftp, /srv/samba]
store: sqlite:////var/lib/phiscan/phiscan.db      # or postgresql+psycopg://…
key_file: /var/lib/phiscan/key                    # made with mode 0600, only where the store is empty too
recognizers: [/etc/phiscan/recognizers]           # added to the shipped ones
presidio: [/etc/phiscan/presidio.yaml]            # a site's own Presidio recognizers, verbatim
spacy_model: null                                 # an installed French model, used as further evidence
rules: [/etc/phiscan/rules]
zones:                                            # declared places, added to the discovered ones
  - path: /srv/ftp/migration-labo-x
    exposure: public                              # only where discovery cannot know
    owner: Exploitation
    contact: ftp-admins@example.org
    controller: labo-x
    purpose: migration labo X
    allow: [person_name, birth_date, lab_result]  # anything else there is over-extraction
    until: 2026-12-31                             # the files must be gone by then
  - path: sortie
exclude: ["*.iso"]                                # snapshot folders are excluded by default and reported
test_persons: /etc/phiscan/test-persons.csv       # fictitious people: counted apart, never alert alone
alerts:
  minimum: high
  group_wait: 5s                                  # the first alert of a group goes at once
  repeat_after: {public: 1h, default: 24h}        # while nobody has acknowledged
  webhook: {url: https://siem.example.org/hook, format: ocsf, token_file: /etc/phiscan/siem-token}
  email: {host: smtp.example.org, port: 587, starttls: true, from: phiscan@example.org, to: [dpo@example.org]}
  slack: {webhook_url_file: /etc/phiscan/slack}
  syslog: {address: "tls://siem.example.org:6514"}
  apprise: [/etc/phiscan/apprise.urls]
  routes:                                         # first match wins; default: every channel
    - {match: {zone: /srv/ftp/migration-labo-x}, to: [email], escalate_after: 2h}
retention: {closed_incidents: 3y, fingerprints: 1y, reader_addresses: 1y, audit: 3y}
fingerprints: keep                                # or none: no person look-up
limits: {workers: 2, memory: 1GiB, timeout: 120s, archive_depth: 4, unpacked: 1GiB}
servers: []                                       # configuration files to read besides the discovered ones
logs: []                                          # access logs besides the discovered ones
response: {}                                      # rule id: quarantine | chmod | notify-owner
server: {bind: 127.0.0.1:8443}
heartbeat: {url_file: null, every: 5m}
metrics: 127.0.0.1:9464
"""


def _write(folder: Path, content: str) -> str:
    file = folder / "phiscan.yaml"
    file.write_text(content, encoding="utf-8")
    return str(file)


def test_the_contract(tmp_path: Path) -> None:
    found = config.load(_write(tmp_path, CONTRACT), {})
    assert found.file == tmp_path / "phiscan.yaml"
    assert [zone.source for zone in found.zones] == ["phiscan.yaml:11", "phiscan.yaml:19"]
    assert [zone.path for zone in found.zones] == [Path("/srv/ftp/migration-labo-x"), tmp_path / "sortie"]
    assert found.zones[0].allow == ("person_name", "birth_date", "lab_result")
    assert found.zones[0].until == date(2026, 12, 31)
    assert found.presidio == (Path("/etc/phiscan/presidio.yaml"),)
    assert found.alerts.email is not None
    assert found.alerts.email.sender == "phiscan@example.org"
    assert found.alerts.routes[0].escalate_after == 7_200
    assert (found.alerts.repeat_after.public, found.alerts.repeat_after.default) == (3_600, 86_400)
    assert found.retention.audit == 94_608_000
    assert found.exclude == ("*.iso",)
    assert found.organisation.siren == "000000000"
    assert found.limits.for_files() == Limits()
    assert found.limits.for_files(max_file_size=5, timeout=1, ocr=False) == Limits(
        max_file_size=5, timeout=1, ocr=False
    )


def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(config, "SYSTEM_FILE", tmp_path / "none.yaml")
    found = config.load(None, {"HOME": str(tmp_path)})
    assert found.file is None
    assert found.store == "sqlite:////state/phiscan/phiscan.db"
    assert found.key_file == Path("/state/phiscan/key")
    assert (found.language, found.zones, found.limits.workers) == ("fr", (), 2)


def test_root_keeps_its_state_in_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    found = config.load(_write(tmp_path, ""), {})
    assert (found.store, found.key_file) == ("sqlite:////var/lib/phiscan/phiscan.db", Path("/var/lib/phiscan/key"))


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, home, system = tmp_path / "here", tmp_path / "home", tmp_path / "etc.yaml"
    (home / ".config/phiscan").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(config, "SYSTEM_FILE", system)
    environ = {"HOME": str(home)}
    assert config.find(None, environ) is None
    system.touch()
    assert config.find(None, environ) == system
    (home / ".config/phiscan/phiscan.yaml").touch()
    assert config.find(None, environ) == home / ".config/phiscan/phiscan.yaml"
    (here / "phiscan.yaml").touch()
    assert config.find(None, environ) == Path("phiscan.yaml")
    assert config.find(None, environ | {"PHISCAN_CONFIG": "/x.yaml"}) == Path("/x.yaml")
    assert config.find("/y.yaml", environ | {"PHISCAN_CONFIG": "/x.yaml"}) == Path("/y.yaml")


def test_a_file_asked_for_must_exist(tmp_path: Path) -> None:
    for path, environ in ((f"{tmp_path}/no.yaml", {}), (None, {"PHISCAN_CONFIG": f"{tmp_path}/no.yaml"})):
        with pytest.raises(Told) as raised:
            config.load(path, environ)
        assert tell(raised.value, "en") == f"{tmp_path}/no.yaml: there is no such configuration"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("langage: fr", "1: langage: unknown key; perhaps “language”"),
        ("xyzzy: 1", "1: xyzzy: unknown key"),
        ("language: de", "1: language: expected one of: fr, en"),
        ("\nwatch: [/a]\n\nlimits:\n  timeot: 3\n", "5: limits.timeot: unknown key; perhaps “timeout”"),
        ("limits:\n  workers: 1\n  timeout: soon\n", "3: limits.timeout: expected a duration such as 120s, 2h or 3y"),
        ("limits: {memory: lots}", "1: limits.memory: expected a size such as 500MB or 1GiB"),
        ("limits: {timeout: 0}", "1: limits.timeout: more than 0"),
        ("limits:\n  workers: 0", "2: limits.workers: at least 1"),
        ("limits: {workers: two}", "1: limits.workers: expected a whole number"),
        ("limits: [1]", "1: limits: expected a group of keys"),
        ("zones:\n  - path: /x\n  - exposure: public", "3: zones[1].path: missing key"),
        ("zones:\n  - path: /x\n    exposure: unknown", "3: zones[0].exposure: expected one of: restricted, shared, public"),  # noqa: E501
        ("zones:\n  - path: /x\n    source: y", "3: zones[0].source: unknown key"),
        ("zones:\n  - path: /x\n    until: 2026-13-45", "3: zones[0].until: invalid value"),
        ("zones:\n  - path: /x\n    until: demain", "3: zones[0].until: expected a date, YYYY-MM-DD"),
        ("watch: /srv", "1: watch: expected a list"),
        ("organisation: {siren: 123456789}", "1: organisation.siren: expected text (quote it if need be)"),
        ("organisation: {siren: '12'}", "1: organisation.siren: expected nine digits, quoted"),
        ("alerts: {email: {host: x, to: [a]}}", "1: alerts.email.from: missing key"),
        ("alerts: {email: {host: x, sender: y, to: [a]}}", "1: alerts.email.from: missing key"),
        ("alerts: {routes: [{to: [email]}]}", "1: alerts: channel not configured: email"),
        ("alerts:\n  file: {path: a}\n  routes: [{match: {owner: Labo}, to: [file]}]", "1: alerts: routes: no declared zone has “Labo” as its owner"),  # noqa: E501
        ("alerts:\n  routes:\n    - {to: [file], quiet: nachts}", "3: alerts.routes[0].quiet: expected hours such as 20:00-07:00 or sat-sun 00:00-24:00"),  # noqa: E501
        ("alerts: {routes: [{to: [file], quiet: '20:00-25:00'}]}", "1: alerts.routes[0].quiet: expected hours such as 20:00-07:00 or sat-sun 00:00-24:00"),  # noqa: E501
        ("alerts: {routes: [{to: [file], quiet: ['07:00-19:00', '19:00-07:00']}]}", "1: alerts.routes[0].quiet: no hour of the week is left"),  # noqa: E501
        ("alerts: {routes: [{to: [file], minimum: grave}]}", "1: alerts.routes[0].minimum: expected one of: info, low, medium, high, critical"),  # noqa: E501
        ("alerts: {syslog: {address: 'http://x'}}", "1: alerts.syslog.address: expected an address: tls://…, tcp://…, udp://…, unix://…"),  # noqa: E501
        ("server: {bind: here}", "1: server.bind: expected address:port"),
        ("limits: {bandwidth: fast}", "1: limits.bandwidth: expected a size such as 500MB or 1GiB"),
        ("limits: {bandwidth: 0}", "1: limits.bandwidth: expected a size such as 500MB or 1GiB"),
        ("limits:\n  window: [nachts]", "2: limits.window: expected hours such as 20:00-07:00 or sat-sun 00:00-24:00"),
        ("self_test: {every: 10s}", "1: self_test.every: at least 60"),
        ("self_test: {to: [pigeon]}", "1: self_test.to[0]: expected one of: webhook, email, slack, syslog, file, apprise"),  # noqa: E501
        ("response: {some.rule: rm}", "1: response.some.rule: expected one of: quarantine, chmod, notify-owner"),
        ("fingerprints: some", "1: fingerprints: expected one of: keep, none"),
        ("a: 1\na: 2", "2: a: key written twice"),
        ("- a", "1: expected a group of keys"),
        ("a: [", "2: invalid YAML (did not find expected node content)"),
        ("a: !!python/name:os.system", "1: invalid YAML (could not determine a constructor for the tag 'tag:yaml.org,2002:python/name:os.system')"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_file_line_and_key(tmp_path: Path, content: str, said: str) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(UsageError) as raised:
        config.load(file, {})
    assert tell(raised.value, "en") == f"{file}:{said}"


@pytest.mark.parametrize(
    ("content", "key", "name"),
    [
        ("store: postgresql+psycopg://phiscan:s3cret@db/phiscan", "store", "store"),
        ("alerts: {webhook: {url: 'https://u:s3cret@h', token: s3cret}}", "alerts.webhook.url", "url"),
        ("alerts: {webhook: {url: https://h, token: s3cret}}", "alerts.webhook.token", "token"),
        ("alerts: {slack: {webhook_url: https://s3cret}}", "alerts.slack.webhook_url", "webhook_url"),
        ("alerts: {email: {host: h, from: a, to: [b], password: s3cret}}", "alerts.email.password", "password"),
        ("heartbeat: {url: https://s3cret}", "heartbeat.url", "url"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, content: str, key: str, name: str) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(UsageError) as raised:
        config.load(file, {})
    said = f"a secret is not written in the configuration; use {name}_file or the environment"
    assert tell(raised.value, "en") == f"{file}:1: {key}: {said}"
    assert "s3cret" not in repr(raised.value)


def test_the_environment_sets_any_key_and_may_hold_secrets(tmp_path: Path) -> None:
    file = _write(tmp_path, "limits: {timeout: 5s}\nalerts: {webhook: {url: https://h}}\nmetrics: 1.2.3.4:5")
    environ = {
        "PHISCAN_CONFIG": "/elsewhere.yaml",
        "PHISCAN_LANGUAGE": "en",
        "PHISCAN_LIMITS__TIMEOUT": "2m",
        "PHISCAN_LIMITS__WORKERS": "7",
        "PHISCAN_ALERTS__WEBHOOK__TOKEN": "s3cret",
        "PHISCAN_ALERTS__EMAIL": "{host: h, from: a@example.org, to: [b@example.org], password: s3cret}",
        "PHISCAN_STORE": "postgresql+psycopg://u:s3cret@db/phiscan",
        "PHISCAN_EXCLUDE": "*.iso, *.img",
        "PHISCAN_WATCH": "[/srv/a, /srv/b]",
        "PHISCAN_METRICS": "null",
        "PHISCAN_ZONES": "[{path: /z, exposure: shared}]",
        "PATH": "/bin",
    }
    found = config.load(file, environ)
    assert (found.language, found.limits.timeout, found.limits.workers) == ("en", 120, 7)
    assert found.alerts.webhook is not None
    assert config.secret(found.alerts.webhook.token, None) == "s3cret"
    assert found.alerts.email is not None
    assert found.alerts.email.to == ("b@example.org",)
    assert found.exclude == ("*.iso", "*.img")
    assert found.watch == (Path("/srv/a"), Path("/srv/b"))
    assert found.metrics is None
    assert found.zones[0].source == "PHISCAN_ZONES"
    assert found.store == "postgresql+psycopg://u:s3cret@db/phiscan"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PHISCAN_TIMEOUT", "3", "timeout: unknown key"),
        ("PHISCAN_LIMITS__TIMEOUT", "soon", "limits.timeout: expected a duration such as 120s, 2h or 3y"),
        ("PHISCAN_LIMITS__TIMEOUT__X", "1", "timeout: expected a group of keys"),
        ("PHISCAN_LIMITS", "[1]", "limits: expected a group of keys"),
    ],
)
def test_what_is_wrong_in_the_environment_names_the_variable(tmp_path: Path, name: str, value: str, said: str) -> None:
    file = _write(tmp_path, "limits: {timeout: 3}")
    with pytest.raises(UsageError) as raised:
        config.load(file, {name: value})
    assert tell(raised.value, "en").startswith(f"{name}: {said}")


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    assert config.secret(None, file) == "s3cret"
    assert config.secret(None, None) is None
    with pytest.raises(UsageError):
        config.secret(None, tmp_path / "none")


@given(st.binary(max_size=200) | st.text(alphabet="a:-[]{}&*!|>'\"\n\t #?,@%1.", max_size=60).map(str.encode))
def test_junk_is_a_usage_error_or_data(content: bytes) -> None:
    with suppress(UsageError):
        parse(content, "junk.yaml")


def test_pace_and_self_test(tmp_path: Path) -> None:
    found = config.load(
        _write(
            tmp_path,
            "limits: {bandwidth: 20MB/s, window: [20:00-07:00, sat-sun 00:00-24:00]}\n"
            "self_test: {folder: essais, every: 6h, to: [file]}",
        ),
        {"PHISCAN_LIMITS__BANDWIDTH": "5 Mo/s"},
    )
    assert found.limits.bandwidth == 5_000_000
    assert [(len(one.days), one.start, one.length) for one in found.limits.window] == [(7, 1200, 660), (2, 0, 1440)]
    test = found.self_test
    assert (test.folder, test.every, test.within, test.to) == (tmp_path / "essais", 21_600.0, 60.0, ("file",))
    plain = config.load(_write(tmp_path, ""), {})
    assert (plain.limits.bandwidth, plain.limits.window, plain.self_test.folder) == (None, (), None)


def test_the_address_of_the_store_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    address = "postgresql+psycopg://phiscan:s3cret@db/phiscan"
    found = config.load(_write(tmp_path, "store_file: address"), {})
    with pytest.raises(UsageError) as raised:
        _ = found.store
    assert tell(raised.value, "en") == f"{tmp_path}/address: cannot be read (No such file or directory)"
    (tmp_path / "address").write_text("mysql://phiscan:s3cret@db\n")
    with pytest.raises(UsageError) as raised:
        _ = found.store
    assert tell(raised.value, "en") == f"{tmp_path}/address: expected sqlite:////path or postgresql+psycopg://…"
    assert "s3cret" not in repr(raised.value)
    (tmp_path / "address").write_text(f"{address}\n")
    assert found.store == address
    assert "s3cret" not in repr(found)


def test_file_servers_that_may_be_asked(tmp_path: Path) -> None:
    first = "{server: nas, credentials_file: nas.cred, guests: true}"
    said = f"smb:\n  - {first}\n  - {{server: 192.0.2.1, login: kerberos, port: 4450}}\n"
    found = config.load(_write(tmp_path, said), {}).smb
    assert [(one.server, one.credentials_file, one.login, one.port, one.guests) for one in found] == [
        ("nas", tmp_path / "nas.cred", "fstab", 445, True),
        ("192.0.2.1", None, "kerberos", 4450, False),
    ]
    assert config.load(_write(tmp_path, ""), {}).smb == ()


@pytest.mark.parametrize("wrong", ["server: //nas/x", "server: nas, pass: x", "server: nas, port: 0", "login: fstab"])
def test_a_file_server_that_is_wrong(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Told, match=r"phiscan\.yaml:1"):
        config.load(_write(tmp_path, f"smb: [{{{wrong}}}]\n"), {})
