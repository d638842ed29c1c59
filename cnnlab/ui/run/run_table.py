"""The table of all runs; a click on a row opens the run."""

import contextlib
from typing import Any

import pandas as pd
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.history import gap
from cnnlab.domain.run import Run
from cnnlab.domain.words import listed
from cnnlab.ui.clicks import clicked
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.curves_choice import render_curves_choice
from cnnlab.ui.run.documents_choice import render_tables
from cnnlab.ui.run.lineage import remarks
from cnnlab.ui.run.stored_config import what_is_on
from cnnlab.ui.text import moment, plain

_REFRESH_SECONDS = 2.0
_ROW_PX, _TABLE_PX = 36, 640
_ROWS_AT_ONCE = 200
"""A page of 10,000 rows takes seconds to make, again and again while a run trains."""

_NO_RUN = "There is no run yet. Choose a dataset and press Train: the run appears here."
_NO_RUN_ALONE = (
    "All runs so far belong to {words}: switch on 'Runs of {words} too' to see them here, or "
    "choose a dataset and press Train for a run of its own."
)
STATUS_ICONS = {
    "queued": "⏳ queued",
    "running": "▶ running",
    "finished": "✓ finished",
    "stopped": "■ stopped",
    "failed": "✕ failed",
    "interrupted": "⚠ interrupted",
}


def render_all_runs() -> None:
    """The table of the runs of no study and no search and, on request, of all."""
    alone = True
    if words := _of_many():
        alone = not st.toggle(f"Runs of {words} too", key="with_studies", persist_state="session")
    render_run_table(alone=alone)
    with st.container(horizontal=True):
        render_curves_choice(alone=alone)
        if lab.list_runs(limit=1):
            render_tables([], place="all", words="Everything as tables")


def _of_many() -> str:
    """What runs may belong to, of what there is."""
    there = {"studies": lab.list_studies(), "searches": lab.list_searches()}
    return listed([words for words, found in there.items() if found])


def render_run_table(*, alone: bool = True, limit: int | None = None) -> None:
    """Show the runs, newest first; refreshed while any of them is active.

    Args:
        alone: only those of no study and no search.
        limit: at most so many rows; without it as many as are asked for by clicking.
    """
    active = lab.list_runs(alone=alone, active=True, limit=1)
    render = st.fragment(_render_rows, run_every=_REFRESH_SECONDS if active else None)
    render(alone, limit)


def _render_rows(alone: bool, limit: int | None) -> None:
    shown = limit or st.session_state.setdefault("runs_shown", _ROWS_AT_ONCE)
    runs = lab.list_runs(alone=alone, limit=shown + 1)
    are_all, runs = len(runs) <= shown, runs[:shown]
    if not runs:
        others = alone and lab.list_runs(limit=1)
        st.info(_NO_RUN_ALONE.format(words=_of_many()) if others else _NO_RUN)
        st.page_link(page_file("train"), label="Go to Train", icon=":material/tune:")
        return
    table = pd.DataFrame(_table_rows(runs))
    newest = "" if are_all or limit else f" The newest {shown} are shown."
    st.caption(f"Click a run to open it.{newest}")
    event = st.dataframe(
        table,
        key="runs_table",
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _ROW_PX * (len(runs) + 1) + 2),
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_COLUMNS,
        placeholder="–",
    )
    if chosen := clicked(event, [run.id for run in runs], table="runs_table"):
        st.switch_page(page_file("runs"), query_params={"run": chosen})
    if newest:
        st.button(f"Show {_ROWS_AT_ONCE} more", key="more_runs", on_click=_show_more)


def _show_more() -> None:
    st.session_state.runs_shown += _ROWS_AT_ONCE


_COLUMNS = {
    "run": st.column_config.TextColumn("Run", width=190),
    "status": st.column_config.TextColumn("Status", width=95),
    "remarks": st.column_config.TextColumn(
        "Remarks",
        width=210,
        help="What it was forked from; whether its dials were turned by hand, so that its "
        "configuration alone doesn't explain its curves.",
    ),
    "dataset": st.column_config.TextColumn("Dataset", width=120),
    "changed": st.column_config.TextColumn(
        "What is on", width=160, help="Everything that isn't at its default."
    ),
    "accuracy": st.column_config.NumberColumn(
        "Best val. accuracy",
        format="%.1f %%",
        help="Validation accuracy of the best epoch. The same images chose it, so it is somewhat "
        "too good: the run's page says by how much.",
    ),
    "gap": st.column_config.NumberColumn(
        "Gap",
        format="%+.1f points",
        help="Clean train accuracy minus validation accuracy, at the best epoch, in percentage "
        "points.",
    ),
    "curve": st.column_config.LineChartColumn(
        "Validation accuracy", y_min=0, y_max=1, width=110, help="Over the epochs so far."
    ),
    "epochs": st.column_config.TextColumn("Epochs", width=90),
    "created": st.column_config.TextColumn("Started", width=145),
}


def _table_rows(runs: list[Run]) -> list[dict[str, Any]]:
    """A row for each run; the remarks are left out where there are none."""
    datasets = {dataset.id: dataset for dataset in lab.list_datasets()}
    names = {run.id: run.name for run in runs}
    for parent in {run.origin["run"] for run in runs if run.origin} - set(names):
        with contextlib.suppress(NotFoundError):  # it was deleted
            names[parent] = lab.load_run(parent).name
    rows = [_row(run, datasets, names) for run in runs]
    if not any(row["remarks"] for row in rows):
        rows = [{name: row[name] for name in row if name != "remarks"} for row in rows]
    return rows


def _row(run: Run, datasets: dict[str, Dataset], names: dict[str, str]) -> dict[str, Any]:
    dataset = datasets.get(run.dataset)
    done = run.last["epoch"] + 1 if run.last else 0
    difference = gap(run.best)
    accuracy = run.best.get("val_accuracy")
    return {
        "run": plain(run.name),
        "status": STATUS_ICONS[run.status],
        "remarks": remarks(run, names),
        "dataset": plain(dataset.name if dataset else run.dataset),
        "changed": what_is_on(run) or "defaults",
        "accuracy": None if accuracy is None else 100 * accuracy,
        "gap": None if difference is None else 100 * difference,
        "curve": run.sparkline,
        "epochs": f"{done} of {run.config['training']['epochs']}",
        "created": moment(run.created_at),
    }
