"""One thread that hands records over, so that no disk is waited for between two steps."""

import math
import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import FencedError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import EpochRecord, StepRecord
from cnnlab.training.loop.recorder import RunRecorder

SECONDS_BETWEEN_RECORDS = 0.25

_WAITING = 16
"""Records that may wait; a slower disk then slows the training down instead of filling memory."""


class RecordWriter:
    """Calls functions in order in a thread of its own; a context, and empty when it is left.

    What a function raises is raised again by the next `call` or `wait`, or on leaving the context;
    the calls behind it are dropped. They are dropped, too, when a newer attempt has taken over.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[Callable[..., None], tuple[Any, ...]] | None] = queue.Queue(
            _WAITING
        )
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="cnnlab-records", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, FencedError):
            self._error = error
        self._queue.put(None)
        self._thread.join()
        if error is None:
            self._raise_error()

    def call(self, function: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401
        """Have `function` called with `arguments` after all that were given before.

        Raises:
            BaseException: whatever an earlier call raised.
        """
        self._raise_error()
        self._queue.put((function, arguments))

    def wait(self) -> None:
        """Return when everything that was given has been called.

        Raises:
            BaseException: whatever an earlier call raised.
        """
        self._queue.join()
        self._raise_error()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            self._do(*item)
            del item  # what was written needn't stay in memory until the next record
            self._queue.task_done()

    def _do(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if self._error is not None:
            return
        try:
            function(*arguments)
        except BaseException as error:  # raised again on the other thread
            self._error = error

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error


class QueuedRecorder(RecordWriter):
    """A `RunRecorder` in front of another one, which takes the records in the writer's thread."""

    def __init__(self, recorder: RunRecorder) -> None:
        """Store whom to tell.

        Args:
            recorder: takes the records.
        """
        super().__init__()
        self._recorder = recorder
        self._beaten_at = -math.inf
        self.phase, self.started = recorder.phase, recorder.started
        self.should_stop, self.asked_dials = recorder.should_stop, recorder.asked_dials

    def step(self, record: StepRecord) -> None:
        """Hand over the running metrics within an epoch."""
        self.call(self._recorder.step, record)

    def predictions(self, epoch: int, predictions: Predictions) -> None:
        """Hand over what was said of the validation images after an epoch."""
        self.call(self._recorder.predictions, epoch, predictions)

    def epoch(self, record: EpochRecord) -> None:
        """Hand over the metrics of a finished epoch."""
        self.call(self._recorder.epoch, record)

    def checkpoint(self, epoch: int, arrays: dict[str, np.ndarray], is_best: bool) -> None:
        """Hand over the state after an epoch."""
        self.call(self._recorder.checkpoint, epoch, arrays, is_best)

    def checkpoint_within(self, epoch: int, step: int, arrays: dict[str, np.ndarray]) -> None:
        """Hand over the state within an epoch."""
        self.call(self._recorder.checkpoint_within, epoch, step, arrays)

    def turned(self, turn: DialTurn) -> None:
        """Hand over that dials were turned."""
        self.call(self._recorder.turned, turn)

    def beat(self) -> None:
        """Show a sign of life, at most as often as records come."""
        now = time.monotonic()
        if now - self._beaten_at >= SECONDS_BETWEEN_RECORDS:
            self._beaten_at = now
            self._recorder.beat()
