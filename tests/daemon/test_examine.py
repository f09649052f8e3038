"""What has to be read again, by what the ledger remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phiscan.content import recognizers_folder
from phiscan.daemon.examine import Examiner, Told
from phiscan.errors import GapReason
from phiscan.expose.zones import Zones
from phiscan.model import Gap, Level, Place
from phiscan.recognize.load import load_ruleset
from phiscan.source.watch import Hint
from phiscan.store import Store, ledger
from phiscan.store.ledger import entry_of
from tests.alert.book import Desk, rules

AT = 1_700_000_000  # seconds


@pytest.mark.parametrize(
    ("hint", "read", "ctime_ns", "gap", "again"),
    [
        (Hint.WRITTEN, AT + 0.01, 0, None, True),  # the file system's clock may not have moved between two writes
        (Hint.WRITTEN, AT + 10.0, 0, None, False),  # the event of what was read already
        (Hint.WRITTEN, AT + 10.0, 1, None, True),  # written, and its time set back
        (Hint.FOUND, AT + 0.01, 0, None, False),
        (Hint.RIGHTS, AT + 10.0, 1, None, False),
        (Hint.RIGHTS, AT + 10.0, 1, "malformed", True),
        (Hint.FOUND, AT + 10.0, 0, "malformed", False),  # it will be so again
        (Hint.FOUND, AT + 10.0, 0, "denied", True),  # a folder above may be open now
    ],
)
def test_what_is_read_again(
    store: Store, hint: Hint, read: float, ctime_ns: int, gap: GapReason | None, *, again: bool
) -> None:
    desk = Desk(store)
    examiner = Examiner(load_ruleset([recognizers_folder()]), rules(), Zones(()), desk.book)
    place = Place(b"/srv/a.csv", 1, 2, 3, AT * 10**9, AT * 10**9, 0o100644, 0, 0)
    known = replace(entry_of(desk.root, place, Level.UNKNOWN), status="gap" if gap else "scanned", read=read)
    known = replace(known, gaps=(Gap("open", gap),) if gap else ())
    with store.write() as connection:
        root = ledger.root_of(connection, b"/srv")
        known = replace(known, id=ledger.put(connection, known))
        now = replace(place, ctime_ns=place.ctime_ns + ctime_ns)
        assert examiner.look(connection, root, now, known, hint, Told()) is again
