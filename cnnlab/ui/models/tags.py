"""The tags of a model: chosen among those that there are, or new ones typed."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.ui.changing import for_editors
from cnnlab.ui.text import escaped, plain

_KEY, _PROBLEM = "model_tags_{}", "model_tags_problem_{}"
"""Keys of each run's own: a browser that still shows another run tells what that one's say."""


def ask_tags(run: Run, known: Sequence[str]) -> None:
    """The tags, changed as they are chosen.

    Args:
        run: whose model has them.
        known: all that any model has.
    """
    key = _KEY.format(run.id)
    st.session_state[key] = run.tags
    others = [tag for tag in known if tag not in run.tags]
    st.multiselect(
        "Tags",
        [*run.tags, *others],
        key=key,
        format_func=plain,
        accept_new_options=True,
        on_change=_keep,
        args=(run.id,),
        placeholder="None: choose one, or type such as 'approved'",
        select_all=False,
        **for_editors(
            help="To find a model again: 'for the phone', 'approved', a customer. They are kept "
            "with the run."
        ),
    )
    if problem := st.session_state.pop(_PROBLEM.format(run.id), ""):
        st.error(escaped(problem, limit=500), icon=":material/error:")


def _keep(run: str) -> None:
    try:
        lab.tag_run(run, st.session_state[_KEY.format(run)])
    except CnnlabError as error:
        st.session_state[_PROBLEM.format(run)] = str(error)
