"""What to do about the images: of classes, of copies, of a validation part that tells little."""

from collections.abc import Callable, Iterator, Sequence

from cnnlab.diagnosis.symptoms import Remedy, RunFacts
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.words import listed, percent, points

LARGEST_VALIDATION = 0.5
"""Above this share too few images are left to learn from."""

SHARE_TOLERANCE = 0.03
"""A share that is hardly larger changes no verdict."""


def against_small_validation(
    shares: tuple[float, float],
    validation_images: int,
    needed: int,
    *,
    told_apart: Callable[[int], float],
    is_ours: bool,
) -> Iterator[Remedy]:
    """A larger share, where the split is ours to choose and images are left to learn from.

    Args:
        shares: validation and test share of the config.
        validation_images: how many there are.
        needed: validation images that would do.
        told_apart: by how much runs must differ to be told apart by so many images, 0..1.
        is_ours: whether the shares decide, and not the upload.
    """
    validation, test = shares
    total = validation_images / validation
    wanted = min(max(needed / total, validation), LARGEST_VALIDATION)
    share = min(round(20 * wanted + 0.499) / 20, 1 - test - 0.3)
    if is_ours and share > validation + SHARE_TOLERANCE:
        images = round(share * total)
        reached = "" if images >= needed else f", which tell {points(told_apart(images))} apart"
        yield Remedy(
            {"split.validation": round(share, 2)},
            f"Try a validation share of {percent(share, decimals=0)}: about {images:,} images"
            f"{reached}; training loses {images - validation_images:,}.",
        )
    yield Remedy(
        {},
        "Add validation images, or compare several seeds before you believe a difference."
        if is_ours
        else "The upload brought its validation images: add more to them, or compare several seeds "
        "before you believe a difference.",
    )


def against_class_sets(facts: RunFacts) -> Iterator[Remedy]:
    """Nothing that a config can change: what the Data page offers for this dataset, or an import.

    Args:
        facts: of the run.
    """
    own = facts.data_remedies.get("class_sets", ())
    few = facts.data_remedies.get("few_images", ())
    buttons = []
    if "draw_split" in own:
        buttons.append("'Draw new splits'")
    if "exclude" in own or "exclude" in few:
        buttons.append("'Exclude' for classes with too few images")
    offered = f" On the Data page there is {listed(buttons, 'or')}." if buttons else ""
    yield Remedy({}, f"Give each class images in training and in validation.{offered}")


def against_imbalance(config: RunConfig, train_counts: Sequence[int]) -> Iterator[Remedy]:
    """Balanced class weights or sampling; beyond these only more images of the rare classes.

    Args:
        config: of the run.
        train_counts: training images of every class, or empty where unknown.
    """
    differ = not train_counts or len(set(filter(None, train_counts))) > 1
    training = config.training
    if "balanced" not in (training.class_weights, training.sampling) and differ:
        yield Remedy({"training.class_weights": "balanced"}, "Try balanced class weights.")
    already = "Sampling is" if training.sampling == "balanced" else "Class weights are"
    yield Remedy(
        {},
        f"{already} balanced already: add images of the rare classes."
        if differ
        else "The training images are balanced already: look at the recall of each class.",
    )


def against_copies(facts: RunFacts) -> Iterator[Remedy]:
    """What the Data page offers for copies in several splits of this dataset.

    Args:
        facts: of the run.
    """
    yield Remedy(
        {},
        "On the Data page there is 'Put each picture into one split'."
        if _offers_one_split(facts)
        else "Take the copies out of the training images and import again.",
    )


def against_leak(config: RunConfig, facts: RunFacts) -> Iterator[Remedy]:
    """Another split where chance may have made it; else a look at the images.

    Args:
        config: of the run.
        facts: of the run: a seed draws no split that the upload brought.
    """
    if not facts.owns_validation:
        seed = config.split.seed + 1
        yield Remedy(
            {"split.seed": seed},
            f"Try split seed {seed}; if validation leads again, look at its images.",
        )
    yield Remedy(
        {},
        "On the Data page there is 'Put each picture into one split' for the copies that were "
        "found."
        if _offers_one_split(facts)
        else "Look at the validation images beside the training images in the gallery of the Data "
        "page.",
    )


def _offers_one_split(facts: RunFacts) -> bool:
    return any("one_split" in remedies for remedies in facts.data_remedies.values())
