"""Times of a run whose frozen layers are computed once: of that, and of a step of its head."""

import time
from dataclasses import dataclass

import keras
import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.training.devices.acceleration import seconds_per_step
from cnnlab.training.input.data import TrainingData
from cnnlab.training.judging.evaluate import Predictor
from cnnlab.training.loop.feed import FeatureFeed
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.halves import head_of


@dataclass(frozen=True)
class OnceTimes:
    """What was measured.

    Attributes:
        compiling: seconds before the first step that aren't spent on features.
        image: seconds for the features of one image, its augmentation included.
        step: seconds of a weight update of the head.
        judged: seconds for one image in an evaluation.
    """

    compiling: float
    image: float
    step: float
    judged: float


def measure_once(
    model: keras.Model,
    config: RunConfig,
    data: TrainingData,
    cached: CachedFeatures,
    threads: int,
) -> OnceTimes:
    """Measure on some images.

    Args:
        model: of the run, without dials; its head is trained by this.
        config: of the run, with a number as its batch size.
        data: of the run.
        cached: what of it is computed once.
        threads: parallel calls of the input path.
    """
    began = time.monotonic()
    image, images = FeatureFeed(model, config, data, cached).seconds_per_image(threads)
    head = head_of(model, cached.layer)
    compile_model(head, config)
    size = config.training.images_per_step
    features = np.ones((size, cached.values), np.float32)
    labels = np.eye(data.classes, dtype=np.float32)[np.arange(size) % data.classes]
    head.train_on_batch(features, labels)  # compiles
    compiling = time.monotonic() - began - image * images
    step = seconds_per_step(head, (features, labels))
    predict = Predictor(head)
    predict(features, np.arange(size))  # compiles
    began = time.monotonic()
    predict(features, np.arange(size))
    return OnceTimes(compiling, image, step, (time.monotonic() - began) / size)
