"""The rows of the matrix for Samba and rsync: their configurations, and a client that tries without an account."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from phiscan.expose.machine import Machine
from phiscan.expose.services import rsync as rsync_service
from phiscan.expose.services import samba as samba_service
from tests.expose import netmatrix, netservers
from tests.expose.netmatrix import FILES, FOLDERS, NEW, WRITTEN, Cells, Configurations, Row
from tests.expose.netservers import Running

# By the name of the share. DATA is the folder; every share has `path = DATA` unless it says otherwise.
SHARES: Configurations = {
    "guest-read": "guest ok = yes",
    "guest-write": "public = yes\nwriteable = yes",
    "guest-only-without-ok": "guest only = yes",
    "closed": "",
    "closed-write": "read only = no",
    "ok-but-valid-users": "guest ok = yes\nvalid users = games",
    "ok-and-listed": "guest ok = yes\nvalid users = nobody",
    "ok-and-listed-by-group": "guest ok = yes\nvalid users = @nogroup",
    "ok-but-invalid": "guest ok = yes\ninvalid users = @nogroup",
    "ok-but-encrypted": "guest ok = yes\nsmb encrypt = required",
    "ok-but-denied": "guest ok = yes\nhosts deny = ALL",
    "ok-local-anyway": "guest ok = yes\nhosts deny = ALL EXCEPT 127.0.0.0/8\nhosts allow = 0.0.0.0/0",
    "off": "guest ok = yes\navailable = no",
    "as-root": "guest ok = yes\nforce user = root\nread only = no",
    "as-games": "guest ok = yes\nforce user = games\nread only = no",
    "admin-nobody": "guest ok = yes\nadmin users = nobody",
    "read-list": "guest ok = yes\nread only = no\nread list = nobody",
    "write-list": "guest ok = yes\nwrite list = +nogroup",
    "hidden-share": "guest ok = yes\nbrowseable = no",
    "veto": "guest ok = yes\nveto files = /*.BAK/secret/.h*/",
    "hidden-files": "guest ok = yes\nhide files = /a.bak/secret/",
    "no-links": "guest ok = yes\nfollow symlinks = yes\nwide links = yes",
    "last-wins": "guest ok = yes\nguest ok = no",
    "comment-is-none": "; guest ok = yes",
    "copied": "copy = guest-write",
    "macro": "path = BASE/%S\nguest ok = yes",
    "force-group": "guest ok = yes\nforce group = root",
}
GLOBALS: Configurations = {
    "map never": "map to guest = Never",
    "map bad user": "map to guest = Bad User",
    "wide links": "map to guest = Bad User\nunix extensions = no",
    "guest is games": "guest account = games\nmap to guest = bad password",
    "all encrypted": "smb encrypt = required",
    "default guest": "guest ok = yes",
}
LOGINS = (["-N"], ["-U", "nosuchuser%x"], ["-U", "games%wrong"])


def samba(scratch: Path) -> list[Row]:
    """Run smbd with all shares, and again with a few under each set of global settings."""
    rows = samba_rows(scratch / "shares", "map to guest = Bad User", SHARES)
    for name, text in GLOBALS.items():
        few = {share: SHARES[share] for share in ("guest-read", "closed", "guest-only-without-ok")}
        few |= {"wide": "guest ok = yes\nwide links = yes"}
        for row in samba_rows(scratch / name.replace(" ", "-"), text, few):
            rows.append(Row(row.service, f"{name}: {row.name}", row.truth, row.stated))
    return rows


def samba_rows(scratch: Path, common: str, shares: Configurations) -> list[Row]:
    """Run smbd with some shares."""
    scratch.mkdir()
    data = scratch / "data"
    netmatrix.tree(data, _gid("games" if "games" in common else "nobody"), scratch / "outside.txt")
    (scratch / "macro").symlink_to(data)
    text = common
    for name, settings in shares.items():
        path = "" if "path =" in settings or "copy =" in settings else f"path = {data}\n"
        text += f"\n[{name}]\n{path}{settings.replace('BASE', str(scratch))}\n"
    rows = []
    with netservers.smbd(scratch, text) as server:
        grants = samba_service.grants(Machine(given={"samba": [str(server.config)]}))
        for name in shares:
            truth: Cells = dict.fromkeys(netmatrix.stated([], data), False)
            for login in LOGINS:
                truth = netmatrix.either(truth, _smb(server, name, login, data))
            own = [grant for grant in grants if grant.name == name]
            if name == "macro":
                own = [netmatrix.moved(grant, scratch / "macro", data) for grant in own]
            rows.append(Row("samba", name, truth, netmatrix.stated(own, data)))
    return rows


def _gid(account: str) -> int:
    import pwd

    return pwd.getpwnam(account).pw_gid


def _smb(server: Running, share: str, login: list[str], data: Path) -> Cells:
    """Try everything in one session."""
    got = data.parent / "got"
    got.mkdir(exist_ok=True)
    for one in got.iterdir():
        one.unlink()
    commands = [f'get "{name}" "{got}/{at}"' for at, name in enumerate(FILES)]
    commands += [f'put "{server.config}" "{_name(folder, NEW)}"' for folder in WRITTEN]
    commands += [f'ls "{_name(folder, "*")}"' for folder in FOLDERS]
    seen = _client(server, share, login, "; ".join(commands))
    read = {name: (got / str(at)).exists() for at, name in enumerate(FILES)}
    return netmatrix.cells(data, lambda folder: netmatrix.sign(folder) in seen, read.__getitem__, lambda _: None)


def _client(server: Running, share: str, login: list[str], commands: str) -> str:
    command = ["smbclient", *login, "-s", "/dev/null", "-p", str(server.port), f"//127.0.0.1/{share}", "-c", commands]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60)
    return done.stdout


def _name(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}\\{name}"


MODULES: Configurations = {
    "read": "",
    "write": "read only = no",
    "drop-box": "read only = false\nwrite only = true",
    "named": "auth users = labo\nsecrets file = /dev/null",
    "named-by-group": "auth users = @games:rw",
    "nobody-named": "auth users =",
    "denied": "hosts deny = *",
    "one-host": "hosts allow = 10.1.2.3",
    "one-host-or-not-denied": "hosts allow = 10.1.2.3\nhosts deny = 10.1.0.0/16",
    "off": "max connections = -1",
    "unlisted": "list = no",
    "as-root": "uid = root\ngid = root\nread only = no",
    "as-games": "uid = games\ngid = *",
    "without-chroot": "use chroot = no\nmunge symlinks = no",
    "any-link": "use chroot = no\ninsecure links = yes",
    "excluded": "exclude = *.bak /secret .h*",
    "excluded-folders": "exclude = secret/ a.bak/",
    "excluded-but": "exclude = + a.bak *.bak",
    "no-comment": "read only = no # really",
    "not-a-boolean": "read only = off",
    "last-wins": "read only = no\nread only = yes",
}


def rsync(scratch: Path) -> list[Row]:
    """Run an rsync daemon with all modules, in a folder that nobody else may pass, and one with other defaults."""
    outside, scratch = scratch / "outside.txt", scratch / "closed"
    scratch.mkdir(mode=0o700)
    data = scratch / "data"
    netmatrix.tree(data, _gid("games"), outside)
    reachable = outside.parent / "data"  # a link is followed as the account, from the root on
    netmatrix.tree(reachable, _gid("games"), outside)
    folders = {name: reachable if name == "any-link" else data for name in (*MODULES, "other-defaults")}
    text = "reverse lookup = no\nforward lookup = no\n"
    text += "".join(f"[{name}]\npath = {folders[name]}\n{settings}\n" for name, settings in MODULES.items())
    text += f"[global]\nread only = no\nuid = games\ngid = games\n[other-defaults]\npath = {data}\n"
    rows = []
    with netservers.rsyncd(scratch, text) as server:
        grants = rsync_service.grants(Machine(given={"rsync": [str(server.config)]}))
        for name, folder in folders.items():
            truth = _rsync(server, name, folder)
            stated = netmatrix.stated([grant for grant in grants if grant.name == name], folder)
            if name == "without-chroot":  # rsync before 3.5 follows them: stated as open
                assert stated.pop(("read", "out"))
                truth.pop(("read", "out"))
            rows.append(Row("rsync", name, truth, stated))
    return rows


def _rsync(server: Running, module: str, data: Path) -> Cells:
    address = f"rsync://127.0.0.1:{server.port}/{module}"
    got = server.config.parent / "got"
    shutil.rmtree(got, ignore_errors=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        plain = {"PATH": "/usr/bin:/bin", "RSYNC_PASSWORD": "x"}
        command = ["rsync", "--timeout=10", "-L", *arguments]
        return subprocess.run(command, env=plain, capture_output=True, text=True, check=False, timeout=60)

    def lists(folder: str) -> bool:
        return netmatrix.sign(folder) in run(f"{address}/{folder}/").stdout

    def writes(folder: str) -> None:
        run(str(server.config), f"{address}/{folder}/{NEW}")

    run("-R", *(f"{address}/./{name}" for name in FILES), f"{got}/")
    return netmatrix.cells(data, lists, lambda name: (got / name).exists(), writes)
