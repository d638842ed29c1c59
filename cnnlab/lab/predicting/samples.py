"""Pictures to try a model with at once: some that its own dataset keeps for judging it."""

import numpy as np

from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import ImageFacts, image_facts, open_index
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import load_run


@asks(Action.VIEW)
def sample_pictures(run: str, count: int) -> list[ImageFacts]:
    """Validation images of a run, of as many classes as there is room for.

    Args:
        run: id of a run.
        count: at most so many.

    Returns:
        The same ones each time; none where the run has no validation images.

    Raises:
        NotFoundError: there is no such run, or its dataset is gone.
        RunStateError: its config isn't legal in this version.
        StorageError: the dataset is damaged.
    """
    of = load_run(run)
    rows = part_of(of, VALIDATION)
    return image_facts(of.dataset, rows[_spread(open_index(of.dataset).labels[rows], count)])


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
