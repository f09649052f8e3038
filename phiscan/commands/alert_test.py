"""`phiscan alert-test`: one test message through every configured channel, now and without the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phiscan.commands.common import EXIT_ERROR, EXIT_OK, ConfigFlag, configured
from phiscan.messages import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phiscan.config import Config
    from phiscan.messages import Language


def alert_test(config_file: ConfigFlag = None) -> int:
    """Send, and say what each channel answered; 1 where one has not accepted, or none is configured."""
    from phiscan.commands import output

    with configured(config_file) as (config, lang):
        accepted = True
        for line, well in tried(config, lang):
            accepted = accepted and well
            output.write([f"{line}\n"], None, lang)
    return EXIT_OK if accepted else EXIT_ERROR


def tried(config: Config, lang: Language) -> Iterator[tuple[str, bool]]:
    """Send a test message through each channel; yield what it answered, and whether it has accepted."""
    from phiscan.alert.channel import Partly, Undelivered
    from phiscan.alert.message import test_message
    from phiscan.daemon.watching import channels_of
    from phiscan.store import now

    channels = channels_of(config)
    if not channels:
        yield text(lang, "alert.none"), False
    for name, channel in channels.items():
        try:
            channel.send(test_message(now(), name))
        except Partly as error:
            yield f"{name:<8} {text(lang, 'alert.partly', why=error.why)}", False
        except Undelivered as error:
            yield f"{name:<8} {text(lang, 'alert.refused', why=error.why)}", False
        else:
            yield f"{name:<8} {text(lang, 'alert.accepted')}", True
