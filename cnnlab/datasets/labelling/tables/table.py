"""What one table says of the images of an upload, its values left as they are.

Read row by row, several times over: a million rows take no more memory than their file.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field

from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.tables.columns import Columns, Form
from cnnlab.datasets.labelling.tables.names import find_names
from cnnlab.datasets.labelling.tables.text import TableText
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.data.labelling import Several

Labels = tuple[str, ...]


@dataclass
class Table:
    """A table that names images.

    Attributes:
        path: inside of the upload, or of the file beside it.
        form: what says where its labels are.
        guesses: what was not certain when it was read, a sentence each.
        labels: different labels of an image, in the order of the rows, by its position; images
            without any have no entry.
        splits: split of an image, where the table says it.
        missing: rows that name no image.
        first_missing: the first such name, or an empty text.
        respelt: rows that name an image by another `letter case` or `extension`.
        first_respelt: the first such name.
        words_in: a label that may be several, where that isn't sure.
        beside: a column of words that may be the labels, where columns of 0 and 1 were taken.
    """

    path: str
    form: Form = Form.HEADING
    guesses: list[str] = field(default_factory=list)
    labels: dict[int, Labels] = field(default_factory=dict)
    splits: dict[int, str] = field(default_factory=dict)
    missing: int = 0
    first_missing: str = ""
    respelt: Counter[str] = field(default_factory=Counter)
    first_respelt: str = ""
    words_in: str = ""
    beside: str = ""

    @property
    def name(self) -> str:
        """What messages call it."""
        return printable(self.path.rpartition("/")[2])

    @property
    def classes(self) -> set[str]:
        """Its different labels."""
        return {label for labels in self.labels.values() for label in labels}

    def add(self, position: int, labels: list[str]) -> None:
        """Keep the labels that one more row gives an image."""
        known = self.labels.get(position, ())
        if more := tuple(label for label in labels if label not in known):
            self.labels[position] = known + more


def read_table(
    content: bytes, path: str, images: ImageNames, several: Several | None = None
) -> Table:
    """Read the rows of a CSV that names images.

    The separator and the column of names are those that name the most images; the labels' and the
    split's columns are found by their heading, else by their values.

    Args:
        content: the file.
        path: of the table, for messages.
        images: the images of the upload.
        several: what the user wants for several labels: cells that perhaps hold some are split
            where it is one of them, and none is where it is `as_one`.

    Raises:
        UploadError: it isn't a CSV, names no image or has no column of labels.
    """
    table = Table(path)
    text = TableText(content, table.name)
    separator, file_column = find_names(text, images)
    columns = Columns(text, separator, file_column, images, several)
    table.form, table.guesses, table.beside = columns.form, columns.guesses, columns.beside
    for row in itertools.islice(text.rows(separator), columns.has_heading, None):
        if file_column >= len(row):
            continue
        name = row[file_column]
        position = images.find(name)
        if position is None:
            table.missing += 1
            table.first_missing = table.first_missing or name
            continue
        table.add(position, columns.labels_of(row))
        if split := columns.split_of(row):
            table.splits[position] = split
        if kind := images.respelt(name, position):
            table.respelt[kind] += 1
            table.first_respelt = table.first_respelt or name
    table.words_in = columns.possible_tags(table.classes)
    return table
