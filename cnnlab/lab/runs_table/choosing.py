"""Which runs a view shows, and in which order."""

import math
from collections.abc import Iterator
from typing import Any

from cnnlab.lab.runs_table.fields import TableField, table_fields
from cnnlab.lab.runs_table.listing import ListedRun, Listing
from cnnlab.lab.runs_table.view import RunsView


def choose_runs(listing: Listing, view: RunsView) -> list[ListedRun]:
    """The runs that a view shows, on all its pages, sorted."""
    found = list(_filtered(listing, view))
    field = table_fields()[view.sort.removeprefix("-")]
    if field.name == "created" and view.sort.startswith("-"):
        return found  # they are read so
    known = [(key, run) for run in found if (key := _sort_key(listing, field, run)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=view.sort.startswith("-"))
    in_order = [run for _, run in known]
    if len(in_order) < len(found):
        there = {run.id for run in in_order}
        in_order += [run for run in found if run.id not in there]
    return in_order


def _filtered(listing: Listing, view: RunsView) -> Iterator[ListedRun]:
    wanted = view.text.casefold().split()
    datasets, statuses, tags = set(view.datasets), set(view.statuses), set(view.tags)
    ranges = [(one, table_fields()[one.field].value) for one in view.ranges]
    for run in listing.runs:
        if (
            (view.everything or run.is_alone)
            and (not datasets or run.row.dataset in datasets)
            and (not statuses or run.status in statuses)
            and (not view.starred or run.row.starred)
            and (not tags or tags.issubset(run.tags))
            and all(one.holds(number(value(run))) for one, value in ranges)
            and all(word in run.searched for word in wanted)
        ):
            yield run


def number(value: Any) -> float | None:  # noqa: ANN401 - any value of a field
    """A value as a number; None where it is none: a config of another version may hold a text."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _sort_key(listing: Listing, field: TableField, run: ListedRun) -> Any:  # noqa: ANN401
    """By what a field is sorted; what isn't known comes last, whichever way."""
    value = field.value(run)
    if field.is_number:
        return number(value)
    if field.kind == "curve":
        return value[-1] if value else None
    if field.name == "dataset":
        value = listing.datasets.get(value, value)
    return str(value).casefold() if value not in (None, "") else None
