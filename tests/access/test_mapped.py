"""An address that a server's log names is the file that it serves and no other, by the server's own configuration."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

from phiscan.access.model import Mapping, Target
from phiscan.access.places import mappings_of
from phiscan.access.search import Part, look_up
from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine
from phiscan.expose.services import apache, nginx
from phiscan.model import Level
from tests.access import serving
from tests.access.clients import PLAIN, SmbClient, settled
from tests.access.test_zonereaders import who, zones
from tests.expose import netservers
from tests.running import need

FILES = ("racine/a/x.csv", "racine/y.pdf", "racine/y.csv", "racine/z.txt", "alias/x.csv", "autre/y.pdf", "autre/y.csv",
         "seul/z.txt", "racine/n/x.csv", "autre/n/x.csv", "autre/n/y.png", "racine/n/y.png")  # fmt: skip
ADDRESSES = ("/a/x.csv", "/y.pdf", "/y.csv", "/z.txt", "/n/x.csv", "/n/y.png")
SERVED = {"alias/x.csv", "autre/y.pdf", "racine/y.csv", "seul/z.txt", "racine/n/x.csv", "autre/n/y.png"}
NGINX = r"""server { listen 127.0.0.1:PORT; root HERE/racine;
    access_log HERE/access.log combined;
    location /a/ { alias HERE/alias/; } location ~ \.pdf$ { root HERE/autre; } location = /z.txt { root HERE/seul; }
    location ~ ^/n/.*\.png$ { root HERE/autre; } }"""
APACHE = r"""LogFormat "%h %l %u %t \"%r\" %>s %O \"-\" \"-\"" combined
CustomLog HERE/access.log combined
DocumentRoot HERE/racine
Alias /a HERE/alias
Alias /y.pdf HERE/autre/y.pdf
Alias /z.txt HERE/seul/z.txt
Alias /n/y.png HERE/autre/n/y.png
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-mapped-"))
    folder.chmod(0o755)
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x" * 100)
    yield folder
    shutil.rmtree(folder)


def fetch(port: int, addresses: Sequence[str] = ADDRESSES) -> None:
    need(shutil.which("curl") is not None, "curl")
    for address in addresses:
        command = ["curl", "-s", "-S", "-f", "--noproxy", "*", "-o", os.devnull]
        subprocess.run([*command, f"http://127.0.0.1:{port}{quote(address)}"], check=True, timeout=60)


def read(home: Path, mappings: Sequence[Mapping], log: str = "access.log") -> set[tuple[str, bool]]:
    """Return of which files reads are told, and whether they are certain."""
    targets = [Target(key=at, path=os.fsencode(home / name), size=100) for at, name in enumerate(FILES)]
    looked = look_up([Part(file=os.fsencode(home / log))], targets, mappings)
    return {(FILES[one.key], one.sure) for one in looked.gathered.lines if one.access.action == "read"}


def given(service: ModuleType, home: Path, config: Path) -> list[Grant]:
    """Return what a server gives, without what the machine's own configuration does."""
    name = service.__name__.rpartition(".")[2]
    found = service.grants(Machine(given={name: [str(config)]}))
    return [one for one in found if one.path.startswith(os.fsencode(home))]


def test_of_nginx(home: Path) -> None:
    with netservers.nginx(home, NGINX.replace("HERE", str(home))) as server:
        fetch(server.port)
        settled((home / "access.log",))
        grants = given(nginx, home, server.config)
    assert read(home, mappings_of(grants)) == {(name, True) for name in SERVED}


def test_of_apache(home: Path) -> None:
    with netservers.apache(home, APACHE.replace("HERE", str(home))) as server:
        fetch(server.port)
        grants = given(apache, home, server.config)
    assert read(home, mappings_of(grants)) == {(name, True) for name in SERVED}


def test_a_name_that_is_not_handed_out_any_more_was_before(home: Path) -> None:
    """What the log says was read is told of the files that the address may have been of."""
    with netservers.nginx(home, NGINX.replace("HERE", str(home))) as server:
        fetch(server.port, ["/n/x.csv", "/z.txt"])
        settled((home / "access.log",))
        text = server.config.read_text().replace("location /a/", r"location ~ \.csv$ { deny all; } location /a/")
        server.config.write_text(text)
        grants = given(nginx, home, server.config)
    expected = {("seul/z.txt", True), ("racine/n/x.csv", False), ("autre/n/x.csv", False)}
    assert read(home, mappings_of(grants)) == expected


def test_from_afar_as_here(home: Path) -> None:
    """The same mechanism tells the zones of an archive who has read in them."""
    with netservers.nginx(home, NGINX.replace("HERE", str(home))) as server:
        fetch(server.port)
        settled((home / "access.log",))
        config = server.config.read_text().replace(str(home), "/srv/loin")
    log = (home / "access.log").read_bytes()
    found = zones(home, {"/etc/nginx/nginx.conf": config, "/srv/loin/access.log": log})
    counted = {path.removeprefix("/srv/loin/"): who(one)[0][2] for path, one in found.items() if one["by"]}
    assert counted == {"racine": 2, "alias": 1, "autre": 2, "seul/z.txt": 1}


def test_a_path_on_the_disk_is_no_path_in_a_share(tmp_path: Path) -> None:
    """Samba logs whole paths: one outside of the share that is known is not one below it."""
    with serving.samba(tmp_path / "samba") as samba:
        client = SmbClient(samba, tmp_path)
        client.fetch(PLAIN)
        settled(samba.logs)
    inner = samba.root / "depot/partage"
    decoy = os.fsencode(inner) + client.path(PLAIN)
    os.makedirs(os.path.dirname(decoy))
    shutil.copy(client.path(PLAIN), decoy)
    share = Grant(service="samba", path=os.fsencode(inner), level=Level.PUBLIC, evidence=())
    targets = [Target(key=at, path=path) for at, path in enumerate((decoy, client.path(PLAIN)))]
    looked = look_up([Part(file=os.fsencode(log)) for log in samba.logs], targets, mappings_of([share]))
    assert {(one.key, one.sure) for one in looked.gathered.lines if one.access.action == "read"} == {(1, True)}
