"""The automaton: literals in one Hyperscan database, patterns without a literal in another, searched at memory speed.

It only points: literals come with their end, patterns are compiled as prefilters, which may point
where nothing is. `phiscan.recognize.spans` confirms with `re`. A database is built before the workers
are forked and shared by them; a scratch belongs to one process and is made at first use there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import hyperscan as hs

from phiscan.errors import PhiscanError
from phiscan.messages import Told, Wrong
from phiscan.recognize import compiled


class Database:
    """One compiled Hyperscan database over byte buffers. `names`: file and name of each expression, for messages."""

    def __init__(self, expressions: Sequence[bytes], names: Sequence[tuple[str, str]], *, literal: bool) -> None:
        self._empty = not expressions
        self._scratch_of = -1
        if self._empty:
            return
        name = compiled.name_of(expressions, literal=literal)
        known = compiled.database(name)
        self._db = known or self._compile(expressions, names, literal=literal)
        if known is None:
            compiled.keep_database(name, self._db)

    @staticmethod
    def _compile(
        expressions: Sequence[bytes], names: Sequence[tuple[str, str]], *, literal: bool
    ) -> hs.Database:
        database = hs.Database(mode=hs.HS_MODE_BLOCK)
        flags = 0 if literal else hs.HS_FLAG_PREFILTER
        try:
            database.compile(
                expressions=list(expressions),
                ids=list(range(len(expressions))),
                elements=len(expressions),
                flags=[flags] * len(expressions),
                literal=literal,
            )
        except hs.error as error:
            raise _refused(expressions, names, flags, error) from None
        return database

    def scan(self, buffer: bytes) -> tuple[list[int], list[int]]:
        """Return the ids and the end offsets of everything pointed at, in no particular order."""
        ids: list[int] = []
        ends: list[int] = []
        if self._empty or not buffer:
            return ids, ends
        if self._scratch_of != os.getpid():
            self._db.scratch = hs.Scratch(self._db)
            self._scratch_of = os.getpid()
        add_id, add_end = ids.append, ends.append

        def point(number: int, start: int, end: int, flags: int, context: object) -> None:
            add_id(number)
            add_end(end)

        self._db.scan(buffer, match_event_handler=point)
        return ids, ends


def _refused(
    expressions: Sequence[bytes], names: Sequence[tuple[str, str]], flags: int, error: Exception
) -> PhiscanError:
    """Name the pattern that does not compile: Hyperscan tells its number only in prose."""
    for expression, (file, name) in zip(expressions, names, strict=True):
        try:
            hs.Database(mode=hs.HS_MODE_BLOCK).compile(expressions=[expression], ids=[0], elements=1, flags=[flags])
        except hs.error as why:
            return Told("file.wrong", place=file, wrong=Wrong("wrong.engine", name=name, why=str(why)))
    return PhiscanError(f"the automaton cannot be built: {error}")
