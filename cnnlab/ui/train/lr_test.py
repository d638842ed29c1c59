"""The learning rate with a button that has one found, and what was found as long as it holds."""

import math

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.schedule import peak_words
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import BadInputError, CnnlabError
from cnnlab.figures.lr_test import lr_test_figure
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.form.fields import ask_value, field
from cnnlab.ui.form.problems import render_problem
from cnnlab.ui.form.state import read_form
from cnnlab.ui.text import escaped
from cnnlab.ui.train.parts import changed

_ASKED = "lr_test_asked"
"""Session key: the test that was asked for last, as `key` and the `config` that it holds for."""

_PROBLEM = "lr_test_problem"
_POLL_SECONDS = 0.5
_HEIGHT_PX = 260
_LEAST_RATE, _MOST_RATE = 1e-7, 10.0


def ask_learning_rate() -> None:
    """Ask for the learning rate; the buttons beside it go down and up, and have one found."""
    config = _config()
    with st.container(
        key="learning_rate_row", horizontal=True, vertical_alignment="bottom", gap="xxsmall"
    ):
        ask_value(field("learning_rate")[1], "learning_rate", on_change=changed)
        for name, icon, is_up in (("lower", "remove", False), ("higher", "add", True)):
            st.button(
                f"{name.capitalize()} learning rate",
                key=f"learning_rate_{name}",
                icon=f":material/{icon}:",
                width=34,
                on_click=_step,
                args=(is_up,),
            )
        st.button(
            "Find a learning rate",
            key="lr_test",
            icon=":material/troubleshoot:",
            width=34,
            on_click=_start,
            args=(config,),
            **for_editors(disabled=config is None),
        )
    render_problem("optimizer.learning_rate")


def _step(is_up: bool) -> None:
    state = st.session_state
    state["learning_rate"] = next_rate(state["learning_rate"] or _LEAST_RATE, is_up=is_up)
    changed()


def next_rate(rate: float, *, is_up: bool) -> float:
    """The next number of 1, 2, 5, 10, ... on the way up or down: 0.001, 0.002, 0.005.

    Args:
        rate: any number; what isn't above 0 counts as the least that is offered.
        is_up: the next larger one.
    """
    rate = max(rate, _LEAST_RATE)
    size = math.floor(math.log10(rate))
    rates = [
        float(f"{digit}e{power}") for power in range(size - 1, size + 2) for digit in (1, 2, 5)
    ]
    clearly = 1e-9 * rate
    if is_up:
        return min(next(one for one in rates if one > rate + clearly), _MOST_RATE)
    return max(next(one for one in reversed(rates) if one < rate - clearly), _LEAST_RATE)


def render_lr_test() -> None:
    """What is going on and what was found; greyed once the form has changed."""
    state = st.session_state
    if _PROBLEM in state:
        st.error(_sentence(state.pop(_PROBLEM)), icon=":material/error:")
    asked, config = state.get(_ASKED), _config()
    if asked is None:
        return
    try:
        found = lab.read_lr_test(asked["key"])
    except CnnlabError as error:  # deleted in the meantime
        st.caption(_sentence(error))
        return
    if not found.is_ended:
        st.fragment(_render_progress, run_every=_POLL_SECONDS)(asked["key"])
    elif config is not None and asked["config"] == lab.without_rate(config):
        _render_found(found, config)
    else:
        st.caption(":material/history: The form has changed since this test: start it again.")
        with st.container(key="lr_test_stale"):
            _render_found(found, None)


def _config() -> RunConfig | None:
    """What the form shows; None where it isn't legal, which is said beside the start button."""
    try:
        return read_form(st.session_state["dataset_select"])
    except BadInputError:
        return None


def _start(config: RunConfig) -> None:
    state = st.session_state
    try:
        key = lab.start_lr_test(config, again=True)
        state[_ASKED] = {"key": key, "config": lab.without_rate(config)}
    except CnnlabError as error:
        state[_PROBLEM] = error


def _cancel(key: str) -> None:
    del st.session_state[_ASKED]
    try:
        lab.cancel_lr_test(key)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = error


def _render_progress(key: str) -> None:
    try:
        found = lab.read_lr_test(key)
    except CnnlabError:  # said when the page is run again
        found = None
    if found is None or found.is_ended:
        st.rerun()
    with st.container(
        key="lr_test_progress", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.progress(
            found.done / found.total if found.total else 0.0,
            f":material/progress_activity: {escaped(found.phase)} ...",
        )
        st.button(
            "Cancel",
            key="cancel_lr_test",
            type="tertiary",
            on_click=_cancel,
            args=(key,),
            **for_editors(),
        )


def _render_found(found: lab.LrTestState, config: RunConfig | None) -> None:
    """The curve, the words and, for the config of the form, the button that takes the rate."""
    outcome = found.answer
    if outcome is None:
        st.error(_sentence(found.problem or ""), icon=":material/error:")
        return
    if outcome["curve"]:
        render_figure(
            lr_test_figure(outcome),
            key="lr_test_chart",
            alt=f"Loss over a rising learning rate, in three tests. {outcome['words']}",
            height=_HEIGHT_PX,
            has_tools=False,
        )
    if outcome["suggestion"] is None:
        st.warning(_sentence(outcome["words"]), icon=":material/question_mark:")
        return
    st.markdown(_sentence(outcome["words"]))
    if config is not None:
        _render_take(outcome["suggestion"], config)


def _render_take(suggestion: float, config: RunConfig) -> None:
    if peak := peak_words(config.optimizer.schedule):
        st.caption(peak)
    is_taken = config.optimizer.learning_rate == suggestion
    st.button(
        f"{suggestion:g} is taken" if is_taken else f"Take {suggestion:g}",
        key="take_lr_test",
        icon=":material/check:" if is_taken else ":material/arrow_upward:",
        disabled=is_taken,
        on_click=_take,
        args=(suggestion,),
    )


def _take(rate: float) -> None:
    st.session_state["learning_rate"] = rate


def _sentence(said: str | CnnlabError) -> str:
    return escaped(in_labels(said), limit=1000)
