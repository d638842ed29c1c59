"""The gallery of a dataset: find images page by page, and mend what is wrong by clicking."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset, Finding
from cnnlab.domain.data.fixes import Exclude, Fix, MoveTo, Relabel, RenameClass
from cnnlab.domain.data.split import SPLITS
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.gallery.gallery import ask_images
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.data.adding_view import render_adding
from cnnlab.ui.data.version_view import TURN, show_version
from cnnlab.ui.text import distinct, plain

_PAGE_IMAGES = 60
_EVERYTHING = ""  # as no class is called
_NEW_CLASS = ""
_ALL = {_EVERYTHING: "All images"}
_ONLY_OWN_SPLITS = "Only for datasets with splits of their own; others are split for each run."
_PROBLEM = "fix_problem"


def render_gallery(dataset: Dataset) -> None:
    """Filters, a page of images, and what can be done with the selected ones."""
    findings = {finding.kind: finding for finding in lab.findings(dataset.id) if finding.groups}
    rows = _ask_rows(dataset, findings)
    if _PROBLEM in st.session_state:
        st.error(plain(st.session_state.pop(_PROBLEM), limit=1000))
    if not len(rows):
        st.info("No image fits these filters: choose fewer of them.")
        return
    pages = -(-len(rows) // _PAGE_IMAGES)
    page = _page(dataset, pages)
    shown = rows[page * _PAGE_IMAGES : (page + 1) * _PAGE_IMAGES]
    turn = st.session_state.get(TURN, 0)  # what was selected before an undo is so no more
    version = f"{dataset.id} {page} {len(rows)} {turn}"
    selected = ask_images(dataset.id, shown, key="gallery", version=version)
    _render_turner(len(rows), pages, page)
    _render_actions(dataset, selected)
    with st.expander("Rename or merge a class"):
        _render_renaming(dataset)
    with st.expander("Add pictures to a class"):
        render_adding(dataset)


def show_finding(dataset: Dataset, kind: str) -> None:
    """Have the gallery show the images of a finding, all of them."""
    state = st.session_state
    for key in ("gallery_class", "gallery_split", "gallery_text"):
        state.pop(key, None)
    state["gallery_of"], state["gallery_page"] = dataset.id, 0
    state["gallery_finding"] = kind
    state[f"dataset_part_{dataset.id}"] = "gallery"
    scroll_to(f"dataset_part_{dataset.id}")


def _ask_rows(dataset: Dataset, findings: dict[str, Finding]) -> np.ndarray:
    first, second, third, fourth = st.columns(4)
    classes = _ALL | {name: plain(name) for name in dataset.classes}
    label = first.selectbox(
        "Class", list(classes), format_func=distinct(classes).__getitem__, key="gallery_class"
    )
    kind = second.selectbox(
        "Found",
        [_EVERYTHING, *findings],
        format_func=(_ALL | lab.FINDING_TITLES).__getitem__,
        key="gallery_finding",
    )
    split = third.selectbox(
        "Split",
        [_EVERYTHING, *SPLITS],
        format_func=lambda split: split.capitalize() or _ALL[split],
        key="gallery_split",
        disabled=dataset.splits is None,
        help=_ONLY_OWN_SPLITS,
    )
    text = fourth.text_input("File name holds", key="gallery_text", max_chars=200)
    return lab.find_images(
        dataset.id,
        label=None if label == _EVERYTHING else label,
        split=None if split == _EVERYTHING or dataset.splits is None else split,
        finding=findings.get(kind),
        text=text.strip(),
    )


def _page(dataset: Dataset, pages: int) -> int:
    state = st.session_state
    if state.get("gallery_of") != dataset.id:
        state["gallery_of"], state["gallery_page"] = dataset.id, 0
    return min(state.setdefault("gallery_page", 0), pages - 1)


def _render_turner(count: int, pages: int, page: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        st.button(
            "Back",
            key="gallery_back",
            icon=":material/chevron_left:",
            disabled=page == 0,
            on_click=_turn_to,
            args=(page - 1,),
        )
        st.markdown(f"Page {page + 1:,} of {pages:,} · {counted(count, 'image')}", width="content")
        st.button(
            "Next",
            key="gallery_next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=page >= pages - 1,
            on_click=_turn_to,
            args=(page + 1,),
        )


def _turn_to(page: int) -> None:
    st.session_state["gallery_page"] = page
    scroll_to("gallery")


def _render_actions(dataset: Dataset, selected: Sequence[int]) -> None:
    rows = tuple(sorted(selected))
    st.caption(
        "Choose an image to see it large, its box to select it. With a keyboard, Shift selects all "
        "between two boxes."
    )
    with st.container(border=True, key="gallery_actions" if rows else "gallery_no_actions"):
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        left.markdown(f"**{counted(len(rows), 'image')} selected**")
        left.button(
            "Exclude",
            key="fix_exclude",
            icon=":material/block:",
            width="stretch",
            on_click=_fix,
            args=(dataset.id, [Exclude(rows)]),
            **for_editors(disabled=not rows),
        )
        classes = {name: plain(name) for name in dataset.classes} | {_NEW_CLASS: "A new class"}
        label = middle.selectbox(
            "Class", list(classes), format_func=distinct(classes).__getitem__, key="fix_label"
        )
        if label == _NEW_CLASS:
            words = "Name of the new class"
            label = middle.text_input(words, key="fix_new_label", max_chars=1000, placeholder=words)
        middle.button(
            "Give this class",
            key="fix_relabel",
            icon=":material/label:",
            width="stretch",
            on_click=_fix,
            args=(dataset.id, [Relabel(rows, label)]),
            **for_editors(disabled=not rows or not label.strip()),
        )
        split = right.selectbox("Split", SPLITS, format_func=str.capitalize, key="fix_split")
        right.button(
            "Move to this split",
            key="fix_move",
            icon=":material/call_split:",
            width="stretch",
            on_click=_fix,
            args=(dataset.id, [MoveTo(rows, split)]),
            **for_editors(disabled=not rows or dataset.splits is None, help=_ONLY_OWN_SPLITS),
        )


def _render_renaming(dataset: Dataset) -> None:
    left, right = st.columns(2)
    classes = distinct({name: plain(name) for name in dataset.classes})
    label = left.selectbox(
        "Class", list(classes), format_func=classes.__getitem__, key="rename_class"
    )
    into = right.text_input(
        "New name",
        key="rename_into",
        max_chars=1000,
        help="The name of another class merges the two.",
    )
    merges = into.strip() in dataset.classes and into.strip() != label
    st.button(
        "Merge" if merges else "Rename",
        key="fix_rename",
        on_click=_fix,
        args=(dataset.id, [RenameClass(label, into)]),
        **for_editors(disabled=not into.strip() or into.strip() == label),
    )


def _fix(dataset: str, fixes: list[Fix]) -> None:
    try:
        fixed = lab.fix_dataset(dataset, fixes)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    if fixed.id == dataset:
        st.session_state[_PROBLEM] = "Nothing has changed: these images are like that already."
    else:
        show_version(fixed, instead_of=dataset)
