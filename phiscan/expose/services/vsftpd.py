"""What vsftpd gives away, as vsftpd 3 reads its configuration.

Strangers are let in unless a file says otherwise: the compiled default of `anonymous_enable` is YES, whatever the
manual of a distribution prints. They are shut into `anon_root`, else into the home of `ftp_username`, which the server
enters as root. It turns everybody away where that folder can be written to, and where the home is missing.

Accounts are given `local_root`, where there is one folder for all of them. Where they are not shut into it, what else
they reach is what the file system lets them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from phiscan.expose import entering, evidence, hosts, wrappers
from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Trouble
from phiscan.model import Level, Reason

_NAME: Final = "vsftpd"
_USUAL: Final = ("/etc/vsftpd.conf", "/etc/vsftpd/*.conf")
_ON, _OFF = ("YES", "TRUE", "1"), ("NO", "FALSE", "0")

# What counts where the file says nothing; what is not here is NO or nothing.
_DEFAULTS: Final = {
    "anonymous_enable": "YES",
    "anon_world_readable_only": "YES",
    "download_enable": "YES",
    "dirlist_enable": "YES",
    "pasv_enable": "YES",
    "port_enable": "YES",
    "ftp_enable": "YES",
    "userlist_deny": "YES",
    "ftp_username": "ftp",
    "guest_username": "ftp",
    "userlist_file": "/etc/vsftpd.user_list",
    "email_password_file": "/etc/vsftpd.email_passwords",
    "chroot_list_file": "/etc/vsftpd.chroot_list",
    "listen_port": "21",
    "xferlog_file": "/var/log/xferlog",
    "vsftpd_log_file": "/var/log/vsftpd.log",
}
_SWITCHES: Final = frozenset(
    {
        *("anonymous_enable", "anon_world_readable_only", "download_enable", "dirlist_enable", "pasv_enable"),
        *("port_enable", "ftp_enable", "http_enable", "userlist_deny", "userlist_enable", "local_enable"),
        *("write_enable", "anon_upload_enable", "anon_mkdir_write_enable", "anon_other_write_enable"),
        *("secure_email_list_enable", "chroot_local_user", "chroot_list_enable", "guest_enable", "listen"),
        *("virtual_use_local_privs", "tcp_wrappers", "run_as_launching_user", "one_process_model", "listen_ipv6"),
        *("ssl_enable", "force_anon_logins_ssl", "require_cert"),
        *("validate_cert", "no_anon_password", "passwd_chroot_enable", "allow_writeable_chroot"),
    }
)
_DATA = ("PASV", "EPSV", "PORT", "EPRT")


@dataclass(frozen=True, slots=True)
class _Settings:
    """The settings of a server or session: value and source by name, the last one of a name. `file` is the main one."""

    file: str
    values: dict[str, tuple[str, str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, (_DEFAULTS.get(name, ""), ""))[0]

    def on(self, name: str) -> bool:
        return self.text(name).upper() in _ON

    def reason(self, name: str) -> Reason:
        """Return the setting as evidence; of one that is not written, that it is the default."""
        if name in self.values:
            value, source = self.values[name]
            return evidence.reason(_NAME, f"{name}={value}", source)
        return evidence.reason(_NAME, f"{name} (default {_DEFAULTS.get(name, 'NO')})", self.file)


def grants(machine: Machine) -> list[Grant]:
    """Return the folders that the vsftpd servers of a machine give to somebody."""
    found: list[Grant] = []
    for files, options in _servers(machine):
        settings = _read(machine, files, options)
        if settings is None:
            continue
        sessions = [settings]
        if settings.on("tcp_wrappers"):
            loaded = wrappers.loaded(machine, _NAME, "VSFTPD_LOAD_CONF")
            sessions += [_more(machine, settings, path) for path, _ in loaded]
        for session in sessions:
            found += _of(machine, session)
    return list(dict.fromkeys(found))


def _servers(machine: Machine) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield files and -o options of each server: those that run, those that are named, those that may be started."""
    seen = set()
    for process in machine.running("vsftpd"):
        if process.argv[0].rstrip(" ").endswith(":") or " " in process.argv[0]:
            continue  # a title in the place of the arguments
        files = tuple(os.path.join(process.folder, word) for word in process.argv[1:] if not word.startswith("-"))
        options = tuple(word[2:] for word in process.argv[1:] if word.startswith("-o"))
        seen.add((files or _USUAL[:1], options))
    yield from sorted(seen)
    known = {file for files, _ in seen for file in files}
    others = [*machine.given.get(_NAME, ()), *(file for usual in _USUAL for file in machine.matching(usual))]
    yield from (((file,), ()) for file in dict.fromkeys(others) if file not in known)


def _read(machine: Machine, files: Sequence[str], options: Sequence[str]) -> _Settings | None:
    """Return the settings of a server; None where none of its files is there."""
    settings = _Settings(files[0])
    there = False
    for file in files:
        lines = machine.lines(file, _NAME)
        there = there or lines is not None
        _apply(machine, settings, file, lines or ())
    for option in options:
        _apply(machine, settings, "command line", (option,))
    return settings if there or options else None


def _more(machine: Machine, settings: _Settings, path: str) -> _Settings:
    """Return the settings with those of a further file, which one account or some clients have."""
    more = _Settings(settings.file, dict(settings.values))
    _apply(machine, more, path, machine.lines(path, _NAME) or ())
    return more


def _apply(machine: Machine, settings: _Settings, file: str, lines: Sequence[str]) -> None:
    """Take the lines of a file over. Blanks belong to what they stand beside: with one the server does not start."""
    for number, line in enumerate(lines, 1):
        source = f"{file}:{number}" if file.startswith("/") else file
        line = line.lstrip()
        name, equals, value = line.partition("=")
        if not line or line.startswith("#"):
            continue
        bare = name.strip().lower()
        if not equals or "\0" in line or (bare in _SWITCHES and (name != bare or value.upper() not in _ON + _OFF)):
            machine.troubles.append(Trouble(_NAME, source, "a line that vsftpd refuses"))
            value = value.strip()
        if "\0" not in line and (bare not in _SWITCHES or value.upper() in _ON + _OFF):
            settings.values[bare] = (value, source)


def _of(machine: Machine, settings: _Settings) -> list[Grant]:
    if not settings.on("ftp_enable") and not settings.on("http_enable"):
        return []
    listen, wide, why = _listening(machine, settings)
    found = [*_anonymous(machine, settings), *_accounts(machine, settings)]
    logs = _logs(settings)
    return [
        replace(one, listen=listen, reach=wide, logs=logs, evidence=evidence.of_zone(one.path, (*one.evidence, *why)))
        for one in found
    ]


def _logs(settings: _Settings) -> tuple[str, ...] | None:
    """Return the logs that the server writes; None where some go to syslog, whose lines may lie anywhere."""
    both = settings.on("dual_log_enable")
    if not both and not settings.on("xferlog_enable"):
        return ()
    if settings.on("syslog_enable") and (both or not settings.on("xferlog_std_format")):
        return None
    names = [("xferlog_file", both or settings.on("xferlog_std_format"))]
    names.append(("vsftpd_log_file", both or not settings.on("xferlog_std_format")))
    return tuple(os.path.normpath(settings.text(name)) for name, written in names if written)


def _listening(machine: Machine, settings: _Settings) -> tuple[tuple[tuple[str, int], ...], Reach, tuple[Reason, ...]]:
    """Return where the server listens, from where it can be reached, and the evidence where that is not everywhere."""
    address = "listen_address6" if settings.on("listen_ipv6") else "listen_address"
    listen: tuple[tuple[str, int], ...] = ()
    wide, why = Reach.EVERYWHERE, list[Reason]()
    if settings.on("listen") or settings.on("listen_ipv6"):
        port = settings.text("listen_port")
        listen = ((settings.text(address), int(port, 8 if port.startswith("0") else 10) if port.isdecimal() else 21),)
        wide = hosts.listening([settings.text(address)])
        why += [settings.reason(address)] if wide is not Reach.EVERYWHERE else []
    refusing = wrappers.wrapped(machine, _NAME, _NAME) if settings.on("tcp_wrappers") else None
    if refusing is not None and wide is Reach.EVERYWHERE:
        return listen, Reach.PRIVATE, (*why, refusing)
    return listen, wide, tuple(why)


def _anonymous(machine: Machine, settings: _Settings) -> Iterator[Grant]:
    """Yield what whoever comes as `ftp` or `anonymous` is given."""
    if not settings.on("anonymous_enable"):
        return
    account = settings.text("ftp_username")
    alone = settings.on("one_process_model") or settings.on("run_as_launching_user")  # has no settings of accounts
    first = settings
    if not alone and settings.text("user_config_dir") and "/" not in account:
        settings = _more(machine, settings, os.path.join(settings.text("user_config_dir"), account))
    who = machine.account(account)
    home = machine.home(account) or ""
    root = settings.text("anon_root") or home
    if who is None and machine.account("root") is not None:
        return  # the server ends every session
    if not root or _turned_away(machine, first) or (home and entering.missing(machine, home)):
        return
    limit = "anon_root" if settings.text("anon_root") else "ftp_username"
    if settings.on("run_as_launching_user"):
        source = settings.values["run_as_launching_user"][1]
        machine.troubles.append(Trouble(_NAME, source, "strangers are the account that has started the server"))
        root, who, limit = "/", None, "run_as_launching_user"
    elif who is not None and entering.may_write(machine, root, who):
        return  # "refusing to run with writable root inside chroot()"
    level, why = _doors(machine, first)
    yield from _grant(machine, settings, root, who, (level, (*why, settings.reason(limit))), anonymous=True)


def _turned_away(machine: Machine, settings: _Settings) -> bool:
    """Whether a list that is missing ends every session, or the list of accounts holds strangers off.

    That one is compared as written, so that ANONYMOUS is let in where `anonymous` is not.
    """
    if settings.on("secure_email_list_enable") and machine.lines(settings.text("email_password_file"), _NAME) is None:
        return True
    if not settings.on("local_enable") or not settings.on("userlist_enable"):
        return False
    names = machine.lines(settings.text("userlist_file"), _NAME)
    if names is None:
        return True
    return not settings.on("userlist_deny") and not any(name.upper() in ("FTP", "ANONYMOUS") for name in names)


def _doors(machine: Machine, settings: _Settings) -> tuple[Level, tuple[Reason, ...]]:
    """Return whom the anonymous login lets in, and why."""
    why = [settings.reason("anonymous_enable")]
    if settings.on("no_anon_password"):
        why.append(settings.reason("no_anon_password"))
    if settings.on("secure_email_list_enable") and machine.lines(settings.text("email_password_file"), _NAME) != []:
        return Level.SHARED, (settings.reason("secure_email_list_enable"), *why)
    needs = ("ssl_enable", "force_anon_logins_ssl", "require_cert", "validate_cert")
    if all(settings.on(name) for name in needs):
        return Level.RESTRICTED, (settings.reason("require_cert"), settings.reason("validate_cert"), *why)
    return Level.PUBLIC, tuple(why)


def _accounts(machine: Machine, settings: _Settings) -> Iterator[Grant]:
    """Yield the folder that all accounts are given, and those of accounts with settings of their own."""
    if not settings.on("local_enable"):
        return
    level = Level.SHARED
    why: tuple[Reason, ...] = (settings.reason("local_enable"),)
    names = machine.lines(settings.text("userlist_file"), _NAME) if settings.on("userlist_enable") else []
    if names is None:
        return  # the server ends every session
    if settings.on("userlist_enable") and not settings.on("userlist_deny"):
        if not any(names):
            return
        level, why = Level.RESTRICTED, (settings.reason("userlist_deny"), settings.reason("userlist_file"), *why)
    if settings.on("guest_enable"):
        why = (*why, settings.reason("guest_enable"))
    yield from _local(machine, settings, "", (level, why))
    folder = settings.text("user_config_dir")
    for path in machine.matching(os.path.join(folder, "*")) if folder.startswith("/") else ():
        account = os.path.basename(path)
        if account == settings.text("ftp_username") and settings.on("anonymous_enable"):
            continue
        own = _more(machine, settings, path)
        if own.text("local_root") != settings.text("local_root"):
            yield from _local(machine, own, account, (Level.RESTRICTED, (own.reason("user_config_dir"), *why)))


def _local(
    machine: Machine, settings: _Settings, account: str, doors: tuple[Level, tuple[Reason, ...]]
) -> Iterator[Grant]:
    """Yield what one account, or "" all accounts, are given: `local_root`, or the home that all guests have."""
    guests = settings.on("guest_enable")
    name = settings.text("guest_username") if guests else account
    token = settings.text("user_sub_token")
    root = settings.text("local_root") or (machine.home(name) if guests else None) or ""
    if not root.startswith("/") or (token and token in root and not account):
        return  # homes, or a folder for each
    if token and account:
        root = root.replace(token, account)
    who = machine.account(name) if name else None
    bound = guests and not settings.on("virtual_use_local_privs")
    strict = (bound or settings.on("chroot_local_user")) and not settings.on("allow_writeable_chroot")
    if who is not None and strict and entering.may_write(machine, root, who):
        return
    level, why = doors
    why = (settings.reason("local_root" if settings.text("local_root") else "guest_username"), *why)
    yield from _grant(machine, settings, root, who, (level, why), anonymous=bound)


def _grant(
    machine: Machine,
    settings: _Settings,
    root: str,
    who: Identity | None,
    doors: tuple[Level, tuple[Reason, ...]],
    *,
    anonymous: bool,
) -> Iterator[Grant]:
    """Yield a folder with what may be done in it. `anonymous`: with the rights of strangers."""
    level, why = doors
    can = _Commands(settings)
    data = can(*_DATA) and (settings.on("pasv_enable") or settings.on("port_enable"))
    write = settings.on("write_enable") and data and _may_leave(settings, can, anonymous=anonymous)
    patterns, folders = _refused(settings.text("deny_file"))
    free = anonymous and settings.on("run_as_launching_user")
    shut = (anonymous and not free) or (not anonymous and _shut_in(machine, settings))
    writing = ("write_enable", "anon_upload_enable", "anon_other_write_enable") if anonymous else ("write_enable",)
    more = [settings.reason(name) for name in writing if write and settings.on(name)]
    path = evidence.path(root)
    yield Grant(
        service=_NAME,
        path=path,
        level=level,
        evidence=evidence.of_zone(path, (*why, *more)),
        identity=who,
        read=settings.on("download_enable") and data and can("RETR"),
        write=write,
        list=settings.on("dirlist_enable") and (can("STAT") or (data and can("LIST", "NLST"))),
        follows_links=not shut,
        refused=patterns,
        refuses_folders=folders,
        world_readable_only=anonymous and settings.on("anon_world_readable_only"),
        entered=anonymous and not free,
    )


def _shut_in(machine: Machine, settings: _Settings) -> bool:
    """Whether accounts cannot leave their folder. The list names exceptions, to either side."""
    shut = settings.on("chroot_local_user")
    if settings.on("chroot_list_enable") and shut:
        return not any(machine.lines(settings.text("chroot_list_file"), _NAME) or ())
    return shut


def _may_leave(settings: _Settings, can: _Commands, *, anonymous: bool) -> bool:
    """Whether a file can be left or changed: strangers store new ones by one switch and add to them by another."""
    if not anonymous:
        return can("STOR", "STOU", "APPE")
    stores = settings.on("anon_upload_enable") and can("STOR", "STOU")
    return stores or (settings.on("anon_other_write_enable") and can("APPE", "DELE", "RNFR"))


@dataclass(frozen=True, slots=True)
class _Commands:
    """The commands of FTP that a session may give."""

    settings: _Settings

    def __call__(self, *names: str) -> bool:
        """Whether any of these may be given."""
        allowed, denied = self.settings.text("cmds_allowed"), self.settings.text("cmds_denied")
        given = [name for name in names if not allowed or name in allowed.split(",")]
        return any(name not in denied.split(",") for name in given)


def _refused(pattern: str) -> tuple[tuple[str, ...], bool]:
    """Return `deny_file` as shell patterns, and whether they hold for folders too.

    A pattern is compared with the last part of the path that is asked for, so that a folder which it fits still gives
    its files; a plain text is looked for anywhere in the path. Braces within braces are not understood by vsftpd.

    >>> [_refused(pattern) for pattern in ("{*.mp3,.private}", "secret", "a[1]*", "")]
    [(('*.mp3', '.private'), False), (('*secret*',), True), (('a[[]1]*',), False), ((), True)]
    """
    if not pattern:
        return (), True
    if not re.search(r"[*?{}]", pattern):
        return ("*" + _plain(pattern) + "*",), True
    found = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", pattern)
    if found is not None:
        return tuple(_plain(found[1] + one + found[3]) for one in found[2].split(",")), False
    return ((_plain(pattern),) if "{" not in pattern and "}" not in pattern else ()), False


def _plain(pattern: str) -> str:
    return pattern.replace("[", "[[]")
