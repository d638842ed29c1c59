"""One study: where it stands, its curves, the verdicts, and what else its arms differ in."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from cnnlab import lab
from cnnlab.domain.comparing import FEWEST_COMPARED, MOST_COMPARED
from cnnlab.domain.run import Status
from cnnlab.domain.words import counted, duration
from cnnlab.server.downloads import curves_address, study_report_address
from cnnlab.study.verdicts import Verdict
from cnnlab.ui.changing import for_editors
from cnnlab.ui.compare.address import compare_address
from cnnlab.ui.components.presenter.presenter import presenter_address
from cnnlab.ui.home.demo import render_live_demo
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.result.documents_choice import render_table_links
from cnnlab.ui.sharing.dialog import render_share_button
from cnnlab.ui.study.bundle_view import render_bundle
from cnnlab.ui.study.closer.details import render_answer, render_details
from cnnlab.ui.study.curves import render_curves
from cnnlab.ui.study.form import base_words
from cnnlab.ui.study.verdicts import render_verdicts
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment
from cnnlab.ui.watching import found_at_first

_REFRESH_SECONDS, _SLOW_REFRESH_SECONDS, _MANY_RUNS = 1.0, 3.0, 60
_DETAILS_REFRESH_SECONDS = 5.0
_TOLD = frozenset({Verdict.HELPS, Verdict.HURTS, Verdict.NO_DIFFERENCE})
_Kind = Literal["primary", "secondary"]


def render_study(study_id: str) -> None:
    """The page of one study.

    Raises:
        NotFoundError: there is no such study.
    """
    view = lab.view_study(study_id)
    study = view.study
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    name_tab(study.name)
    st.title(escaped(study.name, limit=100), anchor=False)
    st.caption(
        f"{escaped(names.get(study.dataset, study.dataset))} · "
        f"{counted(len(study.arms), 'arm')} × {counted(len(study.seeds), 'seed')} · "
        f"base: {escaped(base_words(study), limit=300)} · {moment(study.created_at)}"
    )
    _render_buttons(view)
    look = partial(lab.view_study, study_id)
    if view.is_ended:
        _render_live(view)
    else:
        pause = _SLOW_REFRESH_SECONDS if len(view.all_runs) > _MANY_RUNS else _REFRESH_SECONDS
        st.fragment(_render_live_until_end, run_every=pause)(found_at_first(view, look))
    details_pause = None if view.is_ended else _DETAILS_REFRESH_SECONDS
    st.fragment(render_details, run_every=details_pause)(found_at_first(view, look))
    render_bundle(view)


def _render_live_until_end(look: Callable[[], lab.StudyView]) -> None:
    view = look()
    if view.is_ended:
        st.rerun()
    _render_live(view)


def _render_live(view: lab.StudyView) -> None:
    """What changes while the study runs."""
    _render_progress(view)
    if view.is_ended:
        _render_told(view)
        _render_origin(view.study.id)
        render_curves(view)
    else:  # what moves comes first
        render_curves(view)
        _render_told(view)


def _render_origin(study: str) -> None:
    """Where a study came from that wasn't trained here: behind its verdict, which it explains."""
    if imported := lab.imported_from(study):
        st.info(escaped(imported, limit=600), icon=":material/move_to_inbox:")
    if lab.is_recorded(study):
        render_live_demo()


def _render_told(view: lab.StudyView) -> None:
    with st.container(key="study_verdicts"):
        render_verdicts(view)
    render_answer(view)


def _render_progress(view: lab.StudyView) -> None:
    total, finished = len(view.study.pairs), view.finished
    others = [
        f"{count} {status}"
        for status, count in view.statuses.items()
        if status not in (Status.FINISHED, Status.QUEUED)
    ]
    words = f"**{finished} of {counted(total, 'run')}** finished" + "".join(
        f", {other}" for other in others
    )
    if view.is_ended:
        if finished < total:
            st.markdown(words)
        _render_failures(view)
        return
    left = lab.seconds_left(view)
    st.progress(
        min(1.0, view.progress), f"{words}{f' · about {duration(left)} left' if left else ''}"
    )
    _render_restarts(view)
    _render_failures(view)


def _render_restarts(view: lab.StudyView) -> None:
    """Why runs that are under way had to start again, such as on another machine."""
    told = Counter(run.message for run in view.all_runs if not run.status.is_ended and run.message)
    for words, count in told.items():
        said = escaped(f"{counted(count, 'run')}: {words}", limit=300)
        st.caption(f":material/restart_alt: {said}")


def _render_failures(view: lab.StudyView) -> None:
    for run in view.all_runs:
        if run.status is Status.FAILED:
            st.error(
                escaped(f"{run.name}: {run.message or 'failed'}", limit=600),
                icon=":material/error:",
            )
            return


def _render_buttons(view: lab.StudyView) -> None:
    """One line before the verdict: the slides, the one next step, and a menu with all the rest.

    The blue one comes first: the missing runs of a study that has told nothing, else the slides.
    """
    missing, is_told = _missing(view), any(one.verdict in _TOLD for one in view.verdicts.values())
    with st.container(horizontal=True, key="study_buttons"):
        if missing and not is_told:
            _render_going_on(view.study.id, missing, "primary")
        kind: _Kind = "secondary" if missing and not is_told else "primary"
        if st.button("Present", key="presenter_mode", icon=":material/slideshow:", type=kind):
            st.switch_page(page_file("study"), query_params=presenter_address(view.study.id))
        if missing and is_told:
            _render_going_on(view.study.id, missing, "secondary")
        if not view.is_ended:
            _render_stop(view.study.id)
        with st.popover("More", key="study_menu", icon=":material/more_horiz:"):
            _render_menu(view)


def _render_menu(view: lab.StudyView) -> None:
    study = view.study
    with st.container(horizontal=True):
        render_share_button(study.id, "study")
        st.link_button(
            "Report", study_report_address(study.id), icon=":material/download:", key="study_report"
        )
        st.link_button(
            "Curves (CSV)",
            curves_address([study.id]),
            icon=":material/download:",
            key="study_curves",
        )
        _render_comparing(view)
        if st.button("Rename", key="rename_study", icon=":material/edit:", **for_editors()):
            _ask_name(study.id, study.name)
        if view.is_ended and st.button(
            "Delete", key="delete_study", icon=":material/delete:", **for_editors()
        ):
            _confirm_delete(study.id, study.name)
    render_table_links([study.id], "study")


def _render_stop(study: str) -> None:
    if st.button("Stop", key="stop_study", icon=":material/stop:", **for_editors()):
        lab.stop_study(study)
        st.rerun()


def _missing(view: lab.StudyView) -> int:
    """The runs that a study lacks which has ended, as far as they can be trained here."""
    if not view.is_ended or lab.imported_from(view.study.id) is not None:
        return 0
    return len(view.study.pairs) - view.finished


def _render_going_on(study: str, missing: int, kind: _Kind) -> None:
    words = f"Go on with {counted(missing, 'run')}"
    if st.button(words, key="resume_study", icon=":material/resume:", type=kind, **for_editors()):
        lab.resume_study(study)
        st.rerun()


def _render_comparing(view: lab.StudyView) -> None:
    """The way from the arms to their runs, side by side: those of the first seed."""
    seed = view.study.seeds[0]
    runs = [of_arm[seed].id for of_arm in view.runs.values() if seed in of_arm][:MOST_COMPARED]
    if len(runs) >= FEWEST_COMPARED and st.button(
        "Compare runs", key="compare_arms", icon=":material/compare:"
    ):
        st.switch_page(page_file("compare"), query_params=compare_address(runs))


@st.dialog("Rename this study")
def _ask_name(study: str, name: str) -> None:
    with st.form("rename_study_form", border=False):
        st.text_input("Name", value=name, max_chars=200, key="new_study_name")
        if st.form_submit_button(
            "Rename", type="primary", key="confirm_rename_study", on_click=_rename, args=(study,)
        ):
            st.rerun()


def _rename(study: str) -> None:
    name = st.session_state["new_study_name"].strip()
    if name:
        lab.rename_study(study, name)


@st.dialog("Delete this study?")
def _confirm_delete(study: str, name: str) -> None:
    st.markdown(f"**{escaped(name)}** and all of its runs will be gone for good.")
    with st.container(horizontal=True):
        delete = st.button(
            "Delete", type="primary", key="confirm_delete_study",
            on_click=lambda: lab.delete_study(study),
        )  # fmt: skip
        if st.button("Cancel", key="cancel_delete_study"):
            st.rerun()
    if delete:
        st.switch_page(page_file("study"), query_params={})
