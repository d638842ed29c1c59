"""Beside the form: what will be trained, the start button, and the augmented images."""

import math
import time

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, SplitFractions
from cnnlab.domain.data.vault import SETTINGS
from cnnlab.domain.run_naming import run_words, setting_words
from cnnlab.domain.words import counted
from cnnlab.judging.words.looked_at_words import settings_words
from cnnlab.ui.background import later
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.judged_by_few import render_judged_by_few
from cnnlab.ui.form.state import fill_split
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped
from cnnlab.ui.train.address import render_address
from cnnlab.ui.train.foot import START_ANCHOR, render_foot
from cnnlab.ui.train.guard import render_guard
from cnnlab.ui.train.pace import foot_lines, pace_words, too_few_words
from cnnlab.ui.train.parts import Seen
from cnnlab.ui.train.precision import render_precision_switch
from cnnlab.ui.train.preflight_view import render_preflight
from cnnlab.ui.train.preview import render_preview
from cnnlab.ui.train.reading import Reading

_WARMED_AT, _WARMED_FOR = "warmed_at", "warmed_for"
_WARM_AGAIN_SECONDS = 60.0
_LONG = 3000


def keep_warm(config: RunConfig | None = None) -> None:
    """Have a worker ready by the time that Train is pressed; no page waits for it.

    Args:
        config: what the form shows, for the worker to build and compile; None where there is none.
    """
    state, now = st.session_state, time.monotonic()
    is_new = config is not None and config != state.get(_WARMED_FOR)
    if is_new or now - state.get(_WARMED_AT, -math.inf) > _WARM_AGAIN_SECONDS:
        state[_WARMED_AT], state[_WARMED_FOR] = now, config
        later(lambda: lab.warm_up(config))


def render_start_bar(seen: Seen) -> None:
    """What starts a run; and the form in the address, with the way back of all changes.

    Args:
        seen: the form.
    """
    with st.container(key="start_row", horizontal=True, vertical_alignment="center", gap="small"):
        _render_start(seen.reading.config, seen.dataset.name)
        # A phone has the plan far below the button. HTML is one element less at every change.
        render_foot(foot_lines(seen.reading))
        render_address(seen.dataset, seen.changes)


def _render_start(config: RunConfig | None, dataset: str) -> None:
    """The run's name and the button, which comes before the long form with the Tab key too.

    Args:
        config: what it launches; None where something has to be mended first.
        dataset: name of its dataset.
    """
    name = st.text_input(
        "Run name",
        key="run_name",
        max_chars=200,
        label_visibility="collapsed",
        placeholder="Run name" if config is None else f"Run name: {run_words(config, dataset)}",
    )
    is_pressed = st.button(
        "Train",
        key="launch_run",
        type="primary",
        icon=":material/play_arrow:",
        width=220,
        shortcut="Ctrl+Enter",  # it is shown; help would have Streamlit draw the button twice
        **for_editors(disabled=config is None),
    )
    if is_pressed and config is not None:
        st.session_state.pop(_WARMED_FOR, None)
        run = lab.launch_run(config, name=name)
        st.switch_page(page_file("runs"), query_params={"run": run.id})


def render_side(seen: Seen) -> None:
    """What a start would do, or what blocks it; the check before it; and the preview.

    Args:
        seen: the form.
    """
    reading, dataset = seen.reading, seen.dataset
    config = reading.config
    with st.container(border=True):
        st.header("Start", anchor=START_ANCHOR)
        with st.container(key="preflight"):
            if config is None:
                st.error(escaped(reading.problem, limit=1000), icon=":material/error:")
            else:
                architecture = config.architecture
                network = setting_words(architecture.preset, architecture.layers, {})
                size = f"**{reading.parameters:,}** parameters"
                st.markdown(f"**{escaped(dataset.name)}**: {network}, {size}.")
                _render_plan(config, reading)
                render_precision_switch(config)
                render_preflight(config)
    if reading.seen is not None:
        with st.container(border=True, key="augmented_images"):
            st.header("Augmented images", anchor=False)
            with st.container(key="augmented_preview"):  # a phone has it above its switches alone
                render_preview(reading.seen)
            render_guard(reading.seen)
    keep_warm(config)


def _render_plan(config: RunConfig, reading: Reading) -> None:
    splits = reading.splits
    st.markdown(
        f"**{splits['train']:,}** training and **{splits['validation']:,}** validation images.  \n"
        f"{pace_words(config, reading)}"
    )
    render_judged_by_few(config)
    if few := too_few_words(config, reading):
        with st.container(key="few_steps"):
            st.caption(few)
    if missing := lab.class_sets(config.dataset, config.split):
        advice = (
            "Import more pictures of them, or another split; the report on the Data page says more."
        )
        st.warning(escaped(f"{missing.words} {advice}", limit=1000), icon=":material/warning:")
    _render_looked_at(config)
    _render_seen(config)
    if splits["test"]:
        verb = "stays" if splits["test"] == 1 else "stay"
        st.caption(
            f"{counted(splits['test'], 'test image')} {verb} locked away, until somebody opens "
            "them on the run's evaluation page."
        )


def _render_looked_at(config: RunConfig) -> None:
    """That looked-at test images would train, and the split of then by one press."""
    found = lab.looked_at_training(config.dataset, config.split)
    if found.words:
        st.warning(escaped(found.words, limit=_LONG), icon=":material/lock_open:")
        _render_way_out(config, found.way_out, key="split_of_then")


def _render_seen(config: RunConfig) -> None:
    """That the weights to start with were trained on images that would judge the run."""
    if found := lab.seen_by_start(config):
        st.warning(escaped(found.words, limit=_LONG), icon=":material/visibility:")
        _render_way_out(config, found.way_out, key="split_of_start")


def _render_way_out(config: RunConfig, way_out: SplitFractions | None, *, key: str) -> None:
    """A split that mends it, by one press."""
    if way_out is None:
        return
    then = {name: getattr(way_out, name) for name in SETTINGS}
    changed = {name: at for name, at in then.items() if at != getattr(config.split, name)}
    st.button(
        f"Set {settings_words(changed)}",
        key=key,
        icon=":material/undo:",
        width="stretch",
        on_click=fill_split,
        args=(changed,),
    )
