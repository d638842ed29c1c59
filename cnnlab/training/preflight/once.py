"""Times of a training whose frozen layers are computed once: of that, and of its head's steps."""

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
class Times:
    """What was measured, in seconds.

    Attributes:
        compiling: before the first step, what is spent on features left out.
        step: of a weight update.
        judged: for one image in an evaluation.
        image: for the features of one image, its augmentation included; 0 where none are computed
            once.
    """

    compiling: float
    step: float
    judged: float
    image: float = 0.0


def measure_once(
    model: keras.Model,
    config: RunConfig,
    data: TrainingData,
    cached: CachedFeatures,
    threads: int,
) -> Times:
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
    return Times(compiling, step, (time.monotonic() - began) / size, image)
