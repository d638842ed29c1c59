"""How a training ended."""

from dataclasses import dataclass
from typing import Literal

import keras

from cnnlab.domain.errors import TrainingError
from cnnlab.domain.records.training import EpochRecord
from cnnlab.training.loop.checkpoint import EPOCH, State, load_weights


@dataclass(frozen=True)
class FitOutcome:
    """How a training ended.

    Attributes:
        status: `finished`, or `stopped` by the user.
        stopped_early: whether early stopping ended it.
        best_epoch: 0-based, or None when no epoch was finished.
        history: records of all finished epochs.
        model: plain Keras, with the (averaged) weights of the last finished epoch.
        weights_checksum: of these weights.
        kept_state: the weights that the user's model takes, from the state of the best epoch that
            is at hand, or of the last one where early stopping has `restore_best` off; None when
            no epoch was finished.
    """

    status: Literal["finished", "stopped"]
    stopped_early: bool
    best_epoch: int | None
    history: list[EpochRecord]
    model: keras.Model
    weights_checksum: str
    kept_state: State | None

    @property
    def kept_epoch(self) -> int | None:
        """0-based epoch whose weights the user's model takes."""
        return None if self.kept_state is None else int(self.kept_state[EPOCH])

    def kept_model(self) -> keras.Model:
        """Give the model the weights that the user's model takes, and return it.

        Raises:
            TrainingError: no finished epoch's state is at hand.
        """
        if self.kept_state is None:
            raise TrainingError("No epoch was finished, so there is no model: train longer.")
        load_weights(self.model, self.kept_state)
        return self.model
