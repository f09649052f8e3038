"""The access logs: whether anybody could learn who has read a file, and the accounts that several people use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phiscan.doctor.finding import Finding, good, note, warning
from phiscan.messages import Told, language, text
from phiscan.source.paths import display

if TYPE_CHECKING:
    from phiscan.config import Config


def examine(config: Config, usual: Sequence[str] | None = None) -> Iterator[Finding]:
    """Look at the logs that there are, and at what the daemon has learnt of accounts from them."""
    yield from _logs(config, _places(config) if usual is None else usual)
    yield from _accounts(config)


def _places(config: Config) -> list[str]:
    from phiscan.access import files
    from phiscan.access.named import named
    from phiscan.expose.discover import discover

    servers = discover(config.servers, search=False).files if config.discover else ()
    return [*named(servers), *files.USUAL]


def _logs(config: Config, usual: Sequence[str]) -> Iterator[Finding]:
    from phiscan.access import files, following
    from phiscan.errors import Unreadable

    for place in config.logs:
        if not files.found([place], ()):
            yield warning("doctor.access.missing", path=str(place))
    known = False
    for log in files.found(config.logs, usual):
        if not log.growing:
            continue
        path = display(log.path)
        named = any(log.path.startswith(os.fsencode(place)) for place in config.logs)
        try:
            services, _ = following.kind_of(log.path)
        except Unreadable:
            yield warning("doctor.access.denied", path=path)
            continue
        if services:
            known = True
            yield good("doctor.access.log", path=path, service="/".join(services))
        elif named:
            yield warning("doctor.access.unknown", path=path)
    if not known:
        yield note("doctor.access.none")


def _accounts(config: Config) -> Iterator[Finding]:
    from phiscan.store import Store
    from phiscan.store.access import accounts_of

    try:
        store = Store.open(config.store)
    except Told:
        return  # said elsewhere
    try:
        with store.read() as connection:
            found = accounts_of(connection)
    except Told:
        return
    finally:
        store.close()
    lang = language(os.environ, config.language)
    for one in found:
        what = text(lang, f"account.{one.kind}", n=one.addresses)
        grade = note if one.kind in ("address", "hour") else warning
        yield grade("doctor.access.account", account=one.account or "-", service=one.service, what=what)
