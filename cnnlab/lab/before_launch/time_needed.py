"""About how long a run takes on this machine, before its launch."""

import functools
import os
from typing import NamedTuple

import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.network.run_time import START_SECONDS, on_cores, run_seconds
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.preflight import measured_seconds
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.study.designs import training_images
from cnnlab.machine import cpu_threads
from cnnlab.runner.cluster.address import CLUSTER
from cnnlab.runner.devices import CPU
from cnnlab.runner.executors.this_machine import list_gpus

# Asked at every click; neither comes or goes.
_gpus = functools.cache(list_gpus)


class RunTime(NamedTuple):
    """About how long one run takes, with the worker's start.

    Attributes:
        seconds: to its last epoch.
        is_measured: whether a pre-flight measured it; else it is right within a factor of two.
    """

    seconds: float
    is_measured: bool


@asks(Action.VIEW)
def time_of_run(config: RunConfig) -> RunTime | None:
    """How long a run of a config takes on its dataset, its images counted.

    Args:
        config: of the run, with `dataset` set.

    Returns:
        None where `expected_seconds` knows none.

    Raises:
        ConfigError: there is no such network.
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as asked.
    """
    index, most = open_index(config.dataset), config.split.images_per_class
    seconds = expected_seconds(
        config,
        len(index.class_names),
        train_images=sum(min(count, most or count) for count in training_images(config)),
        other_images=int(np.count_nonzero(splits_of(index, config.split) == VALIDATION)),
    )
    return None if seconds is None else RunTime(seconds, measured_seconds(config) is not None)


@asks(Action.VIEW)
def expected_seconds(
    config: RunConfig, classes: int, *, train_images: int, other_images: int
) -> float | None:
    """How long a run takes to its last epoch: measured by a pre-flight of it, else estimated.

    Args:
        config: of the run.
        classes: number of classes.
        train_images: how many train.
        other_images: how many validate.

    Returns:
        Seconds, with the worker's start; None for a GPU, where nothing has measured it, and for a
        cluster, whose machines are not this one.

    Raises:
        ConfigError: there is no such network.
    """
    if os.environ.get(CLUSTER):
        return None
    seconds = measured_seconds(config)
    if seconds is not None:
        return seconds
    return estimated_seconds(config, classes, train_images=train_images, other_images=other_images)


@functools.lru_cache(maxsize=64)  # a page asks at every click
def estimated_seconds(
    config: RunConfig, classes: int, *, train_images: int, other_images: int
) -> float | None:
    """The same where nothing is measured, within a factor of two."""
    if config.training.device != CPU and _gpus():
        return None
    seconds = run_seconds(
        config, max(2, classes), train_images=train_images, other_images=other_images
    )
    return START_SECONDS + on_cores(seconds, cpu_threads())
