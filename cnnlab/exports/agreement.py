"""Whether a file computes what the model computes, and what is said where it doesn't."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.domain.records.export import ClassAgreement, ExportCheck
from cnnlab.domain.words import exact_percent, percent
from cnnlab.exports.alone import Ran
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.words.lost_words import loss_words


@dataclass(frozen=True)
class Limits:
    """How far a file may be from the model in float32 and still be offered.

    Attributes:
        max_abs_difference: of a probability, 0..1.
        top1_agreement: least share of images with the same class, 0..1.
        instead: what to take where a file is beyond them, one sentence; empty where no other format
            is nearer to the model.
    """

    max_abs_difference: float
    top1_agreement: float
    instead: str = ""


@dataclass(frozen=True)
class Compared:
    """The validation images on which a file is compared with the model.

    Attributes:
        files: the bytes of N image files, as they were uploaded.
        labels: (N,) int.
        expected: (N, classes) float32, probabilities of the model in float32.
        of_images: how many validation images there are.
    """

    files: Sequence[bytes]
    labels: np.ndarray
    expected: np.ndarray
    of_images: int


def compare(
    ran: Ran, compared: Compared, class_names: Sequence[str], file_bytes: int
) -> ExportCheck:
    """How what a file said compares with what the model says.

    Args:
        ran: by the file, of the first images.
        compared: the images.
        class_names: by label.
        file_bytes: size of the file.
    """
    count = len(ran.predicted)  # where pictures are large, not all were read in time
    labels, expected = compared.labels[:count], compared.expected[:count]
    said, meant = np.argmax(ran.predicted, axis=1), np.argmax(expected, axis=1)
    return {
        "max_abs_difference": float(np.max(np.abs(ran.predicted - expected))),
        "top1_agreement": float(np.mean(said == meant)),
        "milliseconds_per_image": 1000 * float(np.median(ran.seconds)),
        "bytes": file_bytes,
        "images": count,
        "of_images": compared.of_images,
        "accuracy": wilson(int((said == labels).sum()), count),
        "accuracy_float32": wilson(int((meant == labels).sum()), count),
        "per_class": [
            _of_class(name, said[labels == label] == label, meant[labels == label] == label)
            for label, name in enumerate(class_names)
        ],
        "memory_bytes": ran.memory_bytes,
    }


def _of_class(name: str, right: np.ndarray, right_float32: np.ndarray) -> ClassAgreement:
    return {
        "class": name,
        "images": len(right),
        "right": int(right.sum()),
        "right_float32": int(right_float32.sum()),
    }


def require_agreement(title: str, limits: Limits, check: ExportCheck) -> None:
    """See that a file may be offered.

    Raises:
        ExportError: it computes something else than the model.
    """
    beyond = list(_beyond(limits, check))
    if not beyond:
        return
    loss, instead = loss_words(check), limits.instead
    raise ExportError(
        f"{title} isn't offered, for it computes something else than the model: "
        f"{' and '.join(beyond)}.{f' {loss}' if loss else ''}{f' {instead}' if instead else ''}"
    )


def _beyond(limits: Limits, check: ExportCheck) -> Iterator[str]:
    """What of a file is beyond its limits, in words."""
    difference, agreement = check["max_abs_difference"], check["top1_agreement"]
    # Asked in this way, a difference that is no number is refused as well.
    if difference is None or not difference <= limits.max_abs_difference:
        worst = "unknown" if difference is None else f"{difference:.2g}"
        yield (
            f"the largest difference of a probability is {worst} (at most "
            f"{limits.max_abs_difference:g})"
        )
    if agreement is None or not agreement >= limits.top1_agreement:
        yield (
            f"it says the same class of {percent(agreement)} of the images (at least "
            f"{exact_percent(limits.top1_agreement)})"
        )
