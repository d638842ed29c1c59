"""One format of a run: its download, how far its preparation is, or the button that begins it."""

from collections.abc import Mapping

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run
from cnnlab.domain.words import data_size
from cnnlab.server.downloads import model_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.page_check.page_check import render_page_check
from cnnlab.ui.models.words import OUTDATED, compared_words
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

ALL_FORMATS = "all_formats_table"
"""Key of the table of all formats on the Models page, which is open or folded."""

FORMAT_PX = 170
"""Width of the choice of a format."""

_POLL_SECONDS = 0.5
_PROBLEM = "export_problem"
"""Session key: why what was pressed last couldn't be done."""


def ask_calibrated(run: Run) -> bool:
    """Whether models are to have the temperature of the evaluation, where that found one."""
    temperature = lab.calibration_temperature(run.id)
    if temperature is None:
        return False
    return st.toggle(
        "Calibrated",
        key="export_calibrated",
        help="The probabilities of the file are made truer by the temperature that the evaluation "
        f"on the validation images found ({temperature:.3g}): the classes stay the same, the model "
        f"becomes {'less' if temperature > 1 else 'more'} sure of them.",
    )


def render_quick_downloads(names: Mapping[str, str]) -> None:
    """A download for each model, in the first format that is ready, and the way to all others.

    Args:
        names: of runs, by id; a name stands on its button where there are several.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="quick_downloads"):
        for run, name in names.items():
            _render_quick(run, f" of {escaped(name, limit=40)}" if len(names) > 1 else "")


def _render_quick(run: str, of: str) -> None:
    ready = next((row for row in lab.export_overview(run) if _is_there(row)), None)
    if ready is not None:
        st.link_button(
            f"Download the model{of}",
            model_address(run, ready.format.name),
            icon=":material/download:",
            help=f"{ready.format.title} ({ready.format.suffix}). {ready.format.purpose}",
        )
    if st.button(
        f"All formats{of}" if ready else f"Take it along{of}",
        key=f"open_formats_{run}",
        type="tertiary" if ready else "secondary",
        icon=":material/deployed_code:",
    ):
        st.session_state[ALL_FORMATS] = True
        st.switch_page(page_file("models"), query_params={"run": run})


def _is_there(row: lab.ExportRow) -> bool:
    return row.is_ready and row.format.group == "model"


def ask_format(rows: list[lab.ExportRow]) -> lab.ExportRow:
    """Ask for one of the formats; the first time, for what is being prepared or is there."""
    by_name = {row.format.name: row for row in rows}
    under_way = [at for at, row in enumerate(rows) if row.is_under_way or row.images_to_check]
    ready = [at for at, row in enumerate(rows) if row.is_ready]
    name = st.selectbox(
        "Format of the model",
        list(by_name),
        index=next(iter(under_way + ready), 0),
        format_func=lambda name: f"{by_name[name].format.title} ({by_name[name].format.suffix})",
        key="export_format",
        label_visibility="collapsed",
        width=FORMAT_PX,
    )
    return by_name[name]


def render_format(run: Run, row: lab.ExportRow, *, prepare_key: str) -> None:
    """What there is of a format: a download, progress, or the button.

    Args:
        run: whose model it is.
        row: the format.
        prepare_key: of the button that begins its preparation.
    """
    if row.state is not None and row.state.answer is not None:
        if row.images_to_check:
            render_page_check(run.id, row.images_to_check, calibrated=row.calibrated)
        else:
            _render_download(run, row, row.state.answer)
        if row.is_outdated:
            _render_again(run, row, prepare_key)
    elif row.is_under_way:
        progress = st.fragment(_render_progress, run_every=_POLL_SECONDS)
        progress(run.id, row.format.name, row.calibrated)
    else:
        _render_preparation(run, row, prepare_key)


def render_problems(row: lab.ExportRow) -> None:
    """Why a format couldn't be prepared, or why what was pressed couldn't be done."""
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    state = row.state
    if state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")


def prepare(run: str, names: list[str], *, calibrated: bool) -> None:
    """Have formats prepared after each other; what can't be is said at the next drawing."""
    problems = {}
    for name in names:
        try:
            lab.prepare_model(run, name, calibrated=calibrated)
        except CnnlabError as error:
            problems[str(error)] = name
    if problems:
        st.session_state[_PROBLEM] = " ".join(problems)


def cancel(run: str, names: list[str], *, calibrated: bool) -> None:
    """Cancel preparations that nobody wants any more; they can be asked for again."""
    try:
        for name in names:
            lab.cancel_export(run, name, calibrated=calibrated)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _render_download(run: Run, row: lab.ExportRow, check: ExportCheck) -> None:
    chosen = row.format
    st.link_button(
        "Download the model" if chosen.group == "model" else f"Download: {chosen.title}",
        model_address(run.id, chosen.name, calibrated=row.calibrated),
        type="primary",
        icon=":material/download:",
    )
    size = row.download_bytes or check["bytes"]
    beside = "the class names and a usage example"
    if chosen.group == "code":
        beside = "the initial weights, the order of the images, and who trains and who validates"
    what = f"A zip with `{chosen.file}`, {beside}. "
    st.caption(
        f"{what if chosen.has_package else ''}{chosen.purpose} {data_size(size)}. "
        f"{compared_words(run, chosen, check)}"
    )
    line = lab.serve_line(run.id, chosen.name, calibrated=row.calibrated)
    if line:
        with st.container():
            st.caption(
                "This line in a shell serves it to programs, over HTTP and without TensorFlow:"
            )
            st.code(line, language=None, wrap_lines=True)


def _render_preparation(run: Run, row: lab.ExportRow, key: str) -> None:
    chosen = row.format
    if row.pip_line:
        with st.container():  # below each other: a line in a narrow box breaks
            st.caption(
                f"{chosen.purpose} It needs packages that aren't installed; this line in a shell "
                "installs them:"
            )
            st.code(row.pip_line, language=None, wrap_lines=True)
        return
    words = "Prepare the model" if chosen.group == "model" else "Prepare it"
    # No help text here: Streamlit draws a button that has one twice, which confuses scripts.
    if st.button(words, key=key, icon=":material/deployed_code:"):
        prepare(run.id, [chosen.name], calibrated=row.calibrated)
        st.rerun()
    st.caption(f"{chosen.purpose} It is written and checked when somebody wants it.")


def _render_again(run: Run, row: lab.ExportRow, key: str) -> None:
    what = "temperature or threshold" if row.calibrated else "threshold"
    if st.button("Prepare it again", key=key, icon=":material/refresh:"):
        prepare(run.id, [row.format.name], calibrated=row.calibrated)
        st.rerun()
    st.caption(
        f"{OUTDATED[0].upper()}{OUTDATED[1:]}. It has another {what} than the evaluation on the "
        "validation images found."
    )


def _render_progress(run: str, name: str, calibrated: bool) -> None:
    state = lab.model_state(run, name, calibrated=calibrated)
    if state is None or state.is_ended:
        st.rerun()
    with st.container(key="model_progress"):
        st.markdown(f":material/progress_activity: {escaped(state.phase)} ...")
        st.button(
            "Cancel",
            key="cancel_export",
            icon=":material/close:",
            on_click=cancel,
            args=(run, [name]),
            kwargs={"calibrated": calibrated},
            **for_editors(),
        )
