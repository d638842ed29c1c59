"""Looks at test images: each shows a number that somebody may choose by, so they are counted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


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
    """

    id: str
    at: str
    run: str
    run_name: str
    dataset: str
    numbers: Mapping[str, float]
    images: int

    def to_json(self) -> dict[str, Any]:
        """JSON values, as `from_json` takes them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "VaultLook":
        """Read what `to_json` gave, or a later version's, whose other fields are left out.

        Raises:
            KeyError: a field is missing.
        """
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class VaultLooks:
    """How often the images that are test images now were looked at, in whatever dataset.

    Attributes:
        by_image: (images,) int64, looks of each, in the dataset's order.
        recorded: the looks that showed a number of any of them, oldest first.
        unreadable: records that are damaged, so that there may be as many looks more.
    """

    by_image: np.ndarray
    recorded: tuple[VaultLook, ...] = ()
    unreadable: int = 0

    @property
    def images(self) -> int:
        """How many test images there are."""
        return len(self.by_image)

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
        """The runs that were looked at on them, by id with the name, oldest first."""
        return {look.run: look.run_name for look in self.recorded}
