"""What reading an upload ends in: its images, each with a label."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cnnlab.datasets import limits
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile


class LabelledMember(NamedTuple):
    """An image of the upload, not yet decoded, and what the upload says of it.

    Attributes:
        member: where it is.
        file: its path without the folders that all images share.
        label: the class name.
        split: `train`, `validation`, `test`, or None where the upload doesn't say.
    """

    member: Member
    file: str
    label: str
    split: str | None


@dataclass(frozen=True)
class Layout:
    """One reading of an upload.

    Attributes:
        images: those with a label.
        skipped: files that are not taken.
        warnings: what a user should know of this reading.
        other_tables: paths of tables that name images, and that labels weren't taken from.
    """

    images: tuple[LabelledMember, ...]
    skipped: tuple[SkippedFile, ...] = ()
    warnings: tuple[DatasetWarning, ...] = ()
    other_tables: tuple[str, ...] = ()

    @property
    def classes(self) -> set[str]:
        """Their names."""
        return {image.label for image in self.images}


def skip(member: Member, reason: str) -> SkippedFile:
    """Name a file that is not taken."""
    return SkippedFile(member.path, reason)


def bad_label(label: str, missing: str) -> str | None:
    """Why an image with this label is skipped, or None; `missing` where there is no label."""
    if not label:
        return missing
    if len(label) > limits.MAX_CLASS_NAME_CHARACTERS:
        return f"its class name has more than {limits.MAX_CLASS_NAME_CHARACTERS} characters"
    return None


def labelled_layout(
    members: Sequence[Member],
    labels: Sequence[str],
    splits: Sequence[str | None],
    reasons: Sequence[str],
) -> Layout:
    """Make a layout of images with their labels, those without skipped.

    Args:
        members: the images.
        labels: cleaned class names, empty where there is none.
        splits: of the images.
        reasons: why an image is skipped if it has no label.
    """
    labelled, skipped = [], []
    for member, label, split, missing in zip(members, labels, splits, reasons, strict=True):
        if reason := bad_label(label, missing):
            skipped.append(skip(member, reason))
        else:
            labelled.append(LabelledMember(member, member.path, label, split))
    return Layout(tuple(labelled), tuple(skipped))
