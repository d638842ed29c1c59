"""How the images of an upload get their labels, as far as the user says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Reading = Literal["folders", "subfolders", "table", "annotations", "file_names"]
READINGS: tuple[Reading, ...] = ("folders", "subfolders", "table", "annotations", "file_names")

Several = Literal["first", "most_specific", "leave_out", "as_one"]
SEVERAL: tuple[Several, ...] = ("first", "most_specific", "leave_out", "as_one")


@dataclass(frozen=True)
class Labelling:
    """Where the labels come from, as far as the user says it; the rest is found out.

    Attributes:
        table: a CSV outside of the upload.
        reading: which reading to take where several are possible: `folders` makes a class of
            every outermost folder, `subfolders` of every innermost one, `table` takes a CSV,
            `annotations` the files of an annotation tool (COCO, Pascal VOC, YOLO, LabelMe),
            `file_names` the label that stands before the number in each file's name.
        class_name: one class for all images.
        table_name: the table inside of the upload that is taken, by its name or path; it means
            the reading `table`.
        several: which label an image gets that has several: the `first` of its row, the
            `most_specific`, which is the one that the fewest images have, none (`leave_out`), or
            all together as the name of one class (`as_one`): a cell such as `tomato, healthy` is
            one label then. None leaves such images out where enough others remain.
    """

    table: Path | None = None
    reading: Reading | None = None
    class_name: str | None = None
    table_name: str | None = None
    several: Several | None = None

    @property
    def wants_table(self) -> bool:
        """Whether a table is named that gives the labels."""
        return self.table is not None or self.table_name is not None

    @property
    def least_classes(self) -> int:
        """How many classes an upload must have: two, unless the user names the only one."""
        return 2 if self.class_name is None else 1
