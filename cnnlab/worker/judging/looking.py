"""Where a held model looks in one picture, as whoever tries it is told."""

from typing import TYPE_CHECKING

import numpy as np

from cnnlab.datasets.pictures.heat import data_url, heat_colours
from cnnlab.domain.data.guesses import not_finite
from cnnlab.domain.errors import CnnlabError, RunStateError
from cnnlab.domain.explaining.methods import (
    HIRESCAM,
    METHODS,
    check_words,
    map_words,
    unknown_method,
)
from cnnlab.domain.records.explanation import Explanation
from cnnlab.storage.attempts.explanation import read_check
from cnnlab.worker.judging.explaining import class_label, map_facts

if TYPE_CHECKING:
    from cnnlab.worker.judging.held_models import HeldModel


def explanation_of(
    held: "HeldModel", square: np.ndarray, said: str, *, method: str, class_name: str
) -> Explanation:
    """Where a model looks, or why that can't be said.

    Args:
        held: the model.
        square: (H, W, C) uint8, prepared as for training.
        said: the class that the model says.
        method: a key of `METHODS`.
        class_name: whose score the map is of; empty for what the model says.
    """
    name = class_name or said
    try:
        values, miss = _map(held, square, name, method)
        facts = map_facts(name, method, values, miss)
        layer = held.explainer.layer if method == HIRESCAM else None
        title = held.titles.get(layer["name"], "") if layer else ""
        check = read_check(held.attempt.folder, method)
        told = [] if check is None else [check_words(check)]
        return {
            "facts": facts,
            "overlay": data_url(heat_colours(values)),
            "check": check,
            "words": [*map_words(facts, layer, title), *told],
        }
    except CnnlabError as error:
        return {"check": None, "problem": str(error)}


def _map(
    held: "HeldModel", square: np.ndarray, name: str, method: str
) -> tuple[np.ndarray, float | None]:
    from cnnlab.training.explaining.methods import explain  # noqa: PLC0415 - loaded by now

    if method not in METHODS:
        raise RunStateError(unknown_method(method))
    labels = np.array([class_label(held.class_names, name)])
    maps = explain(held.explainer, method, square[np.newaxis], labels)
    if not np.isfinite(maps.values).all():
        raise RunStateError(not_finite(held.attempt.folder.parent.name))
    return maps.values[0], None if maps.misses is None else float(maps.misses[0])
