"""The list of all lessons, each with where it stands on the chosen dataset."""

from collections import Counter

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.lessons.start import render_refusal
from cnnlab.ui.lessons.words import state_words
from cnnlab.ui.page_files import page_file

_COLUMNS = 2


def render_lessons() -> None:
    """The whole page, or the way to a dataset where there is none."""
    st.title("Lessons", anchor=False)
    st.caption(
        "What the textbook says of regularization, tested on your own images: say what you expect, "
        "let it train some minutes, and see whether it holds."
    )
    datasets = lab.list_datasets()
    if not datasets:
        render_no_dataset()
        return
    dataset = ask_dataset(datasets)
    refusals = lab.lesson_refusals(dataset.id)
    if len(refusals) == len(lab.LESSONS):
        [(words, _)] = Counter(refusals.values()).most_common(1)
        render_refusal(
            f"None of the lessons can be taken with these images. {words}", dataset, lab.LESSONS
        )
    with st.container(key="lesson_list"):
        for first in range(0, len(lab.LESSONS), _COLUMNS):
            columns = st.columns(_COLUMNS)
            row = lab.LESSONS[first : first + _COLUMNS]
            for column, lesson in zip(columns, row, strict=False):
                with column, st.container(border=True, height="stretch"):
                    _render_card(lesson, dataset, is_refused=lesson.name in refusals)


def _render_card(lesson: lab.Lesson, dataset: Dataset, *, is_refused: bool) -> None:
    number = lab.LESSONS.index(lesson) + 1
    st.markdown(f"**{lesson.icon} {number}. {lesson.title}**")
    st.markdown(lesson.claim)
    st.markdown(_state_words(lesson, dataset, is_refused=is_refused))
    if st.button("Open", key=f"open_lesson_{lesson.name}", icon=":material/arrow_forward:",
                 help=f"Open the lesson '{lesson.title}'."):  # fmt: skip
        st.switch_page(
            page_file("lessons"), query_params={"lesson": lesson.name, "dataset": dataset.id}
        )


def _state_words(lesson: lab.Lesson, dataset: Dataset, *, is_refused: bool) -> str:
    studies = [found for found in lab.lesson_studies(lesson.name) if found.dataset == dataset.id]
    if not studies and is_refused:
        return ":gray[Not possible with these images: open it to read why, and what it tests.]"
    if not studies:
        return ":gray[Not tried with these images yet.]"
    return f"With these images: {state_words(lab.lesson_state(studies[0]))}"
