"""Real FTP and SSH servers with many configurations: what they give to a stranger, beside what is stated.

Every server gives away the same tree (`plant`). A stranger looks at each place of it (`true`), and the grants read
from the configuration, together with the rights of the files, say what he must find (`stated`). `cells` compares.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import ftplib
import io
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from phiscan.expose import acl
from phiscan.expose.grant import Grant
from phiscan.expose.machine import Machine, Process
from phiscan.expose.services import proftpd, pureftpd, vsftpd
from phiscan.model import Level
from tests import servers
from tests.expose.forest import public
from tests.running import need

Reader = Callable[[Machine], list[Grant]]
_SERVICES: dict[str, Reader] = {"vsftpd": vsftpd.grants, "proftpd": proftpd.grants, "pure-ftpd": pureftpd.grants}


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A folder of the tree, or a file of it that exists."""

    path: str
    mode: int
    owner: str = "root"
    group: str = "root"


FOLDERS = (
    Place("pub", 0o755),
    Place("guess", 0o711),  # its files by their names only
    Place("shut", 0o700),
    Place("group", 0o750, group="ftp"),
    Place("incoming", 0o777),
    Place("drop", 0o733),  # left, not listed
    Place("ours", 0o755, "ftp", "ftp"),
    Place(".dot", 0o755),
)
FILES = (
    Place("open.csv", 0o644),
    Place("closed.csv", 0o600),
    Place("group.csv", 0o640, group="ftp"),
    Place("ours.csv", 0o600, "ftp", "ftp"),
    Place("odd.mdb", 0o644),
    Place(".hidden.csv", 0o644),
    Place("pub/open.csv", 0o644),
    Place("pub/closed.csv", 0o600),
    Place("pub/odd.mdb", 0o644),
    Place("guess/open.csv", 0o644),
    Place("shut/open.csv", 0o644),
    Place("group/open.csv", 0o644),
    Place("incoming/open.csv", 0o644),
    Place("drop/open.csv", 0o644),
    Place("ours/open.csv", 0o644),
    Place(".dot/open.csv", 0o644),
)
LISTED = Place("listed.csv", 0o640)  # closed but to `ftp`, whom an access control list names
LINK = "link.csv"  # leads out of the tree, to a file that everybody may read


def plant(top: Path) -> Path:
    """Make the tree below `top`, where everybody may pass; return its root."""
    root = top / "root"
    root.mkdir()
    top.chmod(0o755)
    for place in (*FOLDERS, *FILES):
        path = root / place.path
        path.mkdir() if place in FOLDERS else path.write_text(f"contenu de {place.path}", "utf-8")
    for place in (*FOLDERS, *FILES):
        shutil.chown(root / place.path, place.owner, place.group)
        (root / place.path).chmod(place.mode)
    (root / LISTED.path).write_text(f"contenu de {LISTED.path}", "utf-8")
    named = acl.Entry(acl.Tag.USER, acl.READ, pwd.getpwnam("ftp").pw_uid)
    entries = [acl.Entry(acl.Tag.USER_OBJ, 6), named, acl.Entry(acl.Tag.GROUP_OBJ, 0)]
    entries += [acl.Entry(acl.Tag.MASK, acl.READ), acl.Entry(acl.Tag.OTHER, 0)]
    os.setxattr(root / LISTED.path, "system.posix_acl_access", acl.pack(entries))
    (top / "outside.csv").write_text("contenu du dehors", "utf-8")
    (root / LINK).symlink_to("../outside.csv")
    return root


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """What was asked, what is stated and what is true."""

    action: str
    place: str
    stated: bool
    true: bool

    def __str__(self) -> str:
        return f"{self.action} {self.place}: stated {self.stated}, true {self.true}"


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A configuration of a server: its settings, what is done to the tree before, and what a stranger may call it."""

    server: str
    name: str
    settings: str = ""
    prepare: Callable[[Path], None] = lambda _: None
    user: str = "anonymous"
    password: str = ""  # of an account; whatever is given to all accounts is then stated too
    options: Sequence[str] = ()  # arguments of the program

    def __str__(self) -> str:
        return f"{self.server}: {self.name}"


def questions() -> Iterator[tuple[str, str]]:
    """Yield every action with its place: list a folder, read a file, leave one in a folder."""
    for folder in ("", *(place.path for place in FOLDERS)):
        yield "list", folder
        yield "write", folder
    for file in (*(place.path for place in FILES), LISTED.path, LINK):
        yield "read", file


_STARTS = 5  # somebody else may have taken the port that was free
# What a server answers, or that it hangs up. That it does not answer in time is no answer.
_REFUSED = (ftplib.error_perm, ftplib.error_temp, EOFError, ConnectionResetError, BrokenPipeError)


class Stranger:
    """Who comes without an account, or with the password of one."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._client: ftplib.FTP | None = None
        client = ftplib.FTP(timeout=20)
        try:
            client.connect("127.0.0.1", port)
            client.login(user, password)
            self._client = client
        except _REFUSED:
            client.close()

    def may(self, action: str, place: str) -> bool:
        """Try it."""
        if self._client is None:
            return False
        try:
            return bool(getattr(self, f"_{action}")(self._client, place))
        except _REFUSED:
            return False

    def close(self) -> None:
        """Leave."""
        if self._client is not None:
            self._client.close()

    @staticmethod
    def _list(client: ftplib.FTP, folder: str) -> bool:
        """Whether some name of those in the folder is shown. Servers that may not open it show none, or say so."""
        client.cwd("/" + folder)
        try:
            lines: list[str] = []
            client.retrlines("LIST -a", lines.append)
        finally:
            client.cwd("/")
        names = {line.split()[-1] for line in lines if line.split()}
        return bool(names & {"open.csv", "pub"})

    @staticmethod
    def _read(client: ftplib.FTP, file: str) -> bool:
        parts: list[bytes] = []
        client.retrbinary(f"RETR /{file}", parts.append)
        return b"".join(parts).startswith(b"contenu d")

    @staticmethod
    def _write(client: ftplib.FTP, folder: str) -> bool:
        client.storbinary(f"STOR /{folder}/laisse.csv", io.BytesIO(b"x"))
        return True


def stated(grants: Sequence[Grant], root: Path, action: str, place: str) -> bool:
    """Return what the grants say of a place, with the rights of the account that strangers are."""
    top = os.fsencode(root)
    path = os.path.normpath(os.path.join(top, os.fsencode(place)))
    if action == "read" and not os.path.islink(path):
        return public(grants, path)
    holding = [grant for grant in grants if path == grant.path or path.startswith(grant.path + b"/")]
    shares: dict[object, list[Grant]] = {}
    for grant in holding:
        shares.setdefault((grant.service, grant.name, grant.listen), []).append(grant)
    deepest = (max(share, key=lambda grant: len(grant.path)) for share in shares.values())
    return any(grant.level is Level.PUBLIC and _gives(grant, path, action) for grant in deepest)


def _gives(grant: Grant, path: bytes, action: str) -> bool:
    folder = path if action in ("list", "write") else os.path.dirname(path)
    parts = [os.fsdecode(part) for part in path[len(grant.path) :].split(b"/") if part]
    asked = parts if grant.refuses_folders else parts[-1:]
    if any(fnmatch.fnmatchcase(part, pattern) for part in asked for pattern in grant.refused):
        return False
    if not _passes(grant, folder):
        return False
    if action == "write":
        return grant.write and _may(grant, path, acl.WRITE)
    status = os.lstat(path)
    if action == "read" and stat.S_ISLNK(status.st_mode):
        return grant.read and grant.follows_links
    own = grant.withholds_own and action == "read" and grant.identity is not None
    if own and grant.identity is not None and status.st_uid == grant.identity.uid:
        return False
    if grant.world_readable_only and not status.st_mode & stat.S_IROTH:
        return False
    return (grant.list if action == "list" else grant.read) and _may(grant, path, acl.READ)


def _passes(grant: Grant, folder: bytes) -> bool:
    """Whether visitors get as far as a folder: from the grant's where the server enters it as root, else from `/`."""
    top = grant.path if grant.entered else b"/"
    while _may(grant, folder, acl.SEARCH):
        if folder == top:
            return True
        folder = os.path.dirname(folder)
    return False


def _may(grant: Grant, path: bytes, wanted: int) -> bool:
    who, status = grant.identity, os.stat(path)
    entries = acl.read(path, status.st_mode)
    return who is None or acl.allows(entries, status.st_uid, status.st_gid, who.uid, who.gids, wanted)


def as_account(grant: Grant, machine: Machine, user: str) -> Grant:
    """Return a grant as what it is for one of all accounts."""
    own = grant.level is not Level.RESTRICTED or (grant.identity is not None and grant.identity.name == user)
    level = Level.PUBLIC if own else grant.level
    return dataclasses.replace(grant, level=level, identity=grant.identity or machine.account(user))


def cells(case: Case) -> list[Cell]:
    """Run a server with one configuration and return what is stated of every place beside what is true."""
    need(os.geteuid() == 0, "root, which these servers need,")
    scratch = Path(tempfile.mkdtemp(prefix="phiscan-ftp-"))
    try:
        root = plant(scratch)
        case.prepare(root)
        with _running(case, root, scratch) as (machine, port):
            grants = _SERVICES[case.server](machine)
            if case.password:
                grants = [as_account(grant, machine, case.user) for grant in grants]
            said = {one: stated(grants, root, *one) for one in questions()}
            stranger = Stranger(port, case.user, case.password)
            found = [Cell(*one, said[one], stranger.may(*one)) for one in said]
            stranger.close()
            return found
    finally:
        shutil.rmtree(scratch)


@contextlib.contextmanager
def _running(case: Case, root: Path, scratch: Path) -> Iterator[tuple[Machine, int]]:
    """Run the server of a case; yield the machine as phiscan sees it and the port."""
    start = {"vsftpd": _vsftpd, "proftpd": _proftpd, "pure-ftpd": _pureftpd}[case.server]
    said = scratch / "said"
    for _ in range(_STARTS):
        port = servers.free_port()
        machine, command = start(case, root, scratch, port)
        with (
            said.open("wb") as output,
            subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as server,
        ):
            try:
                if servers.comes_up(port, server):
                    yield machine, port
                    assert server.poll() is None, "the server has ended: somebody else answered at its port"
                    return
            finally:
                server.terminate()
    told = [file.read_text("utf-8", "replace") for file in (said, scratch / "log") if file.exists()]
    raise AssertionError(f"the server did not start: {told}")


def _vsftpd(case: Case, root: Path, scratch: Path, port: int) -> tuple[Machine, list[str]]:
    program = servers.program("vsftpd")
    need(program is not None, "vsftpd")
    (scratch / "empty").mkdir(exist_ok=True)
    config = scratch / "vsftpd.conf"
    config.write_text(
        f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanon_root={root}\n"
        f"secure_chroot_dir={scratch}/empty\nseccomp_sandbox=NO\nvsftpd_log_file={scratch}/log\n"
        + case.settings.replace("SCRATCH", str(scratch)).replace("ROOT", str(root)),
        "utf-8",
    )
    command = [str(program), str(config)]
    if case.password:  # whose accounts come in with any password
        pam = scratch / "pam"
        pam.write_text("auth required pam_permit.so\naccount required pam_permit.so\n", "utf-8")
        command = _bound(pam, "/etc/pam.d/vsftpd", command)
    return Machine(given={"vsftpd": [str(config)]}), command


def _bound(file: Path, over: str, command: Sequence[str]) -> list[str]:
    """Return a command that sees `file` in the place of another one."""
    need(shutil.which("unshare") is not None, "unshare")
    bind = f"mount --bind {shlex.quote(str(file))} {over}"
    return ["unshare", "--mount", "sh", "-c", f"{bind} && exec {shlex.join(command)}"]


def _proftpd(case: Case, root: Path, scratch: Path, port: int) -> tuple[Machine, list[str]]:
    program = servers.program("proftpd")
    need(program is not None, "proftpd")
    config = scratch / "proftpd.conf"
    config.write_text(
        "ServerType standalone\nDefaultServer on\nDefaultAddress 127.0.0.1\nSocketBindTight on\n"
        f"Port {port}\nPidFile {scratch}/pid\nScoreboardFile {scratch}/scoreboard\nSystemLog {scratch}/log\n"
        "TransferLog NONE\nWtmpLog off\nUseReverseDNS off\nDelayEngine off\nAuthPAM off\n"
        "User nobody\nGroup nogroup\n" + case.settings.replace("ROOT", str(root)).replace("SCRATCH", str(scratch)),
        "utf-8",
    )
    if case.password:
        hashed = subprocess.run(["openssl", "passwd", "-5", case.password], capture_output=True, text=True, check=True)
        account = pwd.getpwnam(case.user)
        line = f"{case.user}:{hashed.stdout.strip()}:{account.pw_uid}:{account.pw_gid}::{root}:/bin/sh\n"
        (scratch / "accounts").write_text(line, "utf-8")
        (scratch / "accounts").chmod(0o600)
    return Machine(given={"proftpd": [str(config)]}), [str(program), "-n", "-q", "-c", str(config)]


def _pureftpd(case: Case, root: Path, scratch: Path, port: int) -> tuple[Machine, list[str]]:
    """Run it where /etc/passwd says that the home of `ftp` is the tree: nothing else tells Pure-FTPd its root."""
    program = servers.program("pure-ftpd")
    need(program is not None, "pure-ftpd")
    (scratch / "etc/pure-ftpd").mkdir(parents=True, exist_ok=True)
    accounts = [line.split(":") for line in Path("/etc/passwd").read_text("utf-8").splitlines()]
    lines = [":".join([*one[:5], str(root), *one[6:]] if one[0] == "ftp" else one) for one in accounts]
    (scratch / "etc/passwd").write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copy("/etc/group", scratch / "etc/group")
    common = {"Bind": f"127.0.0.1,{port}", "SyslogFacility": "none", "PIDFile": f"{scratch}/pid"}
    config = scratch / "etc/pure-ftpd/pure-ftpd.conf"
    config.write_text("".join(f"{name} {value}\n" for name, value in common.items()) + case.settings, "utf-8")
    arguments = [str(config)]
    seen = Machine(root=str(scratch))
    if case.options:
        config.unlink()
        arguments = ["-S", f"127.0.0.1,{port}", "-f", "none", "-g", f"{scratch}/pid", *case.options]
        seen = Machine(root=str(scratch), processes=[Process((str(program), *arguments))])
    return seen, _bound(scratch / "etc/passwd", "/etc/passwd", [str(program), *arguments])
