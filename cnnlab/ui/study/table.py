"""The table of all studies; a click on a row opens the study."""

from functools import partial
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted, percent
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import moment, plain

_REFRESH_SECONDS = 2.0
_COLUMNS = {
    "study": Column("Study"),
    "outcome": Column("Outcome"),
    "dataset": Column("Dataset"),
    "arms": Column("Arms"),
    "seeds": Column("Seeds", "number"),
    "done": Column("Finished", "bar", partial(percent, decimals=0)),
    "created": Column("Started", "moment"),
}


def render_study_table() -> None:
    """Show the studies, newest first; refreshed while any of them is active."""
    if not lab.list_studies():
        return
    st.header("Your studies", anchor=False)
    active = any(run.study for run in lab.list_runs(active=True))
    st.fragment(_render_rows, run_every=_REFRESH_SECONDS if active else None)()


def _render_rows() -> None:
    studies = lab.list_studies()
    runs: dict[str, list[Run]] = {}
    for run in lab.list_runs():
        runs.setdefault(run.study or "", []).append(run)
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    rows = [_row(study, runs.get(study.id, []), names) for study in studies]
    st.caption("Choose a study to open it.")
    chosen = render_table(
        rows,
        key="studies_table",
        name="Your studies",
        columns=_COLUMNS,
        ids=[study.id for study in studies],
        page="study?study=",
    )
    if chosen:
        st.switch_page(page_file("study"), query_params={"study": chosen})


def _row(study: Study, runs: list[Run], names: dict[str, str]) -> dict[str, Any]:
    finished = sum(run.status is Status.FINISHED for run in runs)
    outcome = lab.study_outcome(study, runs)
    return {
        "study": plain(study.name, limit=100),
        "outcome": plain(outcome or f"{finished} of {counted(len(study.pairs), 'run')}", limit=160),
        "dataset": plain(names.get(study.dataset, study.dataset)),
        "arms": plain(", ".join(arm.name for arm in study.arms), limit=80),
        "seeds": len(study.seeds),
        "done": finished / len(study.pairs),
        "created": moment(study.created_at),
    }
