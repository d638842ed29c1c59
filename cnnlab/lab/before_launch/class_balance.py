"""What each class counts in the training of a config, and whether all of them can be drawn."""

import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.class_balance import ClassShare, class_shares, refuse_undrawable
from cnnlab.domain.data.split import TRAIN, draw_label_noise, limit_training
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index, splits_of


@asks(Action.VIEW)
def balance_of(config: RunConfig) -> dict[str, ClassShare]:
    """What each class counts, by its name, in the order of the labels.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
    """
    names, counts = _training_counts(config)
    return dict(zip(names, class_shares(counts, config.training), strict=True))


@asks(Action.VIEW)
def check_sampling(config: RunConfig) -> None:
    """See to it that every class can be drawn as the config asks.

    Raises:
        ConfigError: sampling is balanced and a class has no training image.
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
    """
    if config.training.sampling == "balanced":
        names, counts = _training_counts(config)
        refuse_undrawable(counts, names, config.training)


def _training_counts(config: RunConfig) -> tuple[list[str], list[int]]:
    """Class names and the training images of each, as a run would be told their labels."""
    index, split = open_index(config.dataset), config.split
    train = np.flatnonzero(splits_of(index, split) == TRAIN)
    kept = limit_training(index.labels, train, split)
    names = list(index.class_names)
    told = draw_label_noise(index.labels, kept, len(names), split).applied_to(index.labels)
    return names, np.bincount(told[kept], minlength=len(names)).tolist()
