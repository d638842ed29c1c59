"""A dataset as the rest of cnnlab sees it: an imported, checked, immutable set of images."""

from dataclasses import asdict, dataclass
from typing import Any

from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.words import counted

_CLASSES, _PICTURES = ("class", "classes"), ("picture",)
_COUNTED = {
    "class_sets": _CLASSES,
    "few_images": _CLASSES,
    "imbalance": _CLASSES,
    "one_picture": _CLASSES,
    "label_conflict": _PICTURES,
    "leak": _PICTURES,
}
"""What a kind of finding counts, where it isn't images."""


@dataclass(frozen=True)
class SkippedFile:
    """A file that was not taken, and why, in one sentence."""

    file: str
    reason: str


@dataclass(frozen=True)
class DatasetWarning:
    """Something about a dataset that a user should know before training."""

    kind: str
    message: str
    count: int


@dataclass(frozen=True)
class Finding:
    """Something that was found in a dataset's images, with the images and what can be done.

    Attributes:
        kind: such as `duplicates`, `label_conflict`, `leak`, `blurred`.
        message: one sentence or two.
        count: how often; images, groups or classes, as the message says.
        groups: rows of the dataset that belong together; a group of one for a single image.
        remedies: what one click can do: `exclude` (all of these images), `keep_one` (of each
            group), `one_split` (each group in the split that holds the first of it), `draw_split`
            (the upload's own splits are dropped), in the order in which they should be offered.
            Leaving everything as it is always remains.
    """

    kind: str
    message: str
    count: int
    groups: tuple[tuple[int, ...], ...] = ()
    remedies: tuple[str, ...] = ()

    @property
    def amount(self) -> str:
        """How much of what was found: `3 classes`, `1 picture`, `12 images`."""
        return counted(self.count, *_COUNTED.get(self.kind, ("image",)))

    @property
    def warning(self) -> DatasetWarning:
        """The finding without its images."""
        return DatasetWarning(self.kind, self.message, self.count)


@dataclass(frozen=True)
class Dataset:
    """What is known of an imported dataset without reading its images.

    Attributes:
        id: unique, from the content and the name: `sign-digits-1f2e3d4c`.
        name: what the user calls it.
        classes: images of every class, in the order of the labels.
        splits: images in train, validation, test where the upload brought them, else None.
        skipped: files that were not taken.
        warnings: what to know before training.
        created_at: ISO 8601, UTC.
        version: 1 for an import, one more for each fix.
        parent: id of the version that this one was made from, or None.
        changes: what was changed from the parent, one sentence each.
        value_range: which values of images with more than 8 bits are black and white; None where
            there are none, or where an earlier version decided it for each image.
        other_tables: paths of tables in the upload that labels weren't taken from.
    """

    id: str
    name: str
    classes: dict[str, int]
    splits: dict[str, int] | None = None
    skipped: tuple[SkippedFile, ...] = ()
    warnings: tuple[DatasetWarning, ...] = ()
    created_at: str = ""
    version: int = 1
    parent: str | None = None
    changes: tuple[str, ...] = ()
    value_range: ValueRange | None = None
    other_tables: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(self.classes.values())

    def to_json(self) -> dict[str, Any]:
        """The dataset as plain JSON values."""
        return asdict(self) | {"images": self.images}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Dataset":
        """Read what `to_json` wrote; unknown keys of later versions are left out."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        known["skipped"] = tuple(SkippedFile(**item) for item in known.get("skipped", ()))
        known["changes"] = tuple(known.get("changes", ()))
        known["other_tables"] = tuple(known.get("other_tables", ()))
        known["warnings"] = tuple(DatasetWarning(**item) for item in known.get("warnings", ()))
        if ends := known.get("value_range"):
            known["value_range"] = ValueRange(*ends)
        return cls(**known)
