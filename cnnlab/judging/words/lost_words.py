"""What a file that is taken along loses beside the model in float32, and what isn't known of it."""

from cnnlab.domain.records.export import ClassAgreement, ExportCheck
from cnnlab.domain.words import counted, listed, points

_NAMED = 3


def loss_words(check: ExportCheck) -> str | None:
    """How much less often a file is right than the model in float32, one sentence.

    Returns:
        None where it isn't, or that isn't known.
    """
    rows = [row for row in check.get("per_class", []) if row["images"]]
    worst = max(rows, key=_lost, default=None)
    if worst is None or _lost(worst) <= 0:
        return None
    images, right, meant = (
        sum(numbers)
        for numbers in zip(
            *((row["images"], row["right"], row["right_float32"]) for row in rows), strict=True
        )
    )
    most = (
        f"on '{worst['class']}': {points(_lost(worst))} ({worst['right']} instead of "
        f"{worst['right_float32']} of {worst['images']} right)"
    )
    if right >= meant:
        return f"It is right as often as the model in all, and loses accuracy {most}."
    return (
        f"It loses {points((meant - right) / images)} of accuracy on these {images} validation "
        f"images ({right} instead of {meant} right), most {most}."
    )


def uncompared_words(check: ExportCheck) -> str | None:
    """Of which classes no image was among those by which a file was compared, one sentence.

    Returns:
        None where all have one, or that isn't known.
    """
    without = [row["class"] for row in check.get("per_class", []) if not row["images"]]
    if not without:
        return None
    named = [f"'{name}'" for name in without[:_NAMED]]
    if len(without) > _NAMED:
        named.append(f"{counted(len(without) - _NAMED, 'more class', 'more classes')}")
    images = counted(check.get("images", 0), "compared image")
    return f"Nothing is known of {listed(named)}: none of the {images} shows it."


def _lost(row: ClassAgreement) -> float:
    return (row["right_float32"] - row["right"]) / row["images"]
