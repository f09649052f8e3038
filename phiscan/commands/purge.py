"""`phiscan purge`: delete what of phiscan's own data is older than the configured retention, now.

The daemon does so by itself once a day. They may do so together: each deletes a little at a time, and in turn.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_OK, ConfigFlag, configured, flag, one_of
from phiscan.messages import Language, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FORMATS = ("table", "json")
_TABLES = (
    "incidents", "events", "decisions", "groups", "outbox", "fingerprints", "walks", "ledger", "roots",
    "readers", "accesses", "accounts",
)  # fmt: skip


def purge(
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.purge.format")
    ] = "table",
    config_file: ConfigFlag = None,
) -> int:
    """Purge, and say what was deleted and what stays because a duty may need it."""
    flag("--format", format_, one_of(_FORMATS))

    from phiscan.commands import output
    from phiscan.content import rules_folder
    from phiscan.daemon.keeping import policy_of
    from phiscan.incidents.duties import load_duties
    from phiscan.judge import load_rules
    from phiscan.pipeline import judging
    from phiscan.store import Store, now, retention

    with configured(config_file) as (config, lang):
        rules = judging(config)[1] if config.rules else load_rules([rules_folder()])
        policy = policy_of(config, rules, load_duties([rules_folder(), *config.rules]))
        store = Store.open(config.store)
        try:
            at = now()
            work = retention.Purge(policy, at)
            more = True
            while more:
                with store.write() as connection:
                    more = work.step(connection)
            with store.read() as connection:
                kept = retention.kept(connection, policy, at)
            store.overwrite()
        finally:
            store.close()
        deleted = {name: work.deleted[name] for name in _TABLES}
        if format_ == "json":
            pieces = [json.dumps({"schema": "phiscan.purge/1", "deleted": deleted, "kept_incidents": kept}) + "\n"]
        else:
            pieces = list(_table(deleted, kept, lang))
        output.write(pieces, None, lang)
    return EXIT_OK


def _table(deleted: Mapping[str, int], kept: int, lang: Language) -> Iterator[str]:
    if not any(deleted.values()):
        yield text(lang, "purge.nothing") + "\n"
    for name, count in deleted.items():
        if count:
            yield text(lang, f"purge.{name}", n=count) + "\n"
    if kept:
        yield text(lang, "purge.kept", n=kept) + "\n"
