"""The numbers in Prometheus' text form; none of them names a person, a workspace or a dataset."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from cnnlab import __version__
from cnnlab.domain.run import Status
from cnnlab.lab.upkeep.health import PARTS, failing_parts
from cnnlab.lab.upkeep.numbers import Numbers, read_numbers

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_OF_PROCESS = CollectorRegistry()
ProcessCollector(namespace="cnnlab", registry=_OF_PROCESS)

PAGE_SECONDS = Histogram(
    "cnnlab_page_seconds",
    "Seconds that the server takes to draw a page, by page",
    ["page"],
    registry=_OF_PROCESS,
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
"""What draws a page observes it; clicks within a page that draw a part of it aren't in it."""


def as_text() -> bytes:
    """All numbers of this moment.

    Raises:
        NotAllowedError: whoever asks is no admin.
        StorageError: the home, a database or the register can't be read.
    """
    registry = CollectorRegistry()
    registry.register(_Read(read_numbers(), failing_parts()))
    return generate_latest(registry) + generate_latest(_OF_PROCESS)


class _Read(Collector):
    """Numbers that were read, as a registry wants them."""

    def __init__(self, numbers: Numbers, failing: tuple[str, ...]) -> None:
        self._numbers = numbers
        self._failing = failing

    def collect(self) -> Iterable[Metric]:
        """Every number with its name and meaning."""
        numbers = self._numbers
        version = GaugeMetricFamily("cnnlab_info", "The version that runs", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        healthy = GaugeMetricFamily(
            "cnnlab_healthy", "1 where a part works, 0 where it fails", labels=["part"]
        )
        for part in PARTS:
            healthy.add_metric([part], part not in self._failing)
        yield healthy
        runs = GaugeMetricFamily("cnnlab_runs", "Runs by status", labels=["status"])
        for status, count in numbers.runs.items():
            runs.add_metric([status], count)
        yield runs
        for name, words, value in (
            ("queue_length", "Runs that wait for their turn", numbers.runs[Status.QUEUED]),
            ("jobs", "Other work that waits or is being done", numbers.jobs),
            ("workers_alive", "Worker processes of this machine", numbers.workers),
            ("workspaces", "Workspaces", numbers.workspaces),
            ("free_disk_bytes", "Free bytes on the home folder's disk", numbers.free_disk_bytes),
        ):
            yield GaugeMetricFamily(f"cnnlab_{name}", words, value=value)
        refused = "Sign-ins that were refused, since the register of people was made"
        yield CounterMetricFamily(
            "cnnlab_sign_ins_refused", refused, value=numbers.refused_sign_ins
        )
