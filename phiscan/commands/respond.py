"""`phiscan incidents respond`: the helper that does what is configured about incidents, with rights of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from phiscan.commands.common import EXIT_OK, ConfigFlag, configured
from phiscan.commands.stopping import Stopping
from phiscan.messages import Broken, Language, text

if TYPE_CHECKING:
    from phiscan.respond.helper import Helper
    from phiscan.store import Store
    from phiscan.store.responses import Response

_LOOK: Final = 1.0  # seconds between two looks at the store
_BROKEN: Final = 5.0  # seconds until a store that fails is tried again


def respond(
    apply: Annotated[bool, typer.Option("--apply", help="help.respond.apply")] = False,
    once: Annotated[bool, typer.Option("--once", help="help.respond.once")] = False,
    config_file: ConfigFlag = None,
) -> int:
    """Take up what the daemon asks for, until told to stop or, once, to its end."""
    from phiscan.commands import output
    from phiscan.content import rules_folder
    from phiscan.daemon.logs import Log
    from phiscan.declared import contacts
    from phiscan.judge import load_rules
    from phiscan.pipeline import judging
    from phiscan.respond.asking import actions_of
    from phiscan.respond.helper import Helper
    from phiscan.store import Store

    with configured(config_file) as (config, lang), Stopping() as stopping:
        rules = judging(config)[1] if config.rules else load_rules([rules_folder()])
        actions = actions_of(config, rules)
        store = Store.open(config.store)
        try:
            store.enter(helper=True)
            helper = Helper(
                store=store,
                sealer=store.key(config.key_file),
                actions=actions,
                contact=contacts(config.zones),
                mail=config.alerts.email is not None,
                log=Log("warning" if once else "info"),
                apply=apply,
            )
            helper.recover()
            if once:
                output.write(_told(store, helper.turn(), lang, dry=not apply), None, lang)
            else:
                _run(helper, stopping)
        finally:
            store.close()
    return EXIT_OK


def _run(helper: Helper, stopping: Stopping) -> None:
    helper.log("info", "started", dry=not helper.apply)
    while not stopping.asked():
        try:
            helper.store.enter(helper=True)  # again, where the connection that held it was lost
            helper.turn()
            time.sleep(_LOOK)
        except Broken as error:
            helper.log("error", "store failed", why=error.key)
            time.sleep(_BROKEN)
    helper.log("info", "stopped")


def _told(store: Store, found: list[Response], lang: Language, *, dry: bool) -> Iterator[str]:
    from phiscan.report import show
    from phiscan.source.paths import display

    if not found:
        yield text(lang, "response.none") + "\n"
    for one in found:
        state = one.state if one.state != "wanted" else "would_not" if one.why else "dry"
        why = f" ({text(lang, f'response.why.{one.why}')})" if one.why else ""
        said = text(lang, f"response.state.{state}", action=text(lang, f"response.action.{one.action}"))
        yield f"#{one.incident}  {said}{why}  {show.safe(display(one.path))}\n"
    if dry and found:
        yield text(lang, "response.dry") + "\n"
