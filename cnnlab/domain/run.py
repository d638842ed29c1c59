"""A run: one training, its status and what is known of it from outside."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cnnlab.domain.records.result import Origin
from cnnlab.domain.records.training import EpochRecord, Nothing


class Status(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_ended(self) -> bool:
        """Whether nothing happens to the run any more by itself; interrupted, it starts again."""
        return self not in (Status.QUEUED, Status.RUNNING, Status.INTERRUPTED)


@dataclass(frozen=True)
class Run:
    """A snapshot of a run, as the store knows it.

    Attributes:
        id: sortable, readable and unique: UTC date, time, four hex digits.
        name: what the user calls it; shown instead of the id.
        dataset: id of its dataset.
        config: the whole config as JSON values.
        status: where it stands.
        attempt: number of the attempt that counts, from 1.
        created_at: ISO 8601, UTC; `started_at` and `ended_at` likewise, or None.
        device: what it runs on, in words, once known.
        message: one sentence on why it ended, for a failure what to do next.
        best_epoch: 0-based epoch of the best validation accuracy, or None.
        last: metrics of the last finished epoch, without its weights by layer.
        best: metrics of the best epoch, likewise.
        sparkline: validation accuracy of every finished epoch, thinned to at most 40 values.
        lost_workers: how often in a row its worker was ended from outside with no epoch finished
            since; `losses` in JSON and in the database.
        origin: `run` and `epoch` (0-based) that it was forked from, or None.
        study: id of the study that it belongs to, or None.
        arm: name of its arm there.
        changed_by_hand: whether a dial was turned while it trained; no verdict may count it then.
        search: id of the search that it belongs to, or None.
        trial: number of its trial there, or None.
        tags: what a user has noted of its model, such as 'approved', in the order of noting.
        note: what a user wants to remember of it, in words; empty for nothing.
        starred: whether a user has marked it with a star.
        queue_rank: where it waits among others: lower ones first, then who came first; 0 where
            nobody has moved it.
    """

    id: str
    name: str
    dataset: str
    config: dict[str, Any]
    status: Status
    attempt: int = 1
    created_at: str = ""
    started_at: str | None = None
    ended_at: str | None = None
    device: str | None = None
    message: str | None = None
    best_epoch: int | None = None
    last: EpochRecord | Nothing = field(default_factory=dict)
    best: EpochRecord | Nothing = field(default_factory=dict)
    sparkline: list[float] = field(default_factory=list)
    lost_workers: int = 0
    origin: Origin | None = None
    changed_by_hand: bool = False
    study: str | None = None
    arm: str | None = None
    search: str | None = None
    trial: int | None = None
    tags: list[str] = field(default_factory=list)
    note: str = ""
    starred: bool = False
    queue_rank: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether it belongs to no study and no search."""
        return self.study is None and self.search is None


def new_run_id(now: datetime, random_hex: str) -> str:
    """Build a sortable id such as `20261124-061500-a3f9`.

    Args:
        now: the moment of creation, UTC.
        random_hex: at least four hex digits that tell runs of the same second apart.
    """
    return f"{now:%Y%m%d-%H%M%S}-{random_hex[:4]}"
