"""What is said of images that train although somebody has looked at them as test images."""

from collections.abc import Mapping, Sequence

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.data.vault import SETTINGS, Overlap
from cnnlab.domain.words import counted, listed

_NAMED = 3
_IMPORT = "Import new images for the test."


def trains_words(
    images: int,
    unreadable: int = 0,
    arms: Sequence[str] = (),
    overlaps: Sequence[Overlap] = (),
) -> str:
    """That images would train now that somebody has looked at as test images; empty for none.

    Args:
        images: how many; with arms, at most.
        unreadable: records of looks that may be of these images too.
        arms: names of those arms of a study in which that is so; empty for all, or for a run.
        overlaps: at whose looks; the most images first.
    """
    damaged = f"{counted(unreadable, 'record')} of looks can't be read, so" if unreadable else ""
    named = listed([f"'{name}'" for name in arms])
    where = f"In the {'arm' if len(arms) == 1 else 'arms'} {named}: " if arms else ""
    if not images:
        some = "some of the images that would train now may have been test images at a look."
        return f"{where}{damaged} {some}" if unreadable else ""
    were = "was a test image" if images == 1 else "were test images"
    return (
        f"{where}{'up to ' if len(arms) > 1 else ''}"
        f"{counted(images, 'image')} that would train now {were} at an earlier look"
        f"{_whose(overlaps)}. Test images of now may have trained the runs of then, too: the test "
        f"numbers can't be compared.{f' {damaged} there may be more.' if unreadable else ''}"
    )


def way_out_words(overlaps: Sequence[Overlap], way_out: SplitFractions | None, left: int) -> str:
    """What can be done that these images don't train.

    Args:
        overlaps: at whose looks those that would train whatever is done.
        way_out: a split with which fewer would train, or None.
        left: how many would train with it.
    """
    if way_out is not None:
        with_it = f"With {settings_words(way_out.model_dump(include=set(SETTINGS)))},"
        if not left:
            return f"{with_it} none of them would train."
        return (
            f"{with_it} {left:,} of them would train still: test images of {_datasets(overlaps)} "
            f"that these settings don't keep out. {_IMPORT}"
        )
    if any(one.look.split is None for one in overlaps):
        names = listed([label_of(f"split.{name}") for name in SETTINGS])
        return f"The split of then isn't recorded: set {names} as they were for that run. {_IMPORT}"
    return (
        "The split settings can't mend that: these images are shared with the test images of "
        f"{_datasets(overlaps)}. {_IMPORT}"
    )


def flattered_words(images: int, overlaps: Sequence[Overlap]) -> str:
    """That a run trains on images that were test images before it was launched; empty for none."""
    if not images:
        return ""
    its, were, those = (
        ("1 of its training images", "was a test image", "that test image")
        if images == 1
        else (f"{images:,} of its training images", "were test images", "those test images")
    )
    return (
        f"{its} {were} at looks before it was launched{_whose(overlaps)}: numbers of {those} are "
        "flattered for it."
    )


def settings_words(split: Mapping[str, float]) -> str:
    """Settings of a split by what the screen calls them: `Split seed 0 and Test share 0.1`."""
    return listed(
        [
            f"{label_of(f'split.{name}')} {value:g}"
            for name in SETTINGS
            if (value := split.get(name)) is not None
        ]
    )


def _whose(overlaps: Sequence[Overlap]) -> str:
    """At whose looks, in brackets."""
    if not overlaps:
        return ""
    said = [_one(one) for one in overlaps[:_NAMED]]
    if len(overlaps) > _NAMED:
        said.append(f"{len(overlaps) - _NAMED:,} runs more")
    return f" ({'; '.join(said)})"


def _one(overlap: Overlap) -> str:
    split = overlap.look.split
    settings = f" with {settings_words(split)}" if split else ""
    return f"{overlap.images:,} of run '{overlap.look.run_name}' on {_dataset(overlap)}{settings}"


def _dataset(overlap: Overlap) -> str:
    return f"'{overlap.dataset_name}'" if overlap.dataset_name else "a dataset that was deleted"


def _datasets(overlaps: Sequence[Overlap]) -> str:
    return listed(list(dict.fromkeys(_dataset(one) for one in overlaps)))


def unknown_words(problem: str) -> str:
    """That nobody can tell at the moment whether looked-at images would train; `problem` is why."""
    return (
        "Whether images that were looked at as test images would train can't be told at the "
        f"moment: {problem}"
    )
