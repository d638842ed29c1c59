"""Settings for a dataset, picked from what is known of its images and of this machine."""

import functools

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.good_model import PRETRAINED, good_recipe
from cnnlab.domain.recipes import Recipe, RecipeName, SetFacts
from cnnlab.domain.split import TRAIN, VALIDATION, limit_training
from cnnlab.lab.gallery import open_index, splits_of
from cnnlab.lab.pretrained import Availability, list_pretrained
from cnnlab.machine import cpu_threads
from cnnlab.runner.devices import CPU
from cnnlab.runner.executors.this_machine import list_gpus

_GREY_MODES = {"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"}

# Asked at every click; neither comes or goes.
_gpus = functools.cache(list_gpus)


def pick_recipe(name: RecipeName, config: RunConfig) -> Recipe:
    """The recipe for the dataset and the split that a config names.

    Args:
        name: which one.
        config: its dataset, split and device are heeded.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        StorageError: the home can't be read.
    """
    if name is RecipeName.PLAIN:
        return Recipe(name)
    return good_recipe(set_facts(config))


def set_facts(config: RunConfig) -> SetFacts:
    """What a recipe has to know of a config's dataset; raises as `pick_recipe` does."""
    index = open_index(config.dataset)
    splits = splits_of(index, config.split)
    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    counts = np.bincount(index.labels[train], minlength=len(index.class_names))
    offers = list_pretrained().imagenet
    return SetFacts(
        train_counts=tuple(map(int, counts)),
        other_images=int(np.count_nonzero(splits == VALIDATION)),
        side_px=int(np.median(index.sizes_px[train].min(axis=1))),
        is_grey=_is_grey(index, train),
        has_imagenet=any(
            offer.preset == PRETRAINED and offer.availability is Availability.THERE
            for offer in offers
        ),
        cores=cpu_threads(),
        has_gpu=config.training.device != CPU and bool(_gpus()),
    )


def _is_grey(index: ImageIndex, rows: np.ndarray) -> bool:
    return index.modes(rows) <= _GREY_MODES
