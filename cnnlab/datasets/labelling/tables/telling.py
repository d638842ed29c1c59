"""What is said of the tables of an upload: which was believed, and what wasn't certain."""

from collections.abc import Iterator, Mapping, Sequence

from cnnlab.datasets.labelling.labelled import Layout
from cnnlab.datasets.labelling.tables.columns import Form
from cnnlab.datasets.labelling.tables.ranking import Ranked
from cnnlab.datasets.labelling.tables.several import doubtful_words
from cnnlab.datasets.labelling.tables.table import Labels, Table
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.words import counted


def tell_tables(ranked: Ranked, images: int) -> Iterator[DatasetWarning]:
    """Say what a user should know of labels that come from tables.

    Args:
        ranked: the tables, of which some are believed.
        images: how many the upload has.
    """
    matched = {position for table in ranked.taken for position in table.labels}
    yield from _missing(ranked)
    if ranked.left:
        message = (
            f"Labels were taken from {ranked.title}, which labels {len(matched):,} of the "
            f"{counted(images, 'image')}. Not believed: {ranked.told_left}. To take another table, "
            "import again and name it (--table, or 'More choices' on the page)."
        )
        yield DatasetWarning("tables", message, len(ranked.left))
    believed = {
        position: labels for table in ranked.taken for position, labels in table.labels.items()
    }
    yield from _contradictions(ranked.others, believed, ranked.title)
    for table in ranked.taken:
        yield from _guesses(table)


def tell_unused(ranked: Ranked) -> Iterator[DatasetWarning]:
    """Say which tables are not believed, where the labels come from elsewhere."""
    if ranked.left:
        message = f"These tables were not taken for labels: {ranked.told_left}."
        yield DatasetWarning("tables", message, len(ranked.left))


def tell_against_folders(
    images: Sequence[Member], folders: Layout, ranked: Ranked
) -> Iterator[DatasetWarning]:
    """Say of how many images a table that is believed says something else than their folders."""
    by_folder = {image.member: image.label for image in folders.images}
    labels = {
        position: (by_folder[member],)
        for position, member in enumerate(images)
        if member in by_folder
    }
    tables = [table for table in ranked.taken if table.form > Form.NUMBERS]
    yield from _contradictions(tables, labels, "the class folders")


def _contradictions(
    tables: Sequence[Table], believed: Mapping[int, Labels], title: str
) -> Iterator[DatasetWarning]:
    for table in tables:
        both = [position for position in table.labels if position in believed]
        other = sum({*table.labels[position]} != {*believed[position]} for position in both)
        if other:
            message = (
                f"{table.name} gives {other:,} of the {counted(len(both), 'image')} that both name "
                f"another label than {title}."
            )
            yield DatasetWarning("tables", message, other)


def _missing(ranked: Ranked) -> Iterator[DatasetWarning]:
    missing = sum(table.missing for table in ranked.taken)
    if not missing:
        return
    first = next(table.first_missing for table in ranked.taken if table.missing)
    matched = sum(len(table.labels) for table in ranked.taken)
    most = f" Only {counted(matched, 'image')} got a label from it." if missing > matched else ""
    message = (
        f"{missing:,} {'row' if missing == 1 else 'rows'} of {ranked.title} "
        f"{'names' if missing == 1 else 'name'} no image of the upload, "
        f"the first of them {first[:80]!r}.{most}"
    )
    yield DatasetWarning("missing_images", message, missing)


def _guesses(table: Table) -> Iterator[DatasetWarning]:
    for guess in table.guesses:
        yield DatasetWarning("tables", f"{guess}.", 1)
    if table.words_in:
        yield doubtful_words(table.words_in, table.name)
    if table.respelt:
        ways = " and ".join(f"{way} ({count:,})" for way, count in table.respelt.most_common())
        message = (
            f"Names in {table.name} were taken for images whose names differ in {ways}, such as "
            f"{table.first_respelt[:80]!r}."
        )
        yield DatasetWarning("matching", message, table.respelt.total())
