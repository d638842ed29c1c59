"""Before a lesson: what do you expect, which images it takes, how long it lasts."""

import itertools
from collections.abc import Iterator, Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import describe_changes
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, DatasetError
from cnnlab.domain.words import counted, duration
from cnnlab.ui.changing import for_editors
from cnnlab.ui.page_files import page_file
from cnnlab.ui.study.plan import render_changes, shared_config
from cnnlab.ui.text import escaped, plain

_MOST_OFFERED = 2


def render_refusal(words: str, dataset: Dataset, lessons: Sequence[lab.Lesson]) -> None:
    """Why images are unfit for lessons, and with which they can be taken.

    Args:
        words: why.
        dataset: the unfit images.
        lessons: one whose page this is, or all.
    """
    with st.container(key="lesson_refusal", gap="xsmall"):
        st.warning(escaped(words, limit=1000), icon=":material/info:")
        with st.container(horizontal=True, vertical_alignment="center"):
            fitting = list(itertools.islice(_fitting(dataset, lessons), _MOST_OFFERED))
            for other in fitting:
                said = f"Take {plain(other.name, limit=60)}"
                if st.button(said, key=f"lesson_with_{other.id}", icon=":material/photo_library:"):
                    _go_on_with(other, lessons)
            if not fitting and st.button(
                "Make the sample dataset",
                key="lesson_sample",
                icon=":material/photo_library:",
                **for_editors(help="Drawn traffic signs that come with the program."),
            ):
                with st.spinner("Making the sample dataset ..."):
                    sample = lab.bring_sample()
                _go_on_with(sample, lessons)
            st.page_link(
                page_file("data"), label="Add images on Data", icon=":material/add_photo_alternate:"
            )


def _fitting(dataset: Dataset, lessons: Sequence[lab.Lesson]) -> Iterator[Dataset]:
    """The newest versions of other datasets that a lesson can be taken with, the sample last."""
    there = lab.list_datasets()
    replaced = {one.parent for one in there}
    for other in sorted(there, key=lambda one: one.name == lab.SAMPLE_NAME):
        if other.id == dataset.id or other.id in replaced:
            continue
        refused = lab.lesson_refusals(other.id)
        if any(lesson.name not in refused for lesson in lessons):
            yield other


def _go_on_with(dataset: Dataset, lessons: Sequence[lab.Lesson]) -> None:
    """The same page with these images."""
    lesson = {"lesson": lessons[0].name} if len(lessons) == 1 else {}
    st.switch_page(page_file("lessons"), query_params=lesson | {"dataset": dataset.id})


def render_start(lesson: lab.Lesson, dataset: Dataset) -> bool:
    """Ask for the expectation and start; what stands in the way is one sentence.

    Returns:
        Whether the lesson was started just now.
    """
    try:
        plan = lab.plan_lesson(lesson.name, dataset.id)
    except (DatasetError, BadInputError) as error:
        render_refusal(str(error), dataset, [lesson])
        return False
    with st.container(border=True):
        st.header("What do you expect?", anchor=False)
        expected = st.radio(
            lesson.question,
            list(lesson.expectations),
            index=None,
            key="lesson_expectation",
            format_func=lesson.expectations.__getitem__,
            help="It is kept, and answered at the end. There is no wrong answer: one learns most "
            "from what one didn't expect.",
        )
        _render_plan(plan, is_measured=lesson.measurement is not None)
        is_started = st.button(
            "Start the lesson",
            key="start_lesson",
            type="primary",
            icon=":material/play_arrow:",
            **for_editors(disabled=expected is None),
        )
        if expected is None:
            st.caption("Say first what you expect: afterwards everybody has known it.")
    if not is_started or expected is None:
        return False
    lab.start_lesson(lesson.name, dataset.id, expected)
    return True


def _render_plan(plan: lab.LessonPlan, *, is_measured: bool) -> None:
    study = plan.study
    measured = ", whose networks are measured afterwards" if is_measured else ""
    st.markdown(
        f":material/timer: **About {duration(plan.seconds)}** on this machine if it has nothing "
        f"else to do: {counted(len(study.arms), 'arm')} × {counted(len(study.seeds), 'seed')} = "
        f"{counted(len(study.pairs), 'run')}{measured}."
    )
    st.markdown(f":material/photo_library: {plan.setting.words}")
    shared = sorted(set(describe_changes(shared_config(study))))
    with st.expander("What is trained"):
        render_changes(study, key="lesson_arms")
        epochs = study.config(study.reference, 0).training.epochs
        st.caption(
            f"All share {counted(epochs, 'epoch')} and, seed by seed, the start: "
            f"{plain(', '.join(shared), limit=300)}. It becomes an ordinary study, which "
            "you can open."
        )
