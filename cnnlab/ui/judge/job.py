"""The evaluation of a part: its start, how far it is, why it failed, and what came of it."""

from functools import partial

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.errors import DamagedError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import duration
from cnnlab.ui.judge.deleting import was_deleted
from cnnlab.ui.judge.parts import IMAGES_OF
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import watch_job

_BY_ITSELF = "validation"
"""Who opens the page wants to see this part; the others are asked for by a click."""


def ask_judgement(run: Run, split: str) -> tuple[Judgement, Predictions] | None:
    """What came of the evaluation of a part; before that the way to it.

    Args:
        run: one that can be judged.
        split: `validation` or `train`.

    Returns:
        None before it has finished.
    """
    state = lab.evaluation_state(run.id, split)
    if state is None and split == _BY_ITSELF and not was_deleted(run, split):
        state = lab.start_evaluation(run.id, split)
    if state is None:
        _ask_start(run, split, f"Judge on the {IMAGES_OF[split]}")
        return None
    if not state.is_ended:
        watch_job(
            "evaluation",
            partial(lab.evaluation_state, run.id, split),
            partial(lab.cancel_evaluation, run.id, split),
            is_counted=True,
        )
        return None
    if state.answer is None:
        _render_problem(state)
        _ask_start(run, split, "Start again")
        return None
    try:
        return state.answer, lab.evaluated_predictions(run.id, split)
    except DamagedError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        _ask_start(run, split, "Start again")
        return None


def _render_problem(state: lab.EvaluationState) -> None:
    if state.stage == "cancelled":
        st.info("The evaluation was cancelled.", icon=":material/cancel:")
    else:
        st.error(escaped(state.problem or "", limit=1000), icon=":material/error:")


def _ask_start(run: Run, split: str, words: str) -> None:
    """The button that starts it, with what it costs."""
    with st.container(horizontal=True, vertical_alignment="center", key="judge_start"):
        if st.button(words, key="start_evaluation", type="primary", icon=":material/play_arrow:"):
            lab.start_evaluation(run.id, split)
            st.rerun()
        st.caption(_cost_words(run, split))


def _cost_words(run: Run, split: str) -> str:
    """How many images the model will be asked about, and about how long that takes."""
    config = load_stored(run.config)
    images = lab.count_splits(run.dataset, config.split).get(split, 0) if config else 0
    words = (
        f"The model is asked about {images:,} {IMAGES_OF[split]} once, on the CPU"
        if images
        else ("The model is asked about each image once, on the CPU")
    )
    speed = run.last.get("images_per_second")
    if images and speed:
        # Asking takes about a third of what a training step does; a worker's start some seconds.
        words += f", about {duration(5 + images / speed)} or less"
    return f"{words}. What it says is kept with the run."
