"""`phiscan watch`: the daemon. SIGTERM and SIGINT end it, SIGHUP makes it read its configuration anew."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from phiscan.commands.common import EXIT_OK, BandwidthFlag, ConfigFlag, WindowFlag, configured, paced
from phiscan.errors import PhiscanError
from phiscan.messages import tell

if TYPE_CHECKING:
    from phiscan.daemon.logs import Log


class _Signals:
    """What was asked of the daemon by signals."""

    def __init__(self) -> None:
        self.stopping = self.reloading = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _reload(self, number: int, frame: FrameType | None) -> None:
        self.reloading = True


def watch(
    config_file: ConfigFlag = None,
    bandwidth: BandwidthFlag = None,
    window: WindowFlag = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="help.watch.verbose")] = False,
) -> int:
    """Watch until told to stop."""
    from phiscan.daemon.logs import Log
    from phiscan.daemon.watching import watch as watching

    log, signals = Log("debug" if verbose else "info"), _Signals()
    speed, hours = paced(bandwidth, window)
    with configured(config_file) as (config, _):
        limits = config.limits
        given = {"bandwidth": speed or limits.bandwidth, "window": hours or limits.window}
        config = config.model_copy(update={"limits": limits.model_copy(update=given)})
        running = config.store
        watching(config, lambda: signals.stopping or _reloads(signals, config_file, running, log), log)
    if signals.reloading and not signals.stopping:
        _begin_anew()
    return EXIT_OK


def _reloads(signals: _Signals, config_file: str | None, running: str, log: Log) -> bool:
    """Whether to begin anew: only with a configuration that holds; with another one the daemon goes on as it is."""
    if not signals.reloading:
        return False
    from phiscan.daemon.watching import check

    try:
        with configured(config_file) as (config, _):
            check(config, running)
    except PhiscanError as error:
        log("error", "configuration refused", why=tell(error, "en"))
        signals.reloading = False
        return False
    return True


def _begin_anew() -> NoReturn:
    """Become a fresh daemon, with the same number and the same standard error."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
