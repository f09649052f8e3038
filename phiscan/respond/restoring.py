"""What a person has put back: a file out of quarantine, or with the rights it had. It is not taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phiscan.incidents.deciding import author, found
from phiscan.messages import Broken, Told, Wrong
from phiscan.respond.files import Refused
from phiscan.respond.helper import undo
from phiscan.store import responses

if TYPE_CHECKING:
    from phiscan.store import Store
    from phiscan.store.responses import Response


def restored(store: Store, incident: int, reason: str = "") -> list[Response]:
    """Undo what was done because of an incident; return it. Raises `Told` where there is nothing or it cannot be."""
    with store.read() as connection:
        own = found(connection, incident)
        done = [one for one in responses.of(connection, incident, ("done", "undoing")) if one.action != "notify-owner"]
        moved = responses.keeping(connection, own)
    if moved is not None and moved.id not in {one.id for one in done}:  # because of another incident of the file
        done.append(moved)
    if not done:
        raise Told("response.nothing", id=incident)
    for one in done:
        try:
            undo(store, one, author(), reason=reason)
        except Refused as no:
            raise Broken("response.not_restored", id=incident, wrong=Wrong(f"response.why.{no.why}")) from None
    return done
