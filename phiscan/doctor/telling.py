"""Whom the daemon tells, and who notices when it no longer does. Secrets are read, no message is sent."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from phiscan.doctor.finding import Finding, error, good, note, refused, warning
from phiscan.messages import Told
from phiscan.source.paths import display

if TYPE_CHECKING:
    from pydantic import BaseModel

    from phiscan.config import Config, Heartbeat


def examine(config: Config) -> Iterator[Finding]:
    """Look at channels, heartbeat, self-test and metrics."""
    yield from _channels(config)
    yield from _heartbeat(config.heartbeat)
    yield from _self_test(config)
    yield from _metrics(config.metrics)


def _channels(config: Config) -> Iterator[Finding]:
    from phiscan.alert.channel import make
    from phiscan.config.types import Channel

    names = [name for name in get_args(Channel) if getattr(config.alerts, name)]
    if not names:
        yield error("doctor.channel.none")
    for name in names:
        try:
            make(name, config, "en")
        except Told as told:
            yield _unreadable(f"alerts.{name}", told)
            continue
        settings = getattr(config.alerts, name)
        found = [*_secrets(settings), *(_file(settings.path) if name == "file" else ())]
        yield from found or [good("doctor.channel", channel=name)]
    if names and not config.organisation.dpo:
        yield note("doctor.dpo.none")
    elif names and "email" not in names:
        yield note("doctor.dpo.no_mail")


def _unreadable(key: str, told: Told) -> Finding:
    """Return what is wrong with a file that a key of the configuration names."""
    return error("doctor.secret.unreadable", key=key, why=told) if told.key == "file.unreadable" else refused(told)


def _secrets(settings: BaseModel | tuple[Path, ...]) -> Iterator[Finding]:
    """Say which files that hold a secret can be read by every account."""
    for path in settings if isinstance(settings, tuple) else _secret_files(settings):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        if mode & stat.S_IROTH:
            yield warning("doctor.secret.rights", path=str(path), mode=f"{mode:04o}")


def _secret_files(settings: BaseModel) -> Iterator[Path]:
    for name in type(settings).model_fields:
        path = getattr(settings, name)
        if isinstance(path, Path) and name.endswith("_file") and name != "ca_file":
            yield path


def _file(path: Path) -> Iterator[Finding]:
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        yield error("doctor.channel.file", path=str(path))


def _heartbeat(heartbeat: Heartbeat) -> Iterator[Finding]:
    from phiscan.config import secret

    try:
        url = secret(heartbeat.url, heartbeat.url_file)
    except Told as told:
        yield _unreadable("heartbeat", told)
        return
    if not url:
        yield note("doctor.heartbeat.none")
    elif not url.startswith(("http://", "https://")):
        yield error("doctor.heartbeat.address")
    else:
        yield from list(_secrets(heartbeat)) or [good("doctor.heartbeat", seconds=round(heartbeat.every))]


def _self_test(config: Config) -> Iterator[Finding]:
    from phiscan.daemon.selftest import folder_of
    from phiscan.daemon.watching import roots_of

    if config.self_test.folder is None:
        return
    try:
        folder = folder_of(config, roots_of(config))
    except Told as told:
        yield refused(told)
        return
    shown = display(folder)
    if config.self_test.every is not None and not os.access(folder, os.W_OK | os.X_OK):
        yield warning("doctor.selftest.rights", path=shown)
    else:
        yield good("doctor.selftest", path=shown)


def _metrics(address: str | None) -> Iterator[Finding]:
    """Whether the address is ours to listen on. A name is not looked up: that would be asked of somebody."""
    if address is None:
        return
    host, _, port = address.rpartition(":")
    if not 0 < int(port) < 1 << 16:
        yield warning("doctor.metrics.wrong", address=address)
        return
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return
    family, kind, protocol, _, bound = found[0]
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(bound)
    except OSError:
        yield note("doctor.metrics.taken", address=address)
