"""The configured responses: is the helper that does them at work, and may it do them where files are watched.

Nothing is tried: mounts, rights and the helper's unit are looked at.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from phiscan.doctor.finding import Finding, Machine, good, note, refused, warning
from phiscan.doctor.service import settings_of
from phiscan.messages import Told
from phiscan.respond.quarantine import top_of
from phiscan.source.exclude import QUARANTINE
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, display

if TYPE_CHECKING:
    from phiscan.config import Config

UNIT: Final = "phiscan-respond.service"
_NO_MODES: Final = frozenset(("vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3", "9p", "vboxsf"))
_UNIX: Final = frozenset(("unix", "linux", "posix"))  # options of CIFS under which the server keeps modes
_OVERRIDES: Final = ("CAP_DAC_OVERRIDE",)  # writes wherever it wants


@dataclass(frozen=True, slots=True)
class _Helper:
    """As whom the helper works: its unit's account, else ours. `paths`: the only ones it may write, None: all."""

    uid: int
    gids: tuple[int, ...]
    overrides: bool
    paths: tuple[bytes, ...] | None

    def writes(self, folder: bytes) -> bool:
        """Whether it may make something in a folder, by its mode."""
        status = os.stat(folder)
        if self.overrides or self.uid == 0:
            return True
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in self.gids else 0
        return status.st_mode >> shift & 0o3 == 0o3

    def reaches(self, path: bytes) -> bool:
        """Whether its unit leaves a path writable."""
        return self.paths is None or any(below(path, one) is not None for one in self.paths)


def examine(config: Config, machine: Machine) -> Iterator[Finding]:
    """Look at each action that is configured; nothing is said where none is."""
    if not config.response:
        return
    yield from _rules(config)
    unit = settings_of(machine, UNIT)
    yield _at_work(config)
    if unit is not None and "--apply" not in unit[1].get("ExecStart", ""):
        yield note("doctor.response.dry", path=str(unit[0]))
    actions, helper = set(config.response.values()), _helper(None if unit is None else unit[1])
    if "notify-owner" in actions:
        yield _owners(config)
    for action in ("quarantine", "chmod"):
        if action in actions:
            yield from (_place(action, root, helper) for root in _roots(config))


def _rules(config: Config) -> Iterator[Finding]:
    from phiscan.content import rules_folder
    from phiscan.judge import load_rules
    from phiscan.pipeline import judging
    from phiscan.respond.asking import actions_of

    try:
        rules = judging(config)[1] if config.rules else load_rules([rules_folder()])
    except Told:
        return  # said elsewhere
    try:
        actions_of(config, rules)
    except Told as told:
        yield refused(told)


def _at_work(config: Config) -> Finding:
    """Say whether a helper holds the store."""
    from phiscan.store import Store

    try:
        store = Store.open(config.store)
    except Told:
        return warning("doctor.response.none")  # what is wrong with the store is said elsewhere
    try:
        return good("doctor.response.helper") if store.helped() else warning("doctor.response.none")
    except Told:
        return warning("doctor.response.none")
    finally:
        store.close()


def _helper(unit: dict[str, str] | None) -> _Helper:
    if unit is None:
        return _Helper(os.geteuid(), tuple(os.getgroups()), overrides=False, paths=None)
    try:
        account = pwd.getpwnam(unit.get("User", "root"))
    except KeyError:
        return _Helper(-1, (), overrides=False, paths=())
    given = unit.get("AmbientCapabilities", "").split()
    shut = unit.get("ProtectSystem") == "strict"
    paths = tuple(os.path.realpath(os.fsencode(one.lstrip("-+"))) for one in unit.get("ReadWritePaths", "").split())
    gids = tuple(os.getgrouplist(account.pw_name, account.pw_gid))
    return _Helper(account.pw_uid, gids, any(one in given for one in _OVERRIDES), paths if shut else None)


def _owners(config: Config) -> Finding:
    if config.alerts.email is None:
        return warning("doctor.response.no_mail")
    contacts = sum(zone.contact is not None for zone in config.zones)
    return good("doctor.response.owners", n=contacts) if contacts else warning("doctor.response.no_contact")


def _roots(config: Config) -> list[bytes]:
    from phiscan.daemon.watching import roots_of

    try:
        return [root for root in roots_of(config) if os.path.isdir(root)]
    except Told:
        return []  # said elsewhere


def _place(action: str, root: bytes, helper: _Helper) -> Finding:
    """Say in one line whether an action can be done to the files of a root."""
    shown, what = display(root), {"action": action}
    top = top_of(root)
    try:
        read_only = bool(os.statvfs(root).f_flag & os.ST_RDONLY)
        same = os.stat(top).st_dev == os.stat(root).st_dev
        mount = Mounts.read().of(os.stat(root).st_dev, root)
        if read_only:
            return warning("doctor.response.read_only", path=shown, **what)
        if not helper.reaches(top if action == "quarantine" else root):
            return warning("doctor.response.shut", path=display(top if action == "quarantine" else root), **what)
        if action == "chmod":
            ignored = mount is not None and mount.type in _NO_MODES and not mount.options & _UNIX
            fs = "" if mount is None else mount.type
            return (
                warning("doctor.response.modes", path=shown, type=fs)
                if ignored
                else good("doctor.response.chmod", path=shown)
            )
        if not same:
            return warning("doctor.response.elsewhere", path=shown, top=display(top))
        return _quarantine(shown, top, helper)
    except OSError as error:
        return warning("doctor.response.unknown", path=shown, why=error.strerror or "", **what)


def _quarantine(shown: str, top: bytes, helper: _Helper) -> Finding:
    """Say whether the folder of the quarantine can be used, or made."""
    folder = os.path.join(top, QUARANTINE)
    try:
        status = os.lstat(folder)
    except FileNotFoundError:
        if helper.writes(top):
            return good("doctor.response.quarantine", path=shown, folder=display(folder))
        return warning("doctor.response.folder", path=shown, folder=display(top))
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == helper.uid and not stat.S_IMODE(status.st_mode) & 0o077
    if ours:
        return good("doctor.response.quarantine", path=shown, folder=display(folder))
    return warning("doctor.response.not_ours", path=shown, folder=display(folder))
