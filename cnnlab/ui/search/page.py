"""One search: how far it is, the best so far, its verdict, its charts and its trials."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import CnnlabError, StorageError
from cnnlab.domain.run import Status
from cnnlab.domain.search import SearchStatus, TrialState
from cnnlab.domain.words import counted, duration
from cnnlab.searching.setting_words import (
    OBJECTIVES,
    changed_words,
    objective_words,
    second_words,
    trial_words,
)
from cnnlab.study.comparison import Verdict
from cnnlab.ui.changing import for_editors
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.search.charts import render_charts
from cnnlab.ui.search.fields import range_words
from cnnlab.ui.search.form import base_words
from cnnlab.ui.search.more_trials import ask_more_trials
from cnnlab.ui.search.trials import render_trials
from cnnlab.ui.search.verdict import render_verdict
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment

_REFRESH_SECONDS, _SLOW_REFRESH_SECONDS, _MANY_TRIALS = 1.5, 4.0, 60
_LONG = 1000
_PROBLEM = "search_page_problem"
"""Session key: why what was pressed last couldn't be done."""


def render_search(search_id: str) -> None:
    """The page of one search.

    Raises:
        NotFoundError: there is no such search.
    """
    state = lab.search_state(search_id)
    name_tab(state.name)
    st.title(escaped(state.name, limit=100), anchor=False)
    try:
        search = lab.load_search(search_id)
    except StorageError:  # what can be done with it is offered all the same
        _render_buttons(search_id, state)
        raise
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    ranges = ", ".join(range_words(one) for one in search.ranges)
    st.caption(
        f"{escaped(names.get(search.dataset, search.dataset))} · "
        f"{escaped(OBJECTIVES[search.objective])} over {escaped(ranges, limit=_LONG)} · start: "
        f"{escaped(base_words(load_config(search.base)), limit=300)} · {moment(search.created_at)}"
    )
    _render_buttons(search_id, state)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=_LONG), icon=":material/error:")
    if not state.status.is_live and not state.is_active:
        _render_live(search_id)
    else:
        many = len(lab.view_search(search_id).trials) > _MANY_TRIALS
        pause = _SLOW_REFRESH_SECONDS if many else _REFRESH_SECONDS
        st.fragment(_render_live, run_every=pause)(search_id, drawn_as=state)


def _render_live(search_id: str, *, drawn_as: lab.SearchState | None = None) -> None:
    """What changes while the search goes on."""
    if drawn_as is not None and not _has_same_buttons(lab.search_state(search_id), drawn_as):
        st.rerun()
    view = lab.view_search(search_id)
    _render_progress(view)
    left, right = st.columns([1, 1], gap="large")
    with left, st.container(border=True, key="search_best"):
        _render_best(view)
    with right, st.container(border=True, key="search_verdict"):
        render_verdict(view)
    render_charts(view)
    render_trials(view)


def _render_progress(view: lab.SearchView) -> None:
    search = view.search
    ended = sum(trial.is_ended for trial in view.trials)
    pruned = sum(trial.state is TrialState.PRUNED for trial in view.trials)
    failed = sum(trial.state is TrialState.FAILED for trial in view.trials)
    of_all = "" if search.trials is None else f" of {search.trials}"
    words = f"**{ended}{of_all} {'trials' if of_all or ended != 1 else 'trial'}** ended"
    words += f", {pruned} of them early" if pruned else ""
    words += f", {failed} failed" if failed else ""
    words += f" · {duration(view.seconds_used)} used"
    if view.seconds_left:
        words += f" · about {duration(view.seconds_left)} left"
    if view.status is SearchStatus.SEARCHING:
        st.progress(_share_done(view, ended), words)
        st.caption(escaped(_at_work(view), limit=300))
    else:
        st.markdown(words)
    if view.message and view.status is not SearchStatus.FINISHED:  # else beside the verdict
        show = st.error if view.status is SearchStatus.FAILED else st.info
        show(escaped(view.message, limit=_LONG))


def _share_done(view: lab.SearchView, ended: int) -> float:
    shares = [0.0]
    if view.search.trials:
        shares.append(ended / view.search.trials)
    if view.search.minutes:
        shares.append(view.seconds_used / 60 / view.search.minutes)
    return min(1.0, *[max(shares)] * 2)


def _at_work(view: lab.SearchView) -> str:
    running = [trial for trial in view.trials if trial.state is TrialState.RUNNING]
    if not running:
        return "The next trial is about to begin."
    epochs = view.search.base["training"]["epochs"]
    said = [
        f"{trial_words(trial.number)}, epoch {len(trial.curve)} of "
        f"{trial.values.get('training.epochs', epochs)}"
        for trial in running[:3]
    ]
    return f"At work: {'; '.join(said)}."


def _render_best(view: lab.SearchView) -> None:
    st.header("Best so far" if view.status is SearchStatus.SEARCHING else "Best", anchor=False)
    search, best = view.search, view.best
    if best is None:
        st.caption("Known when the first trial is complete, which is the start setting itself.")
        return
    second = f", {second_words(search, best)}" if search.second else ""
    start = next((trial for trial in view.trials if trial.number == 0), None)
    st.markdown(
        f"**{objective_words(search, best.value)}**{second} · {trial_words(best.number)}"
        + ("" if best.number == 0 or start is None or start.value is None else
           f" · start setting: {objective_words(search, start.value)}")
    )  # fmt: skip
    if changed := changed_words(search, best.values):
        st.markdown("\n".join(f"- {escaped(words, limit=200)}" for words in changed))
    with st.container(horizontal=True):
        if st.button("Use on Train", key="clone_best", icon=":material/tune:",
                     type="primary" if _is_found(view) else "secondary",
                     help="Fills the form of the Train page with this setting."):  # fmt: skip
            fill_form(search.config(best.values, search.seeds[0]))
            st.switch_page(page_file("train"))
        run = next(iter(best.runs.values()), None)
        if run and st.button("Open its run", key="open_best", icon=":material/monitoring:"):
            st.switch_page(page_file("runs"), query_params={"run": run})
    # What the closing study found of its luck is said beside the verdict.
    for words in view.words[:-1] if view.luck is not None else view.words:
        st.caption(escaped(words, limit=_LONG))


def _is_found(view: lab.SearchView) -> bool:
    """Whether there is a winner that is shown to be better than the start setting."""
    return view.verdict is not None and view.verdict.verdict is Verdict.HELPS


def _has_same_buttons(state: lab.SearchState, drawn: lab.SearchState) -> bool:
    """A search that goes on is stopped by the same button, whether a run of it trains or not."""
    return state.status is drawn.status and (
        state.status.is_live or state.is_active == drawn.is_active
    )


def _render_buttons(search_id: str, state: lab.SearchState) -> None:
    can_stop = state.status.is_live or state.is_active
    with st.container(horizontal=True):
        if can_stop and st.button(
            "Stop", key="stop_search", icon=":material/stop:",
            **for_editors(help="What is found stays, and the search may go on later."),
        ):  # fmt: skip
            _do(lab.stop_search, search_id)
        can_go_on = state.status in (SearchStatus.STOPPED, SearchStatus.FAILED)
        if can_go_on and st.button(
            "Go on", key="resume_search", icon=":material/resume:", **for_editors()
        ):
            _do(lab.resume_search, search_id)
        can_grow = state.status is SearchStatus.FINISHED and not state.is_active
        if can_grow and st.button(
            "More trials", key="extend_search", icon=":material/resume:",
            **for_editors(help="Goes on where it stopped, with what its trials have taught it."),
        ):  # fmt: skip
            ask_more_trials(search_id, _extend)
        if st.button("Rename", key="rename_search", icon=":material/edit:", **for_editors()):
            _ask_name(search_id, state.name)
        if not can_stop and st.button(
            "Delete", key="delete_search", icon=":material/delete:", **for_editors()
        ):
            _confirm_delete(search_id, state.name)


def _do(what: Callable[[str], object], search: str) -> None:
    """What was pressed; why it can't be done is said at the next drawing."""
    try:
        what(search)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
    st.rerun()


def _extend(search: str, more_trials: int) -> None:
    try:
        lab.extend_search(search, more_trials)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


@st.dialog("Rename this search")
def _ask_name(search_id: str, name: str) -> None:
    with st.form("rename_search_form", border=False):
        st.text_input("Name", value=name, max_chars=160, key="new_search_name")
        if st.form_submit_button(
            "Rename",
            type="primary",
            key="confirm_rename_search",
            on_click=_rename,
            args=(search_id,),
        ):
            st.rerun()


def _rename(search: str) -> None:
    try:
        lab.rename_search(search, st.session_state["new_search_name"])
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


@st.dialog("Delete this search?")
def _confirm_delete(search_id: str, name: str) -> None:
    runs = sum(run.status is not Status.QUEUED for run in lab.search_runs(search_id))
    st.markdown(
        f"**{escaped(name, limit=160)}**, its {counted(runs, 'run')} and its closing study "
        "will be gone for good."
    )
    with st.container(horizontal=True):
        delete = st.button(
            "Delete", type="primary", key="confirm_delete_search",
            on_click=_delete, args=(search_id,),
        )  # fmt: skip
        if st.button("Cancel", key="cancel_delete_search"):
            st.rerun()
    if delete:
        gone = _PROBLEM not in st.session_state
        st.switch_page(page_file("search"), query_params={} if gone else {"search": search_id})


def _delete(search: str) -> None:
    try:
        lab.delete_search(search)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
