"""The array operations of the augmentations in TensorFlow."""

import functools

import cv2
import tensorflow as tf

from cnnlab.augmentations.in_numpy import NUMPY_OPS
from cnnlab.augmentations.ops import ChangeImage

cv2.setNumThreads(1)  # the batches are made in parallel already


class TensorOps:
    """`ArrayOps` by TensorFlow: wherever it has the operation, its own function."""

    where, clip = map(staticmethod, (tf.where, tf.clip_by_value))
    cos, sin, tan, exp = map(staticmethod, (tf.cos, tf.sin, tf.tan, tf.exp))
    sqrt, square, pow, abs = map(staticmethod, (tf.sqrt, tf.square, tf.pow, tf.abs))
    sign, floor, round = map(staticmethod, (tf.sign, tf.floor, tf.round))
    maximum, zeros_like = map(staticmethod, (tf.maximum, tf.zeros_like))
    divide_no_nan = staticmethod(tf.math.divide_no_nan)
    sum, mean, any = map(staticmethod, (tf.reduce_sum, tf.reduce_mean, tf.reduce_any))
    min, max = map(staticmethod, (tf.reduce_min, tf.reduce_max))
    stack, reshape, gather = map(staticmethod, (tf.stack, tf.reshape, tf.gather))
    matmul = staticmethod(tf.matmul)

    def cast(self, values: float | tf.Tensor, dtype: str) -> tf.Tensor:
        """`values` as a tensor; a number that isn't one yet is rounded to this dtype alone."""
        is_tensor = tf.is_tensor(values)
        return tf.cast(values, dtype) if is_tensor else tf.convert_to_tensor(values, dtype)

    def mix_columns(self, weights: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """(B, H, V, C) from (B, V, W) and (B, H, W, C): each column a sum of weighted ones."""
        return tf.einsum("bvw,bhwc->bhvc", weights, images)

    def smooth(self, images: tf.Tensor) -> tf.Tensor:
        """The mean of the 3 x 3 pixels around each one, reflected at the edges."""
        padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
        return tf.nn.avg_pool2d(padded, 3, 1, "VALID")

    def resize_bicubic(self, grid: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
        """(B, h, w, C) to (B, *size, C): Keys' cubic with a = -0.5 between the points."""
        return tf.image.resize(grid, size, method="bicubic")

    def image_by_image(self, change: ChangeImage, images: tf.Tensor, how: tf.Tensor) -> tf.Tensor:
        """`change` all images in one call of Python, each with its own part of `how` (B, ...)."""
        change_all = functools.partial(NUMPY_OPS.image_by_image, change)
        changed = tf.numpy_function(change_all, [images, how], tf.float32, stateful=False)
        return tf.ensure_shape(changed, images.shape)


TENSOR_OPS = TensorOps()
