"""The model of a run to take along: the choice of a format, its file, or how far that is."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run
from cnnlab.domain.words import data_size, percent
from cnnlab.server.downloads import model_address
from cnnlab.ui.text import escaped

_POLL_SECONDS = 0.5


def render_exports(run: Run) -> None:
    """The format to choose, and what there is in it: a download, progress, or the button."""
    formats = {each.name: each for each in lab.export_formats()}
    with st.container(horizontal=True, vertical_alignment="center", key="download_model"):
        name = st.selectbox(
            "Format of the model",
            list(formats),
            index=_first_choice(run, list(formats)),
            format_func=lambda name: f"{formats[name].title} ({formats[name].suffix})",
            key="export_format",
            label_visibility="collapsed",
            width=170,
        )
        calibrated = _ask_calibrated(run)
        chosen, state = formats[name], lab.model_state(run.id, name, calibrated=calibrated)
        if state is not None and state.answer is not None:
            _render_download(run, chosen, state.answer, calibrated=calibrated)
        elif state is not None and not state.is_ended:
            st.fragment(_render_progress, run_every=_POLL_SECONDS)(run.id, name, calibrated)
        else:
            _render_preparation(run, chosen, calibrated=calibrated)
    if state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")


def _ask_calibrated(run: Run) -> bool:
    """Whether the model is to have the temperature of its evaluation, where that found one."""
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


def _first_choice(run: Run, names: list[str]) -> int:
    """Where the page is loaded anew: what is being prepared, else what there is, else the first."""
    states = [lab.model_state(run.id, name) for name in names]
    under_way = [at for at, state in enumerate(states) if state and not state.is_ended]
    ready = [at for at, state in enumerate(states) if state and state.is_ready]
    return next(iter(under_way + ready), 0)


def _render_download(
    run: Run, chosen: lab.ExportFormat, check: ExportCheck, *, calibrated: bool
) -> None:
    st.link_button(
        "Download the model",
        model_address(run.id, chosen.name, calibrated=calibrated),
        type="primary",
        icon=":material/download:",
    )
    what = f"A zip with `{chosen.file}`, the class names and a usage example. "
    st.caption(
        f"{what if chosen.has_package else ''}{chosen.purpose} {_compared(run, chosen, check)}, "
        f"{data_size(check['bytes'])}."
    )


def _compared(run: Run, chosen: lab.ExportFormat, check: ExportCheck) -> str:
    agreement, milliseconds = check["top1_agreement"], check["milliseconds_per_image"]
    if agreement is None or milliseconds is None:
        return f"Not verified: {escaped(check.get('not_verified', ''), limit=1000)}"
    return (
        f"Loaded again in {chosen.runtime} and compared on validation images{_in_float32(run)}: "
        f"{_difference(check)}, same class in {percent(agreement)}, "
        f"{milliseconds:.3g} ms per image"
    )


def _in_float32(run: Run) -> str:
    precision = run.config["training"].get("precision", "float32")
    return "" if precision == "float32" else f" in float32, while training computed in {precision}"


def _difference(check: ExportCheck) -> str:
    difference = check["max_abs_difference"]
    return f"largest difference {difference:.1e}" if difference else "no difference"


def _render_preparation(run: Run, chosen: lab.ExportFormat, *, calibrated: bool) -> None:
    if chosen.pip_line:
        st.caption(
            f"{chosen.purpose} It needs packages that aren't installed; this line in a shell "
            "installs them:"
        )
        st.code(chosen.pip_line, language="bash", wrap_lines=True)
        return
    # No help text here: Streamlit draws a button that has one twice, which confuses scripts.
    if st.button("Prepare the model", key="prepare_model", icon=":material/deployed_code:"):
        lab.prepare_model(run.id, chosen.name, calibrated=calibrated)
        st.rerun()
    st.caption(f"{chosen.purpose} It is written and checked when somebody wants it.")


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
            on_click=lab.cancel_export,
            args=(run, name),
            kwargs={"calibrated": calibrated},
        )
