"""What was found in a dataset: each with its images, a count, and what one click can do."""

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.dataset import Dataset, Finding
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted
from cnnlab.ui.gallery import ask_images
from cnnlab.ui.text import escaped
from cnnlab.ui.version_view import show_version

_SHOWN_IMAGES = 24
_TITLES = {
    "few_images": "Classes with few images",
    "imbalance": "Classes of very different size",
    "duplicates": "Exact copies",
    "near_duplicates": "Almost equal images",
    "label_conflict": "One picture in several classes",
    "leak": "One picture in several splits",
    "blank": "Blank images",
    "dark": "Almost black images",
    "blurred": "Blurred images",
    "tiny": "Tiny images",
    "odd_shape": "Images of an unusual shape",
}
_REMEDIES = {
    "exclude": ("Exclude these", ":material/block:"),
    "keep_one": ("Keep one of each", ":material/filter_1:"),
    "one_split": ("Move each to one split", ":material/call_merge:"),
}
_PROBLEM = "remedy_problem"


def render_report(dataset: Dataset) -> None:
    """All findings of a dataset, those that the user keeps as they are folded away."""
    kept = lab.kept_findings(dataset.id)
    findings = lab.findings(dataset.id)
    uploaded = [
        warning
        for warning in dataset.warnings
        if warning.kind not in {finding.kind for finding in findings}
    ]
    for warning in uploaded:
        st.info(escaped(warning.message, limit=1000), icon=":material/info:")
    if _PROBLEM in st.session_state:
        st.error(escaped(st.session_state.pop(_PROBLEM), limit=1000))
    if not findings:
        st.success(
            "Nothing is wrong with the images: no copies, no poor images, no small classes.",
            icon=":material/check_circle:",
        )
    for finding in findings:
        if finding.kind not in kept:
            with st.container(border=True, key=f"finding_{finding.kind}"):
                _render_finding(dataset, finding)
    if hidden := [finding for finding in findings if finding.kind in kept]:
        names = ", ".join(_TITLES[finding.kind].lower() for finding in hidden)
        st.caption(f"Kept as they are: {names}.")


def _render_finding(dataset: Dataset, finding: Finding) -> None:
    st.markdown(f"**{_TITLES[finding.kind]}** · {finding.count:,}")
    st.markdown(escaped(finding.message, limit=1000))
    rows = [row for group in finding.groups for row in group]
    if rows:
        starts = [group[0] for group in finding.groups if len(group) > 1]
        ask_images(
            dataset.id,
            np.array(rows[:_SHOWN_IMAGES]),
            key=f"images_{finding.kind}",
            version=dataset.id,
            starts=starts,
            selectable=False,
        )
    if len(rows) > _SHOWN_IMAGES:
        st.caption(
            f"{counted(len(rows) - _SHOWN_IMAGES, 'more image')}: see them all in the gallery."
        )
    with st.container(horizontal=True):
        for remedy in finding.remedies:
            words, icon = _REMEDIES[remedy]
            st.button(
                words,
                key=f"remedy_{finding.kind}_{remedy}",
                icon=icon,
                on_click=_apply,
                args=(dataset.id, finding.kind, remedy),
            )
        st.button(
            "Keep as it is",
            key=f"remedy_{finding.kind}_keep",
            type="tertiary",
            on_click=lab.keep_finding,
            args=(dataset.id, finding.kind),
        )


def _apply(dataset: str, kind: str, remedy: str) -> None:
    try:
        show_version(lab.apply_remedy(dataset, kind, remedy))
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
