"""Images that train although somebody has looked at them as test images."""

import contextlib
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions, load_stored
from cnnlab.domain.data.split import TRAIN, limit_training
from cnnlab.domain.data.vault import Overlap, VaultLook
from cnnlab.domain.errors import DatasetError, NotFoundError, StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.study import Study
from cnnlab.judging.words.looked_at_words import (
    flattered_words,
    trains_words,
    unknown_words,
    way_out_words,
)
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.judging.vault import hashes_at
from cnnlab.lab.workplace import workplace
from cnnlab.storage.vault import LookedAt, Vault

_SPLITS_TRIED = 4
_Found = tuple[int, tuple[Overlap, ...]]
"""Images that train and that were looked at, and at whose looks."""


@dataclass(frozen=True)
class LookedAtTraining:
    """Images that would train now and that somebody has looked at as test images.

    Attributes:
        images: how many.
        unreadable: records that are damaged, so that there may be more of them.
        arms: names of the arms of a study in which that is so; empty for all, or for a run.
        overlaps: at whose looks, the most images first.
        way_out: the split of one of these looks, with which fewer of them would train; None where
            none does.
        left: how many would train with it.
        left_at: at whose looks those.
        problem: why the records can't be read at the moment, so that nothing is known; which keeps
            nobody from training.
    """

    images: int
    unreadable: int
    arms: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    way_out: SplitFractions | None = None
    left: int = 0
    left_at: tuple[Overlap, ...] = ()
    problem: str = ""

    @property
    def words(self) -> str:
        """That in sentences; empty where there are none."""
        if self.problem:
            return unknown_words(self.problem)
        said = trains_words(self.images, self.unreadable, self.arms, self.overlaps)
        if not self.images:
            return said
        return f"{said} {way_out_words(self.left_at or self.overlaps, self.way_out, self.left)}"


@asks(Action.VIEW)
def looked_at_training(dataset: str, fractions: SplitFractions) -> LookedAtTraining:
    """How many images would train now that were test images of a recorded look.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        StorageError: the dataset's files are damaged.
    """
    try:
        sets = Vault(workplace().home).read()
    except StorageError as error:
        return LookedAtTraining(0, 0, problem=str(error))
    if not sets:
        return LookedAtTraining(0, 0)
    training = _training_hashes(open_index(dataset), fractions)
    unreadable = sum(
        each.unreadable
        for each in sets
        if each.images is None or not (each.looks or each.images.isdisjoint(training))
    )
    images, overlaps = _overlaps(training, sets)
    found = LookedAtTraining(images, unreadable, (), overlaps)
    tried = _splits_of_then(dataset, fractions, overlaps, sets)
    best = min(tried, key=lambda split: tried[split][0], default=None)
    if best is None or tried[best][0] >= images:
        return found
    left, left_at = tried[best]
    return replace(found, way_out=best, left=left, left_at=left_at)


@asks(Action.VIEW)
def looked_at_by_study(study: Study) -> LookedAtTraining:
    """The same of a study: of that arm in which the most would train.

    Raises:
        NotFoundError: there is no such dataset.
        ConfigError: an arm's changes aren't possible.
        StorageError: the dataset's files are damaged.
    """
    splits = {arm.name: study.config(arm, study.seeds[0]).split for arm in study.arms}
    by_split: dict[SplitFractions, LookedAtTraining] = {}
    for fractions in set(splits.values()):
        with contextlib.suppress(DatasetError):  # which the launch says
            by_split[fractions] = looked_at_training(study.dataset, fractions)
    found = {fractions: one for fractions, one in by_split.items() if one.words}
    if not found:
        return LookedAtTraining(0, 0)
    arms = tuple(name for name, fractions in splits.items() if fractions in found)
    return replace(
        max(found.values(), key=lambda one: one.images),
        unreadable=max(one.unreadable for one in found.values()),
        arms=() if len(arms) == len(splits) else arms,
    )


@asks(Action.VIEW)
def trained_on_looked_at(run: Run) -> str:
    """That a run trains on images that were test images of looks before it was launched, in words.

    Empty where it doesn't, and where which images train isn't known any more.

    Raises:
        StorageError: the records can't be read at the moment.
    """
    config, launched = load_stored(run.config), datetime.fromisoformat(run.created_at)
    sets = [
        each._replace(
            looks=tuple(one for one in each.looks if datetime.fromisoformat(one.at) < launched)
        )
        for each in Vault(workplace().home).read()
    ]
    if config is None or not any(each.looks for each in sets):
        return ""
    try:
        training = _training_hashes(open_index(run.dataset), config.split)
    except (NotFoundError, DatasetError, StorageError):  # of the dataset, which others say
        return ""
    return flattered_words(*_overlaps(training, sets))


def _overlaps(training: frozenset[str], sets: Iterable[LookedAt]) -> _Found:
    """How many of these images were test images of a look, and at whose looks."""
    shared: set[str] = set()
    newest: dict[tuple[str, frozenset[str]], VaultLook] = {}
    for each in sets:
        both = training & each.images if each.images and each.looks else frozenset[str]()
        if both:
            shared |= both
            newest |= {(look.run, both): look for look in each.looks}
    found = [
        Overlap(look, _dataset_name(look.dataset), len(both)) for (_, both), look in newest.items()
    ]
    return len(shared), tuple(sorted(found, key=lambda one: -one.images))


def _dataset_name(dataset: str) -> str | None:
    try:
        found = workplace().datasets.load(dataset)
    except NotFoundError:
        return None
    return f"{found.name}, version {found.version}"


def _splits_of_then(
    dataset: str, fractions: SplitFractions, overlaps: Sequence[Overlap], sets: Sequence[LookedAt]
) -> dict[SplitFractions, _Found]:
    """The splits of looks, with the looked-at images that would train with each."""
    index, tried = open_index(dataset), dict[SplitFractions, _Found]()
    for split in [one.look.split for one in overlaps if one.look.split]:
        as_then = fractions.model_copy(update=dict(split))
        if as_then == fractions or as_then in tried or len(tried) == _SPLITS_TRIED:
            continue
        with contextlib.suppress(DatasetError):
            tried[as_then] = _overlaps(_training_hashes(index, as_then), sets)
    return tried


@functools.lru_cache(maxsize=16)
def _training_hashes(index: ImageIndex, fractions: SplitFractions) -> frozenset[str]:
    rows = np.flatnonzero(splits_of(index, fractions) == TRAIN)
    return frozenset(hashes_at(index, limit_training(index.labels, rows, fractions)))
