"""Real servers in containers and chroots, made of what the kernel offers: namespaces, bind mounts, overlays.

A container has the programs of this machine, bound into a root of its own, and whatever files a test gives it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from phiscan.expose.processes import listeners
from tests.running import need
from tests.servers import program

ACCOUNTS = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "ftp:x:912:912:ftp:/srv/ftp:/bin/false\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
    "www-data:x:933:933:www:/var/www:/bin/false\n"
)
GROUPS = "root:x:0:\nftp:x:912:\nnogroup:x:65534:\nwww-data:x:933:\n"
_PROGRAMS = ("usr", "bin", "sbin", "lib", "lib64")
_STARTS_WITHIN = 20.0  # seconds


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Make a root with accounts and files by their paths in it."""
    for folder in ("dev", "proc", "run", "tmp", "var/log", "var/run/vsftpd/empty", "srv/ftp", "root"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path, text in {"/etc/passwd": ACCOUNTS, "/etc/group": GROUPS, **files}.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (root / "dev/null").touch()
    return root


def vsftpd(port: int, more: str = "", address: str = "127.0.0.1") -> str:
    """Return a configuration."""
    return (
        f"listen=YES\nlisten_address={address}\nlisten_port={port}\nbackground=NO\nanonymous_enable=YES\n"
        f"secure_chroot_dir=/var/run/vsftpd/empty\nseccomp_sandbox=NO\nanon_root=/srv/ftp\n{more}"
    )


@contextlib.contextmanager
def chroot(root: Path, command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server in a chroot that has its own copy of the program; yield its process."""
    found = program(command[0])
    need(found is not None and os.geteuid() == 0 and shutil.which("ldd") is not None, f"{command[0]}, started by root,")
    libraries = subprocess.run(["ldd", str(found)], capture_output=True, text=True, check=True).stdout
    for word in (str(found), *(word for word in libraries.split() if word.startswith("/"))):
        copy = root / word.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(word, copy)
    with _running(["chroot", str(root), str(found), *command[1:]], port) as pid:
        yield pid


@contextlib.contextmanager
def container(
    root: Path,
    command: Sequence[str],
    port: int,
    *,
    bound: Mapping[str, Path] | None = None,
    layers: tuple[Path, Path, Path] | None = None,
    network: bool = False,
    first: Sequence[str] = (),
) -> Iterator[int]:
    """Run a server in a mount namespace whose root is `root`, as a container does; yield its process.

    `bound`: folders of this machine by their paths in there. `layers`: lower, upper and work folder of an overlay that
    is mounted on `root`. `network`: it has one of its own. `first`: what is done before all else, in its namespace.
    """
    found = program(command[0])
    need(found is not None and os.geteuid() == 0 and shutil.which("unshare") is not None, f"{command[0]} and unshare")
    here = shlex.quote(str(root))
    lines = ["mount --make-rprivate /", *first]
    if layers is None:
        lines.append(f"mount --bind {here} {here}")
    else:
        lower, upper, work = map(str, layers)
        lines.append(f"mount -t overlay overlay -o lowerdir={lower},upperdir={upper},workdir={work} {here}")
    for name in _PROGRAMS:
        if os.path.isdir(f"/{name}"):
            lines += [f"mkdir -p {here}/{name}", f"mount --bind /{name} {here}/{name}"]
    lines += [f"touch {here}/dev/null", f"mount --bind /dev/null {here}/dev/null"]
    for path, folder in (bound or {}).items():
        lines += [f"mkdir -p {here}{path}", f"mount --bind {shlex.quote(str(folder))} {here}{path}"]
    lines += [
        f"mkdir -p {here}/.old",
        f"cd {here}",
        "pivot_root . .old",
        "cd /",
        "mount -t proc proc /proc",
        "umount -l /.old",
        f"exec {shlex.join([str(found), *command[1:]])}",
    ]
    flags = ["--mount", *(["--net"] if network else [])]
    with _running(["unshare", *flags, "sh", "-ec", "\n".join(lines)], port) as pid:
        yield pid


@contextlib.contextmanager
def bound(command: Sequence[str], over: Mapping[str, Path], port: int) -> Iterator[int]:
    """Run a server with our root in mounts of its own, as systemd does it for `BindPaths=`; yield its process."""
    found = program(command[0])
    need(found is not None and os.geteuid() == 0 and shutil.which("unshare") is not None, f"{command[0]} and unshare")
    lines = ["mount --make-rprivate /"]
    lines += [f"mount --bind {shlex.quote(str(folder))} {shlex.quote(path)}" for path, folder in over.items()]
    lines.append(f"exec {shlex.join([str(found), *command[1:]])}")
    with _running(["unshare", "--mount", "sh", "-ec", "\n".join(lines)], port) as pid:
        yield pid


@contextlib.contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[int]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as server:
        try:
            end = time.monotonic() + _STARTS_WITHIN
            while not any(one.port == port for one in listeners(f"/proc/{server.pid}")):
                if server.poll() is not None or time.monotonic() > end:
                    server.kill()
                    said = server.stdout.read().decode("utf-8", "replace") if server.stdout else ""
                    raise AssertionError(f"the server did not start: {said}")
                time.sleep(0.02)
            yield server.pid
        finally:
            server.terminate()
