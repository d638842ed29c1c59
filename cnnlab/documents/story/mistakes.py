"""The slide on mistakes: the validation pictures that arms get wrong, and where they differ most.

What is shown was picked because it stands out, so it illustrates and proves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.documents.story.slides import Mistaken, MistakesGroup, MistakesSlide, SaidOfPicture
from cnnlab.documents.story.words import short
from cnnlab.domain.study import Study

_EACH = 4
"""Pictures of a group."""
_MOST_ARMS = 4
"""Arms that have room below a picture."""
_LEAST_DIFFERENCE = 0.5
"""Of the runs of an arm that must differ before a picture says anything of the arms."""


@dataclass(frozen=True)
class Said:
    """What the runs that count say of the validation images.

    Attributes:
        rows: (N,) int, rows of the dataset.
        labels: (N,) int, their true classes.
        predicted: (runs, N) int, the class that each run names, by arm; all of the same images.
    """

    rows: np.ndarray
    labels: np.ndarray
    predicted: Mapping[str, np.ndarray]


def mistakes_slide(
    study: Study, classes: Sequence[str], said: Said | None, *, so_far: str
) -> MistakesSlide | None:
    """Pictures on which arms differ most, and those that most runs get wrong; None without any.

    Args:
        study: as it was launched.
        classes: names by their number.
        said: of the validation images; None where it isn't known.
        so_far: what to say first while planned runs are missing; else empty.
    """
    if said is None or not said.predicted:
        return None
    right = {arm: (named == said.labels).mean(axis=0) for arm, named in said.predicted.items()}
    both = _apart(study, said, right, classes), _all_wrong(study, said, right, classes)
    groups = [group for group in both if group]
    if not groups:
        return None
    return {
        "title": "Which pictures they get wrong",
        "line": f"{so_far}How many runs of an arm are right, at the epoch whose model is judged. "
        "These pictures were picked because they stand out: they illustrate, they prove nothing.",
        "groups": groups,
    }


def _apart(
    study: Study, said: Said, right: Mapping[str, np.ndarray], classes: Sequence[str]
) -> MistakesGroup | None:
    """Where some arm differs most from the reference."""
    reference = study.reference.name
    others = [name for name in right if name != reference]
    if reference not in right or not others:
        return None
    differences = np.array([right[name] - right[reference] for name in others])
    largest = np.abs(differences).max(axis=0)
    chosen = [row for row in np.argsort(-largest, kind="stable")[:_EACH]
              if largest[row] >= _LEAST_DIFFERENCE]  # fmt: skip
    if not chosen:
        return None
    pictures = []
    for row in chosen:
        order = np.argsort(-np.abs(differences[:, row]), kind="stable")
        pictures.append(_picture(said, row, [reference, *(others[at] for at in order)], classes))
    return {"head": "Where the arms differ most", "pictures": pictures}


def _all_wrong(
    study: Study, said: Said, right: Mapping[str, np.ndarray], classes: Sequence[str]
) -> MistakesGroup | None:
    """What is hardest for all: most runs of every arm are wrong."""
    shares = np.array(list(right.values()))
    best, mean = shares.max(axis=0), shares.mean(axis=0)
    hard = [row for row in np.lexsort((mean, best))[:_EACH] if best[row] < _LEAST_DIFFERENCE]
    if not hard:
        return None
    names = [arm.name for arm in study.arms if arm.name in right]
    return {
        "head": "What every arm gets wrong",
        "pictures": [_picture(said, row, names, classes) for row in hard],
    }


def _picture(said: Said, row: int, arms: Sequence[str], classes: Sequence[str]) -> Mistaken:
    true = int(said.labels[row])
    named = {arm: said.predicted[arm][:, row] for arm in arms[:_MOST_ARMS]}
    return {
        "row": int(said.rows[row]),
        "label": short(classes[true], 24),
        "arms": [_of_arm(arm, of_arm, true, classes) for arm, of_arm in named.items()],
    }


def _of_arm(arm: str, named: np.ndarray, true: int, classes: Sequence[str]) -> SaidOfPicture:
    wrong = named[named != true]
    counts = np.bincount(wrong, minlength=len(classes))
    return {
        "arm": arm,
        "label": short(arm, 28),
        "right": int(len(named) - len(wrong)),
        "runs": len(named),
        "said": short(classes[int(counts.argmax())], 24) if len(wrong) else "",
    }
