"""Shared accounts as incidents, from lines of logs to messages, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from phiscan.access.model import Access, Mapping
from phiscan.access.places import Spot, Spots
from phiscan.alert.fields import fields
from phiscan.alert.ocsf import findings
from phiscan.alert.wording import headline, lines, title
from phiscan.config import Accounts as Settings
from phiscan.config import Config, Zone
from phiscan.daemon.logs import Log
from phiscan.daemon.readers import Readers
from phiscan.daemon.sharing import Sharing
from phiscan.incidents import deciding
from phiscan.incidents.incident import Incident
from phiscan.incidents.words import Scope
from phiscan.messages import text
from phiscan.model import Level, Place, Severity
from phiscan.seal import Sealer
from phiscan.store import Store, access, incidents, ledger, retention
from phiscan.store.ledger import entry_of
from tests.alert.book import Desk, facts, rules
from tests.schemas import wrong

DAY = 86_400.0
START = datetime(2026, 11, 20, 12).timestamp()
SHARED, HEALTH, UNUSUAL = "account.shared", "account.shared-health", "account.unusual"
ALERTS = {"file": {"path": "/nowhere/alerts.jsonl"}, "minimum": "low"}


class Office:
    """A desk, a log of an FTP server that gives away /srv, and the thread's work without the thread."""

    def __init__(self, store: Store, log: Path, **settings: object) -> None:
        zones = (Zone(path=Path("/srv/prive"), owner="Laboratoire"),)
        self.desk = Desk(store, ALERTS, zones)
        self.desk.at, self.log = START, log
        log.touch()
        self.begin(**settings)

    def begin(self, **settings: object) -> None:
        """Begin as a daemon that starts does."""
        self.config = Config(logs=(self.log,), accounts=Settings.model_validate(settings))
        spots = Spots([b"/srv"], [b"/srv/prive"])
        self.sharing = Sharing(self.config.accounts, self.desk.book, rules(), spots, Log("error"))
        self.readers = Readers(
            self.desk.store,
            self.desk.telling,
            Sealer(b"0" * 32, "k1"),
            self.config,
            Log("error"),
            mappings=lambda: (Mapping(service="vsftpd", path=b"/srv"),),
            sharing=self.sharing,
            usual=(),
        )

    def come(self, account: str, address: str = "10.0.0.1", path: str = "/prive/a.csv", after: float = 1) -> None:
        """Have somebody fetch a file over FTP."""
        self.desk.at += after
        moment = datetime.fromtimestamp(self.desk.at)
        said = f'[{account}] OK DOWNLOAD: Client "{address}", "{path}", 20 bytes'
        line = f"{moment:%a %b %d %H:%M:%S %Y} [pid 2] {said}\n"
        with self.log.open("a", encoding="utf-8") as file:
            file.write(line)

    def turn(self) -> list[tuple[str, str, str]]:
        """Look at the logs and at accounts; return rule, account and state of each incident on one."""
        self.readers._turn()
        self.sharing.turn(self.desk.store, self.desk.at)
        return [(one.rule, one.account.name if one.account else "", one.state) for one in self.known()]

    def known(self) -> list[Incident]:
        with self.desk.store.read() as connection:
            return incidents.on_accounts(connection)

    def holds(self, path: str, persons: int = 7, health: bool = True) -> None:
        """Have the ledger know a file, in a restricted place, with health data of identified people or without."""
        with self.desk.writing() as connection:
            place = Place(path.encode(), 1, len(path), 20, 1, 1, 0o600, 0, 0)
            entry = entry_of(self.desk.root, place, Level.RESTRICTED)
            its = facts(Level.RESTRICTED, persons, *(("hiv",) if health else ()))
            severity = Severity.INFO if persons else Severity.NONE
            known = ledger.get(connection, self.desk.root, path.encode())
            row = 0 if known is None else known.id
            ledger.put(connection, replace(entry, id=row, status="scanned", facts=its, severity=severity))


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path / "vsftpd.log")


def test_a_generic_name_is_told_once_and_raised_where_health_data_lies(office: Office) -> None:
    office.come("labo")
    office.come("mdupont")
    assert office.turn() == [(SHARED, "labo", "new")]
    (one,) = office.known()
    assert (one.severity, one.level) == (Severity.MEDIUM, Level.RESTRICTED)
    assert (one.path, one.zone) == (b"/srv/prive", b"/srv/prive")
    assert office.desk.said() == [("alert", "/srv/prive", 1, 1, 0)]
    for _ in range(3):
        office.come("labo", "10.0.0.2")
        assert office.turn() == [(SHARED, "labo", "new")]
    assert office.desk.said() == []
    office.holds("/srv/other/x.csv")  # elsewhere
    assert office.turn() == [(SHARED, "labo", "new")]
    office.holds("/srv/prive/clean.csv", 0)
    office.holds("/srv/prive/b.csv", health=False)
    assert office.turn() == [(SHARED, "labo", "new")]
    office.holds("/srv/prive/a.csv")
    office.desk.at += 1000
    assert office.turn() == [(SHARED, "labo", "resolved"), (HEALTH, "labo", "new")]
    assert office.desk.said() == [("alert", "/srv/prive", 1, 1, 1)]
    assert office.known()[1].severity is Severity.HIGH
    assert office.known()[1].facts.identified_health == 7


def test_a_message_of_accounts_names_nobody(office: Office) -> None:
    office.come("LABO")
    for last in range(3):
        office.come("mdupont", f"10.0.0.{last}")
    office.turn()
    message = office.desk.message()
    assert headline(message, "fr") == "phiscan · Alerte · moyenne · 2 comptes partagés · /srv/prive"
    assert title(message, "en") == "An account seems to be used by several people"
    assert dict(lines(message, "fr"))["comptes"] == (
        "LABO (vsftpd)\u202f: nom générique ; compte de l'incident 2 (vsftpd)\u202f: depuis 3 adresses à la fois"
    )
    assert fields(message)["accounts"] == "vsftpd LABO generic,vsftpd ? addresses"
    said = message.to_dict()
    assert said["accounts"] == [
        {"incident": 1, "service": "vsftpd", "name": "LABO", "kinds": ["generic"], "addresses": 1},
        {"incident": 2, "service": "vsftpd", "name": None, "kinds": ["addresses"], "addresses": 3},
    ]
    assert (said["files"], said["new"]) == (0, 2)
    events = findings(message, "fr")
    assert [wrong(one) for one in events] == [[], []]
    assert [one["file"]["type_id"] for one in events] == [2, 2]
    assert [one["unmapped"]["account"]["name"] for one in events] == ["LABO", None]
    for written in (str(said), str(events), str(fields(message)), str(lines(message, "fr"))):
        assert "mdupont" not in written
    assert office.known()[1].to_dict()["account"]["name"] == "mdupont"  # for the people of this machine


def test_one_a_place(office: Office) -> None:
    office.come("labo")
    office.come("labo", path="/depot/b.csv")
    office.come("Labo", path="/depot/c.csv")
    office.turn()
    assert [(one.path, one.subject) for one in office.known()] == [
        (b"/srv", "vsftpd labo"),
        (b"/srv/prive", "vsftpd labo"),
    ]


def test_visitors_without_an_account_matter_in_front_of_health_data_only(office: Office) -> None:
    office.desk.found("/srv/pub/a.csv")  # an incident that vsftpd exposes
    with office.desk.writing() as connection:
        connection.execute(
            sa.text("UPDATE incidents SET exposure = :said"),
            {"said": '{"level": "public", "reasons": [{"service": "vsftpd", "setting": "x", "source": "y"}]}'},
        )
    office.come("ftp", path="/pub/a.csv")
    office.come("ftp", path="/prive/a.csv")
    assert office.turn() == []  # nothing is known to lie there yet
    office.holds("/srv/pub/a.csv")
    assert office.turn() == [(HEALTH, "ftp", "new")]
    (one,) = office.known()
    assert (one.path, one.level) == (b"/srv", Level.PUBLIC)


def test_it_is_over_when_it_is_no_longer_so_and_says_reopened_when_it_is_back(office: Office) -> None:
    office.come("labo")
    office.turn()
    office.desk.said()
    office.desk.at += 30 * DAY - 10
    assert office.turn() == [(SHARED, "labo", "new")]
    office.desk.at += 20
    assert office.turn() == [(SHARED, "labo", "resolved")]
    assert office.known()[0].resolution == "unseen"
    assert office.desk.said() == [("resolved", "/srv/prive", 0, 0, 1)]
    office.come("labo", after=5000)
    assert office.turn() == [(SHARED, "labo", "new")]
    back = office.desk.message()
    assert (back.new, back.reopened) == (0, 1)
    assert headline(back, "fr") == "phiscan · Rouvert · moyenne · 1 compte partagé · /srv/prive"


def test_it_is_over_when_the_configuration_says_otherwise(office: Office) -> None:
    office.come("labo")
    for last in range(3):
        office.come("mdupont", f"10.0.0.{last}")
    office.turn()
    office.begin(generic=["scan"], addresses=4)
    assert office.turn() == [(SHARED, "labo", "resolved"), (SHARED, "mdupont", "resolved")]


def test_what_a_person_decides_holds(office: Office) -> None:
    desk = office.desk
    office.come("labo")
    office.come("test")
    office.turn()
    desk.said()
    with desk.writing() as connection:
        deciding.resolve(connection, desk.telling, 1, "anne", desk.at, "")
        deciding.acknowledge(connection, 2, "anne", desk.at)
    assert office.turn() == [(SHARED, "labo", "resolved"), (SHARED, "test", "acknowledged")]  # nobody has come since
    office.come("labo", after=100)
    office.come("test", after=100)
    assert office.turn() == [(SHARED, "labo", "new"), (SHARED, "test", "acknowledged")]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("file", ["dismissed", "new", "new"]),  # that account there
        ("folder", ["dismissed", "dismissed", "new"]),
        ("zone", ["dismissed", "dismissed", "new"]),
    ],
)
def test_a_dismissal_hides_the_account_or_all_of_its_place(office: Office, scope: Scope, expected: list[str]) -> None:
    desk = office.desk
    for name in ("labo", "test"):
        office.come(name)
    office.come("scan", path="/depot/x.csv")
    office.turn()
    known = {one.subject.split()[1]: one for one in office.known()}
    decision = deciding.dismissal(known["labo"], "authorised", scope, None, "r", "anne", desk.at)
    with desk.writing() as connection:
        deciding.dismiss(connection, desk.telling, decision)
    states = {one.subject.split()[1]: one.state for one in office.known()}
    assert [states[name] for name in ("labo", "test", "scan")] == expected
    office.come("labo", "10.0.0.9", after=50)
    office.turn()
    assert {one.subject.split()[1]: one.state for one in office.known()} == states
    office.holds("/srv/prive/a.csv")  # another matter
    assert (HEALTH, "labo", "new") in office.turn()


def test_staff_is_watched_only_where_that_is_switched_on(office: Office) -> None:
    office.come("mdupont")
    office.come("mdupont", "10.0.0.9", after=60)
    assert office.turn() == []
    office.begin(new_address=True)
    office.come("mdupont", "10.0.0.7", after=60)
    office.come("mdupont", "10.0.0.8", after=60)
    assert office.turn() == [(UNUSUAL, "mdupont", "new")]
    assert office.known()[0].severity is Severity.LOW
    office.begin()
    assert office.turn() == [(UNUSUAL, "mdupont", "resolved")]


def test_files_of_the_place_are_left_alone(office: Office) -> None:
    desk = office.desk
    office.come("labo")
    office.turn()
    desk.found("/srv/prive", persons=0)  # something is judged at that very path
    desk.gone("/srv/prive")
    with desk.store.read() as connection:
        assert (access.unsearched(connection, 10), access.standing(connection)) == ([], [])
    assert office.turn() == [(SHARED, "labo", "new")]


def test_a_daemon_that_dies_in_between_tells_it_afterwards_and_once(office: Office) -> None:
    office.come("labo")
    office.readers._turn()  # it was noted, and not judged
    office.begin()
    assert office.turn() == [(SHARED, "labo", "new")]
    office.begin()
    assert office.turn() == [(SHARED, "labo", "new")]
    assert [kind for kind, *_ in office.desk.said()] == ["alert"]


def test_names_go_when_addresses_do_and_what_happened_stays(office: Office) -> None:
    for last in range(3):
        office.come("mdupont", f"10.0.0.{last}")
    office.turn()
    office.desk.said()
    office.desk.at += 31 * DAY
    office.turn()
    office.desk.said()
    at = office.desk.at + 400 * DAY
    policy = retention.Policy(
        closed_incidents=10_000 * DAY, fingerprints=DAY, reader_addresses=365 * DAY, audit=10_000 * DAY,
        no_duty=tuple(rule.id for rule in rules()), watched=(b"/srv",),
    )  # fmt: skip
    work, more = retention.Purge(policy, at), True
    while more:
        with office.desk.writing() as connection:
            more = work.step(connection)
    assert work.deleted["accounts"] == 3  # what the doctor shows, where, and the name in the incident
    (one,) = office.known()
    assert one.account is not None
    assert (one.account.name, one.account.kinds, one.account.addresses, one.subject) == ("", ("addresses",), 3, "- 1")
    with office.desk.store.read() as connection:
        assert "mdupont" not in str(connection.execute(sa.text("SELECT * FROM incidents")).all())
        assert access.account_places(connection) == []
    assert [one.state for one in office.known()] == ["resolved"]
    office.desk.at = at
    assert office.turn() == [(SHARED, "", "resolved")]


def test_places_of_accesses() -> None:
    spots = Spots([b"/srv/a", b"/srv/b"], [b"/srv/a/in", b"/srv/a/in/deep", b"/srv"])
    assert spots.at(b"/srv/a/in/deep/x") == Spot(b"/srv/a", b"/srv/a/in/deep", b"/srv/a/in/deep")
    assert spots.at(b"/srv/a/x") == Spot(b"/srv/a", b"/srv/a", b"/srv")
    assert spots.at(b"/srv/c/x") is None

    def used(path: bytes, *maps: Mapping, service: str = "vsftpd") -> set[bytes]:
        one = Access(at=1.0, action="read", address="::1", account="labo", path=path, services=(service,), format="own")
        return set(spots.of(one, maps))

    given = Mapping(service="vsftpd", path=b"/srv/a")
    assert used(b"/in/x", given) == {b"/srv/a/in"}
    assert used(b"/../x", given) == {b"/srv/a"}
    assert used(b"", given) == {b"/srv/a"}  # a login
    assert used(b"/x", Mapping(service="vsftpd", path=b"/home")) == set()  # not watched
    assert used(b"", Mapping(service="vsftpd", path=b"/home")) == set()
    assert used(b"", Mapping(service="vsftpd", path=b"/srv")) == {b"/srv/a", b"/srv/b"}
    assert used(b"", Mapping(service="samba", path=b"/srv/a")) == {b"/srv/a", b"/srv/b"}  # nobody knows what it does
    assert used(b"/srv/b/x", service="samba") == {b"/srv/b"}


def test_every_kind_has_a_name() -> None:
    for kind in ("generic", "addresses", "anonymous", "address", "hour"):
        assert text("fr", f"account.{kind}", n=3)
