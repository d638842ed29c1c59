"""Posterize against Keras' layer."""

import keras
import numpy as np
import pytest

from cnnlab.augmentations.in_numpy import NUMPY_OPS
from cnnlab.augmentations.members.posterize import MEMBER


@pytest.mark.parametrize("lost", [0, 1, 4, 7])
def test_it_loses_the_bits_that_keras_loses(lost, images):
    expected = keras.layers.RandomPosterization((8 - lost, 8 - lost))(images, training=True)
    drawn = {"lost_bits": np.full(len(images), lost, np.float32)}
    np.testing.assert_array_equal(MEMBER.stage.apply(images, drawn, NUMPY_OPS), expected)
