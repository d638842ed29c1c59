"""What was found in a dataset: each with its images, a count, and what one click can do."""

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset, Finding
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import called, counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.gallery.gallery import ask_images
from cnnlab.ui.data.gallery_view import show_finding
from cnnlab.ui.data.label_choices import render_notes
from cnnlab.ui.data.range_view import render_range
from cnnlab.ui.data.version_view import show_version
from cnnlab.ui.text import escaped

_SHOWN_IMAGES = 24
_SHOWN_OF_EACH = 6
_ICONS = {
    "exclude": ":material/block:",
    "keep_one": ":material/filter_1:",
    "one_split": ":material/call_merge:",
    "draw_split": ":material/shuffle:",
}
_ABOUT_CLASSES = {"class_sets", "few_images", "one_picture"}
_PROBLEM = "remedy_problem"


def render_findings(dataset: Dataset) -> None:
    """All findings of a dataset, those that the user keeps as they are folded away."""
    findings = lab.findings(dataset.id)
    undecided = lab.open_findings(dataset.id)
    render_notes(dataset)
    render_range(dataset)
    if _PROBLEM in st.session_state:
        st.error(escaped(st.session_state.pop(_PROBLEM), limit=1000))
    if not findings:
        st.success(
            "Nothing was found: no copies, no poor images, and enough images to begin with.",
            icon=":material/check_circle:",
        )
    elif not undecided:
        st.success("Everything that was found is decided on.", icon=":material/check_circle:")
    for finding in undecided:
        _render_finding(dataset, finding, is_kept=False)
    if kept := [finding for finding in findings if finding not in undecided]:
        words = "1 kept as it is" if len(kept) == 1 else f"{len(kept)} kept as they are"
        with st.expander(f"{words} · show", icon=":material/done_all:", key="kept_findings"):
            for finding in kept:
                _render_finding(dataset, finding, is_kept=True)


def _render_finding(dataset: Dataset, finding: Finding, *, is_kept: bool) -> None:
    with st.container(border=True, key=f"finding_{finding.kind}"):
        st.markdown(f"**{lab.FINDING_TITLES[finding.kind]}** · {finding.amount}")
        st.markdown(escaped(finding.message, limit=1000))
        shown = [row for group in finding.groups for row in group[:_SHOWN_OF_EACH]]
        if shown:
            ask_images(
                dataset.id,
                np.array(shown[:_SHOWN_IMAGES]),
                key=f"images_{finding.kind}",
                version=dataset.id,
                starts=[group[0] for group in finding.groups if len(group) > 1],
                selectable=False,
            )
        with st.container(horizontal=True):
            _render_choices(dataset, finding, is_kept)


def _render_choices(dataset: Dataset, finding: Finding, is_kept: bool) -> None:
    """A button for each remedy, one to pick images by hand, one to leave everything as it is."""
    kind = finding.kind
    for remedy in () if is_kept else finding.remedies:
        st.button(
            _remedy_words(dataset, finding, remedy),
            key=f"remedy_{kind}_{remedy}",
            icon=_ICONS[remedy],
            on_click=_apply,
            args=(dataset.id, kind, remedy),
            **for_editors(),
        )
    if finding.groups:
        count = len({row for group in finding.groups for row in group})
        st.button(
            "See it in the gallery" if count == 1 else f"See all {count:,} in the gallery",
            key=f"gallery_{kind}",
            icon=":material/photo_library:",
            on_click=show_finding,
            args=(dataset, kind),
        )
    words, decide = (
        ("Undo: no longer keep it as it is", lab.reopen_finding)
        if is_kept
        else ("Keep as it is", lab.keep_finding)
    )
    st.button(
        words,
        key=f"remedy_{kind}_{'reopen' if is_kept else 'keep'}",
        type="secondary" if is_kept else "tertiary",
        icon=":material/undo:" if is_kept else None,
        on_click=decide,
        args=(dataset.id, kind),
        **for_editors(),
    )


def _remedy_words(dataset: Dataset, finding: Finding, remedy: str) -> str:
    """What the click will do, to how many images."""
    images = counted(lab.images_changed(dataset.id, finding, remedy), "image")
    if remedy == "keep_one":
        return f"Keep one of each, exclude {images}"
    if remedy == "one_split":
        return f"Put each picture into one split, move {images}"
    if remedy == "draw_split":
        return f"Draw new splits, {images} may train again"
    if finding.kind not in _ABOUT_CLASSES:
        return f"Exclude {images}"
    if len(finding.groups) > 1:
        return f"Exclude these {len(finding.groups)} classes with {images}"
    [first] = lab.image_facts(dataset.id, np.array(finding.groups[0][:1]))
    return f"Exclude the class {escaped(called(first.label), limit=40)} with {images}"


def _apply(dataset: str, kind: str, remedy: str) -> None:
    try:
        show_version(lab.apply_remedy(dataset, kind, remedy), instead_of=dataset)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
