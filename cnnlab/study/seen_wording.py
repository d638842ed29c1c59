"""What is said where weights that runs start with know images that judge them."""

from collections.abc import Mapping, Sequence

from cnnlab.domain.data.seen import same_seen
from cnnlab.domain.records.training import SeenImages
from cnnlab.domain.words import counted, listed


def unequal_start_words(seen: SeenImages | None, of_other: SeenImages | None, other: str) -> str:
    """Why nothing is claimed where only one side's weights know the images that judge both.

    Args:
        seen: of the arm that is judged, which of them trained the weights that it starts with.
        of_other: of the arm that it is compared with.
        other: that one's name.
    """
    return (
        f"Can't tell: its runs start with weights that {_trained_on(seen)}, those of {other!r} "
        f"with weights that {_trained_on(of_other)}, so the accuracy of one side is flattered more."
    )


def _trained_on(seen: SeenImages | None) -> str:
    if seen is None:
        return "know none of the validation images"
    if seen["unknown_of"]:
        return "may have been trained on validation images"
    images = counted(seen["validation_images"], "validation image")
    return f"were trained on {seen['seen_validation']:,} of the {images}"


def flattered_words(seen: Mapping[str, SeenImages], arms: Sequence[str]) -> str:
    """That accuracies of a study are too high; empty where none is.

    Args:
        seen: by arm which validation images trained the weights that its runs start with.
        arms: names of all arms.
    """
    if not seen:
        return ""
    first = next(iter(seen.values()))
    if len(seen) == len(arms) and all(same_seen(one, first) for one in seen.values()):
        return (
            f"All runs start with weights that {_trained_on(first)}: arms still compare, but "
            "every accuracy is flattered, and on other images the differences may be others."
        )
    said = [f"of {arm!r} with weights that {_trained_on(one)}" for arm, one in seen.items()]
    return f"Runs start {listed(said)}: accuracies of these arms are flattered."
