"""Which of several tables is believed, and why the others are not."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cnnlab.datasets.labelling.labels import read_split
from cnnlab.datasets.labelling.tables.columns import Form
from cnnlab.datasets.labelling.tables.table import Table
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import UploadError

_ANSWER_FORM = re.compile(r"submi(t|ssions?)|predictions?|preds?|dummy|placeholders?")
# These say so only beside another table: a benchmark's labels may be all that there are.
_PERHAPS_FORM = {"template", "benchmark", "baseline"}
_SAMPLE, _ANSWERS = {"sample", "samples", "example"}, {"answer", "answers", "solution", "sub"}
_LABELS = re.compile(r"train(ing)?|labels?|(ground)?truth|gt|annotations?|classes|targets?")
# What else stands in the names of tables that belong together.
_FILLERS = re.compile(
    r"\d*|set|data|images?|split|folder|labels?|annotations?|files?|list|gt|csv|v"
)
_FORM = "its name says that it is a form for answers"
# Fewer images may well be of one class, or go round in turn.
_TELLING_IMAGES = 4


@dataclass(frozen=True)
class Ranked:
    """The tables of an upload that name its images.

    Attributes:
        taken: those that are believed: one, or parts of one another; none where all are doubtful.
        left: the others, each with why it isn't believed.
    """

    taken: tuple[Table, ...] = ()
    left: tuple[tuple[Table, str], ...] = ()

    @property
    def title(self) -> str:
        """Names of those that are believed, for messages."""
        return first_names([table.name for table in self.taken])

    @property
    def classes(self) -> set[str]:
        """Labels of those that are believed."""
        return _classes(self.taken)

    def without(self, paths: Collection[str]) -> "Ranked":
        """The same without some tables; none is believed any more where some of them were used."""
        kept = [table for table in self.taken if table.path not in paths]
        left = tuple((table, why) for table, why in self.left if table.path not in paths)
        if not paths:
            return self
        return Ranked((), (*((table, "another one is used") for table in kept), *left))

    @property
    def others(self) -> tuple[Table, ...]:
        """Those that aren't believed."""
        return tuple(table for table, _ in self.left)

    @property
    def told_left(self) -> str:
        """Names of the others with the reasons, for messages."""
        return first_names([f"{table.name} ({why})" for table, why in self.left])


def first_names(names: Sequence[str]) -> str:
    """The first of these names."""
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def split_of_table(path: str) -> str | None:
    """The split that the name of a table says: of `train.csv`, `test_labels.csv`."""
    return next(filter(None, map(read_split, _words(_stem(path)))), None)


def rank_tables(tables: Sequence[Table], wanted: str | None = None) -> Ranked:
    """Choose the table that is believed.

    Doubtful ones aren't: by their name forms for answers, shares between 0 and 1, one label for
    all images or labels in turn where another table says more. Of the others, the one wins that
    tells classes apart, whose labels stand below a heading of labels, whose name says so and that
    labels the most images. Its parts by split or number stay with it.

    Args:
        tables: all that name images.
        wanted: name or path of the one that the user wants.

    Raises:
        UploadError: there is no such table, or it holds no labels.
    """
    if wanted is not None:
        return _wanted(tables, wanted)
    doubts = {table.path: _doubts(table, tables) for table in tables}
    sound = [table for table in tables if not doubts[table.path]]
    doubts |= {table.path: _FORM for table in sound if _is_form_beside(table, sound)}
    credible = sorted(
        (table for table in sound if not doubts[table.path]), key=_merit, reverse=True
    )
    taken = _parts_of(credible[0], credible) if credible else []
    if len(_classes(taken)) < 2:
        taken = _apart(credible)
    left = [
        (table, doubts[table.path] or _less(table, taken)) for table in tables if table not in taken
    ]
    return Ranked(tuple(taken), tuple(left))


def _wanted(tables: Sequence[Table], wanted: str) -> Ranked:
    name = wanted.strip().replace("\\", "/").strip("/")
    for spell in (str, str.casefold):
        found = [table for table in tables if f"/{spell(table.path)}".endswith(f"/{spell(name)}")]
        if found:
            break
    if len(found) != 1 or not name:
        there = (
            first_names([printable(table.path) for table in tables]) or "none that names its images"
        )
        several = "several tables" if name and found else "no table"
        raise UploadError(
            f"The upload has {several} called {wanted[:80]!r}; give the path of one of these: "
            f"{there}"
        )
    check_labels(found[0])
    left = [(table, "another one is wanted") for table in tables if table is not found[0]]
    return Ranked((found[0],), tuple(left))


def check_labels(table: Table) -> None:
    """See that a table has labels.

    Raises:
        UploadError: it has none.
    """
    if not table.labels:
        holds = "numbers between 0 and 1" if table.form == Form.SHARES else "nothing that is one"
        raise UploadError(
            f"{table.name} gives no image a label, it holds {holds}; add a table with the columns "
            "'file' and 'label'"
        )


def _doubts(table: Table, tables: Sequence[Table]) -> str:
    """Why a table is not believed; empty where nothing speaks against it."""
    others = [
        other
        for other in tables
        if other is not table and not _may_be_form(other) and other.form != Form.SHARES
    ]
    doubts = []
    if _is_answer_form(table):
        doubts.append(_FORM)
    if table.form == Form.SHARES:
        doubts.append("it holds numbers between 0 and 1")
    elif _is_text_of_numbers(table):
        doubts.append("it is a text of numbers, such as boxes")
    elif len(table.labels) >= _TELLING_IMAGES:
        classes = table.classes
        if len(classes) == 1 and any(len(other.classes) > 1 for other in others):
            doubts.append(
                f"it gives all its {len(table.labels):,} images the label "
                f"{next(iter(classes))[:40]!r}"
            )
        elif _goes_round(table) and any(_tells_more(other, table) for other in others):
            doubts.append("its labels go round in turn")
    return " and ".join(doubts)


def may_be_taken(table: Table) -> bool:
    """Whether somebody may want its labels: they tell classes apart, and are no boxes."""
    return len(table.classes) > 1 and not _is_text_of_numbers(table)


def _is_text_of_numbers(table: Table) -> bool:
    return table.form == Form.NUMBERS and table.path.endswith(".txt")


def _tells_more(other: Table, table: Table) -> bool:
    """Whether another table labels other images, as many at least, and not in turn."""
    return (
        len(other.classes) > 1
        and len(other.labels) >= len(table.labels)
        and not _goes_round(other)
        and other.labels.keys().isdisjoint(table.labels)
    )


def _is_answer_form(table: Table) -> bool:
    words = _words(_stem(table.path))
    named = any(map(_ANSWER_FORM.fullmatch, words)) or "submission" in "".join(words)
    return named or not (_SAMPLE.isdisjoint(words) or _ANSWERS.isdisjoint(words))


def _may_be_form(table: Table) -> bool:
    return _is_answer_form(table) or not _PERHAPS_FORM.isdisjoint(_words(_stem(table.path)))


def _is_form_beside(table: Table, tables: Sequence[Table]) -> bool:
    """Whether a name that perhaps means a form does so because another table says as much."""
    least = min(table.form, Form.FLAGS)
    return _may_be_form(table) and any(
        other.form >= least and len(other.classes) > 1 and not _may_be_form(other)
        for other in tables
    )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _words(stem: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)", " ", stem)
    return [word for word in re.split(r"[\W_]+", spaced.casefold()) if word]


def _goes_round(table: Table) -> bool:
    """Whether the labels come in turn: a, b, c, a, b, c, ..."""
    labels = list(table.labels.values())
    period = len(set(labels))
    return 1 < period <= len(labels) // 2 and all(
        label == labels[number % period] for number, label in enumerate(labels)
    )


def _merit(table: Table) -> tuple[bool, Form, bool, int]:
    return (
        len(table.classes) > 1,
        min(table.form, Form.FLAGS),
        any(map(_LABELS.fullmatch, _words(_stem(table.path)))),
        len(table.labels),
    )


def _key(path: str) -> tuple[str, str | None]:
    """What a table's path has in common with those of its parts, and its split."""
    folders = [(name, read_split(name)) for name in path.split("/")[:-1]]
    words = [word for word in _words(_stem(path)) if not _FILLERS.fullmatch(word)]
    rest = [name for name, split in folders if not split]
    rest += [word for word in words if not read_split(word)]
    split = split_of_table(path) or next((split for _, split in folders if split), None)
    return "/".join(rest), split


def _parts_of(best: Table, credible: Sequence[Table]) -> list[Table]:
    """The best table, and those that are other parts of the same: by split, or by number."""
    parts = [best]
    for table in credible:
        if table is not best and all(_are_parts(table, part) for part in parts):
            parts.append(table)
    return parts


def _are_parts(one: Table, other: Table) -> bool:
    (key, split), (other_key, other_split) = _key(one.path), _key(other.path)
    if key != other_key:
        return False
    return (
        None not in (split, other_split) and split != other_split
    ) or one.labels.keys().isdisjoint(other.labels)


def _apart(credible: Sequence[Table]) -> list[Table]:
    """Tables that label different images: one for each class, perhaps."""
    taken: list[Table] = []
    for table in credible:
        if all(table.labels.keys().isdisjoint(part.labels) for part in taken):
            taken.append(table)
    return taken


def _classes(tables: Sequence[Table]) -> set[str]:
    return {label for table in tables for label in table.classes}


def _less(table: Table, taken: Sequence[Table]) -> str:
    best = taken[0]
    if len(table.classes) < 2:
        return "it tells no classes apart"
    if table.form < min(best.form, Form.FLAGS):
        return "none of its columns is headed as labels"
    labelled = sum(len(part.labels) for part in taken)
    if len(table.labels) < labelled:
        return f"it labels {len(table.labels):,} images, not {labelled:,}"
    return "its name says less about what it is"
