"""From where a service lets clients in: what lists of hosts and addresses to listen on come to.

A list of hosts decides how far a grant reaches, and its level too where it holds but single hosts: whoever has an
account there, or the machine itself, comes in; nobody else. A network is no such limit: whoever gets a cable may come.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from phiscan.expose.grant import Reach
from phiscan.model import Level

_EVERY: Final = frozenset({"", "*", "any", "all"})
_PREFIX: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}\.?")


class Clients(IntEnum):
    """Who may talk to a service at all, widest last."""

    NOBODY = 0
    LOOPBACK = 1
    HOSTS = 2  # single ones
    NETWORKS = 3
    EVERYBODY = 4


def clients(word: str) -> Clients:
    """Return what one word of a list of hosts stands for.

    >>> [clients(word).name for word in ("ALL", "127.0.0.1", "10.0.0.7", "10.0.0.0/255.0.0.0", "192.168.", "::/0")]
    ['EVERYBODY', 'LOOPBACK', 'HOSTS', 'NETWORKS', 'NETWORKS', 'EVERYBODY']
    >>> [clients(word).name for word in ("labo1", ".chu.fr", "*.chu.fr", "@postes", "localhost", "%m")]
    ['HOSTS', 'NETWORKS', 'NETWORKS', 'NETWORKS', 'LOOPBACK', 'EVERYBODY']
    """
    plain = word.strip().lower().strip("[]")
    if plain in _EVERY or "%" in plain or "$" in plain:
        return Clients.EVERYBODY
    if plain == "localhost":
        return Clients.LOOPBACK
    try:
        network = ipaddress.ip_network(plain, strict=False)
    except ValueError:
        if _PREFIX.fullmatch(plain):
            return Clients.LOOPBACK if plain.startswith("127.") else Clients.NETWORKS
        return Clients.NETWORKS if plain == "local" or re.match(r"[.@]|.*[*?\[/]", plain) else Clients.HOSTS
    if network.prefixlen == 0 or network.network_address.is_unspecified:
        return Clients.EVERYBODY
    if network.is_loopback:
        return Clients.LOOPBACK
    return Clients.HOSTS if network.num_addresses == 1 else Clients.NETWORKS


def widest(words: Iterable[str]) -> Clients:
    """Return what a list of hosts stands for; a part that is excepted from it is not looked at.

    >>> widest(["192.168.0.0/16", "EXCEPT", "0.0.0.0/0"]).name
    'NETWORKS'
    """
    found = Clients.NOBODY
    for word in words:
        if word.upper() == "EXCEPT":
            break
        found = max(found, clients(word))
    return found


def admitted(allow: Sequence[str], deny: Sequence[str]) -> Clients:
    """Return whom the lists `hosts allow` and `hosts deny` let in, as Samba, rsync and TCP wrappers read them.

    >>> admitted([], []).name, admitted(["10.0.0.0/8"], []).name, admitted([], ["ALL"]).name
    ('EVERYBODY', 'NETWORKS', 'NOBODY')
    >>> admitted(["10.0.0.7"], ["10.0.0.9"]).name, admitted([], ["ALL", "EXCEPT", "10.0.0.7"]).name
    ('EVERYBODY', 'HOSTS')
    """
    denied = widest(deny)
    if not allow and not deny:
        return Clients.EVERYBODY
    if deny and denied is not Clients.EVERYBODY:
        return Clients.EVERYBODY
    found = widest(allow)
    upper = [word.upper() for word in deny]
    if "EXCEPT" in upper:
        found = max(found, widest(deny[upper.index("EXCEPT") + 1 :]))
    return found


def narrowed(level: Level, who: Clients) -> tuple[Level, Reach]:
    """Return how far a grant reaches, and its level where it is for single hosts only."""
    if who is Clients.EVERYBODY:
        return level, Reach.EVERYWHERE
    if who is Clients.NETWORKS:
        return level, Reach.PRIVATE
    if who is Clients.NOBODY:
        return Level.RESTRICTED, Reach.LOOPBACK
    return min(level, Level.SHARED), Reach.PRIVATE if who is Clients.HOSTS else Reach.LOOPBACK


def listening(addresses: Iterable[str]) -> Reach:
    """Return from where services that listen on some addresses can be talked to; none: as on every address.

    >>> [listening([one]).name for one in ("", "127.0.0.1", "::1", "192.168.1.2", "9.9.9.9", "unix:/run/a", "labo")]
    ['EVERYWHERE', 'LOOPBACK', 'LOOPBACK', 'PRIVATE', 'EVERYWHERE', 'LOOPBACK', 'EVERYWHERE']
    >>> listening(["127.0.0.1", "*"]).name, listening(["0.0.0.0"]).name, listening(["[::]"]).name, listening([]).name
    ('EVERYWHERE', 'EVERYWHERE', 'EVERYWHERE', 'EVERYWHERE')
    """
    return max((_listening(address) for address in addresses), default=Reach.EVERYWHERE)


def _listening(address: str) -> Reach:
    if address.startswith(("unix:", "/")) or address.lower() == "localhost":
        return Reach.LOOPBACK
    try:
        one = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return Reach.EVERYWHERE
    if one.is_loopback:
        return Reach.LOOPBACK
    return Reach.PRIVATE if one.is_private and not one.is_unspecified else Reach.EVERYWHERE
