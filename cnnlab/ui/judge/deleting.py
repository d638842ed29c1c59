"""What an evaluation has found can be deleted: it is measured again when somebody wants it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.split import TEST
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.ui.changing import for_editors
from cnnlab.ui.judge.vault import close_test
from cnnlab.ui.text import escaped

_DELETED = "deleted_evaluation"
"""Session key: run and part of what was deleted last, which isn't begun again by itself."""

_PROBLEM = "delete_evaluation_problem"


def render_deletion(run: Run, split: str) -> None:
    """The button at the foot of the page, below the test images, too."""
    kept = " The looks at them stay counted." if split == TEST else ""
    st.button(
        "Delete this evaluation",
        key="delete_evaluation",
        type="tertiary",
        icon=":material/delete:",
        on_click=_delete,
        args=(run, split),
        **for_editors(
            help=f"Its numbers and the probabilities of each image; the run stays.{kept}"
        ),
    )
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=1000), icon=":material/error:")


def was_deleted(run: Run, split: str) -> bool:
    """Whether the user has deleted just this evaluation."""
    return st.session_state.get(_DELETED) == (run.id, split)


def _delete(run: Run, split: str) -> None:
    try:
        lab.delete_evaluation(run.id, split)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state[_DELETED] = run.id, split
    if split == TEST:
        close_test(run)
