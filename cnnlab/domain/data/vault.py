"""Looks at test images: each shows a number that somebody may choose by, so they are counted."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cnnlab.domain.records.measured import Measured

SETTINGS = ("seed", "validation", "test")
"""Fields of `split` by which images are test images."""


@dataclass(frozen=True)
class VaultLook:
    """One look at what a run's model does on its test images.

    Attributes:
        id: of the look, of 32 hexadecimal digits; a backup that is brought in twice is one look.
        at: when, ISO 8601, UTC.
        run: id of the run, which may be deleted by now; `run_name` what it was called then.
        dataset: id of the version whose images they were.
        numbers: what was shown, by the names of `Judgement.measures`.
        images: how many test images it showed a number of.
        split: the `SETTINGS` of `split` that made them test images; None in a line of an earlier
            version.
    """

    id: str
    at: str
    run: str
    run_name: str
    dataset: str
    numbers: Mapping[str, float]
    images: int
    split: Mapping[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON values, as `from_json` takes them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "VaultLook":
        """Read what `to_json` gave, or a later version's, whose other fields are left out.

        Raises:
            KeyError: a field is missing.
        """
        known = {name: values[name] for name in cls.__dataclass_fields__ if name != "split"}
        return cls(**known, split=values.get("split"))


@dataclass(frozen=True)
class LookedAtNumbers:
    """What the last look at a run's test images has shown, to be told again.

    Attributes:
        look: that one.
        measures: what it showed by name, with intervals where what was judged is still there.
    """

    look: VaultLook
    measures: Mapping[str, Measured]


@dataclass(frozen=True)
class Overlap:
    """Images that train, or would, and that a look showed numbers of as test images.

    Attributes:
        look: the newest one of its run at them.
        dataset_name: of the look's; None where that was deleted.
        images: how many.
    """

    look: VaultLook
    dataset_name: str | None
    images: int


@dataclass(frozen=True)
class VaultLooks:
    """How often the images that are test images now were looked at, in whatever dataset.

    Attributes:
        shown: (looks, images) bool, which look showed a number of which of them, in the dataset's
            order.
        recorded: the looks that showed a number of any of them, oldest first.
        unreadable: records that are damaged, so that there may be as many looks more.
    """

    shown: np.ndarray
    recorded: tuple[VaultLook, ...] = ()
    unreadable: int = 0

    @property
    def images(self) -> int:
        """How many test images there are."""
        return int(self.shown.shape[1])

    @property
    def by_image(self) -> np.ndarray:
        """(images,) int64, looks of each."""
        counts: np.ndarray = self.shown.sum(axis=0, dtype=np.int64)
        return counts

    @property
    def shared(self) -> list[int]:
        """How many of these images each of `recorded` showed."""
        return [int(count) for count in np.count_nonzero(self.shown, axis=1)]

    @property
    def at_most(self) -> tuple[VaultLook, ...]:
        """The looks that showed most of these images, so that one can choose by them."""
        return tuple(self._of(is_most=True))

    @property
    def at_few(self) -> tuple[VaultLook, ...]:
        """The looks that showed fewer than half of these images, such as at another dataset."""
        return tuple(self._of(is_most=False))

    @property
    def touched(self) -> int:
        """How many of these images the looks at few of them showed together."""
        few = [2 * count < self.images for count in self.shared]
        return int(np.count_nonzero(self.shown[few].any(axis=0)))

    def _of(self, *, is_most: bool) -> Iterator[VaultLook]:
        for look, count in zip(self.recorded, self.shared, strict=True):
            if (2 * count >= self.images) is is_most:
                yield look

    @property
    def looks(self) -> int:
        """The most looks that any of them has."""
        return int(self.by_image.max(initial=0))

    @property
    def looked_at(self) -> int:
        """How many of them were looked at."""
        return int(np.count_nonzero(self.by_image))

    @property
    def runs(self) -> dict[str, str]:
        """The runs that were looked at on most of them, by id with the name, oldest first."""
        return {look.run: look.run_name for look in self.at_most}
