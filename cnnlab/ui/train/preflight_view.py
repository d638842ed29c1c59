"""The check before training: asked for with a button, shown beside it as long as it holds."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.history import reached
from cnnlab.domain.records.preflight import PrecisionCheck, PreflightOutcome
from cnnlab.domain.words import data_size, duration
from cnnlab.ui.changing import for_editors
from cnnlab.ui.run.layers import render_layers
from cnnlab.ui.text import escaped

_CHECK = "preflight_check"
"""Session key: the check that was asked for last, as `key` and `config`."""

_PROBLEM = "preflight_problem"
_POLL_SECONDS = 0.5


def render_preflight(config: RunConfig) -> None:
    """The button, what is going on, and what was found; greyed once the form has changed."""
    st.button(
        "Check before training",
        key="start_preflight",
        icon=":material/fact_check:",
        width="stretch",
        on_click=_start,
        args=(config,),
        **for_editors(),
    )
    if _PROBLEM in st.session_state:
        st.error(_sentence(st.session_state.pop(_PROBLEM)), icon=":material/error:")
    check = st.session_state.get(_CHECK)
    if check is None:
        return
    try:
        state = lab.read_preflight(check["key"])
    except CnnlabError as error:  # deleted in the meantime
        st.caption(_sentence(error))
        return
    if not state.is_ended:
        st.fragment(_render_progress, run_every=_POLL_SECONDS)(check["key"])
    elif check["config"] == config:
        _render_found(state)
    else:
        st.caption(":material/history: The form has changed since this check: start it again.")
        with st.container(key="preflight_stale"):
            _render_found(state)


def _start(config: RunConfig) -> None:
    state = st.session_state
    try:
        state[_CHECK] = {"key": lab.start_preflight(config, again=True), "config": config}
    except CnnlabError as error:
        state[_PROBLEM] = error


def _render_progress(key: str) -> None:
    try:
        state = lab.read_preflight(key)
    except CnnlabError:  # said when the page is run again
        state = None
    if state is None or state.is_ended:
        st.rerun()
    with st.container(key="preflight_progress"):
        st.markdown(f":material/progress_activity: {escaped(state.phase)} ...")


def _render_found(state: lab.PreflightState) -> None:
    outcome = state.answer
    if outcome is None:
        st.error(_sentence(state.problem or ""), icon=":material/error:")
        return
    if outcome["problem"]:
        st.error(_sentence(outcome["problem"]), icon=":material/error:")
    with st.container(gap="xsmall"):
        for words in conclusions(outcome):
            st.markdown(words)
    for warning in outcome["warnings"]:
        st.warning(_sentence(warning["message"]), icon=":material/info:")
    with st.expander(f"Layers: {len(outcome['layers'])}, {outcome['parameters']:,} parameters"):
        render_layers(outcome["layers"], key="preflight_layers")


def conclusions(outcome: PreflightOutcome) -> list[str]:
    """What a check found, a line each, in Markdown with an icon that says whether it is well.

    Args:
        outcome: a `PreflightOutcome`.
    """
    memory = outcome["memory"]
    needed = data_size(memory.get("device_bytes", memory["total_bytes"]))
    limit = memory["limit_bytes"]
    there = f" of {data_size(limit)}" if limit else ""
    if outcome["total_seconds"] is None or outcome["seconds_per_epoch"] is None:  # it wasn't tried
        return [f":red[:material/close:] **Doesn't fit**: needs about {needed} of memory{there}"]
    return [
        f":green[:material/check:] **Fits** {escaped(outcome['device'])}: about {needed}{there}",
        f":material/timer: **About {duration(outcome['total_seconds'])}**, "
        f"{duration(outcome['seconds_per_epoch'])} an epoch{_once_words(outcome)}",
        f":material/account_tree: **{outcome['parameters']:,} parameters**, "
        f"{outcome['steps_per_epoch']:,} steps of {outcome['batch_size']:,} images an epoch",
        _loss_words(outcome),
        *_precision_words(outcome.get("other_precision")),  # those of earlier versions are without
    ]


def _once_words(outcome: PreflightOutcome) -> str:
    seconds = outcome.get("features_seconds")  # missing in answers of earlier versions
    return f", after {duration(seconds)} for the frozen layers, once" if seconds else ""


def _loss_words(outcome: PreflightOutcome) -> str:
    told = outcome["loss"]["values"] if outcome["loss"] else []
    values = [value for value in told if value is not None]
    if len(values) < len(told):
        return ":red[:material/close:] **The loss isn't finite** after a few steps on one batch"
    first, *later = values
    best = reached(later)
    trend = f"{first:.3g} → {best:.3g} in {len(later)} steps on one batch"
    if outcome["problem"]:
        return f":red[:material/close:] **The loss doesn't fall**: {trend}"
    if best >= first:
        return f":material/question_mark: **Too few steps to see whether the loss falls**: {trend}"
    return f":green[:material/check:] **The loss falls**: {trend}"


def _precision_words(other: PrecisionCheck | None) -> list[str]:
    if other is None:
        return []
    now, then = other["seconds_per_step_now"], other["seconds_per_step"]
    times = f"{duration(then)} a step instead of {duration(now)}"
    if other.get("measured_before"):
        times = "an earlier check of this network measured it; check again to measure it anew"
    if then * lab.GAIN_WORTH_SAYING > now:
        return [f":material/bolt: {other['precision']} wouldn't be faster: {times}"]
    return [f":material/bolt: **{now / then:.2g}× as fast in {other['precision']}**: {times}"]


def _sentence(said: str | CnnlabError) -> str:
    return escaped(in_labels(said), limit=1000)
