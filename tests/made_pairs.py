"""Runs that said something of the same validation images, without any training."""

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from cnnlab.lab.data.gallery import open_index, splits_of
from tests.made_runs import made_run


def validation_of(config):
    """Rows and labels of the images that validate a run of this config."""
    index = open_index(config.dataset)
    rows = np.flatnonzero(splits_of(index, config.split) == "validation")
    return rows, index.labels[rows]


def said_of(config, *, wrong=(), sure=0.9, classes=2):
    """What a model says of them: right with `sure`, save of those at the places `wrong`."""
    rows, labels = validation_of(config)
    named = labels.copy()
    named[list(wrong)] = (named[list(wrong)] + 1) % classes
    probabilities = np.full((len(rows), classes), (1 - sure) / (classes - 1), np.float32)
    probabilities[np.arange(len(rows)), named] = sure
    return Predictions(rows, labels, probabilities)


def judged_run(config, *, epochs=2, name=None, status=Status.FINISHED, **said):
    """A run that said so after each of its epochs; see `said_of`."""
    of_each = dict.fromkeys(range(epochs), said_of(config, **said))
    return made_run(config, epochs=epochs, name=name, status=status, said=of_each)
