"""The table of all studies; a click on a row opens the study."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted
from cnnlab.ui.clicks import clicked
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import moment, plain

_REFRESH_SECONDS = 2.0
_ROW_PX, _TABLE_PX = 36, 400
_COLUMNS = {
    "study": st.column_config.TextColumn("Study", width=300),
    "dataset": st.column_config.TextColumn("Dataset", width=140),
    "outcome": st.column_config.TextColumn("Outcome", width=330),
    "arms": st.column_config.TextColumn("Arms", width=200),
    "seeds": st.column_config.NumberColumn("Seeds", width=60),
    "done": st.column_config.ProgressColumn("Finished", min_value=0, max_value=1, width=110),
    "created": st.column_config.TextColumn("Started", width=130),
}


def render_study_table() -> None:
    """Show the studies, newest first; refreshed while any of them is active."""
    if not lab.list_studies():
        return
    st.header("Your studies", anchor=False)
    active = any(run.study for run in lab.list_runs(active=True))
    st.fragment(_render_rows, run_every=_REFRESH_SECONDS if active else None)()


def _render_rows() -> None:
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    studies = lab.list_studies()
    runs: dict[str, list[Run]] = {}
    for run in lab.list_runs():
        runs.setdefault(run.study or "", []).append(run)
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    rows = [_row(study, runs.get(study.id, []), names) for study in studies]
    st.caption("Click a study to open it.")
    event = st.dataframe(
        pd.DataFrame(rows),
        key="studies_table",
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _ROW_PX * (len(rows) + 1) + 2),
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_COLUMNS,
    )
    if chosen := clicked(event, [study.id for study in studies], table="studies_table"):
        st.switch_page(page_file("study"), query_params={"study": chosen})


def _row(study: Study, runs: list[Run], names: dict[str, str]) -> dict[str, Any]:
    finished = sum(run.status is Status.FINISHED for run in runs)
    outcome = lab.study_outcome(study, runs)
    return {
        "study": plain(study.name),
        "outcome": plain(outcome or f"{finished} of {counted(len(study.pairs), 'run')}", limit=160),
        "dataset": plain(names.get(study.dataset, study.dataset)),
        "arms": plain(", ".join(arm.name for arm in study.arms), limit=80),
        "seeds": len(study.seeds),
        "done": finished / len(study.pairs),
        "created": moment(study.created_at),
    }
