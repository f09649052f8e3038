"""Puts a daemon together from a configuration, runs it, and takes it apart again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from phiscan import __version__
from phiscan.access.named import Named
from phiscan.access.places import Spots, logs_of, mappings_of
from phiscan.alert.channel import Channel, make
from phiscan.alert.endings import Endings
from phiscan.alert.grouping import Telling
from phiscan.alert.mail import ToOwner
from phiscan.alert.message import Context
from phiscan.alert.routing import configured
from phiscan.alert.sender import Sender
from phiscan.content import rules_folder
from phiscan.daemon.examine import Examiner
from phiscan.daemon.heartbeat import beating
from phiscan.daemon.intake import Times
from phiscan.daemon.keeping import Keeper, policy_of
from phiscan.daemon.logs import Log
from phiscan.daemon.loop import Daemon
from phiscan.daemon.metrics import served
from phiscan.daemon.readers import Readers
from phiscan.daemon.selftest import SelfTest
from phiscan.daemon.sharing import Sharing
from phiscan.daemon.status import Status
from phiscan.daemon.surroundings import Surroundings
from phiscan.declared import Declarations, contacts
from phiscan.expose.nt.rights import rights_of
from phiscan.expose.zones import Zones
from phiscan.incidents.book import Book
from phiscan.incidents.duties import Duty, load_duties, of_rule, unknown
from phiscan.incidents.masking import Masks
from phiscan.isolate import Pool
from phiscan.judge import Rule, digest_of, load_rules
from phiscan.messages import Told, language
from phiscan.pipeline import judging
from phiscan.recognize.ruleset import Ruleset
from phiscan.respond.asking import OWNER, Asking, actions_of
from phiscan.scan.pace import Pace
from phiscan.scan.run import zone_of_config
from phiscan.scan.scanner import Scanner
from phiscan.source.paths import below, display
from phiscan.source.watch import Watcher
from phiscan.store import Store, coverage
from phiscan.verdict import load_test_persons

if TYPE_CHECKING:
    from phiscan.config import Config
    from phiscan.incidents.incident import Incident


def watch(config: Config, stop: Callable[[], bool], log: Log, times: Times | None = None) -> None:
    """Be the daemon of `config` until `stop` says so. Raises UsageError or PhiscanError where it cannot begin."""
    roots = roots_of(config)
    ruleset, rules = judging(config)
    store = Store.open(config.store, create=True)
    try:
        store.enter()
        _run(config, store, roots, ruleset, rules, stop, log, times or Times())
    finally:
        store.close()


def check(config: Config, running: str) -> None:
    """Raise what a daemon of `config` would raise where it cannot begin; `running` is the store of the one at work.

    So that a daemon that is told to begin anew goes on as it is instead of ending.
    """
    from phiscan.seal import Sealer

    roots_of(config)
    _, rules = judging(config)
    actions_of(config, rules)
    context_of(config, rules)
    channels_of(config)
    load_test_persons(config.test_persons, Sealer.ephemeral())
    store = Store.open(config.store, create=config.store != running)
    try:
        if config.store != running:
            store.enter()
        store.key(config.key_file)
    finally:
        store.close()


def roots_of(config: Config) -> list[bytes]:
    """Return the folders to watch, links resolved, none inside another. Raises `Told` where there are none."""
    if not config.watch:
        raise Told("watch.nothing")
    found = sorted({os.path.realpath(os.fsencode(path)) for path in config.watch})
    for path in found:
        if os.path.lexists(path) and not os.path.isdir(path):
            raise Told("watch.no_folder", path=display(path))
    return [path for path in found if not any(below(path, other) for other in found)]


def context_of(config: Config, rules: Iterable[Rule]) -> Context:
    """Return what messages are made with. Raises `Told` on what is wrong in the duties."""
    duties = load_duties([rules_folder(), *config.rules])
    rules = tuple(rules)
    if (wrong := unknown(rules, duties)) is not None:
        raise wrong
    return Context(rules={rule.id: rule for rule in rules}, duties=duties, role=config.organisation.role)


def duties_of(config: Config, incident: Incident) -> tuple[Rule | None, list[Duty]]:
    """Return an incident's rule, where it still is one, and what that proposes. Raises `Told` on what is wrong."""
    rules = load_rules([rules_folder()]) if not config.rules else judging(config)[1]
    rule = next((one for one in rules if one.id == incident.rule), None)
    return rule, of_rule(rule, load_duties([rules_folder(), *config.rules]), config.organisation.role)


def channels_of(config: Config) -> dict[str, Channel]:
    """Return the configured channels. Raises `Told` where a secret cannot be read."""
    lang = language(os.environ, config.language)
    found = {name: make(name, config, lang) for name in configured(config.alerts)}
    if config.alerts.email is not None and "notify-owner" in config.response.values():
        found[OWNER] = ToOwner(config.alerts.email, lang, contacts(config.zones))
    return found


def hearing(telling: Telling) -> Callable[[str, Incident], bool]:
    """Return whether a channel is to be told of an incident: what the routes say; an owner of what is his."""
    return lambda channel, incident: channel == OWNER or telling.routing.hears(channel, incident)


def detecting(ruleset: Ruleset, config: Config, check: str) -> str:
    """Return the digest of all that decides what is found in a file: another one, and files are read again.

    `check` is that of the key, see `Sealer`.
    """
    state = hashlib.sha256(f"{__version__} {ruleset.digest} {config.spacy_model} {check}".encode())
    if config.test_persons is not None:
        state.update(config.test_persons.read_bytes())
    return f"sha256:{state.hexdigest()}"


def _run(
    config: Config,
    store: Store,
    roots: list[bytes],
    ruleset: Ruleset,
    rules: tuple[Rule, ...],
    stop: Callable[[], bool],
    log: Log,
    times: Times,
) -> None:
    import numpy  # noqa: F401, ICN001  every worker needs it, and so do we: loaded once, before they are forked

    channels = channels_of(config)
    sealer = store.key(config.key_file)
    test_persons = load_test_persons(config.test_persons, sealer)
    digests = detecting(ruleset, config, sealer.check), digest_of(rules)
    zones = Zones(zone_of_config(zone) for zone in config.zones)
    declared = Declarations(config.zones, times.today)
    masks = Masks(ruleset)
    telling = Telling(config.alerts, masks, config.zones)
    endings = Endings(config.zones, telling.routing)
    context = replace(context_of(config, rules), hears=hearing(telling), endings=endings)
    asking = Asking(actions_of(config, rules), telling)
    book = Book(telling, masks, keep_persons=config.fingerprints == "keep", asking=asking)
    limits, status = config.limits.for_files(), Status(log, sealer, digests)
    ruleset.warm(always=True)  # once, or every worker would do so while the first file waits
    task = Scanner(ruleset, sealer, limits).task
    # The workers are forked before any thread begins.
    with Pool(task, config.limits.workers, limits, stop=stop) as pool:
        with store.write() as connection:
            coverage.begin(connection)
            coverage.live(connection, status.started, sealer.sign, begins=True)
        watcher = Watcher()
        sender = Sender(store, channels, context, log)
        around = Surroundings(config.servers, watcher.hints.wake, status.bug, roots) if config.discover else None
        given = lambda: mappings_of(around.discovery.grants) if around else ()  # noqa: E731  asked again now and then
        written = Named(lambda: around.discovery.files if around else frozenset())
        named = lambda: (*written(), *logs_of(around.discovery.grants if around else ()))  # noqa: E731
        rights = rights_of(config.smb)
        spots = Spots(roots, (os.path.abspath(os.fsencode(zone.path)) for zone in config.zones))
        sharing = Sharing(config.accounts, book, rules, spots, log)
        readers = Readers(
            store, telling, sealer, config, log, mappings=given, named=named, told=sender.wake, sharing=sharing
        )
        try:
            sender.start()
            self_test = SelfTest(config, sealer, list(channels), roots, log)
            readers.start()
            daemon = Daemon(
                store=store,
                pool=pool,
                watcher=watcher,
                examiner=Examiner(ruleset, rules, zones, book, test_persons, digests, self_test, declared, rights),
                book=book,
                telling=telling,
                keeper=Keeper(policy_of(config, rules, context.duties), log),
                context=context,
                roots=roots,
                exclude=config.exclude,
                limits=limits,
                workers=config.limits.workers,
                status=status,
                times=times,
                committed=sender.news,
                pace=Pace(config.limits.bandwidth, config.limits.window),
                self_test=self_test,
                around=around,
            )
            if around is not None:
                around.start()
            watcher.wanted = lambda folder: _entered(daemon, folder)
            with served(config.metrics, status, sender, log), beating(config.heartbeat, lambda: status.last_well, log):
                daemon.run(stop)
        finally:
            status.ended()
            readers.close()
            sender.close()
            if around is not None:
                around.close()
            watcher.close()
            rights.close()


def _entered(daemon: Daemon, folder: bytes) -> bool:
    """Whether a folder is to be watched: not where a walk would not go."""
    one = daemon.root_of(folder)
    return one is None or one.scope.holds(folder, folder=True)
