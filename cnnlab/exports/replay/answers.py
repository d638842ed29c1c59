"""What a study says beyond its verdicts: strengths, worth in images, distortions, calibration."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping

from cnnlab.domain.records.result import Evaluation
from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.studies import StoredStudy
from cnnlab.study.kinds.doses import Turned, dose_response
from cnnlab.study.kinds.worth import sizes_of, worth_in_images, worth_so_far
from cnnlab.study.kinds.worth_wording import worth_words
from cnnlab.study.measures.measured_wording import calibration_words, robustness_words
from cnnlab.study.verdicts import METRICS

_PART = "sentences of the report"
_Evaluations = Mapping[str, Mapping[int, Evaluation]]


def check_answers(stored: StoredStudy, found: Agreement) -> None:
    """Compare these sentences with those that the report has."""
    shown = stored.shown
    found.check(_PART, "dose and response", shown["doses"], _doses(stored))
    found.check(_PART, "worth in images", shown["worth"], _worth(stored))
    evaluations = {
        arm: {
            seed: run.result["report"]
            for seed, run in of_arm.items()
            if run.counts and "report" in run.result
        }
        for arm, of_arm in stored.runs.items()
    }
    found.check(
        _PART, "robustness", shown["robustness"], _said(stored, evaluations, robustness_words)
    )
    found.check(
        _PART, "calibration", shown["calibration"], _said(stored, evaluations, calibration_words)
    )


def _said(
    stored: StoredStudy,
    evaluations: _Evaluations,
    say: Callable[[_Evaluations, str, str], str | None],
) -> list[str]:
    reference = stored.study.reference.name
    said = (say(evaluations, arm.name, reference) for arm in stored.study.arms[1:])
    return [words for words in said if words]


def _is_open(stored: StoredStudy) -> bool:
    return any(one.is_open for one in stored.comparisons[stored.study.primary].values())


def _resolution(stored: StoredStudy) -> float:
    images = stored.validation_images
    return 1 / images if images and stored.study.primary == "val_accuracy" else 0.0


def _doses(stored: StoredStudy) -> str | None:
    turned, primary = stored.shown["turned"], stored.study.primary
    if turned is None:
        return None
    response = dose_response(
        Turned(**turned),
        stored.values[primary],
        METRICS[primary],
        resolution=_resolution(stored),
        alpha=stored.look.alpha,
        is_open=_is_open(stored),
    )
    return response.words if response else None


def _worth(stored: StoredStudy) -> str | None:
    sizes, primary = sizes_of(stored.study), stored.study.primary
    values = stored.values[primary]
    plain, changed = (
        {size: values[name] for name, (size, with_it) in sizes.items() if with_it is wanted}
        for wanted in (False, True)
    )
    if not changed:
        return None
    per_class = _training_images(stored)
    totals = {
        size: sum(min(count, size) for count in per_class.values()) for size, _ in sizes.values()
    }
    worth = worth_in_images(
        plain,
        changed,
        totals,
        METRICS[primary],
        resolution=_resolution(stored),
        alpha=stored.look.alpha,
    )
    if worth is None:
        return None
    worth = worth_so_far(worth) if _is_open(stored) else worth
    return worth_words(worth, stored.shown["change"])


def _training_images(stored: StoredStudy) -> Counter[str]:
    """Training images of each class, before any limit, from the list of images."""
    with (stored.folder / "data" / "images.csv").open(encoding="utf-8", newline="") as file:
        return Counter(row["class"] for row in csv.DictReader(file) if row["part"] == "train")
