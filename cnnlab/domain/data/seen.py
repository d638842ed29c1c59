"""Images that judge a run and that trained the weights that it starts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.training import SeenImages
from cnnlab.domain.words import counted, listed

_NAMED = 3


@dataclass(frozen=True)
class Teacher:
    """A run that trained weights which another one starts with.

    Attributes:
        run: its id; it may be deleted by now.
        name: what it was called.
        dataset: id of the version that it was trained on.
        split: its config's `split`, as JSON values.
    """

    run: str
    name: str
    dataset: str
    split: Mapping[str, Any]


def is_seen(seen: SeenImages | None) -> bool:
    """Whether images that judge a run trained its start, or may have."""
    return seen is not None and bool(
        seen["seen_validation"] or seen["seen_test"] or seen["unknown_of"]
    )


def same_seen(one: SeenImages | None, other: SeenImages | None) -> bool:
    """Whether the starts of two runs know the same of the validation images that judge both."""
    return _of_validation(one) == _of_validation(other)


def _of_validation(seen: SeenImages | None) -> tuple[str, list[str]]:
    return (seen["checksum"], seen["unknown_of"]) if seen else ("", [])


def seen_words(seen: SeenImages | None, *, is_planned: bool = False) -> str:
    """That the numbers of a run are flattered by what it starts with; empty where they aren't.

    Args:
        seen: what is known of it.
        is_planned: whether the run is still to be launched.
    """
    if seen is None or not is_seen(seen):
        return ""
    start = f"it {'would start' if is_planned else 'started'} with"
    sentences = []
    if parts := _parts(seen):
        are = "would be" if is_planned else "are"
        sentences.append(
            f"The weights that {start} were trained on {listed(parts)}{_by(seen['runs'])}: its "
            f"numbers on those images {are} flattered, and can't be compared with those of runs "
            "that started otherwise."
        )
    if seen["unknown_of"]:
        more = "more of " if parts else ""
        sentences.append(
            f"Whether the weights that {start} were trained on {more}its validation or test images "
            f"can't be told: the images of {_named(seen['unknown_of'])} aren't there any more or "
            "can't be read."
        )
    return " ".join(sentences)


def beside_accuracy_words(seen: SeenImages | None) -> str:
    """What belongs beside a validation accuracy: 'which flatters it'; empty where nothing does."""
    if seen is None or not seen["seen_validation"]:
        return ""
    count, were = seen["seen_validation"], "was" if seen["seen_validation"] == 1 else "were"
    return (
        f"{count:,} of these images {were} trained on before, by the weights that it started with, "
        "which flatters it."
    )


def _parts(seen: SeenImages) -> list[str]:
    found = [
        (seen["seen_validation"], seen["validation_images"], "validation image"),
        (seen["seen_test"], seen["test_images"], "test image"),
    ]
    return [f"{some:,} of its {counted(all_, what)}" for some, all_, what in found if some]


def _by(runs: Sequence[str]) -> str:
    return f" (by {_named(runs)})" if runs else ""


def _named(runs: Sequence[str]) -> str:
    names = [f"'{name:.120}'" for name in runs[:_NAMED]]
    if len(runs) > _NAMED:
        names.append(f"{len(runs) - _NAMED} more")
    return f"the {'run' if len(runs) == 1 else 'runs'} {listed(names)}"
