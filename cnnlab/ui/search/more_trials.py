"""The dialog by which a search that has finished tries further settings."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import counted, duration

_USUAL_TRIALS = 20


@st.dialog("Go on with this search")
def ask_more_trials(search_id: str, extend: Callable[[str, int], None]) -> None:
    """Ask how many; they are begun with the press.

    Args:
        search_id: of a search that has finished.
        extend: gives it so many more trials; it raises nothing.
    """
    most = lab.most_further_trials(search_id)
    if most < 1:
        st.markdown("It has as many trials as a search may have: launch another one.")
        return
    view = lab.view_search(search_id)
    more = st.number_input(
        "Further trials", 1, most, min(_USUAL_TRIALS, most), key="more_trials", step=5
    )
    st.caption(_cost_words(view, int(more)))
    if st.button(
        f"Go on: {counted(int(more), 'more trial')}",
        type="primary",
        key="confirm_extend_search",
        on_click=extend,
        args=(search_id, int(more)),
    ):
        st.rerun()


def _cost_words(view: lab.SearchView, more: int) -> str:
    """How long it takes, as far as the trials so far say, and what comes on top."""
    closing = counted(2 * view.search.confirm_seeds, "run")
    tried = sum(trial.is_ended for trial in view.trials)
    known = f"About {duration(view.seconds_used / tried * more)}. " if tried else ""
    return (
        f"{known}It goes on with what its trials have taught it. If another setting wins, a new "
        f"closing study tests it: {closing} on top."
    )
