"""Where the model looks in the pictures that it is most wrong about, as a job."""

from functools import partial

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.explaining.methods import (
    METHODS,
    NAMED,
    PREDICTED,
    TRUE,
    check_words,
    layer_words,
)
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.explanation import Explained, ExplainedPicture
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, counted, percent
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.looks.looks import LookedAt, render_looks_at
from cnnlab.ui.judge.pictures.judged import version_of
from cnnlab.ui.judge.pictures.shown import shown_count
from cnnlab.ui.judge.pictures.top_losses import PLACE, wrong_places
from cnnlab.ui.text import distinct, escaped, plain
from cnnlab.ui.watching import watch_job

_PROBLEM = "looks_problem"
_OF_SAID, _OF_TRUE = "The one that it says", "The true one"


def render_looks(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The choices, the button, how far it is, or the pictures with their maps."""
    st.header("Where it looks", anchor=False)
    wrong = wrong_places(predictions)
    if not len(wrong):
        st.caption("No picture is taken for another class, so there is no mistake to look at.")
        return
    count = min(shown_count(PLACE, version_of(judgement, run)), lab.MOST_PICTURES)
    rows = [int(row) for row in predictions.positions[wrong[:count]]]
    with st.container(key="looks"):
        method, about, class_name = _ask_how(judgement)
        _render(run, judgement, rows, method, about, class_name)


def _ask_how(judgement: Judgement) -> tuple[str, str, str]:
    """The method, and whose score: `predicted`, `true` or `class` with its name."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.selectbox(
            "How", list(METHODS), format_func=lambda name: METHODS[name].title, key="looks_method"
        )
        names = list(distinct({name: plain(name) for name in judgement["classes"]}).values())
        options = range(-2, len(names))
        said = st.selectbox(
            "For which class",
            options,
            format_func=lambda at: [*names, _OF_SAID, _OF_TRUE][at],
            key="looks_class",
            help="A map is of one class's score. Compare the class that it says with the true one: "
            "what drew it away?",
        )
    st.caption(f"{METHODS[method].shows} {METHODS[method].hides}")
    if said < 0:
        return method, TRUE if said == -1 else PREDICTED, ""
    return method, NAMED, judgement["classes"][said]


def _render(
    run: Run, judgement: Judgement, rows: list[int], method: str, about: str, class_name: str
) -> None:
    key = lab.explanations_key(rows, method, about, class_name)
    state = lab.explanations_state(run.id, key)
    if state is not None and not state.is_ended:
        watch_job(
            "looks",
            partial(lab.explanations_state, run.id, key),
            partial(lab.cancel_explanations, run.id, key),
        )
        return
    if state is not None and state.answer is not None:
        if _render_answer(state.answer, run, key, f"{version_of(judgement, run)} {key}"):
            return
    elif state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Where it looks in {counted(len(rows), 'wrong picture')}",
            key="looks_start",
            icon=":material/visibility:",
            on_click=_start,
            args=(run.id, rows, method, about, class_name),
            **for_editors(),
        )
        st.caption("Seconds with the first two ways; covering parts of large pictures, minutes.")


def _render_answer(answer: Explained, run: Run, key: str, version: str) -> bool:
    """What was found, in words and maps.

    Returns:
        Whether it could be read: else it is asked for anew.
    """
    try:
        drawn = lab.explained_pictures(run.id, key)
    except CnnlabError as error:  # a damaged file
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return False
    layer = answer["layer"]
    words = []
    if layer is not None:
        words.append(layer_words(layer, lab.layer_titles(run).get(layer["name"], "")))
    st.caption(escaped(" ".join([*words, check_words(answer["check"])]), limit=1000))
    _render_found(drawn, answer["pictures"], run, version)
    return True


def _start(run: str, rows: list[int], method: str, about: str, class_name: str) -> None:
    try:
        lab.start_explanations(run, rows, method, about, class_name)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _render_found(
    drawn: list[lab.DrawnMap], pictures: list[ExplainedPicture], run: Run, version: str
) -> None:
    true = lab.image_facts(run.dataset, np.array([told["row"] for told in pictures]))
    shown: list[LookedAt] = [
        {
            "picture": one.picture,
            "heat": one.heat,
            "title": f"{plain(fact.label)} → {plain(told['predicted'])}",
            "words": _words(told),
        }
        for one, told, fact in zip(drawn, pictures, true, strict=True)
    ]
    render_looks_at(
        shown,
        key="looks_pictures",
        label="Where it looks in the pictures that it is most wrong about",
        version=version,
    )


def _words(told: ExplainedPicture) -> str:
    against = percent(told["against"], decimals=0)
    words = f"Map of {plain(called(told['class']))}; {against} speaks against it"
    if told["miss"] is not None:
        words += f"; its sum is {percent(told['miss'], decimals=0)} of it off the score"
    return words
