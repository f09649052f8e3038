"""Real file servers on loopback that write access logs, each with a folder that an account `labo` may fill.

They are started and stopped by the tests that need them, as root, and touch nothing of the machine but their scratch.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from phiscan.access.model import Mapping
from tests.running import need
from tests.servers import end_samba, free_port, wait_for

_PLACES = "/usr/sbin:/usr/bin:/opt/test-servers/usr/sbin:/opt/test-servers/usr/bin"
ACCOUNT, PASSWORD = "labo", "migration2026"


@dataclass(frozen=True)
class Serving:
    """A server at work: where its files lie, its address for clients, and the logs it writes."""

    name: str
    root: Path
    url: str  # of the folder, with account and password
    logs: tuple[Path, ...]
    mapping: Mapping


def program(name: str) -> str:
    """Return where a program is. Skips where it is not installed."""
    found = shutil.which(name, path=_PLACES)
    need(found is not None and os.geteuid() == 0, f"{name}, which only root starts,")
    assert found is not None
    return found


@contextlib.contextmanager
def running(command: Sequence[str], port: int, scratch: Path, **env: str) -> Iterator[None]:
    """Run a server in the foreground until the block ends."""
    with (scratch / "server.out").open("wb") as out:
        server = subprocess.Popen(  # in a session of its own: smbd ends its whole process group
            command, stdout=out, stderr=out, cwd=scratch, env={**os.environ, **env}, start_new_session=True
        )
        try:
            wait_for(port)
            yield
        finally:
            server.terminate()
            server.wait(20)


def _folders(scratch: Path) -> Path:
    scratch.mkdir(parents=True)
    root = scratch / "root"
    (root / "depot").mkdir(parents=True)
    scratch.chmod(0o755)
    for folder in (root, root / "depot"):
        folder.chmod(0o777)
    for above in scratch.parents:  # pytest's own folders are closed
        if not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    return root


@contextlib.contextmanager
def vsftpd(scratch: Path, form: str = "own") -> Iterator[Serving]:
    """Run vsftpd: anonymous visitors may read and write, as in the leak. Its log: `own`, `xferlog`, `both`."""
    command = program("vsftpd")
    root, port = _folders(scratch), free_port()
    root.chmod(0o755)
    (scratch / "empty").mkdir()
    own, xferlog = scratch / "vsftpd.log", scratch / "xferlog"
    settings = {
        "listen": "YES", "listen_address": "127.0.0.1", "listen_port": port, "background": "NO",
        "anonymous_enable": "YES", "anon_root": root, "local_enable": "NO", "write_enable": "YES",
        "anon_upload_enable": "YES", "anon_other_write_enable": "YES", "anon_umask": "022",
        "secure_chroot_dir": scratch / "empty", "seccomp_sandbox": "NO",
        "vsftpd_log_file": own, "xferlog_file": xferlog, "xferlog_enable": "YES", "anon_max_rate": 0,
        "xferlog_std_format": "YES" if form == "xferlog" else "NO",
        "dual_log_enable": "YES" if form == "both" else "NO",
    }  # fmt: skip
    config = scratch / "vsftpd.conf"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    config.chmod(0o600)
    with running([command, str(config)], port, scratch):
        mapping = Mapping(service="vsftpd", path=os.fsencode(root))
        logs = {"own": (own,), "xferlog": (xferlog,), "both": (own, xferlog)}[form]
        yield Serving("vsftpd", root, f"ftp://ftp:a%40example.org@127.0.0.1:{port}/", logs, mapping)


@contextlib.contextmanager
def proftpd(scratch: Path) -> Iterator[Serving]:
    """Run ProFTPD with an xferlog, the default ExtendedLog and one with the path on the disk."""
    command = program("proftpd")
    root, port = _folders(scratch), free_port()
    libraries = Path(command).parents[1] / "lib/proftpd"
    passwd = scratch / "passwd"
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True)
    passwd.write_text(f"{ACCOUNT}:{hashed.stdout.strip()}:65534:65534::{root}:/bin/sh\n", "utf-8")
    passwd.chmod(0o600)
    logs = tuple(scratch / name for name in ("xferlog", "default.log", "full.log"))
    config = scratch / "proftpd.conf"
    config.write_text(
        f"""ServerType standalone
ModulePath {libraries}
DefaultAddress 127.0.0.1
Port {port}
UseIPv6 off
SocketBindTight on
User nobody
Group nogroup
PidFile {scratch}/pid
ScoreboardFile {scratch}/scoreboard
DelayTable none
SystemLog {scratch}/system.log
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile {passwd}
RequireValidShell off
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
TransferLog {logs[0]}
LogFormat full "%{{iso8601}} %a %u \\"%r\\" %s %b \\"%f\\""
ExtendedLog {logs[1]} ALL
ExtendedLog {logs[2]} ALL full
TransferRate RETR 0:0
""",
        "utf-8",
    )
    library = str(Path(command).parents[1] / "lib/x86_64-linux-gnu")
    with running([command, "-n", "-c", str(config)], port, scratch, LD_LIBRARY_PATH=library):
        mapping = Mapping(service="proftpd", path=os.fsencode(root), seen=os.fsencode(root))
        yield Serving("proftpd", root, _ftp(port, root), logs, mapping)


@contextlib.contextmanager
def pureftpd(scratch: Path, form: str) -> Iterator[Serving]:
    """Run Pure-FTPd with one of its logs: `clf`, `stats`, `w3c` or `xferlog`."""
    command, manage = program("pure-ftpd"), program("pure-pw")
    root, port = _folders(scratch), free_port()
    log, users = scratch / f"{form}.log", scratch / "users"
    hashed = subprocess.run(["openssl", "passwd", "-1", PASSWORD], capture_output=True, text=True, check=True)
    users.write_text(f"{ACCOUNT}:{hashed.stdout.strip()}:65534:65534::{root}/./{':' * 12}\n", "utf-8")
    subprocess.run([manage, "mkdb", str(scratch / "users.pdb"), "-f", str(users)], capture_output=True, check=True)
    libraries = str(Path(command).parents[1] / "lib/x86_64-linux-gnu")
    options = ["-S", f"127.0.0.1,{port}", "-l", f"puredb:{scratch}/users.pdb", "-E", "-A", "-H", "-O", f"{form}:{log}"]
    with running([command, *options, "-g", str(scratch / "pid")], port, scratch, LD_LIBRARY_PATH=libraries):
        mapping = Mapping(service="pure-ftpd", path=os.fsencode(root), seen=os.fsencode(root))
        yield Serving("pure-ftpd", root, f"ftp://{ACCOUNT}:{PASSWORD}@127.0.0.1:{port}/", (log,), mapping)


@contextlib.contextmanager
def samba(scratch: Path, more: str = "") -> Iterator[Serving]:
    """Run Samba with full_audit through its own log files, a share `pub` for guests. `more`: operations to log too."""
    command = program("smbd")
    program("smbclient")
    root, port = _folders(scratch), free_port()
    log = scratch / "audit.log"
    for name in ("lock", "state", "cache", "private", "pid", "ncalrpc"):
        (scratch / name).mkdir()
    config = scratch / "smb.conf"
    operations = "create_file close connect renameat unlinkat sendfile "
    operations += f"pread pread_send pread_recv pwrite pwrite_send pwrite_recv {more}"
    config.write_text(
        f"""[global]
  smb ports = {port}
  interfaces = 127.0.0.1
  bind interfaces only = yes
  server role = standalone server
  map to guest = Bad User
  guest account = nobody
  log file = {log}
  log level = 0 full_audit:1
  logging = file
  max log size = 0
  disable spoolss = yes
  load printers = no
  lock directory = {scratch}/lock
  state directory = {scratch}/state
  cache directory = {scratch}/cache
  private dir = {scratch}/private
  pid directory = {scratch}/pid
  ncalrpc dir = {scratch}/ncalrpc
  usershare path =
[pub]
  path = {root}
  guest ok = yes
  read only = no
  vfs objects = full_audit
  full_audit:prefix = %T|%u|%I|%m|%S
  full_audit:success = {operations}
  full_audit:failure = none
  full_audit:syslog = false
""",
        "utf-8",
    )
    with running([command, "--foreground", "--no-process-group", "-s", str(config)], port, scratch):
        mapping = Mapping(service="samba", path=os.fsencode(root), seen=os.fsencode(root))
        try:
            yield Serving("samba", root, f"//127.0.0.1/pub -p {port}", (log,), mapping)
        finally:
            end_samba(config)


@contextlib.contextmanager
def nginx(scratch: Path) -> Iterator[Serving]:
    """Run nginx over the folder as `/fichiers/`, listed, with its combined log."""
    command = program("nginx")
    root, port = _folders(scratch), free_port()
    log = scratch / "access.log"
    config = scratch / "nginx.conf"
    config.write_text(
        f"""daemon off; master_process off; pid {scratch}/pid; error_log {scratch}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {log} combined;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fcgi;
  uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /fichiers/ {{ alias {root}/; autoindex on; }}
  }}
}}
""",
        "utf-8",
    )
    with running([command, "-c", str(config), "-p", str(scratch)], port, scratch):
        mapping = Mapping(service="nginx", path=os.fsencode(root), seen=b"/fichiers")
        yield Serving("nginx", root, f"http://127.0.0.1:{port}/fichiers/", (log,), mapping)


@contextlib.contextmanager
def apache(scratch: Path) -> Iterator[Serving]:
    """Run Apache over the folder, with Debian's combined log."""
    command = program("apache2")
    root, port = _folders(scratch), free_port()
    log = scratch / "access.log"
    modules = "/usr/lib/apache2/modules"
    config = scratch / "apache.conf"
    config.write_text(
        f"""ServerRoot {scratch}
ServerName localhost
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule autoindex_module {modules}/mod_autoindex.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule mime_module {modules}/mod_mime.so
TypesConfig /etc/mime.types
Listen 127.0.0.1:{port}
User www-data
Group www-data
PidFile {scratch}/pid
ErrorLog {scratch}/error.log
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
CustomLog {log} combined
DocumentRoot {root}
<Directory {root}>
  Require all granted
  Options Indexes
</Directory>
""",
        "utf-8",
    )
    with running([command, "-DFOREGROUND", "-f", str(config)], port, scratch):
        mapping = Mapping(service="apache", path=os.fsencode(root))
        yield Serving("apache", root, f"http://127.0.0.1:{port}/", (log,), mapping)


def _ftp(port: int, root: Path) -> str:
    """Return the address of a folder for an account that is not shut into it."""
    return f"ftp://{ACCOUNT}:{PASSWORD}@127.0.0.1:{port}/"
