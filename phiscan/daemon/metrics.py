"""The daemon's state for Prometheus, on an address of this machine. Numbers only: no path, no name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from phiscan.alert.sender import Sender
    from phiscan.daemon.logs import Log
    from phiscan.daemon.status import Status


class _Numbers(Collector):
    def __init__(self, status: Status, sender: Sender) -> None:
        self._status, self._sender = status, sender

    def collect(self) -> Iterable[Metric]:
        """Return every number there is."""
        status, sender, gauges = self._status, self._sender, dict(self._status.gauges)
        yield _counter("phiscan_files_read", "Files read, by what became of them", status.files, "outcome")
        yield CounterMetricFamily("phiscan_bytes_read", "Bytes of the files read", status.bytes)
        yield CounterMetricFamily("phiscan_events_lost", "Times that the kernel dropped events", status.overflows)
        yield CounterMetricFamily("phiscan_store_failures", "Times that the store failed", status.failures)
        yield CounterMetricFamily("phiscan_internal_errors", "Times that a file brought out a bug", status.bugs)
        none = dict.fromkeys(sender.channels, 0)  # a series that begins with its first refusal alerts nobody of that
        sent, failed = none | dict(sender.sent), none | dict(sender.failed)
        yield _counter("phiscan_alerts_sent", "Messages that a channel has accepted", sent, "channel")
        yield _counter("phiscan_alerts_refused", "Attempts that a channel has not accepted", failed, "channel")
        latency = GaugeMetricFamily(
            "phiscan_alert_latency_seconds", "From the outbox to the channel, of the last message", labels=["channel"]
        )
        for name, seconds in dict(sender.latency).items():
            latency.add_metric([name], seconds)
        yield latency
        gauges = {f"{name}.{one}": 0.0 for name in ("waiting", "waiting_seconds") for one in sender.channels} | gauges
        for name, told in _FAMILIES.items():
            family = GaugeMetricFamily(f"phiscan_{name}", told, labels=["of"])
            for key in [key for key in gauges if key.startswith(f"{name}.")]:
                family.add_metric([key.partition(".")[2]], gauges.pop(key))
            yield family
        for name, value in gauges.items():
            yield GaugeMetricFamily(f"phiscan_{name}", _GAUGES[name], value)


_FAMILIES = {
    "waiting": "Messages that wait, by channel",
    "waiting_seconds": "For how long the oldest message of a channel has been late",
    "incidents": "Incidents by state",
    "gaps": "Gaps",
}
_GAUGES = {
    "files_waiting": "Files that are still to be read",
    "oldest_unread_seconds": "Age of the oldest change that has not been read",
    "folders_watched": "Folders that the kernel watches",
    "roots_silent": "Roots of which the kernel tells nothing, or not all: they are walked",
    "roots_unavailable": "Roots that are not there",
    "mounts_unavailable": "File systems that were mounted below roots and are not",
    "alive_timestamp_seconds": "When the daemon last looked after itself",
    "backlog_files": "Files that are still to be read, changed recognizers included",
    "backlog_bytes": "Bytes of them",
    "backlog_seconds": "How long they will take, by what reading has cost so far",
    "reading_paused": "Whether what can wait is waiting for its hours (limits.window)",
    "self_test_ok": "Whether every channel has accepted the last self-test in time",
    "self_test_seconds": "From the arrival of the last self-test's file to the last channel's acceptance",
    "self_test_timestamp_seconds": "When the last self-test began",
}


def _counter(name: str, told: str, counts: dict[str, int], label: str) -> CounterMetricFamily:
    family = CounterMetricFamily(name, told, labels=[label])
    for key, count in dict(counts).items():
        family.add_metric([key], count)
    return family


@contextlib.contextmanager
def served(address: str | None, status: Status, sender: Sender, log: Log) -> Iterator[None]:
    """Serve the numbers within the block. An address that is taken costs the metrics only."""
    if address is None:
        yield
        return
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(status, sender))
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except (OSError, OverflowError):
        log("warning", "metrics not served: the address is taken or not ours", address=address)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(1.0)
