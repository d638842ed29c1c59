"""Sending what waits in the outbox to other tools' servers, in a process that loads no Keras."""

from dataclasses import dataclass

from cnnlab.jobs.kind import DeviceNeed, Kind, Priority


@dataclass(frozen=True)
class TrackRequest:
    """All that waits is sent: there is nothing to say."""


@dataclass(frozen=True)
class Tracked:
    """What came of it.

    Attributes:
        sent: how often something of a run or a study was sent.
    """

    sent: int


KIND = Kind(
    name="track",
    function="cnnlab.worker.tracking:send_waiting",
    request=TrackRequest,
    answer=Tracked,
    words="The sending of runs",
    priority=Priority.QUEUE,
    device=DeviceNeed.NONE,
    time_limit_seconds=3600,
    is_resident=True,
    needs_keras=False,
)
"""It stays while runs train, and is asked for again after its end, whatever that was."""
