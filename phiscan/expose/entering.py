"""What the folder a server gives away lets it do when it starts a session; answered only on this machine itself.

Of a machine whose configuration was collected the folders are not at hand: nothing is said then, which leaves a grant
as wide as its configuration.
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
    return machine.root == "/" and not os.path.isdir(folder)


def may_write(machine: Machine, folder: str, who: Identity) -> bool:
    """Whether an account may add to a folder that the server has entered."""
    machine.files.add(folder)
    if machine.root != "/":
        return False
    try:
        path = os.fsencode(folder)
        status = os.stat(path)
        entries = acl.read(os.path.realpath(path), status.st_mode)
        allowed = acl.allows(entries, status.st_uid, status.st_gid, who.uid, who.gids, acl.WRITE)
        return allowed and not os.statvfs(path).f_flag & os.ST_RDONLY
    except (OSError, ValueError):
        return False


def may_pass(machine: Machine, folder: str, who: Identity) -> bool:
    """Whether an account may go into a folder through all that lie above it."""
    machine.files.add(folder)
    if machine.root != "/":
        return True
    try:
        path = os.path.realpath(os.fsencode(folder))
        while True:
            status = os.lstat(path)
            entries = acl.read(path, status.st_mode)
            if not stat.S_ISDIR(status.st_mode) or not acl.allows(
                entries, status.st_uid, status.st_gid, who.uid, who.gids, acl.SEARCH
            ):
                return False
            if path == b"/":
                return True
            path = os.path.dirname(path)
    except FileNotFoundError:
        return True  # it may be made
    except (OSError, ValueError):
        return True


def shell(machine: Machine, account: str) -> str | None:
    """Return the login shell of an account; None where it is not known."""
    if machine.root == "/":
        try:
            return pwd.getpwnam(account).pw_shell
        except KeyError:
            return None
    lines = machine.lines("/etc/passwd", "accounts") or ()
    return next((line.split(":")[-1] for line in lines if line.startswith(account + ":")), None)


def groups(machine: Machine, who: Identity) -> frozenset[str]:
    """Return the names of an account's groups that can be found."""
    if machine.root == "/":
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
    if machine.root != "/":
        return False
    path = os.path.normpath(folder)
    try:
        while True:
            status = os.stat(path)
            if status.st_uid != 0 or status.st_mode & 0o022:
                return True
            if path == "/":
                return False
            path = os.path.dirname(path)
    except FileNotFoundError:
        return False  # it may be made
    except (OSError, ValueError):
        return True
