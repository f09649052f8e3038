"""`phiscan alert-test`: one test message through every configured channel, now and without the outbox."""

from __future__ import annotations

from phiscan.commands.common import EXIT_ERROR, EXIT_OK, ConfigFlag, configured
from phiscan.messages import text


def alert_test(config_file: ConfigFlag = None) -> int:
    """Send, and say what each channel answered; 1 where one has not accepted, or none is configured."""
    from phiscan.alert.channel import Undelivered
    from phiscan.alert.message import test_message
    from phiscan.commands import output
    from phiscan.store import now
    from phiscan.watching import channels_of

    with configured(config_file) as (config, lang):
        failed = False
        channels = channels_of(config)
        if not channels:
            output.write([text(lang, "alert.none") + "\n"], None, lang)
            return EXIT_ERROR
        for name, channel in channels.items():
            try:
                channel.send(test_message(now(), name))
                said = text(lang, "alert.accepted")
            except Undelivered as error:
                failed = True
                said = text(lang, "alert.refused", why=error.why)
            output.write([f"{name:<8} {said}\n"], None, lang)
    return EXIT_ERROR if failed else EXIT_OK
