"""Pictures that were tried become images of a dataset: the user says of which class."""

from collections.abc import Callable, Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.version_view import show_version
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped, plain

_ADDED = "predict_added"
"""Session key: the version that the last pictures went into."""


@st.dialog("Add to a dataset")
def ask_class(add: Callable[[str, str], Dataset], count: int, runs: Sequence[Run]) -> None:
    """Ask of which class pictures are, and make a version with them.

    Args:
        add: what makes it, given the dataset's id and the class.
        count: how many pictures there are.
        runs: that were asked; they go into the newest version of the dataset of one of them.
    """
    offered = _newest_versions(runs)
    if not offered:
        st.error("The dataset of this run was deleted: import it again first.")
        return
    dataset = st.selectbox(
        "Dataset",
        offered,
        key="add_dataset",
        format_func=lambda each: f"{plain(each.name)}, version {each.version}",
        disabled=len(offered) == 1,
    )
    label = st.selectbox(
        "Class",
        list(dataset.classes),
        index=None,
        key="add_class",
        placeholder="What is really shown",
        help="What they are, not what the model says. A new class can be typed.",
        accept_new_options=True,
    )
    words = f"Add {counted(count, 'picture')}"
    if (
        st.button(words, key="confirm_add", type="primary", **for_editors(disabled=not label))
        and label
    ):
        _add(add, dataset, label)


def _add(add: Callable[[str, str], Dataset], dataset: Dataset, label: str) -> None:
    try:
        with st.spinner("Making the new version ..."):
            version = add(dataset.id, label)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    st.session_state[_ADDED] = version.id
    st.rerun()


def render_added() -> None:
    """Say what became of the pictures that were added last, with the way to the new version."""
    added = st.session_state.get(_ADDED)
    if not added:
        return
    try:
        version = lab.load_dataset(added)
    except CnnlabError:  # deleted in the meantime
        del st.session_state[_ADDED]
        return
    with st.container(horizontal=True, vertical_alignment="center", key=_ADDED):
        st.success(
            f"{escaped(version.name)}, version {version.version}: "
            f"{escaped('; '.join(version.changes), limit=400)}. The model stays as it is until a "
            "new run is trained on it.",
            icon=":material/check_circle:",
        )
        if st.button("Look at it", key="open_added", icon=":material/photo_library:"):
            show_version(version, instead_of=version.parent or version.id)
            st.switch_page(page_file("data"))


def _newest_versions(runs: Sequence[Run]) -> list[Dataset]:
    """The newest version of each run's dataset, each once, in the order of the runs."""
    found = []
    for run in runs:
        try:
            newest = lab.newest_version(run.dataset)
        except NotFoundError:  # it was deleted
            continue
        if newest not in found:
            found.append(newest)
    return found
