"""What an rsync daemon gives away: the modules of rsyncd.conf.

A module is public unless `auth users` names somebody. The daemon enters the folder as root and only then becomes
`uid` and `gid`: the rights of the folders above do not protect it. `exclude` counts where it is plain; every rule
that takes something in again, and filters, are left out, so that nothing is called hidden that is not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose import found, hosts, inifile
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.hosts import Clients
from phiscan.expose.inifile import Section, Setting
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.model import Level, Reason

SERVICE: Final = "rsync"
_USUAL: Final = ("/etc/rsyncd.conf", "/etc/rsyncd/rsyncd.conf", "/usr/local/etc/rsync/rsyncd.conf")
_DEEP: Final = 20
_FORMAT: Final = "%o %h [%a] %m (%u) %f %l"
_DEFAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "readonly": ("read only", "yes"),
    "writeonly": ("write only", "no"),
    "usechroot": ("use chroot", ""),
    "authusers": ("auth users", ""),
    "uid": ("uid", "nobody"),
    "gid": ("gid", "nogroup"),
    "port": ("port", "873"),
    "transferlogging": ("transfer logging", "no"),
    "logformat": ("log format", _FORMAT),
}
_YES: Final = frozenset({"yes", "true", "1"})
_NO: Final = frozenset({"no", "false", "0"})
_FLAGS: Final = frozenset({"readonly", "writeonly", "usechroot", "insecurelinks", "transferlogging"})
_PLAIN: Final = re.compile(r"[^\[\]{}*?\\\s]+")


def grants(machine: Machine) -> list[Grant]:
    """Return the modules of all configurations."""
    processes = [one for one in machine.running("rsync", "rsyncd") if _is_daemon(one)]
    files = [found.named_file(process, "--config") for process in processes]
    given: list[Grant] = []
    for path in found.files(machine, SERVICE, files, _USUAL):
        options: dict[str, str] = {}
        for process, file in zip(processes, files, strict=True):
            if file in (None, path):
                for key in ("port", "address"):
                    value = found.argument(process, f"--{key}")
                    options |= {} if value is None else {key: value}
        reader = _Reader(machine, path)
        if reader.file(path, 0):
            for key, value in options.items():
                reader.common.own[key] = Setting(value, f"--{key}={value}", path)
            for module in reader.modules.values():
                for key, setting in reader.common.own.items():
                    if key not in _FLAGS and key != "maxconnections":
                        module.base.setdefault(key, setting)
                given += _module(machine, reader.common, module)
        elif path in files or path in machine.given.get(SERVICE, ()):
            machine.troubles.append(Trouble(SERVICE, path, "is missing"))
    return given


def _is_daemon(process: Process) -> bool:
    return "--daemon" in process.argv and "--server" not in process.argv


@dataclass(slots=True)
class _Reader:
    """Reads a file: a module takes over what was set globally before it.

    Texts that are set nowhere else count even where they are set later; flags and numbers do not.
    """

    machine: Machine
    path: str
    common: Section = field(init=False)
    section: Section = field(init=False)
    modules: dict[str, Section] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.common = self.section = Section("global", self.path, _DEFAULTS)

    def file(self, path: str, deep: int) -> bool:
        """Read a file where the last one has got to; return whether it is there."""
        if deep > _DEEP:
            self.machine.troubles.append(Trouble(SERVICE, path, "includes itself"))
            return False
        lines = self.machine.lines(path, SERVICE)
        for line in inifile.lines(lines or ()):
            if line.value is None:
                self._begin(line.name)
            elif line.name in ("&include", "&merge"):
                self._include(line.name, line.value, deep)
            elif line.name not in _FLAGS or line.value.lower() in _YES | _NO:  # what is neither changes nothing
                self.section.own[line.name] = Setting(line.value, line.text, f"{path}:{line.number}")
        return lines is not None

    def _begin(self, name: str) -> None:
        if name.lower() == "global":
            self.section = self.common
            return
        known = self.modules.get(name.lower())
        if known is None:
            known = Section(name, self.path, _DEFAULTS, base=dict(self.common.own))
            self.modules[name.lower()] = known
        self.section = known

    def _include(self, how: str, path: str, deep: int) -> None:
        """Read a file, or those of a folder: `&merge` as if it stood here, `&include` by itself."""
        ending = "conf" if how == "&include" else "inc"
        for one in self.machine.matching(f"{path}/*.{ending}") or [path]:
            if how == "&merge":
                self.file(one, deep + 1)
                continue
            section, before = self.section, dict(self.common.own)
            self.section = self.common
            self.file(one, deep + 1)
            self.section, self.common.own = section, before


def _module(machine: Machine, common: Section, module: Section) -> Iterator[Grant]:
    path = _path(machine, common, module)
    connections = module.get("maxconnections").value
    if path is None or connections.startswith("-"):  # less than none: it is switched off
        return
    level, write, why = _visit(module)
    who = hosts.admitted(module.words("hostsallow"), module.words("hostsdeny"))
    level, reach = hosts.narrowed(level, who)
    if who is not Clients.EVERYBODY:
        why += [module.get(key) for key in ("hostsallow", "hostsdeny") if module.given(key)]
    why.append(module.get("uid"))
    port = common.get("port").value
    listen = ((common.get("address").value, int(port) if port.isdigit() else 873),)
    zone = os.fsdecode(path)
    evidence = tuple(Reason(SERVICE, one.text, one.source, zone) for one in why)
    refused, closed = _excluded(module)
    readable = who is not Clients.NOBODY and not module.says("writeonly")
    yield Grant(
        service=SERVICE,
        path=path,
        level=level,
        evidence=evidence,
        identity=_identity(machine, module),
        read=readable,
        write=write and who is not Clients.NOBODY,
        list=readable,
        reach=min(reach, hosts.listening(address for address, _ in listen)),
        listen=listen,
        name=module.name,
        follows_links=module.get("usechroot").value.lower() in _NO or module.says("insecurelinks"),
        refused=refused,
        entered=True,
        logs=_logs(common, module),
    )
    exclude = module.get("exclude")
    for inside in closed:
        yield Grant(
            service=SERVICE,
            path=os.path.normpath(path + b"/" + inside),
            level=Level.RESTRICTED,
            evidence=(Reason(SERVICE, exclude.text, exclude.source, zone),),
            read=False,
            list=False,
            listen=listen,
            name=module.name,
            seen=b"/" + inside,
            logs=_logs(common, module),
        )


def _logs(common: Section, module: Section) -> tuple[str, ...] | None:
    """Return the log in which a module's transfers stand; None where they go to syslog, or as no reader knows them."""
    if not module.says("transferlogging"):
        return ()
    log, form = module.get("logfile").value, module.get("logformat").value
    if not log.startswith("/") or "%" in log or common.get("daemonchroot").value or form != _FORMAT:
        return None
    return (os.path.normpath(log),)


def _path(machine: Machine, common: Section, module: Section) -> bytes | None:
    """Return the folder of a module; None where there is none, or none that could be known."""
    setting = module.get("path")
    text = common.get("daemonchroot").value + setting.value.replace("%%", "\0")
    if re.search(r"%\w+%", text):
        folder = text.partition("%")[0].rpartition("/")[0]
        if not folder.strip("/"):
            detail = "a folder named by a variable is not followed"
            machine.troubles.append(Trouble(SERVICE, setting.source, detail))
            return None
        text = folder
    path = os.fsencode(text.replace("\0", "%"))
    return os.path.normpath(path).replace(b"//", b"/") if path.startswith(b"/") else None


def _visit(module: Section) -> tuple[Level, bool, list[Setting]]:
    """Return whom a module lets in, whether they may write, and why."""
    users, only = module.get("authusers"), module.get("readonly")
    rules = _rules(users.value)
    write = not module.says("readonly")
    why = [users, only] if write else [users]
    if not rules:
        return Level.PUBLIC, write, why
    open_to = [rule for rule in rules if not rule.endswith(":deny")]
    everybody = any(rule.partition(":")[0] == "*" for rule in open_to)
    rights = {rule.rpartition(":")[2] for rule in open_to if ":" in rule}
    write = (write and rights != {"ro"}) or "rw" in rights
    return Level.SHARED if everybody else Level.RESTRICTED, write and bool(open_to), why


def _rules(value: str) -> list[str]:
    """Return the rules of `auth users`: at commas and blanks, or where it begins with a comma, at commas only.

    >>> _rules("joe:deny *"), _rules(", @Some Group:ro, x"), _rules(" , ")
    (['joe:deny', '*'], ['@Some Group:ro', 'x'], [])
    """
    cut = value.split(",") if value.startswith(",") else re.split(r"[,\s]+", value)
    return [rule.strip() for rule in cut if rule.strip()]


def _identity(machine: Machine, module: Section) -> Identity | None:
    """Return as whom a module works; None where that is no account of this machine."""
    name = module.get("uid").value
    account = machine.account(name)
    if account is None and name.isdigit():
        account = Identity(name, int(name), frozenset())
    if account is None:
        return None
    gids: set[int] = set()
    for word in _rules(module.get("gid").value):
        gid = int(word) if word.isdigit() else machine.group(word)
        if word == "*":
            gids |= account.gids
        elif gid is not None:
            gids.add(gid)
        elif not module.given("gid"):
            gids.add(machine.group("nobody") or 65534)
    return Identity(account.name, account.uid, frozenset(gids))


def _excluded(module: Section) -> tuple[tuple[str, ...], list[bytes]]:
    """Return what `exclude` surely hides: patterns of names, and folders or files by their path in the module.

    Rules are asked in their order, so nothing is sure from the first on that takes names in.
    """
    if any(module.given(key) for key in ("filter", "include", "includefrom")):
        return (), []
    refused: list[str] = []
    closed: list[bytes] = []
    words = module.get("exclude").value.split()
    while words:
        word = words.pop(0)
        if word in ("+", "!") or word.startswith("+"):
            break
        if word == "-":
            continue
        plain = word.removesuffix("/***").rstrip("/")
        if plain.startswith("/") and _PLAIN.fullmatch(plain):
            closed.append(os.fsencode(plain.lstrip("/")))
        elif "/" not in plain and "**" not in plain and not set(plain) & set("[\\"):
            # With a slash behind it is for folders only: a file of that name is given away.
            refused += [plain] if word == plain else [f"{plain}/*", f"*/{plain}/*"]
    return tuple(refused), closed
