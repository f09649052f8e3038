"""What the commands on incidents share: their flags, and the store that they open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import configured, flag, whole

if TYPE_CHECKING:
    from phiscan.config import Config
    from phiscan.messages import Language
    from phiscan.store import Store

Number = Annotated[str, typer.Argument(metavar="ID", help="help.incidents.id", show_default=False)]
ReasonFlag = Annotated[str, typer.Option("--reason", metavar="TEXT", help="help.incidents.reason")]


@contextlib.contextmanager
def opened(config_file: str | None) -> Iterator[tuple[Store, Config, Language]]:
    """Yield the store, the configuration and the language."""
    from phiscan.store import Store

    with configured(config_file) as (config, lang):
        store = Store.open(config.store)
        try:
            yield store, config, lang
        finally:
            store.close()


def number_of(value: str) -> int:
    """Return an incident's number as people write it. Raises `Told`."""
    found = flag("ID", value.removeprefix("#"), whole)
    assert found is not None
    return found


def one_line(reason: str) -> str:
    """Return what was given as a reason, in one line."""
    return " ".join(reason.split())
