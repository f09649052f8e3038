"""What the services of this machine give away, kept up to date while the daemon runs.

A thread of its own looks at the configuration files (inotify on their folders, and a look every few seconds), at what
listens and at the mounts, and discovers anew when one of them changes. Files that change the rules of any folder they
appear in (`.htaccess`) are not looked for: the daemon, which watches the roots, says where one is, and only the folders
above the roots are watched for them here. What opens a place counts at once. What closes
one counts when nothing has changed for a moment, and not at all while a configuration cannot be understood: a file
half-written or broken closes nothing and opens nothing.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from phiscan.daemon import settling
from phiscan.expose.discover import Discovery, discover
from phiscan.expose.grant import Grant
from phiscan.expose.links import Links
from phiscan.expose.processes import Listener, listeners
from phiscan.source.mounts import Mounts
from phiscan.source.paths import below, resolved
from phiscan.source.watch import Watcher

STILL: Final = 0.15  # seconds for which what was changed has to hold still before it is read
CALM: Final = 2.0  # seconds without a change after which a place may be closed, or be called unknown
_PATIENCE: Final = 10.0  # seconds after which files that do not hold still are read as they are
_POLL: Final = 2.0  # seconds between two looks where nothing is heard
_IDLE: Final = 20  # a search for links is made again after so many times as long as it took


class Surroundings:
    """The latest `Discovery`, and what it has changed."""

    def __init__(
        self,
        servers: Iterable[Path],
        wake: Callable[[], None],
        bug: Callable[[Exception], None],
        roots: Iterable[bytes] = (),
    ) -> None:
        """Look for the first time. `wake` is called when there is news, `bug` when something of ours breaks.

        `roots` are folders, free of links, of which the daemon tells what appears in them.
        """
        settling.prepare()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._roots = tuple(roots)
        self._appeared: set[str] = set()
        self._told = False
        self._servers, self._wake, self._bug = tuple(servers), wake, bug
        self._mounts, self._heard = Mounts.read(), listeners()
        self.discovery = self._settled = self._found = discover(self._servers, search=False)
        self._states = self._believed = settling.states(self._files())
        self._news: list[tuple[Discovery, Discovery, bool]] = []
        self._calm_at: float | None = None
        self._links: dict[bytes, Links] = {}
        self._links_wanted, self._next_search = True, 0.0
        self._searching: threading.Thread | None = None
        self._followed: dict[bytes, Links] | None = None
        self._watcher = Watcher()
        self._watcher.wanted = lambda folder: False
        self._watched: set[bytes] = set()
        self._names: set[bytes] = set()
        self._lists: set[bytes] = set()  # folders in which files may come
        self._thread = threading.Thread(target=self._run, name="surroundings", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._watch()
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._watcher.hints.wake()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._watcher.close()

    def take(self) -> tuple[Discovery, list[bytes]] | None:
        """Return the latest discovery and the folders in which exposure may differ; None where nothing has changed."""
        with self._lock:
            news, self._news = self._news, []
        if not news:
            return None
        folders = {folder for old, new, all_ in news for folder in ([b"/"] if all_ else touched(old, new))}
        return news[-1][1], sorted(folders)

    def waiting(self) -> bool:
        """Whether there is something to take."""
        return bool(self._news)

    def links_changed(self, path: bytes) -> None:
        """A link, or a folder that may hold some, has appeared at a path: where it is given away it is followed."""
        if any(below(path, folder) is not None for folder in self._links):
            self._links_wanted = True
            self._watcher.hints.wake()

    def appeared(self, path: bytes) -> None:
        """Something may have come, gone or changed at a path: it may be a file that changes the rules of its folder."""
        folder, name = os.path.split(path)
        if any(named == name and below(folder, top) is not None for top, named in self.discovery.appearing):
            with self._lock:
                self._appeared.add(os.fsdecode(path))
            self._told = True
            self._watcher.hints.wake()

    def _files(self) -> set[str]:
        """Return what is looked at: what was read or looked for, and files that change the rules of their folders."""
        with self._lock:
            self._appeared = {path for path in self._appeared - self.discovery.files if os.path.lexists(path)}
            return {*self.discovery.files, *self._appeared, *self._above()}

    def _above(self) -> set[str]:
        """Return where such files may come between a folder that is given away and the roots in it."""
        found: set[str] = set()
        for top, name in self.discovery.appearing:
            for root in self._roots:
                folder = os.path.dirname(root)
                while below(folder, top) is not None:
                    found.add(os.fsdecode(os.path.join(folder, name)))
                    folder = os.path.dirname(folder)
        return found

    # The thread

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except Exception as error:  # what breaks here must not leave the daemon blind: look again
                self._bug(error)
                self._stop.wait(_POLL)

    def _turn(self) -> None:
        self._told = False
        heard, mounts, states = listeners(), Mounts.read(), settling.states(self._files())
        moved = mounts != self._mounts
        if settling.changed(self._states, states) or heard != self._heard or moved:
            self._look_again(heard, mounts, everything=moved)
        elif self._calm_at is not None and time.monotonic() >= self._calm_at:
            self._settle()
        elif self._followed is not None:
            links, self._followed = self._followed, None
            self._take_links(links)
        elif self._search_due():
            self._search()
        else:
            self._wait()

    def _search_due(self) -> bool:
        idle = self._searching is None or not self._searching.is_alive()
        return self._links_wanted and idle and time.monotonic() >= self._next_search

    def _wait(self) -> None:
        """Wait until something happens to a configuration, or it is time for a look."""
        end = min(time.monotonic() + _POLL, self._calm_at or _FAR)
        while not self._stop.is_set():
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._watcher.hints.fd], [], [], left)[0]:
                return
            hints, lost = self._watcher.hints.take()
            if lost or self._followed is not None or self._search_due() or self._told:
                return
            if any(path in self._names or os.path.dirname(path) in self._lists for path in hints):
                return

    def _look_again(self, heard: tuple[Listener, ...], mounts: Mounts, *, everything: bool) -> None:
        """Something has changed: read what is whole by now."""
        rewritten = settling.changed(self._states, settling.states(self._files()))
        states = self._still() if rewritten else self._states
        if states is None:
            return
        self._states, self._heard, self._mounts = states, heard, mounts
        if rewritten:
            self._calm_at = time.monotonic() + CALM
            if settling.emptied(self._believed, states):
                return  # it is read when all is calm
        found = discover(self._servers, self._links, search=False)
        if settling.changed(states, settling.states(states)):
            self._states = {}  # it changed while it was read: look again
            return
        if (found.grants, found.troubles) != (self._found.grants, self._found.troubles):
            self._calm_at = time.monotonic() + CALM  # servers that have nothing to do with us come and go all the time
        self._believe(found, final=False, everything=everything)

    def _still(self) -> dict[str, settling.State | None] | None:
        """Return how the files are once they hold still and nobody writes to one; None where the daemon ends."""
        before, end = settling.states(self._files()), time.monotonic() + _PATIENCE
        while not self._stop.wait(STILL):
            states = settling.states(self._files())
            different = settling.changed(self._believed, states)
            if (states == before and not settling.written(different)) or time.monotonic() > end:
                return states
            before = states
        return None

    def _settle(self) -> None:
        """All has been calm for a while: what is closed now is closed."""
        states = settling.states(self._files())
        if settling.written(settling.changed(self._believed, states)):
            self._calm_at = time.monotonic() + CALM
            return
        self._calm_at = None
        self._believe(discover(self._servers, self._links, search=False), final=True, everything=False)

    def _search(self) -> None:
        """Follow the links that lead out of what is given away. It may take a while, so somebody else does it."""
        self._links_wanted = False
        self._searching = threading.Thread(target=self._follow, name="links", daemon=True)
        self._searching.start()

    def _follow(self) -> None:
        began = time.monotonic()
        try:
            self._followed = dict(discover(self._servers).links)
        except Exception as error:
            self._bug(error)
        self._next_search = time.monotonic() + _IDLE * (time.monotonic() - began)
        self._watcher.hints.wake()

    def _take_links(self, links: dict[bytes, Links]) -> None:
        if links != self._links:
            self._links = links
            self._publish(replace(self.discovery, links=links), everything=False)

    def _believe(self, found: Discovery, *, final: bool, everything: bool) -> None:
        """Take over what was found. What was given away before still counts until all is calm and understood.

        "Before" is all that has counted since then, also what came and went before there was calm.
        """
        settled, counting, self._found = self._settled, _all(self.discovery), found
        known = {(trouble.service, trouble.source) for trouble in settled.troubles}
        broken = {one.service for one in found.troubles if (one.service, one.source) not in known}
        if final:
            kept = [grant for grant in counting if grant.service in broken]
            effective = replace(found, before=_missing(kept, found))
            # Troubles that lie behind what is kept stay new: it is kept until they are over.
            self._settled = replace(effective, troubles=settled.troubles) if effective.before else effective
            self._believed = settling.states(found.files)
        else:
            effective = replace(found, before=_missing(counting, found), troubles=self.discovery.troubles)
        self._states |= settling.states(found.files)
        self._links_wanted |= any(grant not in settled.grants for grant in found.grants)
        self._publish(effective, everything=everything)

    def _publish(self, discovery: Discovery, *, everything: bool) -> None:
        old, self.discovery = self.discovery, discovery
        self._watch()
        same = (old.grants, old.before, old.troubles, old.links) == (
            *(discovery.grants, discovery.before, discovery.troubles, discovery.links),
        )
        if not same or everything:
            with self._lock:
                self._news.append((old, discovery, everything))
            self._wake()

    def _watch(self) -> None:
        """Watch the folders in which the files lie, and those in which what they are links to lies."""
        paths = {os.fsencode(path) for path in self._files()}
        self._names = paths | {resolved(path) for path in paths}
        self._lists = {path for path in self._names if os.path.isdir(path)}
        folders = {os.path.dirname(path) for path in self._names} | self._lists
        for folder in self._watched - folders:
            self._watcher.unwatch(folder)
        for folder in folders - self._watched:
            try:
                self._watcher.watch(folder)
            except OSError:
                folders = folders - {folder}  # not there, or no watch to be had: it is looked at now and then
        self._watched = folders


_FAR: Final = float("inf")


def _all(discovery: Discovery) -> tuple[Grant, ...]:
    return (*discovery.grants, *discovery.before)


def _missing(grants: Iterable[Grant], found: Discovery) -> tuple[Grant, ...]:
    """Return `grants` where one of them is no longer there, else nothing: they need not be asked twice."""
    kept = tuple(dict.fromkeys(grants))
    return kept if set(kept) - set(found.grants) else ()


def touched(old: Discovery, new: Discovery) -> set[bytes]:
    """Return the folders in which exposure may differ between two discoveries."""
    if old.troubles != new.troubles:
        return {os.fsencode(one.folder) for one in {*old.troubles} ^ {*new.troubles}} | _moved(old, new)
    return _moved(old, new)


def _moved(old: Discovery, new: Discovery) -> set[bytes]:
    paths = {resolved(grant.path) for grant in {*_all(old)} ^ {*_all(new)}}
    links: Mapping[bytes, Links] = {**old.links, **new.links}
    changed = {top for top in links if old.links.get(top) != new.links.get(top)} | paths
    targets = {to for top in changed if top in links for to in links[top].to}
    targets |= {to for top in changed if top in old.links for to in old.links[top].to}
    mounts = Mounts.read()
    found = set(paths) | targets
    for folder in [*found]:
        found.update(mounts.elsewhere(folder))
        for mount in mounts:
            if below(mount.point, folder):
                found.update(mounts.showing(mount.device, mount.root))
    return found
