"""One label for each image where a table gives some of them several."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.labelling import SEVERAL, Several
from cnnlab.domain.errors import ChoiceNeededError

_ADVICE = (
    "'first' (the first of them), 'most_specific' (the one that the fewest images have), "
    "'leave_out' (these images are left out) or 'as_one' (all of them are the name of one class)"
)
# Left out without being asked: no more than this share of the images.
_LEFT_OUT_SHARE = 0.5


@dataclass(frozen=True)
class Settled:
    """One label for each image, as far as there is one.

    Attributes:
        labels: of an image, by its position.
        left_out: images with several labels of which none was taken.
        warnings: what was done, where there was something to do.
    """

    labels: dict[int, str]
    left_out: frozenset[int] = frozenset()
    warnings: tuple[DatasetWarning, ...] = ()


def settle(
    labels: Mapping[int, tuple[str, ...]],
    several: Several | None,
    title: str,
    name_of: Callable[[int], str],
    *,
    otherwise: str = "",
) -> Settled:
    """Give each image one label.

    Args:
        labels: at least one of each image, by its position.
        several: what to do where there are more; None leaves such images out where that leaves
            half of them and two classes.
        title: of the tables that say so.
        name_of: file of an image, for messages.
        otherwise: what else a user may do, a clause for a refusal.

    Raises:
        ChoiceNeededError: `several` is needed.
    """
    many = {position for position, own in labels.items() if len(own) > 1}
    if not many:
        return Settled({position: own[0] for position, own in labels.items()})
    counts = Counter(label for own in labels.values() for label in own)
    ways = {way: _settled(labels, counts, way) for way in SEVERAL}
    found = _told(labels, many, title, name_of)
    left = ways["leave_out"]
    if several is None:
        if len(set(left.values())) < 2 or len(left) < _LEFT_OUT_SHARE * len(labels):
            given = {
                way: f"{len(set(one.values())):,} classes, {len(one):,} images"
                for way, one in ways.items()
            }
            listed = ", ".join(f"{way!r} ({words})" for way, words in given.items())
            raise ChoiceNeededError(
                f"{found}, and a network learns one label for each picture here.",
                f"choose what to do with several labels (--several, or 'More choices' on the "
                f"page): {listed}; 'as_one' is right where {as_one(labels[min(many)])[:80]!r} is "
                f"the name of one class",
                {way: given[way] for way, one in ways.items() if len(set(one.values())) > 1},
                otherwise,
            )
        several = "leave_out"
    taken = ways[several]
    lost = sorted(set(counts) - set(taken.values()))
    message = f"{found}. A network learns one label for each picture here: {_DONE[several]}."
    if lost:
        shown = ", ".join(repr(label[:40]) for label in lost[:5])
        message += f" No image is left with {shown}{' and others' if len(lost) > 5 else ''}."
    message += f" To do otherwise, import again and choose {_ADVICE}."
    warning = DatasetWarning("multi_label", message, len(many))
    return Settled(taken, frozenset(many - set(taken)), (warning,))


_DONE: dict[Several, str] = {
    "first": "of several, the first was taken",
    "most_specific": "of several, the one that the fewest images have was taken",
    "leave_out": "these images were left out",
    "as_one": "of several, all together were taken as the name of one class",
}


def as_one(labels: Sequence[str]) -> str:
    """Several labels as the name of one class."""
    return ", ".join(labels)


def doubtful_words(example: str, title: str) -> DatasetWarning:
    """Say that labels of several words were read as one label each."""
    message = (
        f"Labels such as {example[:80]!r} in {title} were read as one class each. If they are "
        "several labels of a picture, one label for each picture is needed: import again and "
        f"choose {_ADVICE}."
    )
    return DatasetWarning("multi_label", message, 1)


def _told(
    labels: Mapping[int, tuple[str, ...]],
    many: set[int],
    title: str,
    name_of: Callable[[int], str],
) -> str:
    first = min(many)
    shown = " and ".join(repr(label[:40]) for label in labels[first][:2])
    return (
        f"{len(many):,} of {len(labels):,} images have several labels in {title} (multi-label), "
        f"for instance {name_of(first)[:80]!r} with {shown}"
    )


def _settled(
    labels: Mapping[int, tuple[str, ...]], counts: Counter[str], several: Several
) -> dict[int, str]:
    if several == "leave_out":
        return {position: own[0] for position, own in labels.items() if len(own) == 1}
    if several == "as_one":
        return {position: as_one(own) for position, own in labels.items()}
    if several == "first":
        return {position: own[0] for position, own in labels.items()}
    return {position: min(own, key=counts.__getitem__) for position, own in labels.items()}
