"""One lesson: its claim, and below it the start, the progress or the verdict."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted, duration
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.lessons.result import render_chart, render_result
from cnnlab.ui.lessons.start import render_start
from cnnlab.ui.lessons.words import state_words
from cnnlab.ui.page_files import page_file
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment

_REFRESH_SECONDS = 1.5
_MOST_OTHERS = 6
_AGAIN = "lesson_again"
"""Session key of the lesson and dataset that somebody takes once more."""
_GONE = "lesson_study_gone"
"""Session key: the study of the lesson that was shown has been deleted meanwhile."""


def render_lesson(lesson: lab.Lesson) -> None:
    """The page of one lesson."""
    st.title(lesson.title, anchor=False)
    name_tab(f"Lesson: {lesson.title}")
    st.markdown(f"**The claim:** {lesson.claim}")
    st.caption(f"From: {lesson.source}")
    datasets = lab.list_datasets()
    if not datasets:
        render_no_dataset()
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(lesson.background)
        st.markdown(f"**How it is tested:** {lesson.method}")
    with right:
        dataset = ask_dataset(datasets)
    if st.session_state.pop(_GONE, False):
        st.info(
            "The study of this lesson was deleted, and what it had found with it. You can take the "
            "lesson again.",
            icon=":material/delete:",
        )
    studies = lab.lesson_studies(lesson.name)
    here = [study for study in studies if study.dataset == dataset.id]
    again = st.session_state.get(_AGAIN) == (lesson.name, dataset.id)
    if not here or again:
        if render_start(lesson, dataset):
            st.session_state.pop(_AGAIN, None)
            st.rerun()
    else:
        _render_taken(lesson, dataset, here[0])
    _render_others(lesson, [study for study in studies if study not in here[:1]], datasets)


def _render_taken(lesson: lab.Lesson, dataset: Dataset, study: Study) -> None:
    view = lab.view_lesson(study.id)
    if view.answer is None:
        st.fragment(_render_progress, run_every=_REFRESH_SECONDS)(study.id)
    else:
        render_result(view)
    with st.container(horizontal=True):
        if st.button("Open its study", key="open_lesson_study", icon=":material/science:",
                     help="All curves, the runs, and the report."):  # fmt: skip
            st.switch_page(page_file("study"), query_params={"study": study.id})
        if view.answer is None:
            st.button("Stop", key="stop_lesson", icon=":material/stop:",
                      on_click=lab.stop_lesson, args=(study.id,), **for_editors())  # fmt: skip
            return
        if view.can_go_on:
            what = f"Go on with {counted(view.missing, 'run')}" if view.missing else "Measure again"
            st.button(what, key="resume_lesson", icon=":material/resume:",
                      on_click=lab.resume_lesson, args=(study.id,), **for_editors())  # fmt: skip
        if st.button("Take it again", key="again_lesson", icon=":material/replay:",
                     **for_editors(help="With a new expectation and a new study; this one is "
                                   "kept.")):  # fmt: skip
            st.session_state[_AGAIN] = (lesson.name, dataset.id)
            st.rerun()


def _render_progress(study: str) -> None:
    """What changes while the lesson's study trains."""
    try:
        view = lab.view_lesson(study)
    except NotFoundError:
        st.session_state[_GONE] = True
        st.rerun()
    if view.answer is not None:
        st.rerun()
    if view.expected:
        st.markdown(f"You expect: *{view.expected.lower()}*. The answer comes at the end.")
    _render_share(view)
    if view.failed:
        st.error(escaped(view.failed, limit=600), icon=":material/error:")
    if chart := view.lesson.watch(view.study):
        render_chart(chart, 0)
    st.caption(
        "You can leave this page or close the browser: the work goes on, and this page finds it "
        "again. Until the last run nothing is told, or one would stop where luck looks best."
    )


def _render_share(view: lab.LessonView) -> None:
    """How much of the training is done, or of what is measured after it."""
    measuring, measurement = view.measuring, view.lesson.measurement
    if measuring is not None and measurement is not None:
        share = measuring.done / measuring.total if measuring.total else 0.0
        said = f": {escaped(measuring.phase)}" if measuring.phase else ""
        st.progress(min(1.0, share), f"**{measurement.words}**{said}")
        return
    found = view.study
    left = lab.seconds_left(found)
    words = f"**{found.finished} of {counted(len(found.study.pairs), 'run')}** have finished"
    words += f" · about {duration(left)} left" if left else ""
    st.progress(min(1.0, found.progress), words)


def _render_others(lesson: lab.Lesson, studies: list[Study], datasets: list[Dataset]) -> None:
    """What the lesson said before, and with other images."""
    names = {dataset.id: dataset.name for dataset in datasets}
    if not studies:
        return
    st.header("Taken before, or with other images", anchor=False)
    for study in studies[:_MOST_OTHERS]:
        state = lab.lesson_state(study)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{escaped(names.get(study.dataset, study.dataset))} · "
                f"{moment(study.created_at)} · {state_words(state)}"
            )
            if st.button("Open its study", key=f"open_other_{study.id}", type="tertiary"):
                st.switch_page(page_file("study"), query_params={"study": study.id})
