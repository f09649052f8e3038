"""A real smbd that keeps NT descriptors (`acl_xattr`), with rights set by Samba's own tools, and real clients of it.

`smbcacls` knows no other port than 445: a small relay on a loopback address of its own takes it to the server's port.
What smbcacls cannot write (it sorts entries, and knows no missing list) is written over SMB as bytes.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from phiscan.expose.nt.account import Account, Server
from phiscan.expose.nt.asking import Asking
from phiscan.source.mounts import Mount, Mounts, parse
from tests.expose import netservers
from tests.running import need

PASSWORD = "a pass=word"
# As whom real clients come: nobody at all, an account that does not exist, and one that does.
LOGINS = {"anonymous": ["-N"], "guest": ["-U", "nosuchuser%x"], "account": ["-U", f"games%{PASSWORD}"]}
ROOT = ["-U", f"root%{PASSWORD}"]
GLOBAL = "vfs objects = acl_xattr\nacl_xattr:ignore system acls = yes\n"


@dataclass(frozen=True)
class NtServer:
    """A server that runs. `address` has port 445; `domain` is the SID of its accounts."""

    config: Path
    port: int
    address: str
    domain: str
    data: Path

    def configured(self, *, guests: bool) -> Server:
        """Return the server as an operator configures it, with its administrator's account."""
        file = self.config.parent / "credentials"
        file.write_text(f"# for phiscan\nusername=root\npassword={PASSWORD}\n")
        return Server(name="127.0.0.1", login="file", credentials=file, port=self.port, guests=guests)

    def mount(self, share: str, point: Path | None = None, options: str = "rw,nounix,mapposix") -> Mounts:
        """Return a mount table that says that the folder of a share is a CIFS mount of this server."""
        return Mounts(parse(self.mountinfo(share, point or self.data, options).encode()))

    def mountinfo(self, share: str, point: Path, options: str = "rw,nounix,mapposix") -> str:
        """Return the line of such a table."""
        device = point.stat().st_dev
        place = f"{os.major(device)}:{os.minor(device)}"
        return f"31 1 {place} / {point} rw - cifs //127.0.0.1/{share} {options},addr=127.0.0.1"

    def the_mount(self, share: str) -> Mount:
        """Return the one mount of such a table."""
        (found,) = self.mount(share)
        return found

    def sids(self, text: str) -> str:
        """Return a text with the SIDs of this server's domain for `DOMAIN` in it."""
        return text.replace("DOMAIN", self.domain)

    def acl(self, share: str, path: str, aces: Sequence[str], owner: str = "S-1-5-18") -> None:
        """Give a file or folder a descriptor, with smbcacls."""
        entries = [f"ACL:{self.sids(ace)}" for ace in aces]
        said = ",".join(["REVISION:1", f"OWNER:{self.sids(owner)}", *entries])
        run("smbcacls", *ROOT, "-s", "/dev/null", f"//{self.address}/{share}", path, "-S", said)

    def raw(self, share: str, path: str, descriptor: bytes) -> None:
        """Give a file or folder the list of a descriptor, as bytes."""
        from smbprotocol.file_info import InfoType
        from smbprotocol.open import (
            CreateDisposition,
            ImpersonationLevel,
            Open,
            SMB2SetInfoRequest,
        )

        with self.session(share) as asking:
            opened = Open(asking._tree, path)
            opened.create(ImpersonationLevel.Impersonation, 0x60000, 0, 7, CreateDisposition.FILE_OPEN, 0)
            ask = SMB2SetInfoRequest()
            ask["info_type"] = InfoType.SMB2_0_INFO_SECURITY
            ask["additional_information"] = 4  # the list
            ask["file_id"] = opened.file_id
            ask["buffer"] = descriptor
            sent = asking._connection.send(ask, asking._session.session_id, asking._tree.tree_connect_id)
            asking._connection.receive(sent)
            opened.close()

    @contextlib.contextmanager
    def session(self, share: str, name: str = "root") -> Iterator[Asking]:
        """Return a session of phiscan's own."""
        asking = Asking("127.0.0.1", "127.0.0.1", self.port, share, Account(name, PASSWORD))
        try:
            yield asking
        finally:
            asking.close()

    def share_rights(self, share: str, aces: Sequence[str]) -> None:
        """Give a share its rights, with sharesec."""
        run("sharesec", "-s", str(self.config), share, "-R", ",".join(map(self.sids, aces)))

    def client(self, share: str, login: Sequence[str], commands: str) -> str:
        """Return what smbclient prints, whether or not it may do everything."""
        command = ["smbclient", *login, "-s", "/dev/null", "-p", str(self.port), f"//127.0.0.1/{share}", "-c", commands]
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60
        )
        return done.stdout + done.stderr


def run(*command: str, text: str = "") -> str:
    """Run a tool of Samba's to its good end."""
    done = subprocess.run(command, capture_output=True, text=True, input=text, check=False, timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@contextlib.contextmanager
def ntserver(scratch: Path, shares: str, settings: str = "map to guest = Bad User") -> Iterator[NtServer]:
    """Run it with `shares`, in which DATA is the folder `scratch/data`."""
    for tool in ("smbcacls", "sharesec", "smbpasswd"):
        need(shutil.which(tool) is not None, tool)
    data, state = scratch / "data", scratch / "samba"
    data.mkdir(exist_ok=True)
    data.chmod(0o777)
    text = f"{settings}\npassdb backend = tdbsam:{state}/passdb.tdb\n{shares.replace('DATA', str(data))}"
    with netservers.smbd(scratch, text) as server:
        for name in ("root", "games"):
            run("smbpasswd", "-c", str(server.config), "-s", "-a", name, text=f"{PASSWORD}\n{PASSWORD}\n")
        said = run("net", "-s", str(server.config), "getlocalsid")
        with relay(server.port) as address:
            yield NtServer(server.config, server.port, address, said.split()[-1], data)


@contextlib.contextmanager
def relay(port: int) -> Iterator[str]:
    """Carry what comes to port 445 of a loopback address, which is returned, to a port of 127.0.0.1."""
    while True:
        address = f"127.{random.randrange(2, 250)}.{random.randrange(250)}.{random.randrange(1, 250)}"
        try:
            listening = socket.create_server((address, 445))
        except OSError:
            continue  # somebody else's
        break
    ends: list[socket.socket] = [listening]

    def pump(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                came, _ = listening.accept()
                there = socket.create_connection(("127.0.0.1", port))
                ends.extend((came, there))
                for pair in ((came, there), (there, came)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    try:
        yield address
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        waiting.join(5)
        for end in ends:
            end.close()
