"""The Models page: which model, and what it can be taken along as."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.choice_words import in_choice_words
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run
from cnnlab.domain.words import percent
from cnnlab.server.downloads import exports_address
from cnnlab.ui.components.formats.formats import FormatsData, ask_formats
from cnnlab.ui.components.scroll.scroll import render_scrolling, scroll_to
from cnnlab.ui.models.details import render_details
from cnnlab.ui.models.list_view import MODEL, render_model_list
from cnnlab.ui.models.one_format import (
    ALL_FORMATS,
    FORMAT_PX,
    ask_calibrated,
    ask_format,
    cancel,
    prepare,
    render_format,
    render_problems,
)
from cnnlab.ui.models.tags import ask_tags
from cnnlab.ui.models.words import format_rows
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.openings import render_openings
from cnnlab.ui.run.result.documents_choice import render_documents
from cnnlab.ui.run.run_choice import ask_run
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped

_POLL_SECONDS = 0.5
_SHOWN = "export_format_asked"
"""Session key: the format whose name was pressed in the table."""


def render_models() -> None:
    """The whole page."""
    st.title("Models", anchor=False)
    st.caption(
        "What was trained here, to be taken along. Before a file is offered, its own runtime loads "
        "it, and the answers are compared with the model's. Where that can't be done, it is said."
    )
    known = lab.list_models()
    run = ask_run(known, first=_first(known))
    if run is not None:
        with st.container(key=MODEL):
            _render_model(run, known.tags)
    if known.models:
        render_model_list(known)
    render_scrolling()


def _first(known: lab.ModelList) -> str | None:
    """Id of the model that stands first in the list, where a reader finds it again."""
    return next((one.id for one in known.like()), None)


def _render_model(run: Run, tags: list[str]) -> None:
    st.header(escaped(run.name, limit=120), anchor=False)
    name_tab(f"Models: {run.name}")
    st.caption(_about(run))
    with st.container(horizontal=True, vertical_alignment="center", key="download_model"):
        place, beside = st.container(width=FORMAT_PX), st.container(width="content")
        with beside:
            calibrated = ask_calibrated(run)
        rows = lab.export_overview(run.id, calibrated=calibrated)
        if st.session_state.get(_SHOWN) in [row.format.name for row in rows]:
            st.session_state.export_format = st.session_state.pop(_SHOWN)
        with place:
            chosen = ask_format(rows)
        render_format(run, chosen, prepare_key="prepare_export")
    render_problems(chosen)
    render_details(run, chosen)
    _render_all_formats(run, chosen, rows, calibrated=calibrated)
    with st.container(horizontal=True):
        if st.button("The run's page", key="open_run", icon=":material/monitoring:"):
            st.switch_page(page_file("runs"), query_params={"run": run.id})
        render_openings(run, on="models")
        render_documents(run)
    ask_tags(run, tags)


def _render_all_formats(
    run: Run, chosen: lab.ExportRow, rows: list[lab.ExportRow], *, calibrated: bool
) -> None:
    """The table of formats, folded: most people want one."""
    under_way = [row.format.name for row in rows if row.is_under_way]
    st.session_state.setdefault(ALL_FORMATS, bool(under_way))
    table = st.expander(
        f"All {len(rows)} formats side by side, several as one zip",
        key=ALL_FORMATS,
        icon=":material/deployed_code:",
        on_change="rerun",
    )
    if table.open:
        with table:
            draw = st.fragment(_render_table, run_every=_POLL_SECONDS if under_way else None)
            draw(run.id, chosen.format.name, under_way, calibrated, [rows])


def _about(run: Run) -> str:
    """What a model is, how good it is, and by how much that flatters it."""
    facts = next(iter(lab.describe_models([run.id])), None)
    optimism = lab.run_optimism(run)
    parts = [
        f"{in_choice_words(facts.network)}, {facts.input}" if facts and facts.network else "",
        f"{facts.parameters:,} parameters" if facts and facts.parameters else "",
    ]
    good = f"Validation accuracy of the best epoch: {percent(run.best.get('val_accuracy'))}."
    known = " · ".join(filter(None, parts))
    return (
        f"{known}{'. ' if known else ''}{escaped(optimism.words if optimism else good, limit=400)}"
    )


def _render_table(
    run: str,
    chosen: str,
    under_way: list[str],
    calibrated: bool,
    known: list[list[lab.ExportRow]],
) -> None:
    """The table; drawn again alone, it looks anew at what there is: `known` has it for once."""
    try:
        rows = known.pop() if known else lab.export_overview(run, calibrated=calibrated)
    except NotFoundError:
        st.rerun()  # deleted in another tab: the whole page says so, and offers nothing of it
    if [row.format.name for row in rows if row.is_under_way] != under_way:
        st.rerun()  # something has begun or ended: the rest of the page says so, too
    data: FormatsData = {
        "rows": format_rows(rows),
        "version": f"{run} {calibrated}",
        "chosen": chosen,
        "address": exports_address(run, []),
        "rest": "&calibrated=yes" if calibrated else "",
    }
    asked = ask_formats(data, key="formats_table")
    if asked is None:
        return
    if asked["action"] == "show":
        st.session_state[_SHOWN] = asked["names"][0]
        scroll_to(MODEL)
    elif asked["action"] == "prepare":
        prepare(run, asked["names"], calibrated=calibrated)
    else:
        cancel(run, asked["names"], calibrated=calibrated)
    st.rerun()
