"""What has to be read again, by what the ledger remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phiscan.content import recognizers_folder
from phiscan.examine import Examiner, Told
from phiscan.expose.zones import Zones
from phiscan.model import Level, Place
from phiscan.recognize.load import load_ruleset
from phiscan.source.watch import Hint
from phiscan.store import Store, ledger
from phiscan.store.ledger import entry_of
from tests.alert.book import Desk, rules

AT = 1_700_000_000  # seconds


@pytest.mark.parametrize(
    ("hint", "read", "ctime_ns", "again"),
    [
        (Hint.WRITTEN, AT + 0.01, 0, True),  # the clock of the file system may not have moved between two writes
        (Hint.WRITTEN, AT + 10.0, 0, False),  # the event of what was read already
        (Hint.WRITTEN, AT + 10.0, 1, True),  # written, and its time set back
        (Hint.FOUND, AT + 0.01, 0, False),
        (Hint.RIGHTS, AT + 10.0, 1, False),
    ],
)
def test_what_is_read_again(store: Store, hint: Hint, read: float, ctime_ns: int, *, again: bool) -> None:
    desk = Desk(store)
    examiner = Examiner(load_ruleset([recognizers_folder()]), rules(), Zones(()), desk.book)
    place = Place(b"/srv/a.csv", 1, 2, 3, AT * 10**9, AT * 10**9, 0o100644, 0, 0)
    known = replace(entry_of(desk.root, place, Level.UNKNOWN), status="scanned", read=read)
    with store.write() as connection:
        root = ledger.root_of(connection, b"/srv")
        known = replace(known, id=ledger.put(connection, known))
        now = replace(place, ctime_ns=place.ctime_ns + ctime_ns)
        assert examiner.look(connection, root, now, known, hint, Told()) is again
