"""Putting datasets and ended runs into the bucket, in a process that loads no Keras."""

from dataclasses import dataclass

from cnnlab.jobs.kind import DeviceNeed, Kind, Priority


@dataclass(frozen=True)
class KeepRequest:
    """All that isn't there is put there: there is nothing to say."""


@dataclass(frozen=True)
class KeptInBucket:
    """What came of it.

    Attributes:
        put: how many datasets and runs were put there.
        deleted: how many were deleted there, as they had been here.
    """

    put: int
    deleted: int


KIND = Kind(
    name="keep",
    function="cnnlab.worker.keeping:keep_in_bucket",
    request=KeepRequest,
    answer=KeptInBucket,
    words="The keeping in the bucket",
    priority=Priority.QUEUE,
    device=DeviceNeed.NONE,
    is_resident=True,
    needs_keras=False,
)
"""It takes no turn of other work, and is asked for again after its end, whatever that was."""
