"""A dataset as the rest of cnnlab sees it: an imported, checked, immutable set of images."""

from dataclasses import asdict, dataclass
from typing import Any


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
    """

    id: str
    name: str
    classes: dict[str, int]
    splits: dict[str, int] | None = None
    skipped: tuple[SkippedFile, ...] = ()
    warnings: tuple[DatasetWarning, ...] = ()
    created_at: str = ""

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
        known["warnings"] = tuple(DatasetWarning(**item) for item in known.get("warnings", ()))
        return cls(**known)
