"""A daemon that watches a CIFS mount: the server's rights make and end incidents. The server is real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.expose import netmatrix
from tests.expose.ntmatrix import FULL, READ_
from tests.expose.ntserver import GLOBAL, NtServer, ntserver
from tests.watching import Watch, table, until

SHUT = (f"S-1-5-18:ALLOWED/0x0/{FULL}",)
OPEN = (f"S-1-5-11:ALLOWED/0x0/{READ_}",)
HIGH = "shared.identified-health"


@pytest.fixture
def nas() -> Iterator[NtServer]:
    """Run a server whose one share is what the daemon watches."""
    for folder in netmatrix.scratch():
        (folder / "data").mkdir()
        with ntserver(folder, f"[nt]\npath = DATA\nread only = no\n{GLOBAL}") as running:
            yield running


@pytest.fixture
def watch(tmp_path: Path, nas: NtServer) -> Iterator[Watch]:
    """A daemon that the mount table tells of a CIFS mount, and the configuration of its server."""
    asked = nas.configured(guests=False)
    smb = {"server": asked.name, "credentials_file": str(asked.credentials), "port": asked.port}
    watch = Watch(tmp_path, watch=[str(nas.data)], zones=[], smb=[smb])
    watch.srv = nas.data
    (tmp_path / "mounts").write_text(nas.mountinfo("nt", nas.data))
    watch.bug = [f"mounts:{tmp_path}/mounts"]
    yield watch
    watch.close()


def high(watch: Watch) -> dict[str, list[str]]:
    """Return the states of what is told as readable by every account, by place."""
    return {
        place: [state for rule, state in rules if rule == HIGH]
        for place, rules in watch.states().items()
        if any(rule == HIGH for rule, _ in rules)
    }


def test_the_rights_of_the_server_make_and_end_incidents(watch: Watch, nas: NtServer) -> None:
    for at, (name, aces) in enumerate({"open.csv": OPEN, "shut.csv": SHUT}.items()):
        (nas.data / name).write_text(table(at))
        (nas.data / name).chmod(0o666)
        nas.acl("nt", name, aces)
    watch.start()
    until(lambda: high(watch) == {"open.csv": ["new"]} and len(watch.ledger()) == 2, watch.states)
    (reason, share) = watch.incidents()[0].exposure.reasons
    assert (reason.service, reason.setting, reason.source) == (
        "cifs", 'NT ACL "Authenticated Users" S-1-5-11 read', "//127.0.0.1/nt/open.csv"
    )  # fmt: skip
    assert (share.setting, share.source) == ('share rights "Everyone" S-1-1-0 full control', "//127.0.0.1/nt")
    nas.acl("nt", "shut.csv", OPEN)
    nas.acl("nt", "open.csv", SHUT)
    until(lambda: high(watch) == {"open.csv": ["resolved"], "shut.csv": ["new"]}, watch.states)
    said = str(until(watch.messages))
    assert 'cifs: NT ACL "Authenticated Users" S-1-5-11 read' in said
    assert "//127.0.0.1" not in said  # a path is content
    assert watch.stop()[0] == 0
