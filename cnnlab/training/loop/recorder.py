"""The port through which training tells what happens; an adapter lives where storage is known."""

from typing import Protocol

import numpy as np

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import AskedTurn, EpochRecord, StepRecord, WorkerFacts


class RunRecorder(Protocol):
    """Takes what a run has to tell and says whether it should end.

    Laws: `phase` and `started` are called from the training thread, before the first step (and
    `phase` again after the last). `step`, `predictions`, `epoch`, `checkpoint`, `checkpoint_within`
    and `turned` are called from one other thread, in the order in which things happened, `epoch`
    right after its `predictions` and `checkpoint` right after its `epoch`; all of them have
    returned when `fit` returns, and `turned` before the turn holds. What they raise ends the
    training and is raised by `fit`. `asked_dials` is called from the training thread before every
    step, `should_stop` after it; `beat` likewise while no records come. When `should_stop` raises,
    `fit` ends at once.
    """

    def phase(self, text: str) -> None:
        """Tell what is being done now, such as 'Building the model'."""

    def started(self, facts: WorkerFacts) -> None:
        """Take what is known before the first step."""

    def step(self, record: StepRecord) -> None:
        """Take the running metrics within an epoch, at most about four times a second."""

    def predictions(self, epoch: int, predictions: Predictions) -> None:
        """Take what was said of the validation images after an epoch; it never changes again."""

    def epoch(self, record: EpochRecord) -> None:
        """Take the metrics of a finished epoch."""

    def checkpoint(self, epoch: int, arrays: dict[str, np.ndarray], is_best: bool) -> None:
        """Take everything that resuming after `epoch` needs; the arrays never change again."""

    def checkpoint_within(self, epoch: int, step: int, arrays: dict[str, np.ndarray]) -> None:
        """Take everything that resuming within `epoch` needs, `step` of its steps being done.

        It takes the place of an earlier one, and `checkpoint` of the same epoch takes its place.
        """

    def should_stop(self) -> bool:
        """Whether the user asked the run to end; cheap."""

    def beat(self) -> None:
        """Take a sign of life between records, such as after a batch of an evaluation; cheap."""

    def asked_dials(self) -> list[AskedTurn]:
        """The dials asked for since the last call that returned any; cheap."""

    def turned(self, turn: DialTurn) -> None:
        """Take that dials were turned, and from which step on."""
