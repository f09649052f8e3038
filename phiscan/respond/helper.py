"""The helper: takes up what the daemon has asked for, one file after the other, and says what became of it.

Each action is written down before anything is touched, with all that it takes to go on or back. So the helper, or the
machine, may go down at any moment: whoever comes next looks where the file is, and ends what was begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from phiscan.incidents.incident import OURSELVES
from phiscan.respond import quarantine, rights
from phiscan.respond.asking import OWNER, ask_for_open
from phiscan.respond.files import Held, Refused, before, check, held, refused
from phiscan.store import incidents, ledger, now, outbox, responses
from phiscan.store.responses import Action, Response

if TYPE_CHECKING:
    from phiscan.daemon.logs import Log
    from phiscan.seal import Sealer
    from phiscan.store import Store

_BATCH: Final = 100
_MENDED: Final = frozenset(
    ("denied", "read_only", "full", "not_ours", "ignored", "no_contact", "no_mail", "not_configured")
)


def quiet(step: str) -> None:
    """Say nothing at a step. Tests kill the helper at each."""


@dataclass
class Helper:
    """One helper at work."""

    store: Store
    sealer: Sealer
    actions: Mapping[str, Action]  # by rule, as configured now
    contact: Callable[[bytes], str | None]
    mail: bool  # the channel for owners is there
    log: Log
    apply: bool = False  # else it only says what it would do
    step: Callable[[str], None] = quiet
    top: Callable[[bytes], bytes] = quarantine.top_of
    _said: set[int] = field(default_factory=set)  # what a dry run has told

    def recover(self) -> None:
        """End what a helper before this one had begun, whether or not this one would begin it."""
        with self.store.read() as connection:
            begun = responses.in_state(connection, "doing", "undoing", count=1_000_000)
        for one in begun:
            with self._refusing(one):
                if one.state == "undoing":
                    undo(self.store, one, OURSELVES, self.step)
                elif one.action == "chmod" or not quarantine.arrived(one):
                    self._do(one)
                else:
                    self._ended(one)
        if self.apply:
            self._again()
        with self.store.write() as connection:  # what was found before anybody configured what is to be done
            ask_for_open(connection, self.actions, now())

    def _again(self) -> None:
        """What was refused for a reason that somebody may have seen to since is wanted once more."""
        with self.store.write() as connection:
            for one in responses.in_state(connection, "refused", count=1_000_000):
                if one.why in _MENDED:
                    responses.put(connection, replace(one, state="wanted", why=None, changed=now()))

    def turn(self) -> list[Response]:
        """Take up what waits, or say what would be done; return it with what became of it.

        What a dry run would refuse is still wanted, with the reason in `why`.
        """
        found: list[Response] = []
        after = 0
        while True:
            with self.store.read() as connection:
                waiting = responses.in_state(connection, "wanted", after=after, count=_BATCH)
            for one in waiting:
                after = one.id
                if self.apply or one.id not in self._said:
                    found.append(self._take_up(one))
            if len(waiting) < _BATCH:
                return found

    def _take_up(self, one: Response) -> Response:
        with self._refusing(one) as no:
            self._is_called_for(one)
            if one.action == "notify-owner":
                self._write_to_owner(one)
            else:
                with held(self._root(one), one) as file:
                    check(file, one, self.sealer)
                    if self.apply:
                        self._begin(file, one)
            if not self.apply:
                self._would(one)
        with self.store.read() as connection:
            known = responses.get(connection, one.id)
        return replace(known, why=no[0]) if no else known

    def _is_called_for(self, one: Response) -> None:
        """Look whether what was asked for is still wanted. Raises `Refused`."""
        with self.store.read() as connection:
            incident = incidents.get(connection, one.incident)
        if incident is None or not incident.open:
            raise Refused("over")
        if self.actions.get(incident.rule) != one.action:
            raise Refused("not_configured")

    def _root(self, one: Response) -> bytes:
        """Return the watched root in which a file lies."""
        with self.store.read() as connection:
            incident = incidents.get(connection, one.incident)
            roots = {root.id: root.path for root in ledger.all_roots(connection)}
        assert incident is not None
        return roots[incident.root]

    def _begin(self, file: Held, one: Response) -> None:
        """Write down what is about to be done, and do it."""
        kept = None
        try:
            known = before(file.file)
        except OSError as error:
            raise refused(error) from None
        if one.action == "quarantine":
            with self.store.read() as connection:
                name = f"{incidents.store_id(connection)}-{one.id}"
            kept = quarantine.place_for(one.path, name, self.top)
        one = self._note(replace(one, state="doing", kept=kept, before=known))
        self.step("claimed")
        self._act(file, one)
        self._ended(one)

    def _do(self, one: Response) -> None:
        """Do again what was begun, where the file is still what it was."""
        with held(self._root(one), one) as file:
            if one.action == "quarantine":
                check(file, one, self.sealer)
            self._act(file, one)
        self._ended(one)

    def _act(self, file: Held, one: Response) -> None:
        if one.action == "quarantine":
            quarantine.take(file, one, self.step)
        else:
            rights.shut(file, self.step)

    def _write_to_owner(self, one: Response) -> None:
        """Give the outbox a message to whom the place belongs. Raises `Refused` where nobody can be written to."""
        with self.store.read() as connection:
            incident = incidents.get(connection, one.incident)
        assert incident is not None
        if self.contact(incident.zone) is None:
            raise Refused("no_contact")
        if not self.mail or incident.alerts is None:
            raise Refused("no_mail")
        if self.apply:
            with self.store.write() as connection:
                outbox.tell_once(connection, incident.alerts, [OWNER], "alert", now())
                responses.put(connection, replace(one, state="done", changed=now()))
                _happened(connection, one, "done")
            self.log("info", "responded", id=one.incident, action=one.action, state="done")

    def _would(self, one: Response) -> None:
        """Say once what would be done."""
        self._said.add(one.id)
        with self.store.write() as connection:
            history = incidents.history(connection, one.incident)
            said = any(event.data.get("response") == one.id and event.data.get("state") == "dry" for event in history)
            if not said:
                _happened(connection, one, "dry")
        self.log("info", "would respond", id=one.incident, action=one.action)

    @contextmanager
    def _refusing(self, one: Response) -> Iterator[list[str]]:
        """Note why nothing was done, where that is so. Yields what then holds the reason of a dry run."""
        why: list[str] = []
        try:
            yield why
        except Refused as no:
            if not self.apply and one.state == "wanted":
                self._said.add(one.id)
                why.append(no.why)
                self.log("info", "would not respond", id=one.incident, action=one.action, why=no.why)
                return
            # What was begun may have got as far as quarantine: where to look stays on record.
            with self.store.write() as connection:
                known = responses.get(connection, one.id)
                if known.state in ("wanted", "doing"):
                    responses.put(connection, replace(known, state="refused", why=no.why, changed=now()))
                _happened(connection, one, "refused", why=no.why)
            self.log("warning", "not responded", id=one.incident, action=one.action, why=no.why)

    def _ended(self, one: Response) -> None:
        with self.store.write() as connection:
            responses.put(connection, replace(one, state="done", changed=now()))
            links = (one.before or {}).get("links", 1)
            _happened(connection, one, "done", **({"links": links} if links > 1 else {}))
        self.step("recorded")
        self.log("info", "responded", id=one.incident, action=one.action, state="done")

    def _note(self, one: Response) -> Response:
        with self.store.write() as connection:
            return responses.put(connection, replace(one, changed=now()))


def undo(store: Store, one: Response, by: str, step: Callable[[str], None] = quiet, reason: str = "") -> None:
    """Put a file back as it was. Raises `Refused` where it cannot be; it is then as it was before this."""
    with store.write() as connection:
        incident = incidents.get(connection, one.incident)
        assert incident is not None
        root = next(root.path for root in ledger.all_roots(connection) if root.id == incident.root)
        responses.put(connection, replace(one, state="undoing", changed=now()))
    step("claimed")
    try:
        if one.action == "quarantine":
            quarantine.put_back(root, one, step)
        else:
            with held(root, one) as file:
                rights.open_again(file, one, step)
    except (Refused, OSError) as error:
        with store.write() as connection:
            responses.put(connection, replace(one, state="done", changed=now()))
        raise (refused(error) if isinstance(error, OSError) else error) from None
    with store.write() as connection:
        responses.put(connection, replace(one, state="restored", changed=now()))
        _happened(connection, one, "restored", by, **({"reason": reason} if reason else {}))
    step("recorded")


def _happened(connection: Any, one: Response, state: str, by: str = OURSELVES, **more: Any) -> None:
    data = {"response": one.id, "action": one.action, "state": state, **more}
    incidents.happened(connection, one.incident, now(), "responded", by, **data)
