"""`phiscan init`: a commented configuration from what this machine shares, and a test of the channels it is given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phiscan.commands.common import EXIT_ERROR, EXIT_OK, given_file
from phiscan.messages import Broken, Told, language, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.draft import Draft
    from phiscan.messages import Language


def init(
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="help.init.output")] = None,
    force: Annotated[bool, typer.Option("--force", help="help.init.force")] = False,
    servers: Annotated[list[str] | None, typer.Option("--server", metavar="FILE", help="help.init.server")] = None,
    email: Annotated[list[str] | None, typer.Option("--email", metavar="ADDRESS", help="help.init.email")] = None,
    smtp: Annotated[str | None, typer.Option("--smtp", metavar="HOST[:PORT]", help="help.init.smtp")] = None,
    sender: Annotated[str | None, typer.Option("--from", metavar="ADDRESS", help="help.init.from")] = None,
    slack: Annotated[str | None, typer.Option("--slack", metavar="FILE", help="help.init.slack")] = None,
    webhook: Annotated[str | None, typer.Option("--webhook", metavar="URL", help="help.init.webhook")] = None,
    syslog: Annotated[str | None, typer.Option("--syslog", metavar="URL", help="help.init.syslog")] = None,
) -> int:
    """Write the file, say what is in it, try the channels; 1 where one has not accepted."""
    from phiscan import config as configuration
    from phiscan.commands import output as outputs
    from phiscan.commands.alert_test import tried
    from phiscan.draft import written

    lang = language(os.environ)
    target = _target(output)
    if not force and os.path.lexists(target):
        raise Told("init.exists", path=str(target))
    made = _drafted(servers or [])
    made.alerts = _alerts(email or [], smtp, sender, slack, webhook, syslog)
    content = written(made, lang).encode()
    config = configuration.read(content, target, os.environ)
    if made.alerts:
        from phiscan.daemon.watching import channels_of

        channels_of(config)  # a secret that cannot be read is said before anything is written
    _write(target, content, force=force)
    outputs.write((f"{line}\n" for line in _summary(made, target, lang)), None, lang)
    accepted = True
    if made.alerts:
        for line, well in tried(config, lang):
            accepted = accepted and well
            outputs.write([f"{line}\n"], None, lang)
    outputs.write([text(lang, "init.next", path=str(target)) + "\n"], None, lang)
    return EXIT_OK if accepted else EXIT_ERROR


def _target(output: str | None) -> Path:
    """Return where the file goes: where the other commands look for it."""
    from phiscan.config import SYSTEM_FILE

    if output is not None:
        return Path(os.path.abspath(output))
    return SYSTEM_FILE if os.geteuid() == 0 else Path.home() / ".config/phiscan/phiscan.yaml"


def _drafted(servers: list[str]) -> Draft:
    """Read the configurations of the machine's servers, and those given by hand. Raises `Told` on one of these."""
    from phiscan.draft import draft
    from phiscan.expose.discover import discover
    from phiscan.expose.listing import rows
    from phiscan.expose.services import service_of
    from phiscan.source.mounts import Mounts

    by_hand = []
    for path in servers:
        file = Path(os.path.abspath(os.fsdecode(given_file(path))))
        if service_of(file) is None:
            raise Told("init.server", path=str(file))
        try:
            file.read_bytes()
        except OSError as error:
            raise Told("file.unreadable", path=str(file), why=error.strerror or "") from None
        by_hand.append(file)
    found = discover(by_hand)
    made = draft(rows(found), Mounts.read())
    sources = (one.source.rpartition(":")[0] for grant in found.grants for one in grant.evidence)
    made.servers = tuple(map(str, by_hand))
    made.read = tuple(sorted({source for source in sources if source.startswith("/")} | {*made.servers}))
    unread = {one.source for one in found.troubles if one.detail == "cannot be read"}
    made.unread = tuple(sorted(unread))
    made.unknown = tuple((one.source, one.detail) for one in found.troubles if one.source not in unread)
    return made


def _alerts(
    email: list[str], smtp: str | None, sender: str | None, slack: str | None, webhook: str | None, syslog: str | None
) -> dict[str, Any]:
    """Return the channels as the configuration writes them. Raises `Told` where one is half given."""
    made: dict[str, Any] = {}
    if email or smtp or sender:
        if not email or not smtp:
            raise Told("init.email")
        host, _, port = smtp.rpartition(":") if smtp.rpartition(":")[2].isdecimal() else (smtp, "", "587")
        made["email"] = {
            "host": host,
            "port": int(port),
            **({"starttls": False} if port == "25" else {}),
            "from": sender or f"phiscan@{email[0].rpartition('@')[2]}",
            "to": email,
        }
    if slack:
        made["slack"] = {"webhook_url_file": os.path.abspath(slack)}
    if webhook:
        made["webhook"] = {"url": webhook}
    if syslog:
        made["syslog"] = {"address": syslog}
    return made


def _write(target: Path, content: bytes, *, force: bool) -> None:
    """Write the file: all of it or nothing, never over one that was there unless that is wanted. It holds no secret."""
    made = Path(f"{target}.{os.getpid()}.new") if force else target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Broken("init.failed", path=str(target), why=error.strerror or "") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, target)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise Broken("init.failed", path=str(target), why=error.strerror or "") from None


def _summary(made: Draft, target: Path, lang: Language) -> Iterator[str]:
    from phiscan.draft import evidence
    from phiscan.messages.zones import said as said_of
    from phiscan.source.paths import display

    yield text(lang, "init.written", path=str(target))
    for folder in made.folders:
        level = text(lang, "init.public" if folder.public else "init.rights")
        yield f"  {text(lang, 'init.folder', path=display(folder.path), level=level)}"
        yield from (f"    {evidence(share, lang)}" for share in folder.shares)
    if not made.folders:
        yield f"  {text(lang, 'init.nothing')}"
    for mount in made.mounts:
        yield f"  {text(lang, 'init.mount', path=display(mount.point), type=mount.type)}"
    for share, why in made.left:
        yield f"  {text(lang, why, path=display(share.path), evidence=evidence(share, lang))}"
    yield f"  {text(lang, 'init.read', files=', '.join(made.read)) if made.read else text(lang, 'init.read.none')}"
    for file in made.unread:
        yield f"  {text(lang, 'init.unread', path=file)}"
    for file, why in made.unknown:
        yield f"  {text(lang, 'zones.trouble', where=display(os.fsencode(file)), why=said_of(why, lang))}"
