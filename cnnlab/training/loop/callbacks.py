"""Keras callbacks that steer a training: position, dials, learning rate, stop requests."""

import logging
import math
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from cnnlab.domain.course.phases import planned_rate
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import AskedTurn, EpochRecord
from cnnlab.training.loop.checkpoint import BATCH_SIZE, EPOCH, SECONDS, STEP, State
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.loop.recorder import RunRecorder
from cnnlab.training.loop.writer import QueuedRecorder

Logs = Mapping[str, Any]
Records = list[EpochRecord]

_log = logging.getLogger(__name__)


class EpochClock(keras.callbacks.Callback):
    """Knows where the training is, also where a run goes on within an epoch.

    Attributes:
        steps: per epoch.
        epoch: 0-based, the one that is being trained.
        first_step: 0-based step of this epoch with which this process began.
        marks: what a state says beside the variables: the images per step of its run.
    """

    def __init__(self, steps: int, within_state: State | None, batch_size: int) -> None:
        """Store where to begin.

        Args:
            steps: per epoch.
            within_state: captured within the epoch that comes first, or None.
            batch_size: images per step.
        """
        super().__init__()
        self.steps = steps
        self.marks: State = {BATCH_SIZE: np.array(batch_size, np.int64)}
        self.epoch, self.first_step = 0, 0
        self._within = within_state

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start the epoch's clock, at the time that an earlier process spent on it."""
        self.epoch, self.first_step = epoch, 0
        self._began_at = time.monotonic()
        if self._within is not None and int(self._within[EPOCH]) == epoch:
            self.first_step = int(self._within[STEP])
            self._began_at -= float(self._within[SECONDS])

    @property
    def seconds(self) -> float:
        """Training time of this epoch, also in an earlier process."""
        return time.monotonic() - self._began_at

    def global_step(self, batch: int) -> int:
        """0-based weight update since the start of the run.

        Args:
            batch: 0-based step of this epoch.
        """
        return self.epoch * self.steps + batch


class Callbacks(keras.callbacks.CallbackList):
    """Keras' list, with the steps counted from the start of the epoch, whoever trained it then.

    Batch logs stay tensors: reading them would wait for a GPU at each step.
    """

    def __init__(
        self, callbacks: list[keras.callbacks.Callback], model: keras.Model, clock: EpochClock
    ) -> None:
        """Store the callbacks.

        Args:
            callbacks: called in this order, after the clock.
            model: the one that is trained.
            clock: knows with which step the epoch began here.
        """
        super().__init__([clock, *callbacks], add_history=True, model=model)
        self._clock = clock

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Pass the step within the epoch on."""
        for callback in self.callbacks:
            callback.on_train_batch_begin(self._clock.first_step + batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Pass the step within the epoch and the logs as they are on."""
        for callback in self.callbacks:
            callback.on_train_batch_end(self._clock.first_step + batch, logs)


class DialTurns(keras.callbacks.Callback):
    """Turns the dials that a user asks for, each at a step that is on the disk before."""

    def __init__(
        self, board: DialBoard, told: QueuedRecorder, clock: EpochClock, lead: int
    ) -> None:
        """Store what is turned.

        Args:
            board: holds the dials; the turns of earlier attempts are in it.
            told: knows what is asked for, and takes what is done.
            clock: knows the step.
            lead: steps for which the input path may have begun batches.
        """
        super().__init__()
        self._board, self._told, self._clock, self._lead = board, told, clock, lead
        self._seen = {turn.number for turn in board.turns}
        self._next_new: float = math.inf

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Plan what is asked for, and make hold what is due."""
        step = self._clock.global_step(batch)
        for asked in self._told.asked_dials():
            if asked["number"] not in self._seen:
                self._seen.add(asked["number"])
                self._plan(asked, step)
        if step >= self._next_new:
            self._told.wait()
            self._next_new = math.inf
        self._board.apply_due(step)

    def _plan(self, asked: AskedTurn, step: int) -> None:
        try:
            turn = self._board.request(asked["number"], asked["values"], step, self._lead)
        except ConfigError as error:  # one turn that can't be made is no reason to end a run
            _log.warning("turn %d of the dials is left out: %s", asked["number"], error)
            return
        self._told.turned(turn)
        self._next_new = min(self._next_new, turn.step)


class LearningRate(keras.callbacks.Callback):
    """Sets the learning rate of every step, a pure function of config, dials and history.

    Attributes:
        rate: the one that was set last.
    """

    def __init__(self, board: DialBoard, clock: EpochClock, records: Records) -> None:
        """Store what decides the rate.

        Args:
            board: knows the config as it stands at a step.
            clock: knows the step.
            records: of the finished epochs; grows while training.
        """
        super().__init__()
        self._board, self._clock, self._records = board, clock, records
        self.rate = math.nan

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget the last rate: a phase begins with another optimizer."""
        self.rate = math.nan  # unlike any rate

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the history once an epoch: it doesn't change within one."""
        self._validation = [record["val_cross_entropy"] for record in self._records]

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Assign the rate where it differs from the last step's."""
        config = self._board.config
        rate = planned_rate(
            config,
            self._clock.global_step(batch),
            steps_per_epoch=self._clock.steps,
            val_cross_entropies=self._validation,
            optimizer=config.optimizer,
        )
        if rate != self.rate:
            self.model.optimizer.learning_rate = rate
            self.rate = rate


class StopRequests(keras.callbacks.Callback):
    """Ends the training after the current step when the user asks for it.

    Attributes:
        asked: whether the user did.
        within_epoch: whether that leaves an epoch unfinished.
    """

    def __init__(self, recorder: RunRecorder, steps: int) -> None:
        """Store whom to ask.

        Args:
            recorder: knows whether to stop.
            steps: per epoch.
        """
        super().__init__()
        self._recorder, self._steps = recorder, steps
        self.asked = self.within_epoch = False

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Ask, and leave the epoch unfinished unless this was its last step."""
        if self._recorder.should_stop():
            self.asked = self.model.stop_training = True
            self.within_epoch = batch < self._steps - 1
