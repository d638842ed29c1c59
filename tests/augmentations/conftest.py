"""TensorFlow is quiet, and the pictures that augmentations change."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
import pytest

SIZE = 24


@pytest.fixture(scope="session")
def images():
    """(6, 24, 24, 3) float32: smooth pictures of whole grey levels, with a bright bar."""
    coarse = np.random.default_rng(1).uniform(0, 255, (6, 6, 6, 3)).astype(np.float32)
    smooth = np.stack([cv2.resize(image, (SIZE, SIZE)) for image in coarse])
    smooth[:, 5:8, 3:12] = 250
    return np.rint(smooth)
