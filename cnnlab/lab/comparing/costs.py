"""What runs cost: the size of their networks, the time of their training and of a picture."""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.run import Run
from cnnlab.exports.format import Group
from cnnlab.exports.table import all_formats
from cnnlab.lab.exporting.preparing import check_in
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.run_records import History, run_facts
from cnnlab.storage.attempts.attempt import Attempt

_RUN = (Group.MODEL, Group.PAGE)
"""What computes: of code and documents no time of a picture is measured."""


@dataclass(frozen=True)
class Cost:
    """What a run took and what its model takes; None where that isn't known.

    Attributes:
        parameters: of the network, those that aren't trained included.
        multiply_adds: for one picture.
        epochs: that are finished.
        training_seconds: of these, evaluations not counted.
        evaluation_seconds: of the clean metrics and the validation after them.
        device: what it was trained on, in words.
        milliseconds: for one picture on one CPU, by the title of each format that was measured.
    """

    parameters: int | None
    multiply_adds: int | None
    epochs: int
    training_seconds: float | None
    evaluation_seconds: float | None
    device: str
    milliseconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds_an_epoch(self) -> float | None:
        """Of training, on average."""
        if self.training_seconds is None or not self.epochs:
            return None
        return self.training_seconds / self.epochs


def cost_of(run: Run, history: History, classes: int | None) -> Cost:
    """What a run cost so far.

    Args:
        run: any.
        history: its epoch records.
        classes: of its dataset; None where that is gone.
    """
    facts = run_facts(run)
    return Cost(
        parameters=facts.get("parameters"),
        multiply_adds=_multiply_adds(json.dumps(run.config), classes) if classes else None,
        epochs=len(history),
        training_seconds=_sum(record.get("seconds") for record in history),
        evaluation_seconds=_sum(record.get("evaluation_seconds") for record in history),
        device=facts.get("device") or run.device or "",
        milliseconds=_milliseconds(newest_attempt(run)) if run.status.is_ended else {},
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@functools.lru_cache(maxsize=256)
def _multiply_adds(config: str, classes: int) -> int | None:
    stored = load_stored(json.loads(config))
    if stored is None:
        return None
    try:
        return plan_network(stored, stored.image.shape, max(2, classes)).multiply_adds
    except ConfigError:  # another version builds it
        return None


def _milliseconds(attempt: Attempt) -> dict[str, float]:
    found = {}
    for each in all_formats().values():
        check = check_in(attempt, each.name, calibrated=False) if each.group in _RUN else None
        milliseconds = check["milliseconds_per_image"] if check else None
        if milliseconds is not None:
            found[each.title] = milliseconds
    return found
