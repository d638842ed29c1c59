"""What stands in the cells of the table of runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.domain.words import UNKNOWN, digits, duration
from cnnlab.lab import ListedRun, Listing, RunsView, TableField
from cnnlab.ui.components.run_table.run_table import RunColumn, RunLine, RunTableData
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
    if not any(_remark(listing, run) for run in shown):
        fields = [field for field in fields if field.name != "remarks"]
    strange = lab.of_another_version([run.id for run in shown]) if "changed" in view.columns else ()
    rows = [_line(listing, run, fields, run.id in ticked) for run in shown]
    _say_places(shown, fields, rows)
    for place, field in enumerate(fields):
        for row in rows:
            if field.name == "changed" and row["id"] in strange:
                row["cells"][place] = OF_ANOTHER_VERSION
    return {
        "columns": [_column(field, view) for field in fields],
        "rows": rows,
        "sorted": _sorted("name", view),
        "version": version,
        "page": _ADDRESS_OF_A_RUN,
    }


def _column(field: TableField, view: RunsView) -> RunColumn:
    return {
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "kind": "curve" if field.kind == "curve" else "number" if field.is_number else "text",
        "sorted": _sorted(field.name, view),
    }


def _sorted(name: str, view: RunsView) -> Any:  # noqa: ANN401 - one of the component's words
    if view.sort.removeprefix("-") != name:
        return ""
    return "descending" if view.sort.startswith("-") else "ascending"


def _line(listing: Listing, run: ListedRun, fields: list[TableField], ticked: bool) -> RunLine:
    return {
        "id": run.id,
        "name": plain(run.row.name, limit=80) or run.id,
        "starred": run.row.starred,
        "ticked": ticked,
        "status": run.status,
        "cells": [cell_words(listing, run, field) for field in fields],
        "curve": run.curve,
    }


def _say_places(
    shown: Sequence[ListedRun], fields: Sequence[TableField], rows: Sequence[RunLine]
) -> None:
    """Of runs that wait it is said when it is their turn."""
    if not any(run.status is Status.QUEUED for run in shown):
        return
    places = lab.queue_places()
    for column, field in enumerate(fields):
        for row in rows:
            if field.name == "status" and row["id"] in places:
                row["cells"][column] = f"{STATUS_ICONS['queued']}, place {places[row['id']]:,}"


def cell_words(listing: Listing, run: ListedRun, field: TableField) -> str:
    """What a field says of a run."""
    special = {
        "status": lambda: STATUS_ICONS[run.status],
        "dataset": lambda: listing.datasets.get(run.row.dataset, run.row.dataset),
        "epochs": lambda: f"{run.epochs} of {run.epochs_asked}",
        "remarks": lambda: _remark(listing, run),
    }
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
