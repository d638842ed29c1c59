"""What a run's curves show, in words, and one next run against each of it."""

import streamlit as st

from cnnlab import lab
from cnnlab.diagnosis.diagnosis import Diagnosis, remedied
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.result.result_view import kept_epoch
from cnnlab.ui.text import escaped

_ICONS = {
    "good": ":green[:material/check_circle:]",
    "note": ":blue[:material/info:]",
    "warning": ":orange[:material/warning:]",
    "problem": ":red[:material/error:]",
}


def render_diagnosis(view: lab.RunView) -> None:
    """The diagnoses of an ended run, most serious first; nothing where none can be told."""
    found = lab.diagnose_run(view)
    if not found:
        return
    with st.container(key="diagnosis"):
        st.header("Diagnosis", anchor=False)
        if told := _about_epochs(view):
            st.caption(told)
        for number, diagnosis in enumerate(found):
            _render_one(view, diagnosis, number)


def _about_epochs(view: lab.RunView) -> str:
    """Which epochs it speaks of, where the numbers beside it are those of another than the last."""
    kept, last = kept_epoch(view), len(view.history) - 1
    if kept is None or kept == last:
        return ""
    return (
        f"Of the whole curves, to epoch {last + 1}. The numbers above and the model are those of "
        f"epoch {kept + 1}."
    )


def _render_one(view: lab.RunView, found: Diagnosis, number: int) -> None:
    with st.container(border=True):
        words = escaped(in_labels(found.words), limit=1000)
        st.markdown(f"{_ICONS[found.severity]} **{found.title}**: {words}")
        if found.remedy and st.button(
            found.remedy_words.removesuffix("."),  # a label is no sentence
            key=f"remedy_{number}",
            icon=":material/arrow_forward:",
        ):
            fill_form(remedied(load_config(view.run.config), found.remedy))
            st.switch_page(page_file("train"))
        elif found.remedy_words and not found.remedy:
            st.caption(escaped(found.remedy_words, limit=300))
