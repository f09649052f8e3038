"""The lines of server configurations that name a folder: one small reader a service.

Each takes the lines of a file and yields the folders it gives away, with the setting that decides whether an account is
needed. Compiled defaults count: vsftpd lets strangers in unless told otherwise, an export without a client is for the
world. Where a file restricts access in a way that is not followed here, the folder is not called open.
"""

from __future__ import annotations

import contextlib
import pwd
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Lines = Sequence[str]
_YES = {"yes", "true", "1", "on", "y"}
_WEB = ("www-data", "nginx", "apache", "http")  # accounts of web servers, by distribution
_QUOTES = "\"'"


@dataclass(frozen=True, slots=True)
class Given:
    """A folder that one line gives away, and what is said about who may come."""

    path: str
    line: int  # of the setting that decides, from 1
    setting: str
    open: bool  # nobody needs an account
    absent: bool = False  # `setting` is what the file does not say, and would have to
    account: str | None = None  # whose rights a visitor without an account has; None: rights do not bind visitors
    name: str = ""  # of the share


@dataclass(slots=True)
class _Section:
    """A section of smb.conf or rsyncd.conf: value and line by key, keys without blanks."""

    name: str
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)


def _sections(lines: Lines) -> list[_Section]:
    """Return the sections of an INI file as Samba and rsync read it; what stands before the first is `global`."""
    found = [_Section("global")]
    for number, line in _joined(lines):
        line = line.strip()
        if line.startswith(("#", ";")) or not line:
            continue
        if line.startswith("["):
            found.append(_Section(line[1:].partition("]")[0].strip()))
            continue
        key, equals, value = line.partition("=")
        if equals:
            found[-1].keys["".join(key.lower().split())] = value.strip().strip(_QUOTES), number
    return found


def _joined(lines: Lines) -> Iterator[tuple[int, str]]:
    """Yield lines with their number, one that ends in a backslash together with the next."""
    begun, whole = 0, ""
    for number, line in enumerate(lines, 1):
        whole, begun = whole + line, begun or number
        if whole.endswith("\\"):
            whole = whole[:-1]
            continue
        yield begun, whole
        begun, whole = 0, ""
    if whole:
        yield begun, whole


_SAMBA = {"public": "guestok", "guest_ok": "guestok", "directory": "path", "printok": "printable"}  # one key, two names
_NO_FOLDER = {"global", "homes", "printers", "print$"}


def samba(lines: Lines) -> Iterator[Given]:
    """Yield the shares of an smb.conf, or the one of a usershare file. [homes] names no folder of its own."""
    sections = _sections(lines)
    for section in sections:
        section.keys = {_SAMBA.get(key, key): found for key, found in section.keys.items()}
    common: dict[str, tuple[str, int]] = {}
    for section in sections:
        if section.name.lower() == "global":
            common |= section.keys
    if "usershare_acl" in common:
        sections.append(_Section(common.get("sharename", ("", 1))[0], common))
    for section in sections:
        keys = common | section.keys
        path, line = section.keys.get("path", ("", 1))
        if (
            section.name.lower() in _NO_FOLDER
            or not path
            or _is(keys, "printable")
            or not _is(keys, "available", "yes")
        ):
            continue
        path = path.partition("%")[0].rpartition("/")[0] if "%" in path else path
        if _is(keys, "guestok"):
            account = _value(keys, "forceuser") or _value(keys, "guestaccount") or "nobody"
            yield Given(path, keys["guestok"][1], "guest ok = yes", open=True, account=account, name=section.name)
        else:
            yield Given(path, line, f"path = {path}", open=False, name=section.name)


def _value(keys: dict[str, tuple[str, int]], name: str, default: str = "") -> str:
    return keys.get(name, (default, 0))[0]


def _is(keys: dict[str, tuple[str, int]], name: str, default: str = "no") -> bool:
    return _value(keys, name, default).lower() in _YES


def rsync(lines: Lines) -> Iterator[Given]:
    """Yield the modules of an rsyncd.conf."""
    sections = _sections(lines)
    for section in sections[1:]:
        keys = sections[0].keys | section.keys
        path, line = section.keys.get("path", ("", 1))
        if not path:
            continue
        closed = "authusers" in keys
        setting = f"auth users = {_value(keys, 'authusers')}" if closed else "auth users"
        account = _value(keys, "uid") or "nobody"
        yield Given(path, line, setting, open=not closed, absent=not closed, account=account, name=section.name)


def vsftpd(lines: Lines) -> Iterator[Given]:
    """Yield the anonymous and the local folder of a vsftpd.conf; the last of two equal keys counts."""
    keys: dict[str, tuple[str, int]] = {}
    for at, written in enumerate(lines, 1):
        key, equals, value = written.partition("=")
        if equals and not key.startswith("#"):
            keys[key.strip().lower()] = value.strip(), at
    anonymous, line = keys.get("anonymous_enable", ("YES", 1))
    account = keys.get("ftp_username", ("ftp", 0))[0]
    if anonymous.upper() in ("YES", "TRUE", "1"):
        said = "anonymous_enable" in keys
        setting = "anonymous_enable=YES" if said else "anonymous_enable=NO"
        folder = _value(keys, "anon_root") or _home(account)
        if folder:
            yield Given(folder, line, setting, open=True, absent=not said, account=account)
    if _is(keys, "local_enable") and "local_root" in keys:
        folder, line = keys["local_root"]
        if "$" not in folder:
            yield Given(folder, line, f"local_root={folder}", open=False)


def _home(account: str) -> str:
    try:
        return pwd.getpwnam(account).pw_dir
    except KeyError:
        return ""


def proftpd(lines: Lines) -> Iterator[Given]:
    """Yield the anonymous zones of a proftpd.conf, and the folders that accounts are kept in."""
    zone: dict[str, tuple[str, int]] | None = None
    for number, line in _joined(lines):
        words = line.split("#")[0].split(None, 1)
        if not words:
            continue
        name, rest = words[0].lower(), (words[1] if len(words) > 1 else "").strip()
        if name == "<anonymous":
            zone = {"path": (rest.rstrip(">").strip(_QUOTES), number)}
        elif name == "</anonymous>" and zone is not None:
            yield from _anonymous(zone)
            zone = None
        elif zone is not None:
            if name == "<limit":
                zone["limit"] = rest.rstrip(">").upper(), number
            elif name == "</limit>":
                zone.pop("limit", None)
            elif name == "denyall" and "LOGIN" in zone.get("limit", ("", 0))[0].split():
                zone["closed"] = "DenyAll", number
            elif name == "user":
                zone["user"] = rest, number
        elif name == "defaultroot" and rest.startswith("/"):
            path = rest.split()[0]
            if "%" not in path:
                yield Given(path, number, f"DefaultRoot {path}", open=False)


def _anonymous(zone: dict[str, tuple[str, int]]) -> Iterator[Given]:
    path, line = zone["path"]
    account = zone.get("user", ("ftp", 0))[0]
    if path.startswith("~"):
        owner, slash, rest = path[1:].partition("/")
        path = _home(owner or account) + slash + rest
    if "closed" in zone:
        yield Given(path, zone["closed"][1], "<Limit LOGIN> DenyAll", open=False)
    else:
        yield Given(path, line, f"<Anonymous {zone['path'][0]}>", open=True, account=account)


_EXPORT = re.compile(r'"([^"]*)"|(\S+)')
_OCTAL = re.compile(rb"\\([0-7]{3})")


def nfs(lines: Lines) -> Iterator[Given]:
    """Yield the folders of an exports file. Clients name the user they are: rights do not bind whoever may mount."""
    for number, line in _joined(lines):
        words = [first or second for first, second in _EXPORT.findall(line.split("#")[0])]
        if not words or not words[0].startswith("/"):
            continue
        raw = words[0].encode("utf-8", "surrogateescape")
        path = _OCTAL.sub(lambda octal: bytes([int(octal[1], 8) & 0xFF]), raw).decode("utf-8", "surrogateescape")
        options = [word for word in words[1:] if word.startswith("-")]
        world = [word for word in words[1:] if word not in options and _is_world(word, options)]
        if len(words) == 1 + len(options):
            yield Given(path, number, "client", open=not _kerberos("".join(options)), absent=True)
        elif world:
            yield Given(path, number, world[0], open=True)
        else:
            yield Given(path, number, " ".join(words[1:]), open=False)


def _is_world(client: str, options: Sequence[str]) -> bool:
    """Whether an export's client is every machine, without proof of who asks."""
    host, _, own = client.partition("(")
    return host in ("", "*", "0.0.0.0/0", "::/0") and not _kerberos(own if "sec=" in own else "".join(options))


def _kerberos(options: str) -> bool:
    found = re.search(r"sec=([a-z0-9:]+)", options)
    return found is not None and "sys" not in found[1].split(":") and "none" not in found[1].split(":")


_NGINX = re.compile(r"(?<![\w$-])(root|alias)\s+(\"[^\"]*\"|'[^']*'|[^\s;{}]+)\s*;")
_NGINX_CLOSED = re.compile(r"(?<![\w-])(?:auth_basic(?!\s+off)|auth_request|auth_jwt|deny|ssl_verify_client\s+on)\b")


def nginx(lines: Lines) -> Iterator[Given]:
    """Yield the folders of an nginx file. Where any of it asks who comes, none is called open."""
    plain = [line.split("#")[0] for line in lines]
    closed = _NGINX_CLOSED.search("\n".join(plain)) is not None
    for number, line in enumerate(plain, 1):
        for name, path in _NGINX.findall(line):
            path = path.strip(_QUOTES)
            if "$" not in path:
                yield Given(path, number, f"{name} {path}", open=not closed, account=_web())


_APACHE = re.compile(r"^\s*(DocumentRoot|Alias)\s+(.*?)\s*$", re.IGNORECASE)
_APACHE_CLOSED = re.compile(
    r"^\s*(?:AuthType|Deny\s+from|SSLVerifyClient\s+require|Require\s+(?!all\s+granted|method|expr))", re.IGNORECASE
)


def apache(lines: Lines) -> Iterator[Given]:
    """Yield the folders of an Apache file. Where any of it asks who comes, none is called open."""
    joined = list(_joined(lines))
    closed = any(_APACHE_CLOSED.match(line) for _, line in joined)
    for number, line in joined:
        found = _APACHE.match(line)
        words = [first or second for first, second in _EXPORT.findall(found[2])] if found else []
        if found and words and "${" not in words[-1]:
            yield Given(words[-1], number, line.strip(), open=not closed, account=_web())


def _web() -> str:
    """Return the account of the web server here."""
    for name in _WEB:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return "nobody"
