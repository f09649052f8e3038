"""What the doctor says of channels that do not take what the daemon has to say."""

from __future__ import annotations

from collections.abc import Callable

from phiscan.config import Config
from phiscan.doctor import keeping
from phiscan.store import Store, now, outbox
from tests.doctor.test_doctor import WARNING, WHOLE, filled, said


def test_channels_that_do_not_take_what_is_said(configure: Callable[..., Config]) -> None:
    config = configure(alerts={"webhook": {"url": "http://127.0.0.1:9/"}, "file": {"path": "a.jsonl"}})
    filled(config)
    store = Store.open(config.store)
    with store.write() as connection:
        group = outbox.group_of(connection, "test", b"/srv", b"/srv", "/srv", now())
        outbox.add(connection, group.id, ["webhook", "file"], "test", now() - 3600, now() - 3600)
        item = outbox.claim(connection, "webhook", now())
        assert item is not None
        outbox.failed(connection, item, "HTTP 403", now() + 300)
        outbox.add(connection, group.id, ["slack"], "test", now() - 3600, now() - 3600)  # no longer configured
    store.close()
    found = list(keeping.examine(config, None))
    assert said(iter(found)) == [
        *WHOLE[:3],
        (WARNING, "channel.refusing"),
        (WARNING, "channel.refusing"),
        WHOLE[3],
    ]
    assert [one.said("fr").replace("\u202f", " ") for one in found[3:5]] == [
        "alerts.file : 1 message en attente depuis 60 min, pas accepté (pas de réponse à temps) ; rien n'est perdu, "
        "mais rétablissez ce canal, puis « phiscan alert-test »",
        "alerts.webhook : 1 message en attente depuis 60 min, pas accepté (HTTP 403) ; rien n'est perdu, mais "
        "rétablissez ce canal, puis « phiscan alert-test »",
    ]
    store = Store.open(config.store)
    with store.write() as connection:
        for channel in ("webhook", "file"):
            item = outbox.claim(connection, channel, now() + 600)
            assert item is not None
            outbox.sent(connection, item, now(), 1, "refused for some recipients" if channel == "webhook" else None)
    store.close()
    assert said(keeping.examine(config, None)) == [*WHOLE[:3], (WARNING, "channel.partly"), WHOLE[3]]
