r"""JSON written as a text within JSON: what a log or an audit keeps of a message, `"payload": "{\"nom\": …}"`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

Event = tuple[str, Any]

_MOST: Final = 1 << 20  # characters
_NESTED: Final = 20  # brackets within each other: what nests deeper stays the text it is
_DEEPEST: Final = 3  # documents in documents


def inner(event: str, value: Any) -> Sequence[Event]:
    """Return the events of the object that a text is, none where it is no object."""
    if event != "string" or not isinstance(value, str) or not 2 < len(value) <= _MOST:
        return ()
    bare = value.strip()
    if bare[:1] != "{" or bare[-1:] != "}" or '"' not in bare:
        return ()
    import ijson

    try:
        found: list[Event] = list(ijson.basic_parse(io.BytesIO(bare.encode())))
    except Exception:  # braces are no sign of JSON
        return ()
    return found if _nested(found) <= _NESTED else ()


def _nested(events: Sequence[Event]) -> int:
    """Return how many brackets are open at most."""
    opened = most = 0
    for event, _ in events:
        opened += event.startswith("start_") - event.startswith("end_")
        most = max(most, opened)
    return most


def unfolded(events: Iterator[Event], depth: int = 0) -> Iterator[Event]:
    """Yield events, with those of the objects that texts are in their place."""
    for event, value in events:
        found = inner(event, value) if depth < _DEEPEST else ()
        if found:
            yield from unfolded(iter(found), depth + 1)
        else:
            yield event, value


def deepest(events: Sequence[Event]) -> int | None:
    """Return how many objects lie within each other; None where one lies in an array."""
    maps = arrays = most = 0
    for event, _ in events:
        arrays += (event == "start_array") - (event == "end_array")
        maps += (event == "start_map") - (event == "end_map")
        most = max(most, maps)
        if event == "start_map" and arrays:
            return None
    return most
