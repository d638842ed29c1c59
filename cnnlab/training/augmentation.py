"""Augmentation of a batch: every random change as a pure function of (run seed, global step)."""

import tensorflow as tf

from cnnlab.domain.augmentation import Augmentation
from cnnlab.training import blend, colour, texture, warp
from cnnlab.training.draws import Draws
from cnnlab.training.policies import aug_mix, rand_augment
from cnnlab.training.seeds import derive_seed


class Augmenter:
    """Applies the augmentations of a config, each image with its own draws.

    Order: geometry, blur, colour, noise, erasing, RandAugment, AugMix, then MixUp or CutMix.
    Only what is switched on becomes part of the graph.
    """

    def __init__(self, augmentation: Augmentation, run_seed: int) -> None:
        """Store what to apply.

        Args:
            augmentation: the config's part.
            run_seed: the config's `training.seed`.
        """
        self._augmentation = augmentation
        self._seed = derive_seed(run_seed, "augmentation")

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, step: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment one batch.

        Args:
            images: (B, H, W, C) uint8 or float32 in 0..255; height, width and channels static.
            labels: (B, classes) float32, rows sum to 1.
            step: () int64, global step.

        Returns:
            Images (B, H, W, C) float32 in 0..255, and labels (B, classes) float32.
        """
        draws = Draws(self._seed, step, tf.shape(images)[0])
        images = tf.cast(images, tf.float32)
        images = self._change_geometry(images, draws)
        images = self._change_pixels(images, draws)
        images = self._follow_policies(images, draws)
        return self._blend(images, labels, draws)

    def _change_geometry(self, images: tf.Tensor, draws: Draws) -> tf.Tensor:
        height, width = images.shape[1:3]
        if geometry := warp.draw_warp(self._augmentation, draws):
            images = warp.warp(images, warp.warp_matrices(geometry, height, width))
        if px := self._augmentation.elastic_px:
            images = warp.displace(images, warp.draw_displacement(px, draws, height, width))
        return images

    def _change_pixels(self, images: tf.Tensor, draws: Draws) -> tf.Tensor:
        on = self._augmentation
        if on.blur_sigma_px:
            images = texture.blur(images, texture.draw_blur(on, draws))
        colours = colour.draw_colour(on, draws, images.shape[-1])
        images = colour.change_colour(images, colours)
        if on.noise_stddev:
            images += texture.draw_noise(on, draws, tuple(images.shape[1:]))
        if on.erasing_fraction:
            images = texture.erase(images, texture.draw_erasing(on, draws, *images.shape[1:3]))
        # What neither adds nor multiplies can't leave 0..255.
        return tf.clip_by_value(images, 0.0, 255.0) if colours or on.noise_stddev else images

    def _follow_policies(self, images: tf.Tensor, draws: Draws) -> tf.Tensor:
        on = self._augmentation
        if on.randaugment_operations:
            images = rand_augment(
                images, on.randaugment_operations, on.randaugment_magnitude, draws
            )
        return aug_mix(images, draws) if on.augmix else images

    def _blend(
        self, images: tf.Tensor, labels: tf.Tensor, draws: Draws
    ) -> tuple[tf.Tensor, tf.Tensor]:
        alpha = self._augmentation.mixup_alpha or self._augmentation.cutmix_alpha
        if not alpha:
            return images, labels
        shares, partners = blend.draw_shares(alpha, draws), blend.draw_partners(draws)
        if self._augmentation.mixup_alpha:
            return blend.mix_up(images, labels, shares, partners)
        patch = blend.draw_patch(shares, draws, *images.shape[1:3])
        return blend.cut_mix(images, labels, patch, partners)
