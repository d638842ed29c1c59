"""Whether the augmentations of a config change what a dataset's images show."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from cnnlab.augmentations.ops import Strengths
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.data.folds import draw_folds
from cnnlab.domain.records.guard import ConfusedPair, GuardFinding, GuardOutcome
from cnnlab.domain.words import counted
from cnnlab.judging.changed_labels import (
    Change,
    Evidence,
    find_changes,
    is_suspicious,
    is_unsettled,
    judged_classes,
    large_classes,
    taken_share,
    unfamiliar,
)
from cnnlab.judging.words import guard_words
from cnnlab.training.guard.judge_net import JudgeNet, Weights
from cnnlab.training.guard.versions import Asked, asked_of

MOST_IMAGES, MOST_OF_A_CLASS = 1000, 100
_FOLDS = 2
_PURPOSE = 0x60A2D
_STEPS, _RATE = 300, 2e-3
_MORE_STEPS, _STILL_MORE_STEPS, _MORE_RATE = 150, 300, 1.5e-3
_HARMLESS_SHARE = 0.05
_MOST_PAIRS = 6


@dataclass(frozen=True)
class Looked:
    """What came of a look.

    Attributes:
        outcome: as it is told.
        pictures: for the number of a finding and of its pair (M, 3, H, W, C) uint8: an image, the
            same augmented, and one of the class that it is taken for (zeros where there is none).
    """

    outcome: GuardOutcome
    pictures: dict[tuple[int, int], np.ndarray]


class Look:
    """Two nets for each half of some images, each asked about the other half.

    Args:
        images: (N, H, W, C) uint8.
        labels: (N,) int.
        pictures: (N,) int, the same number for copies of one picture.
        class_names: in the order of the labels.
        beat: called often.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        pictures: np.ndarray,
        class_names: Sequence[str],
        beat: Callable[[], object],
    ) -> None:
        self._images, self._labels, self._names = images, labels, class_names
        self._fold = draw_folds(labels, pictures, _FOLDS, seed=0, purpose=_PURPOSE)
        with tf.device("CPU:0"):
            self._net = JudgeNet(images.shape[1:], len(class_names), beat)

    def know_plain(self) -> None:
        """Train the first net of each half, and ask it about the other one."""
        self._plain = [
            self._trained(fold, self._net.start, {}, _STEPS, _RATE) for fold in range(_FOLDS)
        ]
        self.before = self._ask(self._plain, self._images)

    def judge(self, asked: Asked) -> Evidence | None:
        """What both nets say of an augmentation; None where the first one sees nothing in it."""
        versions = asked.versions(self._images)
        changed = np.stack([self._ask(self._plain, version) for version in versions])
        if not is_suspicious(self._labels, self.before, changed):
            return None
        learned = self._learned(self._plain, asked, _MORE_STEPS)
        evidence = self._evidence(asked, versions, changed, learned)
        if is_unsettled(evidence):
            learned = self._learned(learned, asked, _STILL_MORE_STEPS)
            longer = self._evidence(asked, versions, changed, learned)
            evidence = replace(longer, sooner=evidence)
        return evidence

    def _learned(self, start: Sequence[Weights], asked: Asked, steps: int) -> list[Weights]:
        """The second net of each half."""
        return [
            self._trained(fold, start[fold], asked.trained(), steps, _MORE_RATE)
            for fold in range(_FOLDS)
        ]

    def _evidence(
        self,
        asked: Asked,
        versions: Sequence[np.ndarray],
        changed: np.ndarray,
        learned: Sequence[Weights],
    ) -> Evidence:
        return Evidence(
            self._labels,
            self.before,
            changed,
            self._ask(learned, self._images),
            np.stack([self._ask(learned, version) for version in versions]),
            np.stack([self._ask(learned[::-1], version) for version in versions]),
            may_lose=asked.may_lose,
        )

    def safe(self, asked: Asked, changes: Sequence[Change]) -> float | str:
        """The strongest weaker setting at which the first net sees none of the changes."""
        for value in asked.weaker():
            versions = asked.at(value).versions(self._images)
            changed = np.stack([self._ask(self._plain, version) for version in versions])
            shares = (taken_share(self._labels, self.before, changed, one) for one in changes)
            if max(shares) <= _HARMLESS_SHARE:
                return value
        return "none" if asked.member.name == "flip" else 0.0

    def examples(self, asked: Asked, change: Change) -> np.ndarray:
        """(M, 3, H, W, C) uint8 of one change; see `Looked.pictures`."""
        versions = asked.versions(self._images)
        other = np.zeros_like(self._images[:1])
        if change.taken_for is not None:
            score = np.where(
                self._labels == change.taken_for, self.before[:, change.taken_for], -np.inf
            )
            other = self._images[score.argmax()][None]
        shown = [
            np.stack([self._images[row], _pixels(versions[version][row]), other[0]])
            for row, version in change.examples
        ]
        return np.stack(shown) if shown else np.zeros((0, 3, *self._images.shape[1:]), np.uint8)

    def _trained(
        self, fold: int, start: Weights, strengths: Strengths, steps: int, rate: float
    ) -> Weights:
        """A net that has seen a half: the other one than it is asked about."""
        own = self._fold != fold
        with tf.device("CPU:0"):
            return self._net.train(
                start,
                self._images[own],
                self._labels[own],
                strengths,
                steps=steps,
                rate=rate,
                seed=fold + steps * _FOLDS,
            )

    def _ask(self, weights: Sequence[Weights], images: np.ndarray) -> np.ndarray:
        """(N, classes), of each image what the net of its half says."""
        said = np.empty((len(images), len(self._names)), np.float32)
        with tf.device("CPU:0"):
            for fold, one in enumerate(weights):
                said[self._fold == fold] = self._net.say(one, images[self._fold == fold])
        return said


def look_at(  # noqa: PLR0913 - what a look is made of
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    pictures: np.ndarray,
    class_names: Sequence[str],
    augmentation: Augmentation,
    *,
    sort: str = "",
    scale: float = 1.0,
    beat: Callable[[], object] = lambda: None,
    phase: Callable[[str], object] = lambda text: None,
) -> Looked:
    """Look at every augmentation that is on, each alone.

    Args:
        images: (N, H, W, C) uint8, few: see `choose_images`.
        labels: (N,) int.
        rows: (N,) int, which rows of the dataset they are.
        pictures: (N,) int, the same number for copies of one picture.
        class_names: in the order of the labels.
        augmentation: what is asked about.
        sort: of the images, in words: `training`.
        scale: side of these images divided by that of the run's.
        beat: called often.
        phase: is told what is being done.
    """
    began = time.monotonic()
    asked = asked_of(augmentation, scale)
    evidence: dict[str, Evidence] = {}
    judged: list[int] = []
    accuracy = 0.0
    look = None
    if asked and len(large_classes(labels)) > 1:
        look = Look(images, labels, pictures, class_names, beat)
        phase("Learning the images as they are")
        look.know_plain()
        accuracy = float(np.mean(look.before.argmax(axis=1) == labels))
        judged = judged_classes(labels, look.before)
        for one in asked if judged else ():
            phase(f"Looking at {guard_words.spoken(one.field)}")
            if (told := look.judge(one)) is not None:
                evidence[one.field] = told
    changes = find_changes(evidence)
    findings, shown = _findings(look, asked, changes, rows, class_names)
    notes = _notes(asked, evidence, changes, class_names)
    names = [class_names[label] for label in judged]
    outcome: GuardOutcome = {
        "findings": findings,
        "notes": list(notes.values()),
        "noted": list(notes),
        "checked": [one.field for one in asked],
        "judged": names,
        "can_tell": bool(judged) or not asked,
        "words": guard_words.how(
            counted(len(images), f"{sort} image".lstrip()),
            accuracy,
            names,
            class_names,
            is_on=bool(asked),
        ),
        "images": len(images),
        "accuracy": accuracy,
        "seconds": time.monotonic() - began,
    }
    return Looked(outcome, shown)


def choose_images(labels: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Positions of the images that are looked at: of each class equally many, at most 100.

    Args:
        labels: (N,) int, of all images of the dataset.
        positions: (M,) int, of those that may be looked at.
    """
    classes = np.unique(labels[positions])
    most = min(MOST_OF_A_CLASS, max(1, MOST_IMAGES // max(1, len(classes))))
    random = np.random.default_rng(_PURPOSE)
    chosen = [random.permutation(positions[labels[positions] == label])[:most] for label in classes]
    return np.sort(np.concatenate(chosen)) if chosen else positions


def _findings(
    look: Look | None,
    asked: Sequence[Asked],
    changes: dict[str, list[Change]],
    rows: np.ndarray,
    class_names: Sequence[str],
) -> tuple[list[GuardFinding], dict[tuple[int, int], np.ndarray]]:
    """What was found in words and pictures, by the order of the form."""
    findings: list[GuardFinding] = []
    shown: dict[tuple[int, int], np.ndarray] = {}
    for one in asked:
        found = changes.get(one.field, [])
        if look is None or not found:
            continue
        pairs = [_pair(change, rows, class_names) for change in found[:_MOST_PAIRS]]
        safe = look.safe(one, found)
        for number, change in enumerate(found[:_MOST_PAIRS]):
            shown[len(findings), number] = look.examples(one, change)
        value = one.value if isinstance(one.value, str) else float(one.value)
        findings.append(
            {
                "field": one.field,
                "value": value,
                "safe": safe,
                "pairs": pairs,
                "words": guard_words.finding(one.field, value, safe, pairs),
            }
        )
    return findings, shown


def _notes(
    asked: Sequence[Asked],
    evidence: dict[str, Evidence],
    changes: dict[str, list[Change]],
    class_names: Sequence[str],
) -> dict[str, str]:
    """By dotted fields, what looked like a change of labels at first and isn't one."""
    notes = {}
    for one in asked:
        strange = None
        if one.field in evidence and not changes[one.field]:
            strange = unfamiliar(evidence[one.field])
        if strange is not None and strange.taken_for is not None:
            shown, other = class_names[strange.shown], class_names[strange.taken_for]
            value = one.value if isinstance(one.value, str) else float(one.value)
            notes[one.field] = guard_words.note(one.field, value, shown, other, strange.fraction)
    return notes


def _pair(change: Change, rows: np.ndarray, class_names: Sequence[str]) -> ConfusedPair:
    return {
        "shown": class_names[change.shown],
        "taken_for": "" if change.taken_for is None else class_names[change.taken_for],
        "fraction": change.fraction,
        "low": change.low,
        "images": [int(rows[row]) for row, _ in change.examples],
    }


def _pixels(image: np.ndarray) -> np.ndarray:
    return np.rint(image).astype(np.uint8)
