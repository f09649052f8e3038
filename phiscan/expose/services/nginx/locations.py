"""Which location of an nginx server answers an address, as rules on the names in a folder.

The exact location, then of the longest prefix the first expression that fits, nested ones before those around them,
then the prefix itself. A folder's address is a prefix, so in one folder all that is left to ask are names: a `Choice`
is one location that some of them may come to, in nginx's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from phiscan.expose import names, patterns
from phiscan.expose.blocks import Directive
from phiscan.expose.names import Names
from phiscan.expose.services.nginx.site import Rights


@dataclass(frozen=True, slots=True)
class Location:
    """A location block, or what stands outside of all of them."""

    kind: str  # "": a prefix; "^~", "=", "~", "~*", "@"
    address: str  # or the regular expression
    rights: Rights
    where: Directive  # of the location, or the server
    scope: tuple[int, ...]  # its place in the tree

    @property
    def prefix(self) -> bool:
        """Whether it holds all addresses that begin with its own."""
        return self.kind in ("", "^~")

    @property
    def by_expression(self) -> bool:
        """Whether its address is an expression."""
        return self.kind in ("~", "~*")


@dataclass(frozen=True, slots=True)
class Choice:
    """A location and the addresses that come to it, unless they come to one before: see `Names.fits`."""

    location: Location
    fits: tuple[tuple[str, ...], ...]
    sure: bool  # else only some of the addresses that fit come to it

    def of_folders(self) -> bool:
        """Whether the address of a folder, which ends in a slash, may come to it."""
        if self.location.kind == "=":
            return self.location.address.endswith("/")
        ends = (any(one.endswith(("*", "?", "/", "]")) for one in each) for each in self.fits)
        return self.location.prefix or not self.sure or all(ends)

    def beginning(self) -> str:
        """Return the folder in which all its addresses lie; "/" where they lie in several."""
        found = [[patterns.literal(one).rpartition("/")[0] + "/" for one in each] for each in self.fits]
        if self.location.by_expression and not self.sure:
            found.append([patterns.beginning(self.location.address).rpartition("/")[0] + "/"])
        return max((each[0] for each in found if len(set(each)) == 1), key=len, default="/")


class Locations:
    """The locations of a server."""

    def __init__(self, found: Sequence[Location]) -> None:
        self.by_scope = {one.scope: one for one in found}
        self.all = [one for one in found if not self._shadowed(one, found)]
        self.plain = sorted((one for one in self.all if one.prefix or one.kind == "="), key=lambda one: one.address)
        self._expressions = [one for one in self.all if one.by_expression]
        self._within: dict[tuple[int, ...], list[Location]] = {}  # prefixes and exact ones, by the prefix around them
        for one in self.plain:
            outer = self.around(one)
            if outer is not None:
                self._within.setdefault(outer.scope, []).append(one)

    def around(self, one: Location) -> Location | None:
        """Return the location that would hold the addresses of a prefix or an exact one if it were not there."""
        outer = (
            other
            for other in self.plain
            if other.prefix
            and one.address.startswith(other.address)
            and (one.kind == "=" or other.address != one.address)
        )
        return max(outer, key=lambda other: len(other.address), default=None)

    def choices(self, one: Location, folder: str) -> list[Choice]:
        """Return which locations the addresses below a folder come to that have `one` as their longest prefix.

        Addresses in a folder that is a prefix of its own are left to that.
        """
        return list(_below(self._choices(one), folder))

    def _choices(self, one: Location) -> Iterator[Choice]:
        inner = self._within.get(one.scope, ())
        for other in inner:
            if other.kind == "=":
                yield Choice(other, ((patterns.literally(other.address),),), sure=True)
        for other in sorted(inner, key=lambda other: -len(other.address)):
            if other.prefix and not other.address.endswith("/"):  # also of /public and /pub.txt, where it is /pub
                start = (patterns.literally(other.address) + "*",)
                for choice in self._choices(other):
                    yield replace(choice, fits=(start, *choice.fits))
        for other in self._asked(one):
            yield from self._by_expression(other, ())
        yield Choice(one, (), sure=True)

    def _by_expression(
        self, one: Location, outer: tuple[tuple[str, ...], ...], *, sure: bool = True
    ) -> Iterator[Choice]:
        found = patterns.of_address(one.address, any_case=one.kind == "~*")
        fits = outer if found is None else (*outer, found)
        sure = sure and found is not None
        for inner in self._expressions:
            if inner.scope[:-1] == one.scope:
                yield from self._by_expression(inner, fits, sure=sure)
        yield Choice(one, fits, sure)

    def _asked(self, one: Location) -> Iterator[Location]:
        """Yield the expressions that nginx asks, in their order, about addresses in a location."""
        for other in sorted(self._expressions, key=lambda other: -len(other.scope)):
            outside = other.scope[:-1]
            if outside != one.scope:
                around = self.by_scope.get(one.scope[: len(outside) + 1])
                if one.scope[: len(outside)] != outside or (around is not None and around.kind == "^~"):
                    continue
            first = patterns.beginning(other.address)
            if first.startswith(one.address) or one.address.startswith(first):
                yield other

    def _shadowed(self, one: Location, found: Sequence[Location]) -> bool:
        """Whether no address comes to a location within others: beside one of these stands one that fits better."""
        for deep in range(1, len(one.scope)):
            outer = self.by_scope[one.scope[:deep]]
            beside = (
                other
                for other in found
                if other.prefix and len(other.scope) == deep and other.scope[:-1] == one.scope[: deep - 1]
            )
            if outer.prefix and any(
                len(other.address) > len(outer.address) and one.address.startswith(other.address) for other in beside
            ):
                return not one.by_expression
        return False

    def folders(self, one: Location) -> list[str]:
        """Return the folders in a location of which all is said by an expression, and the location's own first."""
        found = [one.address]
        for choice in self._choices(one):
            if choice.location.by_expression and choice.sure and len(choice.fits) == 1:
                for pattern in choice.fits[0]:
                    first = patterns.literal(pattern)
                    if pattern == first + "*" and first.endswith("/") and self._own(one, first):
                        found.append(first)
        return list(dict.fromkeys(found))

    def _own(self, one: Location, folder: str) -> bool:
        """Whether a folder has a location as its longest prefix, and is not its own."""
        mine = folder.startswith(one.address) and folder.rstrip("/") != one.address.rstrip("/")
        inner = (other.address.rstrip("/") + "/" for other in self._within.get(one.scope, ()) if other.prefix)
        return mine and not any(map(folder.startswith, inner))


def _below(choices: Iterable[Choice], folder: str) -> Iterator[Choice]:
    """Yield the choices that there are for addresses below a folder, up to one that all of these come to."""
    for choice in choices:
        if all(any(patterns.may_fit_below(one, folder) for one in each) for each in choice.fits):
            open_ = [each for each in choice.fits if not any(patterns.fits_below(one, folder) for one in each)]
            yield replace(choice, fits=tuple(open_))
            if choice.sure and not open_:
                return


def rules(choices: Iterable[Choice], chosen: Sequence[Location]) -> tuple[Names, ...]:
    """Return the rules on names by which addresses come to one of the locations that were chosen."""
    found = []
    for choice in choices:
        mine = any(one is choice.location for one in chosen)
        if mine or choice.sure:
            found.append(Names(choice.fits, mine))
    return names.simplest(found)
