"""What the folder a server gives away lets it do when it starts a session; answered where the folder is at hand.

Of a machine whose configuration was collected it is not, and in a container whose accounts have other numbers than
ours it is not asked: nothing is said then, which leaves a grant as wide as its configuration.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat

from phiscan.expose import acl
from phiscan.expose.grant import Identity
from phiscan.expose.machine import Machine


def missing(machine: Machine, folder: str) -> bool:
    """Whether there is no such folder. It is looked for again when something appears there."""
    machine.files.add(folder)
    try:
        return machine.at_hand and not os.path.isdir(machine.at(folder))
    except OSError:
        return True


def may_write(machine: Machine, folder: str, who: Identity) -> bool:
    """Whether an account may add to a folder that the server has entered."""
    machine.files.add(folder)
    if not machine.at_hand:
        return False
    try:
        path = os.fsencode(machine.at(folder))
        status = os.stat(path)
        entries = acl.read(os.path.realpath(path), status.st_mode)
        allowed = acl.allows(entries, status.st_uid, status.st_gid, who.uid, who.gids, acl.WRITE)
        return allowed and not os.statvfs(path).f_flag & os.ST_RDONLY
    except (OSError, ValueError):
        return False


def may_pass(machine: Machine, folder: str, who: Identity) -> bool:
    """Whether an account may go into a folder through all that lie above it."""
    machine.files.add(folder)
    if not machine.at_hand:
        return True
    try:
        top = os.fsencode(machine.root)
        path = os.path.realpath(os.fsencode(folder)) if top == b"/" else os.fsencode(machine.at(folder))
        while True:
            status = os.lstat(path + b"/" if path == top else path)
            entries = acl.read(path, status.st_mode)
            if not stat.S_ISDIR(status.st_mode) or not acl.allows(
                entries, status.st_uid, status.st_gid, who.uid, who.gids, acl.SEARCH
            ):
                return False
            if path == top:
                return True
            path = os.path.dirname(path)
    except FileNotFoundError:
        return True  # it may be made
    except (OSError, ValueError):
        return True


def shell(machine: Machine, account: str) -> str | None:
    """Return the login shell of an account; None where it is not known."""
    if machine.own:
        try:
            return pwd.getpwnam(account).pw_shell
        except KeyError:
            return None
    lines = machine.lines("/etc/passwd", "accounts") or ()
    return next((line.split(":")[-1] for line in lines if line.startswith(account + ":")), None)


def groups(machine: Machine, who: Identity) -> frozenset[str]:
    """Return the names of an account's groups that can be found."""
    if machine.own:
        found = set()
        for gid in who.gids:
            with contextlib.suppress(KeyError):
                found.add(grp.getgrgid(gid).gr_name)
        return frozenset(found)
    fields = [line.split(":") for line in machine.lines("/etc/group", "accounts") or ()]
    return frozenset(one[0] for one in fields if len(one) > 2 and one[2].isdecimal() and int(one[2]) in who.gids)


def others_may_write(machine: Machine, folder: str) -> bool:
    """Whether somebody else than root owns a folder or one above it, or may write to it."""
    machine.files.add(folder)
    if not machine.at_hand:
        return False
    path, top = os.path.normpath(folder), machine.root
    try:
        path = path if top == "/" else machine.at(path)
        while True:
            status = os.stat(path)
            if status.st_uid != 0 or status.st_mode & 0o022:
                return True
            if path == top:
                return False
            path = os.path.dirname(path)
    except FileNotFoundError:
        return False  # it may be made
    except (OSError, ValueError):
        return True
