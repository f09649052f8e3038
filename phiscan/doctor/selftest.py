"""`phiscan doctor --self-test`: plants a file of fictitious people and waits for the daemon at work to tell of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from phiscan.messages import Language, Told, text
from phiscan.source.paths import display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.config import Config

_LOOK: Final = 0.1  # seconds between two looks at the store
_GRACE: Final = 10.0  # seconds beyond the test's own end in which the daemon may still say what came of it


def run(config: Config) -> dict[str, Any]:
    """Test, and return what came of it. Raises `Told` where no test can begin."""
    from phiscan.daemon import selftest
    from phiscan.daemon.watching import roots_of
    from phiscan.store import Store, now
    from phiscan.store.notes import note, set_note

    folder = selftest.folder_of(config, roots_of(config))
    store = Store.open(config.store)
    try:
        sealer = store.key(config.key_file)
        with store.write() as connection:
            plan, content = selftest.begin(connection, config, sealer, folder, now(), "doctor")
        try:
            selftest.plant(plan, content)
            while now() < plan["until"] + _GRACE:
                with store.read() as connection:
                    found = note(connection, selftest.RESULT)
                if found is not None and found["token"] == plan["token"]:
                    return found
                time.sleep(_LOOK)
        except OSError as error:
            raise Told("selftest.denied", path=display(folder), why=error.strerror or "") from None
        finally:
            selftest.clear(plan)
            with store.write() as connection:
                mine = note(connection, selftest.PLAN)
                if mine is not None and mine["token"] == plan["token"]:
                    set_note(connection, selftest.PLAN, None)
    finally:
        store.close()
    return {"ok": False, "why": "unread", "channels": {}}


def lines(result: dict[str, Any], config: Config, lang: Language) -> Iterator[str]:
    """Yield what to say of a result."""
    if "read" in result:
        yield text(lang, "selftest.read", seconds=_seconds(result["read"], lang))
    for name, span in sorted(result.get("channels", {}).items()):
        if span is None:
            yield text(lang, "selftest.waiting", channel=name)
        else:
            yield text(lang, "selftest.accepted", channel=name, seconds=_seconds(span, lang))
    if result["ok"]:
        yield text(lang, "selftest.ok", seconds=_seconds(max(result["channels"].values()), lang))
    else:
        yield text(lang, f"selftest.{result['why']}", seconds=f"{config.self_test.within:g}")


def _seconds(span: float, lang: Language) -> str:
    written = f"{span:.1f}"
    return written.replace(".", ",") if lang == "fr" else written
