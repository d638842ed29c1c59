"""What the closing study says of a search's winner, and how lucky its seeds were."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.search import SearchStatus
from cnnlab.domain.words import counted
from cnnlab.searching.closing import START, WINNER, is_start
from cnnlab.searching.wording import ONLY_TEST_TELLS
from cnnlab.ui.page_files import page_file
from cnnlab.ui.study.verdicts import mean_words, verdict_badge
from cnnlab.ui.text import escaped

_LONG = 1000


def render_verdict(view: lab.SearchView) -> None:
    """The verdict of the closing study in its own words, with the way to it."""
    st.header("Verdict", anchor=False)
    found = view.verdict
    if view.study is None:
        st.caption(escaped(_not_yet(view), limit=_LONG))
        return
    study = lab.view_study(view.study)
    if not study.is_ended:
        st.progress(
            min(1.0, study.progress),
            f"The winner trains again beside the start setting: **{study.finished} of "
            f"{counted(len(study.study.pairs), 'run')}** finished",
        )
    if found is not None:
        st.markdown(" ".join(filter(None, (_means(study), verdict_badge(found)))))
        st.markdown(escaped(found.words, limit=_LONG))
    if view.luck is not None and view.words:
        st.markdown(f":material/casino: {escaped(view.words[-1], limit=_LONG)}")
    st.caption(
        f"The winner against the start setting, each trained with "
        f"{counted(len(study.study.seeds), 'seed')} that chose nothing, judged on the validation "
        f"images that chose the winner.{'' if view.luck else ' ' + ONLY_TEST_TELLS}"
    )
    if st.button("Open the closing study", key="open_closing_study", icon=":material/science:"):
        st.switch_page(page_file("study"), query_params={"study": view.study})


def _means(study: lab.StudyView) -> str:
    """What both were worth with fresh seeds, as the closing study says it; empty before that."""
    winner, start = mean_words(study, WINNER), mean_words(study, START)
    return f"Winner **{winner}** · start setting {start}" if winner and start else ""


def _not_yet(view: lab.SearchView) -> str:
    closing = counted(view.search.confirm_seeds, "fresh seed")
    if view.status is SearchStatus.CONFIRMING:
        return "The closing study is about to begin."
    if view.status is SearchStatus.SEARCHING:
        return (
            f"At the end the winner trains again with {closing}, beside the start setting: the "
            "maximum of many trials is partly luck, and this takes that of its seed away."
        )
    if view.status is not SearchStatus.FINISHED:
        return "There is no closing study yet: go on with the search to get one."
    if view.best is not None and is_start(view.search, view.best):
        return view.message
    return f"{view.message} The closing study was deleted.".strip()
