"""What is done to several runs at once: compared, exported, marked, deleted."""

from collections.abc import Set

import streamlit as st

from cnnlab import lab
from cnnlab.domain.comparing import FEWEST_COMPARED, MOST_COMPARED
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted
from cnnlab.lab import ListedRun, Listing
from cnnlab.server.downloads import runs_csv_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.compare.address import compare_address
from cnnlab.ui.page_files import page_file
from cnnlab.ui.runs_table.ticked import tick, ticked
from cnnlab.ui.text import escaped, plain

_PROBLEM, _DOOMED = "runs_bulk_problem", "runs_to_delete"
_MOST_OFFERED = 500
_MOST_NAMED = 10


def render_bulk(listing: Listing, found: list[ListedRun]) -> None:
    """A bar that is always there, so that nothing below it moves when a run is ticked.

    Args:
        listing: all runs.
        found: those that the view shows, on all its pages.
    """
    chosen = [run for run in ticked() if run in listing.by_id]
    unseen = set(chosen).difference(run.id for run in found)
    with st.container(horizontal=True, vertical_alignment="center", key="runs_bulk"):
        st.markdown(_chosen_words(len(chosen), len(unseen)), width="content")
        all_shown = len(found) == len(chosen) and not unseen
        st.button(
            f"Choose all {len(found):,}", key="choose_shown", type="tertiary",
            disabled=not found or all_shown, on_click=tick, args=([run.id for run in found],),
        )  # fmt: skip
        st.button(
            "Choose none", key="choose_none", type="tertiary", disabled=not chosen,
            on_click=tick, args=([],),
        )  # fmt: skip
        st.space("stretch")
        _render_compare(chosen)
        meant = chosen or [run.id for run in found]
        st.link_button(
            f"CSV of {'these' if chosen else 'all shown'}",
            runs_csv_address(lab.keep_choice(meant)),
            key="runs_csv", icon=":material/download:", disabled=not meant,
        )  # fmt: skip
        _render_marks(listing, chosen)
        if st.button(
            "Delete",
            key="delete_runs",
            icon=":material/delete:",
            **for_editors(disabled=not chosen),
        ):
            _confirm_deletion(chosen, unseen)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=500), icon=":material/error:")
    if doomed := st.session_state.get(_DOOMED):
        _delete(doomed)


def _chosen_words(count: int, unseen: int) -> str:
    """How many are ticked; ticks outlive a filter, so some may lie outside of it."""
    which = "none" if unseen == count else f"{unseen:,}"
    beside = (
        "" if not unseen else f", {which} of them {'' if which == 'none' else 'not '}shown here"
    )
    return f"**{count:,} chosen**{beside}"


def _render_compare(chosen: list[str]) -> None:
    """The way to the page that compares; it says why where these runs can't go there."""
    # No help texts here: Streamlit draws a button that has one twice, which confuses scripts.
    fits = FEWEST_COMPARED <= len(chosen) <= MOST_COMPARED
    words = "Compare" if fits else f"Compare {FEWEST_COMPARED} to {MOST_COMPARED}"
    if st.button(
        words, key="compare_runs", icon=":material/compare_arrows:", disabled=not fits
    ):  # fmt: skip
        st.switch_page(page_file("compare"), query_params=compare_address(chosen))


def _render_marks(listing: Listing, chosen: list[str]) -> None:
    with st.popover(
        "Mark", icon=":material/sell:", key="mark_runs", **for_editors(disabled=not chosen)
    ):
        stars = [listing.by_id[run].row.starred for run in chosen]
        with st.container(horizontal=True):
            st.button(
                "★ Star", key="star_runs", on_click=star, args=(chosen,), kwargs={"starred": True},
                **for_editors(disabled=not chosen or all(stars)),
            )  # fmt: skip
            st.button(
                "☆ Take the star away", key="unstar_runs", on_click=star, args=(chosen,),
                kwargs={"starred": False}, **for_editors(disabled=not any(stars)),
            )  # fmt: skip
        st.multiselect(
            "Tags to add", listing.tags[:_MOST_OFFERED], key="tags_to_add", format_func=plain,
            accept_new_options=True, select_all=False,
            placeholder="Choose some, or type such as 'approved'",
        )  # fmt: skip
        theirs = sorted(
            {tag for run in chosen for tag in listing.by_id[run].tags}, key=str.casefold
        )
        st.multiselect(
            "Tags to take away", theirs, key="tags_to_remove", format_func=plain, select_all=False,
            placeholder="None of these runs has a tag" if not theirs else "Choose some",
        )  # fmt: skip
        st.button(
            f"Change the tags of {counted(len(chosen), 'run')}", key="tag_runs",
            on_click=_tag, args=(chosen,), **for_editors(),
        )  # fmt: skip


def star(runs: list[str], *, starred: bool) -> None:
    """Give runs a star, or take it from them; what went wrong is said below the bar."""
    try:
        lab.star_runs(runs, starred=starred)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _tag(runs: list[str]) -> None:
    add, remove = st.session_state.tags_to_add, st.session_state.tags_to_remove
    try:
        lab.tag_runs(runs, add=add, remove=remove)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state.tags_to_add, st.session_state.tags_to_remove = [], []


@st.dialog("Delete runs")
def _confirm_deletion(chosen: list[str], unseen: Set[str]) -> None:
    try:
        plan = lab.plan_deletion(chosen)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=500), icon=":material/error:")
        return
    if plan.runs:
        st.markdown(
            f"**{counted(len(plan.runs), 'run')}** will be deleted with everything that was made "
            "of them: histories, models, exports, evaluations. This can't be undone."
        )
        _render_names(plan.runs, unseen)
    for sentence in plan.kept:
        st.markdown(f"Kept: {escaped(sentence, limit=200)}")
    with st.container(horizontal=True):
        words = f"Delete {counted(len(plan.runs), 'run')}"
        delete = st.button(
            words, key="confirm_delete_runs", type="primary", disabled=not plan.runs,
            on_click=st.session_state.__setitem__, args=(_DOOMED, plan.runs),
        )  # fmt: skip
        if delete or st.button("Cancel", key="cancel_delete_runs"):
            st.rerun()


def _render_names(runs: list[str], unseen: Set[str]) -> None:
    """What will go; first what the table doesn't show at the moment."""
    there = lab.list_all_runs().by_id
    in_order = sorted((run for run in runs if run in there), key=lambda run: run not in unseen)
    lines = [
        f"- {escaped(there[run].row.name, limit=80)}{', not shown here' * (run in unseen)}"
        for run in in_order[:_MOST_NAMED]
    ]
    more = len(in_order) - len(lines)
    st.markdown("\n".join([*lines, *([f"- and {more:,} more"] if more else [])]))


def _delete(runs: list[str]) -> None:
    """Delete them, each told; a click meanwhile draws the page anew, which goes on with it."""
    bar = st.progress(0.0, f"Deleting {counted(len(runs), 'run')}")

    def tell(done: int, of: int) -> None:
        bar.progress(done / of, f"{done:,} of {counted(of, 'run')} done")

    try:
        lab.delete_runs(runs, tell)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
    del st.session_state[_DOOMED]
    there = lab.list_all_runs().by_id
    tick(run for run in ticked() if run in there)
    st.rerun()
