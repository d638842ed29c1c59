"""Augmentation of a batch: every random change as a pure function of (run seed, global step)."""

import tensorflow as tf

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.training.input import blend, colour, texture, warp
from cnnlab.training.input.draws import Draws, Strengths
from cnnlab.training.input.policies import aug_mix, rand_augment
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.seeds import derive_seed


class Augmenter:
    """Applies the augmentations of a config, each image with its own draws.

    Order: geometry, blur, colour, noise, erasing, RandAugment, AugMix, then MixUp or CutMix.
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
        on = self._augmentation.active() | self._turned(step, strengths)
        images = tf.cast(images, tf.float32)
        images = self._change_geometry(images, on, draws)
        images = self._change_pixels(images, on, draws)
        images = self._follow_policies(images, draws)
        return self._blend(images, labels, on, draws)

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

    def _change_geometry(self, images: tf.Tensor, on: Strengths, draws: Draws) -> tf.Tensor:
        height, width = images.shape[1:3]
        if geometry := warp.draw_warp(on, draws):
            images = warp.warp(images, warp.warp_matrices(geometry, height, width))
        if "elastic_px" in on:
            displacement = warp.draw_displacement(on["elastic_px"], draws, height, width)
            images = warp.displace(images, displacement)
        return images

    def _change_pixels(self, images: tf.Tensor, on: Strengths, draws: Draws) -> tf.Tensor:
        if "blur_sigma_px" in on:
            images = texture.blur(images, texture.draw_blur(on, draws))
        colours = colour.draw_colour(on, draws, images.shape[-1])
        images = colour.change_colour(images, colours)
        if "noise_stddev" in on:
            images += texture.draw_noise(on, draws, tuple(images.shape[1:]))
        if "erasing_fraction" in on:
            images = texture.erase(images, texture.draw_erasing(on, draws, *images.shape[1:3]))
        # What neither adds nor multiplies can't leave 0..255.
        return tf.clip_by_value(images, 0.0, 255.0) if colours or "noise_stddev" in on else images

    def _follow_policies(self, images: tf.Tensor, draws: Draws) -> tf.Tensor:
        on = self._augmentation
        if on.randaugment_operations:
            images = rand_augment(
                images, on.randaugment_operations, on.randaugment_magnitude, draws
            )
        return aug_mix(images, draws) if on.augmix else images

    def _blend(
        self, images: tf.Tensor, labels: tf.Tensor, on: Strengths, draws: Draws
    ) -> tuple[tf.Tensor, tf.Tensor]:
        if not on.keys() & {"mixup_alpha", "cutmix_alpha"}:
            return images, labels
        is_mix_up = "mixup_alpha" in on
        shares = blend.draw_shares(on["mixup_alpha" if is_mix_up else "cutmix_alpha"], draws)
        partners = blend.draw_partners(draws)
        if is_mix_up:
            return blend.mix_up(images, labels, shares, partners)
        patch = blend.draw_patch(shares, draws, *images.shape[1:3])
        return blend.cut_mix(images, labels, patch, partners)
