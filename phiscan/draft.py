"""A first configuration: what is proposed to be watched on this machine, and the commented file that says so.

Folders that servers give away are proposed with their evidence; mounts, of which nobody knows what lies on them, are
left as comments. Every proposal is for a person to confirm.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from phiscan.messages import THIN, Language, text
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, display
from phiscan.source.watch import told_by_kernel

if TYPE_CHECKING:
    from phiscan.expose.shares import Share
    from phiscan.source.mounts import Mount

# What belongs to the system: given away or not, it is no place for people's files.
_SYSTEM = tuple(f"/{name}".encode() for name in "bin boot dev etc lib lib32 lib64 proc root run sbin sys usr".split())
_DATA = tuple(f"/{name}".encode() for name in "srv mnt media data export home opt".split())
_MEMORY = frozenset({"tmpfs", "ramfs", "overlay", "squashfs", "autofs", "rpc_pipefs", "nfsd", "fusectl", "devtmpfs"})
_PLAIN = re.compile(r"[/A-Za-z][A-Za-z0-9/._@-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(slots=True)
class Folder:
    """A folder to propose, and all that gives it away."""

    path: bytes
    shares: list[Share] = field(default_factory=list)

    @property
    def public(self) -> bool:
        """Whether somebody without an account may enter by one of the ways."""
        return any(share.level() is not None for share in self.shares)


@dataclass(slots=True)
class Draft:
    """What the file will say. `left` are folders that are not proposed, each with the key of why."""

    folders: list[Folder] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    left: list[tuple[Share, str]] = field(default_factory=list)
    servers: tuple[str, ...] = ()  # configuration files given by hand
    read: tuple[str, ...] = ()  # all that were read
    unread: tuple[str, ...] = ()  # those of the machine that this account may not read
    alerts: dict[str, Any] = field(default_factory=dict)

    @property
    def watch(self) -> list[bytes]:
        """The folders to watch: none inside another."""
        paths = [folder.path for folder in self.folders]
        return [path for path in paths if not any(below(path, other) for other in paths)]


def draft(found: Iterable[Share], mounts: Mounts) -> Draft:
    """Return what to propose of what servers give away and of what is mounted."""
    made, folders = Draft(), dict[bytes, Folder]()
    for share in found:
        why = _why_not(share.path)
        if why is not None:
            made.left.append((share, why))
        else:
            path = os.path.realpath(share.path)
            folders.setdefault(path, Folder(path)).shares.append(share)
    made.folders = [folders[path] for path in sorted(folders)]
    made.mounts = sorted((one for one in mounts if _holds_files(one, made)), key=lambda one: one.point)
    return made


def _why_not(path: bytes) -> str | None:
    real = os.path.realpath(path)
    if real == b"/" or any(below(real, folder) is not None for folder in _SYSTEM):
        return "init.left.system"
    if not os.path.isdir(real):
        return "init.left.missing"
    return None if _writable(path) else "init.left.name"


def _writable(path: bytes) -> bool:
    """Whether a path can stand in YAML, which is text."""
    return display(path) == path.decode("utf-8", "surrogateescape")


def _holds_files(mount: Mount, made: Draft) -> bool:
    if mount.point == b"/" or mount.type in _MEMORY or not _writable(mount.point):
        return False
    if any(below(mount.point, folder.path) is not None for folder in made.folders):
        return False
    remote = not told_by_kernel(mount.type) and mount.type not in ("fuse.portal", "fuse.gvfsd-fuse", "fuse.lxcfs")
    return remote or any(below(mount.point, folder) for folder in _DATA)


# The file.


def written(made: Draft, lang: Language) -> str:
    """Return the file."""
    return "\n".join(_lines(made, lang)) + "\n"


def _lines(made: Draft, lang: Language) -> Iterator[str]:
    def comment(key: str, **params: object) -> Iterator[str]:
        yield from (f"# {line}" for line in _plain(text(lang, key, **params)).splitlines())

    yield from comment("init.file.head")
    yield ""
    yield f"language: {lang}"
    yield ""
    yield from comment("init.file.organisation")
    yield '# organisation: {name: "", siren: "000000000", role: controller, dpo: dpo@example.org}'
    yield ""
    yield from comment("init.file.watch")
    yield from comment("init.read", files=", ".join(made.read)) if made.read else comment("init.read.none")
    if made.watch:
        yield "watch:"
        yield from (f"  - {scalar(path)}" for path in made.watch)
    else:
        yield from comment("init.file.nothing")
        yield "watch: []"
    yield from (f"#  - {scalar(one.point)}  # {_mounted(one, lang)}" for one in made.mounts)
    for share, why in made.left:
        yield from comment(why, path=display(share.path), evidence=evidence(share, lang))
    for file in made.unread:
        yield from comment("init.unread", path=file)
    yield ""
    yield from comment("init.file.zones")
    yield from _zones(made, lang)
    yield ""
    if made.servers:
        yield from comment("init.file.servers")
        yield f"servers: [{', '.join(map(scalar, made.servers))}]"
        yield ""
    yield from comment("init.file.alerts")
    yield from _alerts(made)
    for name in ("heartbeat", "store", "exclude", "limits"):
        yield ""
        yield from comment(f"init.file.{name}")
        yield _EXAMPLES[name]


def _zones(made: Draft, lang: Language) -> Iterator[str]:
    if not made.folders:
        yield "# zones:"
        yield "#   - {path: /srv/ftp/pub, exposure: public, owner: Exploitation}"
        return
    yield "zones:"
    for folder in made.folders:
        yield f"  - path: {scalar(folder.path)}"
        yield from (f"    # {_plain(evidence(share, lang))}" for share in folder.shares)
        if folder.public:
            yield f"    exposure: public  # {_plain(text(lang, 'init.file.public'))}"


def _alerts(made: Draft) -> Iterator[str]:
    if not made.alerts:
        yield "# alerts:"
        yield "#   email: {host: smtp.example.org, from: phiscan@example.org, to: [rssi@example.org]}"
        yield "#   slack: {webhook_url_file: /etc/phiscan/slack}"
        return
    yield "alerts:"
    yield "  minimum: high"
    for name, settings in made.alerts.items():
        inside = ", ".join(f"{key}: {_value(value)}" for key, value in settings.items())
        yield f"  {name}: {{{inside}}}"


_EXAMPLES = {
    "heartbeat": "# heartbeat: {url_file: /etc/phiscan/heartbeat, every: 5m}",
    "store": "# store: sqlite:////var/lib/phiscan/phiscan.db\n# key_file: /var/lib/phiscan/key",
    "exclude": '# exclude: ["*.iso"]',
    "limits": "# limits: {workers: 2, memory: 1GiB, timeout: 120s}",
}


def evidence(share: Share, lang: Language) -> str:
    """Return what gives a folder away, in one line: `samba [labo]: guest ok = yes (/etc/samba/smb.conf:12)`."""
    given = share.given
    said = {
        "name": f" [{given.name}]" if given.name else "",
        "setting": given.setting,
        "source": share.source,
    }
    shown = {name: display(value.encode("utf-8", "surrogateescape")) for name, value in said.items()}
    return text(lang, "init.evidence.absent" if given.absent else "init.evidence", service=share.service, **shown)


def _plain(said: str) -> str:
    """Return text with plain spaces: typography is for reading, not for whoever edits a file."""
    return said.replace(THIN, " ")


def _mounted(mount: Mount, lang: Language) -> str:
    key = "init.file.mount" if told_by_kernel(mount.type) else "init.file.remote"
    return _plain(text(lang, key, type=mount.type))


def scalar(value: str | bytes) -> str:
    """Return text as YAML writes it: plain where nothing in it means something else.

    >>> scalar("/srv/ftp"), scalar("/srv/a b: #1"), scalar("no")
    ('/srv/ftp', '"/srv/a b: #1"', '"no"')
    """
    plain = os.fsdecode(value)
    harmless = _PLAIN.fullmatch(plain) and plain.lower() not in _WORDS
    return plain if harmless else json.dumps(plain, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return scalar(value) if isinstance(value, str) else json.dumps(value)
