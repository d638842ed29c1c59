"""Pictures to try a model with at once: some that its own dataset keeps for judging it."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import ImageFacts, image_facts, open_index
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import load_run


@asks(Action.VIEW)
def sample_pictures(runs: Sequence[str], count: int) -> list[ImageFacts]:
    """Validation images of the first run, of as many classes as there is room for.

    Those that another one of the runs on the same dataset trained on are left out.

    Args:
        runs: ids of one run or more.
        count: at most so many.

    Returns:
        The same ones each time; none where there are no such images.

    Raises:
        NotFoundError: there is no such run, or the dataset of the first one is gone.
        RunStateError: a config isn't legal in this version.
        StorageError: the dataset is damaged.
    """
    asked = [load_run(run) for run in runs]
    dataset = asked[0].dataset
    rows = reduce(
        np.intersect1d, [part_of(run, VALIDATION) for run in asked if run.dataset == dataset]
    )
    return image_facts(dataset, rows[_spread(open_index(dataset).labels[rows], count)])


def _spread(labels: np.ndarray, count: int) -> np.ndarray:
    """Places of at most so many images: the first of some classes, then their second, and so on."""
    there = np.unique(labels)
    some = there[np.unique(np.linspace(0, len(there) - 1, min(len(there), count)).astype(int))]
    turns = [
        (turn, int(place))
        for label in some
        for turn, place in enumerate(np.flatnonzero(labels == label)[:count])
    ]
    return np.array([place for _, place in sorted(turns)[:count]], int)
