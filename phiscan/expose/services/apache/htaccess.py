"""The .htaccess files below a folder, where Apache would read them. The search is bounded, and says where it ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from phiscan.expose.blocks import Directive
from phiscan.expose.machine import Trouble
from phiscan.expose.services.apache import access as apacheaccess
from phiscan.expose.services.apache.conf import SERVICE, Reader
from phiscan.expose.services.apache.host import Host, Map

_FOLDERS: Final = 5000  # looked into for one mapping
_REFUSED: Final = ("all", "denied")
_SEARCHED: Final = "/.searched"  # of an archive: in which folders such files were looked for


def read(reader: Reader, host: Host, map_: Map) -> dict[str, tuple[Directive, ...]]:
    """Return what the files say, by folder: of the mapping and below, and of the folders above it.

    A file that says what it may not makes the server answer 500 for its folder and all below: it closes them.
    """
    host.htaccess = {}
    names = host.last("accessfilename")
    wanted = names.words if names is not None else (".htaccess",)
    found: dict[str, tuple[Directive, ...]] = {}
    if not _anywhere(host):
        return found
    reader.machine.appearing |= {(map_.folder, name) for name in wanted}
    for folder in _upwards(map_.folder):
        if host.folder(folder).override:  # one may come there
            reader.machine.files |= {os.path.join(folder, name) for name in wanted}
    for folder in (*_upwards(map_.folder), *_below(reader, host, map_)):
        there = [path for name in wanted if os.path.isfile(_at(reader, path := os.path.join(folder, name)))]
        override = host.folder(folder).override if there else None
        if not there or override == frozenset():
            continue
        for path in there:
            section = reader.read(path)
            if not apacheaccess.permitted(section, override or frozenset()):
                line = section[0].line
                section = (Directive("require", _REFUSED, path, line, "a directive that AllowOverride forbids"),)
            found[folder] = found.get(folder, ()) + section
    return found


def _anywhere(host: Host) -> bool:
    """Whether such files are read anywhere: not where all that is said of them is `AllowOverride None`."""
    said = [inner for one in host.all() if one.name == "directory" for inner in one.inner or ()]
    overrides = [one for one in said if one.name in ("allowoverride", "allowoverridelist")]
    none = [one for one in overrides if tuple(word.lower() for word in one.words) == ("none",)]
    top = any(
        one.name == "directory" and one.words[:1] == ("/",) and any(inner in none for inner in one.inner or ())
        for one in host.all()
    )
    return not top or len(none) < len(overrides)


def _upwards(folder: str) -> Iterator[str]:
    parts = [part for part in folder.split("/") if part]
    yield from ("/" + "/".join(parts[:deep]) for deep in range(1, len(parts)))


def _below(reader: Reader, host: Host, map_: Map) -> Iterator[str]:
    """Yield a folder and those below it, as many as are looked into."""
    top = _at(reader, map_.folder)
    if not reader.machine.at_hand and not _collected(reader, map_.folder) and host.folder(map_.folder).override:
        detail = "its .htaccess files were not collected"
        reader.machine.troubles.append(Trouble(SERVICE, map_.folder, detail, map_.folder))
    for seen, (at, folders, _) in enumerate(os.walk(top)):
        folders.sort()
        rest = os.path.relpath(at, top)
        folder = map_.folder if rest == "." else os.path.join(map_.folder, rest)
        if seen >= _FOLDERS:
            if host.place(map_.folder, map_.address, "GET").decided()[2]:
                return  # open already: what was not looked at could only narrow that
            detail = "too many folders to look for .htaccess files in all of them"
            reader.machine.troubles.append(Trouble(SERVICE, map_.folder, detail))
            return
        yield folder


def _collected(reader: Reader, folder: str) -> bool:
    """Whether the files in a folder of another machine, and below, are all here: its collector says where it looked."""
    said = reader.machine.lines(_SEARCHED, SERVICE)
    if said is None:  # an older one, which brought none
        return os.path.isdir(_at(reader, folder))
    whole = [line.removeprefix("whole ") for line in said if line.startswith("whole /")]
    return any((folder + "/").startswith(one.rstrip("/") + "/") for one in whole)


def _at(reader: Reader, path: str) -> str:
    """Return where a path of the machine lies here; links of another machine's tree never lead into our files."""
    try:
        return reader.machine.at(path)
    except OSError:
        return os.devnull
