"""What a site adds to a recognizer that is not its own: a phrase to exclude, a term, a header. With its proof.

A shipped recognizer that is wrong somewhere is not copied and changed: the copy would miss what later versions mend.
The examples of both, the recognizer's own and those of the amendment, must hold before it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import model_validator

from phiscan.messages import Told, Wrong
from phiscan.recognize.schema import RecognizerFile, Strict, parse_file, read_yaml

Written = dict[tuple[str, str], str]  # (a recognizer's id, an example) → the amending file it stands in


class Proofs(Strict):
    """Examples as a recognizer's, as many as there are."""

    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()
    table: tuple[str, ...] = ()


class Amendment(Strict):
    """A file that amends a recognizer; see CONTRIBUTING.md."""

    amends: str
    description: str = ""
    terms: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    examples: Proofs

    @model_validator(mode="after")
    def _proven(self) -> Amendment:
        more, less = self.terms or self.headers, self.exclude or self.not_after
        found, left = self.examples.match or self.examples.table, self.examples.no_match
        if (more and not found) or (less and not left) or not (more or less):
            raise Wrong("wrong.amendment")
        return self

    def applied(self, file: RecognizerFile) -> RecognizerFile:
        """Return the recognizer with what this adds."""
        headers = [*file.fields.headers, *self.headers]
        own = file.examples
        examples = {name: [*getattr(own, name), *getattr(self.examples, name)] for name in Proofs.model_fields}
        return file.model_copy(
            update={
                "terms": [*file.terms, *self.terms],
                "exclude": [*file.exclude, *self.exclude],
                "not_after": [*file.not_after, *self.not_after],
                "fields": file.fields.model_copy(update={"headers": headers}),
                "examples": own.model_copy(update=examples),
            }
        )


def is_amendment(data: Any) -> bool:
    """Whether a YAML document amends a recognizer."""
    return isinstance(data, Mapping) and "amends" in data


def read(paths: Iterable[Path], shipped: Path) -> tuple[list[tuple[str, RecognizerFile]], Written]:
    """Return the recognizers of `paths` with all amendments applied, and where the amendments' examples stand.

    Only files outside of `shipped` are looked at for amendments. Raises `Told` on the first thing wrong.
    """
    files: list[tuple[str, RecognizerFile]] = []
    amendments: list[tuple[str, Amendment]] = []
    for path in paths:
        if not path.is_relative_to(shipped) and is_amendment(read_yaml(path)):
            amendments.append((str(path), parse_file(path, Amendment)))
        else:
            files.append((str(path), parse_file(path, RecognizerFile)))
    return _amended(files, amendments)


def _amended(
    files: list[tuple[str, RecognizerFile]], amendments: Sequence[tuple[str, Amendment]]
) -> tuple[list[tuple[str, RecognizerFile]], Written]:
    place = {file.id: at for at, (_, file) in enumerate(files)}
    written: Written = {}
    for path, one in amendments:
        if one.amends not in place:
            raise Told("recognizer.amends", file=path, id=one.amends)
        at = place[one.amends]
        files[at] = files[at][0], one.applied(files[at][1])
        examples = [*one.examples.match, *one.examples.no_match, *one.examples.table]
        written |= {(one.amends, example): path for example in examples}
    return files, written
