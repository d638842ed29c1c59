"""Augmentation of a batch: every random change as a pure function of (run seed, global step)."""

import tensorflow as tf

from cnnlab.augmentations.chain import augment
from cnnlab.augmentations.ops import Strengths
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.training.input.draws import Draws
from cnnlab.training.input.tensor_ops import TENSOR_OPS
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.seeds import derive_seed


class Augmenter:
    """Applies the augmentations of a config, each image with its own draws.

    Only what is switched on becomes part of the graph.
    """

    def __init__(
        self, augmentation: Augmentation, run_seed: int, board: DialBoard | None = None
    ) -> None:
        """Store what to apply.

        Args:
            augmentation: the part of the config that the run was launched with.
            run_seed: the config's `training.seed`.
            board: says the strengths at each step; without it they are the config's.
        """
        self._augmentation = augmentation
        self._seed = derive_seed(run_seed, "augmentation")
        self._board = board

    def __call__(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        step: tf.Tensor,
        strengths: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment one batch.

        Args:
            images: (B, H, W, C) uint8 or float32 in 0..255; height, width and channels static.
            labels: (B, classes) float32, rows sum to 1.
            step: () int64, global step.
            strengths: (A,) float64, what the board's `strengths_at` says for this step, from a
                caller that is in Python anyway; else it is asked here, which takes 0.1 ms more.

        Returns:
            Images (B, H, W, C) float32 in 0..255, and labels (B, classes) float32.
        """
        draws = Draws(self._seed, step, tf.shape(images)[0])
        on = {**self._augmentation.strengths(), **self._turned(step, strengths)}
        return augment(tf.cast(images, tf.float32), labels, on, draws, TENSOR_OPS)

    def _turned(self, step: tf.Tensor, strengths: tf.Tensor | None) -> Strengths:
        """The fields that are dials, as they hold at a step."""
        board = self._board
        if board is None or not board.augmentations:
            return {}
        if strengths is None:
            look_up = board.strengths_at
            strengths = tf.numpy_function(look_up, [step], tf.float64, stateful=False)
        values = tf.unstack(tf.ensure_shape(strengths, (len(board.augmentations),)))
        return dict(zip(board.augmentations, values, strict=True))
