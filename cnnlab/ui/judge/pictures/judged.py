"""Pictures with what the model says of them, as the sections of the page show them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from cnnlab import lab
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import called
from cnnlab.ui.components.pictures.pictures import Guessed, Picture, ask_pictures
from cnnlab.ui.text import plain

_GUESSES = 5


class Judged(NamedTuple):
    """What a model says of a dataset's images.

    Attributes:
        dataset: its id.
        predictions: what the model says, and the labels that it is judged by.
        classes: names by label.
        has_flipped: whether some of those labels were made wrong on purpose.
        part: of the dataset that they are of.
        notes: what else is said of a picture, by its place in the predictions.
    """

    dataset: str
    predictions: Predictions
    classes: Sequence[str]
    has_flipped: bool = False
    part: str = ""
    notes: Mapping[int, str] = MappingProxyType({})


def judged_by(judgement: Judgement, predictions: Predictions, run: Run) -> Judged:
    """What a run's model says of the images of a part."""
    has_flipped = judgement.get("flipped_labels", 0) > 0
    classes, part = judgement["classes"], judgement["split"]
    return Judged(run.dataset, predictions, classes, has_flipped, part)


def flipped_rows(judged: Judged, rows: Sequence[int]) -> set[int]:
    """Those of some rows of the dataset whose label was made wrong on purpose."""
    if not judged.has_flipped:
        return set()
    said = judged.predictions
    labels = said.labels[np.searchsorted(said.positions, rows)]
    facts = lab.image_facts(judged.dataset, np.asarray(rows))
    return {
        fact.row
        for fact, label in zip(facts, labels, strict=True)
        if fact.label != judged.classes[label]
    }


def version_of(judgement: Judgement, run: Run) -> str:
    """Tells judgements apart, so that nothing that was chosen in one is chosen in another."""
    return f"{run.id} {run.attempt} {judgement['split']} {judgement['model_epoch']}"


def ask_judged(
    judged: Judged,
    chosen: np.ndarray,
    *,
    key: str,
    label: str,
    version: str = "",
    tile_px: int = 112,
) -> list[int]:
    """Show judged images and ask which are meant.

    Args:
        judged: what the model says.
        chosen: (N,) int, places in the predictions, in the order in which they are shown.
        key: the widget's key.
        label: what they have in common, for those who don't see them.
        version: another text clears what is selected.
        tile_px: least width of a tile.

    Returns:
        The selected rows of the dataset.
    """
    pictures = judged_pictures(judged, chosen)
    return ask_pictures(
        judged.dataset, pictures, key=key, label=label, version=version, tile_px=tile_px
    )


def judged_pictures(judged: Judged, chosen: np.ndarray) -> list[Picture]:
    """What the browser is told of judged images.

    Args:
        judged: what the model says.
        chosen: (N,) int, places in the predictions.
    """
    said, names = judged.predictions, [plain(name) for name in judged.classes]
    facts = lab.image_facts(judged.dataset, said.positions[chosen])
    pictures = [
        _picture(fact, int(said.labels[place]), said.probabilities[place], judged.classes, names)
        for fact, place in zip(facts, chosen, strict=True)
    ]
    for picture, place in zip(pictures, chosen.tolist(), strict=True):
        noted = [words for words in (picture["note"], judged.notes.get(place)) if words]
        picture["note"] = ", ".join(noted)
    return pictures


def _picture(
    fact: lab.ImageFacts,
    label: int,
    said: np.ndarray,
    classes: Sequence[str],
    names: Sequence[str],
) -> Picture:
    predicted = int(said.argmax())
    differs = fact.label != classes[label]  # trained as it was, with labels made wrong
    return {
        "row": fact.row,
        "file": plain(fact.file, limit=200),
        "true": names[label],
        "predicted": names[predicted],
        "probability": float(said[predicted]),
        "is_right": predicted == label,
        "note": f"label made wrong on purpose, in the dataset {plain(called(fact.label))}"
        if differs
        else "",
        "guesses": _guesses(said, label, names),
    }


def _guesses(said: np.ndarray, label: int, names: Sequence[str]) -> list[Guessed]:
    """The most probable classes and the true one."""
    best = [int(place) for place in np.argsort(-said, kind="stable")[:_GUESSES]]
    shown = best if label in best else [*best, label]
    return [
        {"name": names[place], "probability": float(said[place]), "is_true": place == label}
        for place in shown
    ]
