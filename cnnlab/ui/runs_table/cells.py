"""What stands in the cells of the table of runs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from cnnlab import lab
from cnnlab.domain.course.queue_words import QueuePlace
from cnnlab.domain.run import Status
from cnnlab.domain.words import UNKNOWN, digits, duration
from cnnlab.lab import ListedRun, Listing, RunsView, TableField
from cnnlab.ui.changing import why_no_editor
from cnnlab.ui.components.run_table.run_table import RunColumn, RunLine, RunTableData
from cnnlab.ui.components.shared.cards import Card, CardColumn, card_places, words_above
from cnnlab.ui.run.stored_config import OF_ANOTHER_VERSION
from cnnlab.ui.text import moment, plain

STATUS_ICONS = {
    "queued": "⏳ queued",
    "running": "▶ running",
    "finished": "✓ finished",
    "stopped": "■ stopped",
    "failed": "✕ failed",
    "interrupted": "⚠ interrupted",
}
_LONGEST_CELL = 160
_ADDRESS_OF_A_RUN = "runs?run="

_SHOWN_WHERE_TOLD = ("tags", "note", "remarks")
"""Fields that most runs have nothing for: without any word of them their column takes no room."""


_MORE_THAN_A_CARD = {"changed", "gap"}
"""Of the usual columns those that a phone's cards leave to the run's page."""


class _Known(NamedTuple):
    """What cells say beside what a run itself knows.

    Attributes:
        listing: all runs.
        places: in the queue, of those that wait.
        strange: ids of those whose config this version can't take.
    """

    listing: Listing
    places: Mapping[str, QueuePlace]
    strange: Collection[str]


def table_data(
    listing: Listing,
    shown: Sequence[ListedRun],
    view: RunsView,
    *,
    ticked: Mapping[str, Any],
    version: str,
) -> RunTableData:
    """What the component draws.

    Args:
        listing: all runs.
        shown: those of this page.
        view: which columns, sorted how.
        ticked: ids of those that are ticked.
        version: see `RunTableData`.
    """
    fields = [lab.table_fields()[name] for name in view.columns]
    strange = lab.of_another_version([run.id for run in shown]) if "changed" in view.columns else ()
    waits = any(run.status is Status.QUEUED for run in shown)
    known = _Known(listing, lab.queue_places() if waits else {}, strange)
    told = {field.name: [cell_words(known, run, field) for run in shown] for field in fields}
    fields = [each for each in fields if each.name not in _SHOWN_WHERE_TOLD or any(told[each.name])]
    rows = [
        _line(run, [told[field.name][at] for field in fields], run.id in ticked)
        for at, run in enumerate(shown)
    ]
    in_cards = [CardColumn(field.label, field.kind, told[field.name]) for field in fields]
    left_out = _left_out_of_cards(shown, view)
    return {
        "columns": [
            _column(field, view, "none" if field.name in left_out else card)
            for field, card in zip(fields, card_places(in_cards), strict=True)
        ],
        "rows": rows,
        "sorted": _sorted("name", view),
        "version": version,
        "page": _ADDRESS_OF_A_RUN,
        "locked": why_no_editor(),
        "above": words_above(in_cards) if in_cards else "",
    }


def _left_out_of_cards(shown: Sequence[ListedRun], view: RunsView) -> set[str]:
    """Names of fields; none where somebody has chosen the columns."""
    if view.columns != lab.DEFAULT_COLUMNS:
        return set()
    is_live = any(not run.status.is_ended for run in shown)
    return _MORE_THAN_A_CARD | (set() if is_live else {"epochs"})


def _column(field: TableField, view: RunsView, card: Card | Literal["none"]) -> RunColumn:
    return {
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "kind": "curve" if field.kind == "curve" else "number" if field.is_number else "text",
        "sorted": _sorted(field.name, view),
        "card": card,
    }


def _sorted(name: str, view: RunsView) -> Any:  # noqa: ANN401 - one of the component's words
    if view.sort.removeprefix("-") != name:
        return ""
    return "descending" if view.sort.startswith("-") else "ascending"


def _line(run: ListedRun, cells: list[str], ticked: bool) -> RunLine:
    return {
        "id": run.id,
        "name": plain(run.row.name, limit=80) or run.id,
        "starred": run.row.starred,
        "ticked": ticked,
        "status": run.status,
        "cells": cells,
        "curve": run.curve,
    }


def cell_words(known: _Known, run: ListedRun, field: TableField) -> str:
    """What a field says of a run."""
    special = {
        "status": lambda: _status(known, run),
        "dataset": lambda: known.listing.datasets.get(run.row.dataset, run.row.dataset),
        "epochs": lambda: f"{run.epochs} of {run.epochs_asked}",
        "remarks": lambda: _remark(known.listing, run),
    }
    if run.id in known.strange:
        special["changed"] = lambda: OF_ANOTHER_VERSION
    if field.name in special:
        return plain(special[field.name](), limit=_LONGEST_CELL)
    value = field.value(run)
    if field.kind == "curve":
        return ""
    if field.is_number:
        return number_words(lab.number(value), field)
    if field.kind == "moment":
        return moment(value)
    return plain("" if value is None else str(value), limit=_LONGEST_CELL)


def number_words(value: float | None, field: TableField) -> str:
    """A number of a field, without its unit, which stands in its label."""
    if value is None:
        return UNKNOWN
    if field.kind == "seconds":
        return duration(value)
    if field.kind == "share":
        return f"{100 * value:.1f}"
    if field.kind == "points":
        return digits(100 * value, most_decimals=1, signed=True)
    return f"{value:.6g}" if field.group == "config" or value.is_integer() else f"{value:.4g}"


def _status(known: _Known, run: ListedRun) -> str:
    """Of a run that waits with its place: when it is its turn."""
    stands = known.places.get(run.id)
    if stands is None:
        return STATUS_ICONS[run.status]
    return f"{STATUS_ICONS['queued']}, place {stands.place:,}"


def _remark(listing: Listing, run: ListedRun) -> str:
    """What it was forked from, and whether it was changed by hand."""
    words = []
    if run.origin:
        parent = listing.by_id.get(run.origin["run"])
        of = plain(parent.row.name, limit=40) if parent else "a deleted run"
        words.append(f"fork of {of} at epoch {run.origin['epoch'] + 1}")
    if run.row.changed_by_hand:
        words.append("changed by hand")
    return ", ".join(words)
