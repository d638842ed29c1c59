"""After a lesson: the verdict on its claim, the expectation answered, charts, what to try next."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.words import counted, exact_percent
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.lessons.words import expectation_words, outcome_badge
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

_LONG = 800
_COLUMNS = 2


def render_result(view: lab.LessonView) -> None:
    """The whole result of a lesson whose runs have ended."""
    answer = view.answer
    if answer is None:
        return
    with st.container(border=True, key="lesson_verdict"):
        st.header(f"The claim {outcome_badge(answer.outcome)}", anchor=False)
        st.markdown(f"**{escaped(answer.words, limit=_LONG)}**")
        if words := expectation_words(view):
            st.markdown(words)
        for words in answer.more:
            st.markdown(escaped(words, limit=_LONG))
        st.caption(_about(view))
    if view.failed:
        st.error(escaped(view.failed, limit=600), icon=":material/error:")
    for first in range(0, len(answer.charts), _COLUMNS):
        row = answer.charts[first : first + _COLUMNS]
        for place, (column, chart) in enumerate(zip(st.columns(len(row)), row, strict=True)):
            with column:
                render_chart(chart, first + place)
    _render_next(view)


def render_chart(chart: lab.Chart, number: int) -> None:
    """A figure with what it is and how it is read; the first one is there while it trains, too."""
    st.markdown(f"**{chart.title}**")
    render_figure(chart.figure, key=f"lesson_chart_{number}", alt=chart.alt, height=chart.height)
    if chart.caption:
        st.caption(chart.caption)


def _about(view: lab.LessonView) -> str:
    """What the verdict is about, and how sure it is."""
    answer, alpha = view.answer, view.study.alpha
    if answer is None or not answer.seeds:
        return "The verdict rests on the first sentence alone; the others describe."
    return (
        "The verdict rests on the first sentence alone; the others describe. "
        f"Found over {counted(answer.seeds, 'seed')} with this network, these images and these "
        "settings: elsewhere it may be otherwise. The interval that decides is a "
        f"{exact_percent(answer.confidence)} interval over the seeds. Where the claim is false, it "
        f"would be said to hold in at most {exact_percent(alpha / 2)} of such lessons."
    )


def _render_next(view: lab.LessonView) -> None:
    st.header("What to try next", anchor=False)
    for number, step in enumerate(view.lesson.next_steps):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(step.words, width="stretch")
            label = "Open the lesson" if step.lesson else "Fill the study form"
            icon = ":material/school:" if step.lesson else ":material/science:"
            if st.button(label, key=f"next_{number}", icon=icon):
                _go(step, view)


def _go(step: lab.Next, view: lab.LessonView) -> None:
    study = view.study.study
    if step.lesson:
        where = {"lesson": step.lesson, "dataset": study.dataset}
        st.switch_page(page_file("lessons"), query_params=where)
    fill_form(load_config(with_changes(study.base, step.changes)))
    fields = {"study_kind": step.kind} | dict(step.fields)
    for key, value in fields.items():
        st.session_state[key] = value
    st.switch_page(page_file("study"), query_params={})
