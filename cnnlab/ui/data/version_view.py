"""Versions of a dataset: which one is chosen, what was changed, the way back."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.data.choice import CHOSEN_DATASET
from cnnlab.ui.text import escaped, moment

TURN = "version_turn"
"""Session key of a number that grows whenever another version is shown, the same one again too."""

_NEWS = "version_news"


def show_version(dataset: Dataset, *, instead_of: str) -> None:
    """Choose a version on every page, and say what is new in it; the part that is shown stays.

    Args:
        dataset: the new version.
        instead_of: id of the one that is shown.
    """
    _choose(dataset.id, instead_of)
    st.session_state[_NEWS] = dataset.id
    scroll_to(_NEWS)


def render_news(dataset: Dataset) -> None:
    """Say what a fresh version changed, with the way back."""
    if st.session_state.get(_NEWS) != dataset.id or dataset.parent is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=_NEWS):
        st.success(
            f"Version {dataset.version}: {escaped('; '.join(dataset.changes), limit=400)}. "
            "Runs on earlier versions keep what they were trained on.",
            icon=":material/check_circle:",
        )
        st.button(
            "Undo",
            key="undo_fix",
            icon=":material/undo:",
            on_click=_undo,
            args=(dataset,),
            **for_editors(),
        )


def render_versions(dataset: Dataset) -> None:
    """The chain of versions up to this one, the newest first."""
    chain = lab.versions(dataset.id)
    for version in chain:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            changes = "; ".join(version.changes) or "as it was imported"
            st.markdown(
                f"**Version {version.version}** · {counted(version.images, 'image')} in "
                f"{counted(len(version.classes), 'class', 'classes')} · "
                f"{escaped(changes, limit=300)} · {moment(version.created_at)}"
            )
            if version.id == dataset.id:
                st.badge("shown", color="blue")
            else:
                st.button(
                    "Show",
                    key=f"show_{version.id}",
                    on_click=_choose,
                    args=(version.id, dataset.id),
                )
    if chain[-1].parent is not None:
        st.caption("Earlier versions were deleted.")


def _undo(dataset: Dataset) -> None:
    _choose(dataset.parent or dataset.id, dataset.id)
    lab.take_back(dataset.id)


def _choose(dataset: str, instead_of: str) -> None:
    state = st.session_state
    state[TURN] = state.get(TURN, 0) + 1
    if part := state.get(f"dataset_part_{instead_of}"):
        state[f"dataset_part_{dataset}"] = part
    state[CHOSEN_DATASET] = dataset
