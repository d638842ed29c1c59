"""How the images of an upload get their labels, as far as the user says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Reading = Literal["folders", "subfolders", "table", "file_names"]
READINGS: tuple[Reading, ...] = ("folders", "subfolders", "table", "file_names")


@dataclass(frozen=True)
class Labelling:
    """Where the labels come from, as far as the user says it; the rest is found out.

    Attributes:
        table: a CSV outside of the upload.
        reading: which reading to take where several are possible: `folders` makes a class of
            every outermost folder, `subfolders` of every innermost one, `table` takes a CSV,
            `file_names` the label that stands before the number in each file's name.
        class_name: one class for all images.
    """

    table: Path | None = None
    reading: Reading | None = None
    class_name: str | None = None

    @property
    def least_classes(self) -> int:
        """How many classes an upload must have: two, unless the user names the only one."""
        return 2 if self.class_name is None else 1
