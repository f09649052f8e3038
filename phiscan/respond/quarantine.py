"""A file moved away, inside its own file system, to where only phiscan's account may look; and moved back.

    <top of the file system>/.phiscan-quarantine/<store>-<number>/file            what was moved
                                                                 /manifest.json   where from, with which rights

A move inside a file system changes neither inode nor owner, rights, times or attributes, and is one step for the
kernel: the file is at its old place or here, whenever the machine goes down.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from phiscan.report.model import show_path
from phiscan.respond.files import Held, Refused, move, names, parent, refused, same_inode
from phiscan.source.exclude import QUARANTINE
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below
from phiscan.store import responses

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.incidents.incident import Incident
    from phiscan.store.responses import Response

FILE: Final = b"file"
_MANIFEST: Final = b"manifest.json"
_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
Step = Callable[[str], None]


def top_of(path: bytes) -> bytes:
    """Return the top of the file system, as mounted, in which a path without links lies."""
    points = (mount.point for mount in Mounts.read() if below(path, mount.point) is not None)
    return max(points, key=len, default=b"/")


def place_for(path: bytes, name: str, top: Callable[[bytes], bytes]) -> bytes:
    """Return the folder in quarantine for a file. Nothing is made."""
    return os.path.join(top(path), QUARANTINE, name.encode("ascii"))


def take(one: Held, response: Response, step: Step) -> None:
    """Move an open file to the folder in quarantine that `response` names. Raises `Refused`; then it has not moved."""
    assert response.kept is not None
    try:
        folder = _made(response.kept)
    except OSError as error:
        raise refused(error) from None
    try:
        step("folder")
        _write_manifest(folder, response)
        step("manifest")
        if not one.still_named():
            raise Refused("changed")
        move(one.folder, one.name, folder, FILE)
        step("moved")
        if not names(folder, FILE, one.file):  # somebody has swapped it in that very moment
            move(folder, FILE, one.folder, one.name)
            raise Refused("changed")
        os.fsync(folder)
        os.fsync(one.folder)
        step("synced")
    except OSError as error:
        raise refused(error) from None
    finally:
        os.close(folder)


def kept_at(connection: Connection, incident: Incident) -> bytes | None:
    """Return where the file of an incident lies in quarantine; None where it does not."""
    found = responses.keeping(connection, incident)
    return None if found is None or found.kept is None else os.path.join(found.kept, FILE)


def arrived(response: Response) -> bool:
    """Whether the file of a response whose move was begun is in quarantine. Raises `Refused` where none can tell."""
    found = _inside(response)
    return found is not None and same_inode(found, response)


def put_back(root: bytes, response: Response, step: Step) -> None:
    """Move a file out of quarantine to where it was. Raises `Refused`; then it is still in quarantine.

    One that is at its old place already was moved there by somebody who died before saying so.
    """
    with parent(root, response.path) as (folder, name):
        if _inside(response) is None:
            if not _is_there(folder, name, response):
                raise Refused("vanished")
            return
        assert response.kept is not None
        kept = os.open(response.kept, _OPEN)
        try:
            move(kept, FILE, folder, name)
            step("moved")
            os.fsync(folder)
            os.fsync(kept)
            step("synced")
        finally:
            os.close(kept)


def _is_there(folder: int, name: bytes, response: Response) -> bool:
    try:
        return same_inode(os.stat(name, dir_fd=folder, follow_symlinks=False), response)
    except OSError:
        return False


def _inside(response: Response) -> os.stat_result | None:
    """Return what lies in a response's folder in quarantine, None where nothing does. Raises `Refused`."""
    if response.kept is None:
        return None
    try:
        return os.lstat(os.path.join(response.kept, FILE))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refused(error) from None


def _made(kept: bytes) -> int:
    """Return the open folder in quarantine, made where there was none. Raises OSError, `Refused` if it is not ours."""
    quarantine = os.path.dirname(kept)
    _make(quarantine)
    outer = os.open(quarantine, _OPEN)
    try:
        _is_ours(outer)
        _make(os.path.basename(kept), outer)
        inner = os.open(os.path.basename(kept), _OPEN, dir_fd=outer)
        try:
            _is_ours(inner)
            os.fsync(outer)
        except BaseException:
            os.close(inner)
            raise
        return inner
    finally:
        os.close(outer)


def _make(path: bytes, folder: int | None = None) -> None:
    try:
        os.mkdir(path, 0o700, dir_fd=folder)
    except FileExistsError:
        return


def _is_ours(folder: int) -> None:
    status = os.fstat(folder)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise Refused("not_ours")


def _write_manifest(folder: int, response: Response) -> None:
    """Write down what it takes to put the file back without the store. It names the path: nobody else may look."""
    fd = os.open(b"manifest.new", _NEW, 0o600, dir_fd=folder)
    try:
        os.write(fd, json.dumps(manifest(response), indent=2).encode("ascii") + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(b"manifest.new", _MANIFEST, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def manifest(response: Response) -> dict[str, Any]:
    """Return what the manifest of a response says."""
    return {
        "schema": "phiscan.quarantine/1",
        "response": response.id,
        "incident": response.incident,
        "path": show_path(response.path),
        "path_base64": base64.b64encode(response.path).decode("ascii"),
        "device": response.device,
        "inode": response.inode,
        "size": response.size,
        "content": response.content,
        "before": response.before,
    }
