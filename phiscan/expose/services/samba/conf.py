"""smb.conf as Samba reads it: which settings a share has in the end, and in which line each stands.

Every synonym has one name here, compiled defaults are `DEFAULTS`. A share takes over what `[global]` said when the
share was first named, not what it says later; an included file stands where it is included and may open sections;
`copy` gives what the share does not say itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose import inifile
from phiscan.expose.inifile import NO, YES, Section, Setting
from phiscan.expose.machine import Machine, Trouble

SERVICE: Final = "samba"
_DEEP: Final = 100  # as Samba: files that include each other
_SYNONYMS: Final = {
    "public": "guestok",
    "onlyguest": "guestonly",
    "browsable": "browseable",
    "directory": "path",
    "allowhosts": "hostsallow",
    "denyhosts": "hostsdeny",
    "group": "forcegroup",
    "printok": "printable",
    "smb1unixextensions": "unixextensions",
    "serversmbencrypt": "smbencrypt",
}
_INVERSE: Final = frozenset({"writeable", "writable", "writeok"})  # of `read only`
_DEFAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "".join(written.split()): (written, value)
    for written, value in (
        ("guest ok", "no"),
        ("guest only", "no"),
        ("read only", "yes"),
        ("available", "yes"),
        ("printable", "no"),
        ("follow symlinks", "yes"),
        ("wide links", "no"),
        ("unix extensions", "yes"),
        ("allow insecure wide links", "no"),
        ("guest account", "nobody"),
        ("map to guest", "Never"),
        ("bind interfaces only", "no"),
        ("smb ports", "445 139"),
        ("usershare allow guests", "no"),
        ("usershare path", "/var/lib/samba/usershares"),
        ("usershare max shares", "100"),  # Debian's; upstream's is 0: none
        ("registry shares", "no"),
    )
}
_FLAGS: Final = frozenset(key for key, (_, value) in _DEFAULTS.items() if value in YES | NO)


@dataclass(slots=True)
class Conf:
    """A whole configuration. `common` is [global] as it is at the end."""

    common: Section
    shares: dict[str, Section] = field(default_factory=dict)  # by their name in lower case, in the file's order


def read(machine: Machine, path: str, options: Mapping[str, str] | None = None) -> Conf | None:
    """Return what a file comes to; None where it is missing. `options` come from the command line and win."""
    seen: set[str] = set()
    while True:
        reader = _Reader(machine, path, {canonical(key, value)[0]: value for key, value in (options or {}).items()})
        if not reader.file(path, 0):
            return None
        seen.add(path)
        if reader.instead is None or reader.instead in seen:
            return reader.conf
        path = reader.instead


def canonical(key: str, value: str) -> tuple[str, str]:
    """Return a setting under the one name it has here.

    >>> canonical("writeable", "Yes"), canonical("public", "true")
    (('readonly', 'no'), ('guestok', 'true'))
    """
    key = "".join(key.lower().split())
    if key in _INVERSE:
        return "readonly", "no" if value.lower() in YES else "yes" if value.lower() in NO else value
    return _SYNONYMS.get(key, key), value


class _Reader:
    def __init__(self, machine: Machine, path: str, options: Mapping[str, str]) -> None:
        self.machine = machine
        self.conf = Conf(Section("global", path, _DEFAULTS))
        self.instead: str | None = None  # `config file`
        self.options = {key: Setting(value, f"--option={key}={value}", path) for key, value in options.items()}
        self.conf.common.own |= self.options
        self.section = self.conf.common

    def file(self, path: str, deep: int) -> bool:
        """Read a file in the section that is open; return whether it is there."""
        if deep > _DEEP:
            return self._trouble(path, "includes itself")
        found = self.machine.lines(path, SERVICE)
        for line in inifile.lines(found or ()):
            source = f"{path}:{line.number}"
            if line.value is None:
                self._begin(line.name)
            elif line.name == "include":
                self._include(line.value, source, deep)
            elif line.name == "copy":
                self._copy(line.value, source)
            else:
                self._set(line.name, line.value, line.text, source)
        return found is not None

    def _begin(self, name: str) -> None:
        if name.lower() in ("global", "globals"):
            self.section = self.conf.common
            return
        known = self.conf.shares.get(name.lower())
        if known is None:
            known = Section(name, self.conf.common.file, _DEFAULTS, base=dict(self.conf.common.own))
            self.conf.shares[name.lower()] = known
        self.section = known

    def _set(self, key: str, value: str, text: str, source: str) -> None:
        key, value = canonical(key, value)
        if key in _FLAGS and value.lower() not in YES | NO:
            self._trouble(source, "neither yes nor no: Samba does not load this")
            return
        if self.section is self.conf.common:
            if key in self.options:
                return
            if key == "configfile":
                self._other(value, source)
            elif (key == "configbackend" and value.lower() == "registry") or (
                key == "registryshares" and value.lower() in YES
            ):
                self._trouble(source, "the registry of Samba is not read")
        self.section.own[key] = Setting(value, text, source)

    def _include(self, value: str, source: str, deep: int) -> None:
        path = value.strip("\"'")
        if path.lower() == "registry":
            self._trouble(source, "the registry of Samba is not read")
        elif "%" in path:
            if self.machine.matching(re.sub(r"%.", "*", path)):
                self._trouble(source, "includes another file for each client")
        else:
            self.file(path, deep + 1)

    def _other(self, value: str, source: str) -> None:
        path = value.strip("\"'")
        if "%" in path:
            if self.machine.matching(re.sub(r"%.", "*", path)):
                self._trouble(source, "reads another file for each client")
        elif self.machine.lines(path, SERVICE) is not None:
            self.instead = path

    def _copy(self, value: str, source: str) -> None:
        copied = self.conf.shares.get(value.lower())
        if copied is None or copied is self.section:
            self._trouble(source, "copies a share that is not there")
        elif self.section is not self.conf.common:
            self.section.base = copied.base | copied.own

    def _trouble(self, source: str, detail: str) -> bool:
        self.machine.troubles.append(Trouble(SERVICE, source, detail))
        return False
