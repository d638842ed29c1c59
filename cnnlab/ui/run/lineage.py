"""Where a run comes from and what was done to it by hand: in words, and as its charts want it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.course.dials import dials_of
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.history import thin
from cnnlab.domain.records.result import Origin
from cnnlab.domain.records.stream import ChartData, DialWords, ParentEpoch
from cnnlab.domain.run import Run
from cnnlab.fields import extra, walk
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

_PARENT_EPOCHS_DRAWN = 500


def render_origin(run: Run) -> None:
    """The way to the run that this one was forked from and to its study, if any."""
    if run.study and st.button(
        _study_words(run),
        key="open_study",
        type="tertiary",
        icon=":material/science:",
    ):
        st.switch_page(page_file("study"), query_params={"study": run.study})
    if not run.origin:
        return
    epoch = run.origin["epoch"] + 1
    try:
        parent = lab.load_run(run.origin["run"])
    except NotFoundError:
        st.caption(f":material/fork_right: Fork at epoch {epoch} of a run that was deleted")
        return
    # No page link: one to the page that is shown leaves the browser's address as it was.
    if st.button(
        f"Fork at epoch {epoch} of {escaped(parent.name, limit=80)}",
        key="open_parent",
        type="tertiary",
        icon=":material/fork_right:",
    ):
        st.switch_page(page_file("runs"), query_params={"run": parent.id})


def _study_words(run: Run) -> str:
    try:
        name = lab.load_study(run.study or "").name
    except CnnlabError:  # deleted, or damaged: its page says which
        return "In a study"
    return f"In the study '{escaped(name)}'"


def dial_words(config: RunConfig | None) -> dict[str, DialWords]:
    """Label, unit and value at the launch of every dial, by its dotted field; none without one."""
    if config is None:
        return {}
    infos = dict(walk(RunConfig))
    return {
        name: {
            "label": extra(infos[name], "label"),
            "unit": extra(infos[name], "unit"),
            "value": value_at(config, name),
        }
        for name in dials_of(config)
    }


def chart_data(run: Run) -> ChartData:
    """What the live chart wants besides the stream: the dials, the branch and the parent's curve.

    Raises:
        StorageError: the files of the run or of its parent are damaged.
    """
    config = load_stored(run.config)
    return {
        "dials": dial_words(config),
        "auto_batch_size": value_at(config or run.config, "training.batch_size") == "auto",
        "branch": run.origin["epoch"] if run.origin else None,
        "parent": _parent_history(run.origin),
    }


def _parent_history(origin: Origin | None) -> list[ParentEpoch]:
    if origin is None:
        return []
    try:
        history = lab.view_run(origin["run"]).history
    except CnnlabError:  # deleted, or damaged: this run's own curve is all there
        return []
    drawn = thin(history, _PARENT_EPOCHS_DRAWN)
    return [
        {
            "epoch": record["epoch"],
            "clean_cross_entropy": record["clean_cross_entropy"],
            "clean_accuracy": record["clean_accuracy"],
            "val_cross_entropy": record["val_cross_entropy"],
            "val_accuracy": record["val_accuracy"],
            "penalty": record["penalty"],
        }
        for record in drawn
    ]
