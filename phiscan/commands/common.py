"""What the commands share: exit statuses, flags, the configuration, paths given by hand."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from phiscan.messages import THIN, Language, Told, Wrong, language
from phiscan.model import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phiscan.config import Config
    from phiscan.config.quiet import Window
    from phiscan.report.model import Report

Value = TypeVar("Value")

EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_GAPS, EXIT_FOUND, EXIT_INTERRUPTED = 0, 1, 2, 3, 10, 130

ASSUMED = ("restricted", "shared", "public")


def choice(names: tuple[str, ...], *flags: str, help_: str) -> object:
    """Return a flag that takes one of `names`."""
    return typer.Option(*flags, metavar="|".join(names), help=help_, autocompletion=lambda: list(names))


AssumeFlag = Annotated[str | None, choice(ASSUMED, "--assume-exposure", help_="help.scan.assume")]
BandwidthFlag = Annotated[str | None, typer.Option("--bandwidth", metavar="SIZE/s", help="help.bandwidth")]
WindowFlag = Annotated[list[str] | None, typer.Option("--window", metavar="HOURS", help="help.window")]
ConfigFlag = Annotated[str | None, typer.Option("-c", "--config", metavar="FILE", help="help.config")]


def complain(line: str) -> None:
    """Say what went wrong on standard error, in one line."""
    encoding = (getattr(sys.stderr, "encoding", None) or "ascii").lower()
    said = line if encoding.startswith("utf") else line.replace(THIN, " ")
    sys.stderr.write(f"phiscan: {' '.join(said.splitlines())}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def configured(path: str | None) -> Iterator[tuple[Config, Language]]:
    """Yield the configuration and the language it chooses; errors raised meanwhile remember that language."""
    from phiscan.config import load

    config = load(path)
    lang = language(os.environ, config.language)
    try:
        yield config, lang
    except Exception as error:
        error.__dict__["language"] = lang
        raise


def flag(name: str, value: str | None, parse: Callable[[str], Value]) -> Value | None:
    """Return what a flag says; raises `Told` naming the flag where it says nothing sensible."""
    if value is None:
        return None
    try:
        return parse(value)
    except Wrong as wrong:
        raise Told("flag.wrong", flag=name, wrong=wrong) from None


def one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return what checks that a flag says one of `names`."""

    def parse(value: str) -> str:
        if value not in names:
            raise Wrong("wrong.choice", choices=", ".join(names))
        return value

    return parse


def assumed(value: str | None) -> Level | None:
    """Return the exposure that --assume-exposure says."""
    level = flag("--assume-exposure", value, one_of(ASSUMED))
    return Level[level.upper()] if level else None


def whole(value: str) -> int:
    """Return a number from 1. Raises `Wrong`."""
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Wrong("wrong.integer")
    if int(value) < 1:
        raise Wrong("wrong.least", least=1)
    return int(value)


def seconds(value: str) -> float:
    """Return a duration above 0. Raises `Wrong`."""
    from phiscan.config.units import parse_duration

    found = parse_duration(value)
    if found <= 0:
        raise Wrong("wrong.above", least=0)
    return found


def paced(bandwidth: str | None, window: list[str] | None) -> tuple[int | None, tuple[Window, ...]]:
    """Return what --bandwidth (bytes a second) and --window say, nothing where they are not given. Raises `Told`."""
    from phiscan.config.quiet import parse_hours
    from phiscan.config.units import parse_bandwidth

    hours = [flag("--window", one, parse_hours) or () for one in window or ()]
    return flag("--bandwidth", bandwidth, parse_bandwidth), tuple(one for some in hours for one in some)


def given(path: str, *, addresses: bool = False) -> bytes:
    """Return a path given by hand as bytes. Raises `Told` where it does not exist.

    One that exists but cannot be reached is for the scan to report as a gap; so is an address, where one may be given.
    """
    from phiscan.source.paths import is_address

    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if is_address(path.encode("utf-8", "surrogateescape")):
        return _address(path, shown) if addresses else _refuse("path.url", shown)
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise Told("path.scheme" if "://" in path else "path.missing", path=shown) from None
    except ValueError:  # a null byte
        raise Told("path.missing", path=shown) from None
    except OSError:
        pass
    return os.fsencode(path)


def _address(path: str, shown: str) -> bytes:
    """Return an address that can be asked without an account. Raises `Told` otherwise."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(path)
        named = parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        named = None
    if not named:
        _refuse("path.address", shown)
    if "@" in parts.netloc:  # it would stand in the report, and in the list of processes
        raise Told("path.account")
    return os.fsencode(path)


def _refuse(key: str, shown: str) -> NoReturn:
    raise Told(key, path=shown)


def given_file(path: str) -> bytes:
    """Return a path given by hand that must not be a folder."""
    found = given(path)
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise Told("path.not_file", path=path)
    except OSError:
        pass
    return found


def status(report: Report, fail_on: Severity) -> int:
    """Return the exit status of a finished scan; `Severity.NONE` means that nothing found makes it fail."""
    if fail_on is not Severity.NONE and report.worst >= fail_on:
        return EXIT_FOUND
    return EXIT_OK if report.complete else EXIT_GAPS
