"""Settings for a dataset, picked from what is known of its images and of this machine."""

import functools
from dataclasses import replace

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.split import TRAIN, VALIDATION, limit_training
from cnnlab.domain.people.person import Action
from cnnlab.domain.recipes.good_model import MOST_SECONDS, PRETRAINED, good_recipe
from cnnlab.domain.recipes.recipe import Recipe, RecipeName, SetFacts
from cnnlab.domain.recipes.refining import refined_ranges
from cnnlab.domain.records.guard import GuardOutcome
from cnnlab.domain.search import Search
from cnnlab.domain.words import counted
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.guard import guard_key, known_guard
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.pretrained import Availability, list_pretrained
from cnnlab.lab.searching.designs import new_search
from cnnlab.machine import cpu_threads
from cnnlab.runner.devices import CPU
from cnnlab.runner.executors.this_machine import list_gpus

_TRIALS_IN_TIME = 8
"""So many runs of the good model, one after the other, fit into the minutes of a search."""

_PATIENCE, _CONFIRM_SEEDS = 12, 3

_ENLARGED = 0.1
"""Share of the images that a good model may enlarge: a few tiny ones shall not decide for all."""

_GREY_MODES = {"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"}

# Asked at every click; neither comes or goes.
_gpus = functools.cache(list_gpus)


@asks(Action.VIEW)
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
    return good_recipe(looked_at_facts(config))


def looked_at_facts(config: RunConfig) -> SetFacts:
    """As `set_facts`, with what looks at the augmentation of the good model have found, if any."""
    facts = set_facts(config)
    unsafe: dict[str, float | str] = {}
    safe: set[str] = set()
    for found in _known_looks(config, facts).values():
        changed = {finding["field"]: finding["safe"] for finding in found["findings"]}
        unsafe |= changed
        if len(found["judged"]) == len(facts.train_counts):
            safe |= set(found["checked"]) - changed.keys() - set(found["noted"])
    return replace(facts, unsafe=unsafe, safe=frozenset(safe))


@asks(Action.VIEW)
def guards_of_recipe(config: RunConfig) -> dict[str, GuardOutcome]:
    """What the good model heeds: by their keys the looks at its augmentation before it heeds any.

    Args:
        config: its dataset and split count.

    Raises:
        As `pick_recipe`.
    """
    return _known_looks(config, set_facts(config))


def _known_looks(config: RunConfig, facts: SetFacts) -> dict[str, GuardOutcome]:
    """Those that could tell, of the good model's augmentation with a flip and without."""
    picked = good_recipe(facts).applied_to(config)
    mirrored = picked.augmentation.model_copy(update={"flip": "horizontal"})
    looks = {}
    for asked in (picked.model_copy(update={"augmentation": mirrored}), picked):
        found = known_guard(asked)
        if found is not None and found["can_tell"]:
            looks[guard_key(asked)] = found
    return looks


def set_facts(config: RunConfig) -> SetFacts:
    """What a recipe has to know of a config's dataset; raises as `pick_recipe` does."""
    index = open_index(config.dataset)
    splits = splits_of(index, config.split)
    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    counts = np.bincount(index.labels[train], minlength=len(index.class_names))
    offers = list_pretrained().imagenet
    sides_px = index.sizes_px[train].min(axis=1)
    return SetFacts(
        train_counts=tuple(map(int, counts)),
        other_images=int(np.count_nonzero(splits == VALIDATION)),
        side_px=int(np.quantile(sides_px, _ENLARGED, method="lower")),
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


@asks(Action.VIEW)
def best_search(dataset: str, minutes: float) -> Search:
    """A search for the best model of a dataset that so many minutes find: from the good one on.

    Where these hold too few runs of it, the search begins with a shortened one: its name says so.

    Args:
        dataset: its id.
        minutes: for how long settings are tried; the closing study comes on top.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        ConfigError: the minutes are too few or too many.
        StorageError: the home can't be read.
    """
    before = RunConfig(dataset=dataset)
    facts = looked_at_facts(before)
    seconds = min(MOST_SECONDS, 60 * minutes / _TRIALS_IN_TIME)
    good = good_recipe(facts).applied_to(before)
    base = good_recipe(facts, seconds).applied_to(before)
    name = f"Best in {minutes:g} min"
    if base != good:
        epochs = counted(base.training.epochs, "epoch")
        name += f", from a shortened good model ({epochs}, {base.image.size} px)"
    return new_search(
        base,
        refined_ranges(base, facts),
        minutes=minutes,
        patience_trials=_PATIENCE,
        confirm_seeds=_CONFIRM_SEEDS,
        name=name,
    )
