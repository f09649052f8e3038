"""Random configurations of Samba, vsftpd and ProFTPD: nothing that a stranger can do may be stated as closed.

`python -m tests.expose.filefuzz samba 100 7` tries 100 shares with the settings of seed 7, as root, prints each that
gives away more than is stated, and counts the cells that are stated wider than they are. `vsftpd`, `proftpd` likewise.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.expose import ftpservers, netfiles, netmatrix
from tests.expose.ftpservers import Case
from tests.expose.test_matrix_ftp import access, hidden_parent, listed, writable

_TOGETHER = 25  # shares of one server
_COMMON = (
    *("map to guest = Never", "map to guest = Bad User", "map to guest = Bad Password", "guest account = games"),
    *("unix extensions = no", "smb encrypt = required", "guest ok = yes", "read only = no", "hosts deny = 10.0.0.0/8"),
    *("restrict anonymous = 1", "invalid users = root", "force user = games", "server min protocol = SMB2"),
)
_SHARE = (
    *("guest ok = yes", "guest ok = yes", "public = yes", "guest ok = no", "guest only = yes", "only guest = no"),
    *("read only = no", "writeable = yes", "write ok = no", "write list = nobody", "write list = @nogroup, games"),
    *(
        "read list = nobody",
        "read list = +nogroup",
        "valid users = nobody",
        "valid users = games nobody",
        "valid users =",
    ),
    *(
        "valid users = @nogroup",
        "valid users = %U",
        "invalid users = games",
        "invalid users = nobody",
        "invalid users = &x",
    ),
    *("admin users = nobody", "admin users = games", "force user = games", "force user = root", "force group = root"),
    *("force group = +nogroup", "hosts allow = ALL", "hosts deny = ALL", "hosts deny = 127.0.0.1"),
    *("hosts allow = ALL EXCEPT 10.0.0.1", "hosts deny = 10. 11.", "available = no", "available = yes"),
    *(
        "browseable = no",
        "smb encrypt = desired",
        "smb encrypt = required",
        "smb encrypt = off",
        "veto files = /*.bak/",
    ),
    *("veto files = /secret/", "hide files = /*.txt/", "hide unreadable = yes", "hide dot files = yes"),
    *("wide links = yes", "follow symlinks = no", "path = BASE/data/", "path = BASE//./data/."),
    *(
        "max connections = 0",
        "access based share enum = yes",
        "create mask = 0600",
        "root preexec = true",
        "; guest ok = yes",
    ),
)
_VSFTPD = (
    *("anonymous_enable=YES", "anonymous_enable=NO", "anonymous_enable=1", "local_enable=YES", "no_anon_password=YES"),
    *("anon_world_readable_only=NO", "anon_world_readable_only=YES", "write_enable=YES", "write_enable=YES"),
    *("anon_upload_enable=YES", "anon_mkdir_write_enable=YES", "anon_other_write_enable=YES", "anon_umask=022"),
    *("download_enable=NO", "dirlist_enable=NO", "dirlist_enable=YES", "hide_file={*.csv}", "deny_file={*.mdb,pub}"),
    *(
        "deny_file=open",
        "deny_file=*.csv",
        "deny_file={closed.csv}",
        "deny_file=g*",
        "hide_ids=YES",
        "force_dot_files=YES",
    ),
    *(
        "cmds_denied=RETR",
        "cmds_denied=LIST,NLST",
        "cmds_denied=PASV,EPSV",
        "cmds_allowed=USER,PASS,CWD,PASV,EPSV,TYPE,RETR",
    ),
    *("pasv_enable=NO", "port_enable=NO", "pasv_promiscuous=YES", "userlist_enable=YES", "userlist_deny=NO"),
    *("userlist_file=SCRATCH/denied", "userlist_file=SCRATCH/allowed", "userlist_file=SCRATCH/empty.list"),
    *("secure_email_list_enable=YES", "email_password_file=SCRATCH/mail", "email_password_file=SCRATCH/empty.list"),
    *(
        "deny_email_enable=YES",
        "banned_email_file=SCRATCH/empty.list",
        "user_config_dir=SCRATCH/users",
        "chroot_local_user=YES",
    ),
    *(
        "allow_writeable_chroot=YES",
        "one_process_model=YES",
        "ftp_username=nobody",
        "ftp_username=www-data",
        "tcp_wrappers=NO",
    ),
    *("local_root=ROOT", "anon_max_rate=0"),
    *("chown_uploads=NO", "async_abor_enable=YES", "ftp_enable=YES", "ascii_download_enable=YES", "use_localtime=YES"),
)
_NAMES = (
    "READ",
    "WRITE",
    "DIRS",
    "ALL",
    "LOGIN",
    "STOR",
    "RETR",
    "LIST NLST",
    "CWD",
    "READ DIRS",
    "WRITE READ",
    "STOR CWD",
)
_ANSWERS = (
    *("AllowAll", "DenyAll", "Allow from all", "Deny from all", "Order deny,allow", "Order allow,deny"),
    *(
        "Order deny,allow\nAllow from all",
        "Order allow,deny\nDeny from all",
        "Allow from 10.0.0.0/8",
        "Deny from 10.0.0.0/8",
    ),
    *("AllowUser ftp", "DenyUser ftp", "DenyUser root", "AllowGroup ftp", "DenyGroup OR root,ftp", "IgnoreHidden on"),
)
_FOLDERS = (
    "pub",
    "*",
    "ROOT/pub",
    "ROOT/pub/*",
    "ROOT",
    "ROOT/*",
    "incoming",
    "incoming/*",
    "drop",
    "ROOT/g*",
    "guess",
    "~/pub",
)
_ZONE = (
    *("AnonRequirePassword off", "RequireValidShell off", "AllowOverwrite on", "HideFiles .csv$", "DenyFilter closed"),
    *(
        "AllowOverride off",
        "Umask 077",
        "HiddenStores on",
        "ShowSymlinks on",
        "HideNoAccess on",
        "UserAlias anonymous ftp",
    ),
)
_PREPARED: tuple[Callable[[Path], None], ...] = (
    *((lambda _: None,) * 6),
    writable,
    hidden_parent,
    access("<Limit READ>\nDenyAll\n</Limit>\n"),
    access("<Limit ALL>\nAllowAll\n</Limit>\n"),
    access("<Limit WRITE>\nDenyAll\n</Limit>\n", "."),
)


def samba(chance: random.Random) -> tuple[str, dict[str, str]]:
    """Return settings of a server, and the shares it has."""

    def welcome() -> tuple[str, ...]:
        return ("guest ok = yes",) if chance.random() < 0.7 else ()

    common = "\n".join(_apart(chance.sample(_COMMON, chance.randrange(3))))
    shares = {
        f"s{number}": "\n".join(_apart([*welcome(), *chance.sample(_SHARE, chance.choice((1, 2, 3, 4)))]))
        for number in range(_TOGETHER)
    }
    return common, shares


def _apart(settings: Sequence[str]) -> list[str]:
    """Return settings without a second `path` or the like: of these nothing new is learnt."""
    found: dict[str, str] = {}
    for one in settings:
        found.setdefault(one.partition("=")[0], one)
    return list(found.values())


def vsftpd(chance: random.Random) -> Case:
    """Return a configuration of vsftpd. Some of its lists are there."""
    words = chance.sample(_VSFTPD, chance.randrange(7))
    shape = chance.choice((lambda _: None, writable, hidden_parent)) if chance.random() < 0.2 else lambda _: None

    def prepare(root: Path) -> None:
        listed(root)
        shape(root)

    user = chance.choice(("anonymous", "ftp", "Anonymous"))
    return Case("vsftpd", "random", "".join(f"{word}\n" for word in words), prepare, user=user)


def proftpd(chance: random.Random) -> Case:
    """Return a configuration of ProFTPD with one zone."""
    inside = [*chance.sample(_ZONE, chance.randrange(3)), *_limits(chance, 3), *_folders(chance, 3)]
    outside = [*_limits(chance, 1), *_folders(chance, 1)]
    shell = "RequireValidShell off\n" if chance.random() < 0.9 else ""
    zone = f"<Anonymous ROOT>\nUser ftp\nGroup ftp\nUserAlias anonymous ftp\n{shell}" + "\n".join(inside)
    text = "\n".join([*outside, zone, "</Anonymous>"]) + "\n"
    return Case("proftpd", "random", text, chance.choice(_PREPARED), user=chance.choice(("anonymous", "ftp")))


def _limits(chance: random.Random, most: int) -> Iterator[str]:
    for _ in range(chance.randrange(most + 1)):
        yield f"<Limit {chance.choice(_NAMES)}>\n{chance.choice(_ANSWERS)}\n</Limit>"


def _folders(chance: random.Random, most: int) -> Iterator[str]:
    for folder in chance.sample(_FOLDERS, chance.randrange(most + 1)):
        yield "\n".join((f"<Directory {folder}>", *_limits(chance, 2), "</Directory>"))


Missed = list[tuple[str, list[str]]]  # by the text of the configuration: cells


def samba_cells(count: int, seed: int) -> tuple[int, int, int, Missed]:
    """Return how many cells were tried, how many are open, how many are stated too wide, and what is missed."""
    chance, tried, given, wide = random.Random(seed), 0, 0, 0
    missed: Missed = []
    for _ in range(-(-count // _TOGETHER)):
        common, shares = samba(chance)
        for scratch in netmatrix.scratch():
            for row in netfiles.samba_rows(scratch / "shares", common, shares):
                tried += len(row.truth)
                given += sum(row.truth.values())
                wide += sum(row.stated[cell] and not true for cell, true in row.truth.items())
                lost = [" ".join(cell) for cell, true in row.truth.items() if true and not row.stated[cell]]
                if lost:
                    missed.append((f"{common}\n[{row.name}]\n{shares[row.name]}", lost))
    return tried, given, wide, missed


def ftp_cells(make: Callable[[random.Random], Case], count: int, seed: int) -> tuple[int, int, int, Missed]:
    """Return the same of an FTP server. A configuration with which it does not start says nothing."""
    chance, tried, given, wide = random.Random(seed), 0, 0, 0
    missed: Missed = []
    for _ in range(count):
        case = make(chance)
        try:
            cells = ftpservers.cells(case)
        except AssertionError:
            continue
        tried += len(cells)
        given += sum(cell.true for cell in cells)
        wide += sum(cell.stated and not cell.true for cell in cells)
        lost = [str(cell) for cell in cells if cell.true and not cell.stated]
        if lost:
            missed.append((f"{case.settings}(as {case.user})", lost))
    return tried, given, wide, missed


def run(service: str, count: int, seed: int) -> tuple[int, int, int, Missed]:
    """Return what came of as many random configurations of a service."""
    if service == "samba":
        return samba_cells(count, seed)
    return ftp_cells(vsftpd if service == "vsftpd" else proftpd, count, seed)


def main(service: str = "samba", count: str = "50", seed: str = "1") -> int:
    """Print what is missed; the status is 1 where anything is."""
    tried, given, wide, missed = run(service, int(count), int(seed))
    for text, cells in missed:
        sys.stdout.write(f"{cells}\n{text}\n\n")
    said = f"{service}: {tried} cells, {given} open, {len(missed)} configurations missed, {wide} cells too wide\n"
    sys.stdout.write(said)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
