"""How long a search may take, what it looks for, and what that will cost."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.search import (
    MOST_MINUTES,
    MOST_TRIAL_SEEDS,
    MOST_TRIALS,
    PROMISING_TRIALS,
    Objective,
    Sampler,
    Search,
    SecondObjective,
)
from cnnlab.domain.study import MOST_SEEDS
from cnnlab.domain.words import counted, duration, rough_duration
from cnnlab.searching.setting_words import OBJECTIVES, SECOND_OBJECTIVES
from cnnlab.ui.text import escaped
from cnnlab.ui.train.precision import render_precision_switch
from cnnlab.ui.train.preflight_view import render_preflight

_BY_TRIALS, _BY_MINUTES = "Trials", "Minutes"
_USUAL_TRIALS, _USUAL_MINUTES = 40, 30.0
_NO_SECOND = "none"
_SAMPLERS: dict[Sampler, str] = {"tpe": "Learns from the trials (TPE)", "random": "Random"}
_GOAL_HELP = (
    "What a trial is worth, on validation images, mean over the last epochs as in a study. "
    "**Accuracy** (usual): the share that is told right. **Cross-entropy** also sees how sure the "
    "network is. **Minus half of the gap**: what overfits is worth less; a gap below 0 earns "
    "nothing."
)
_SECOND_HELP = (
    "What shall be small beside it. Then there is no single best, but a front: trials that no "
    "other one beats in both. Nothing is ended early then."
)
_PRUNE_HELP = (
    "A trial that is worse than the median of those before it at the same epoch is ended: on "
    "curves that were recorded this took about a third of the epochs, and the best was kept."
)
_CONFIRM_HELP = (
    "At the end the winner trains again beside the start setting, with seeds that chose nothing, "
    "which takes the luck of its seed away. 5 are usual, fewer than 3 prove nothing. It comes on "
    "top of the budget."
)


def ask_budget() -> dict[str, Any]:
    """Ask when the search ends, and for the seeds of a setting: `trials`, `minutes`, `seeds`."""
    how = st.segmented_control(
        "Ends after",
        [_BY_TRIALS, _BY_MINUTES],
        key="search_budget",
        default=_BY_TRIALS,
        required=True,
        persist_state="session",
    )
    left, right = st.columns(2)
    with left:
        if how == _BY_TRIALS:
            trials = st.number_input(
                _BY_TRIALS,
                min_value=2,
                max_value=MOST_TRIALS,
                value=_USUAL_TRIALS,
                key="search_trials_budget",
                help="Settings that are tried, the start setting included. From "
                f"{PROMISING_TRIALS} on a search may beat random ones; 40 to 100 are usual.",
                persist_state="session",
            )
            budget: dict[str, Any] = {"trials": int(trials)}
        else:
            minutes = st.number_input(
                _BY_MINUTES,
                min_value=1.0,
                max_value=float(MOST_MINUTES),
                value=_USUAL_MINUTES,
                step=5.0,
                format="%g",
                key="search_minutes",
                help="For so long new trials are begun; the closing study comes on top.",
                persist_state="session",
            )
            budget = {"minutes": float(minutes)}
    with right:
        seeds = st.number_input(
            "Seeds per setting",
            min_value=1,
            max_value=MOST_TRIAL_SEEDS,
            value=1,
            key="search_seeds",
            help="Each setting is trained once with each. 1 (usual) tries more settings; 2 or 3 "
            "where one setting differs much from seed to seed, as with few images.",
            persist_state="session",
        )
    return budget | {"seeds": int(seeds)}


def ask_goal() -> dict[str, Any]:
    """Ask what is looked for: `objective` and `second`."""
    objective: Objective = st.selectbox(
        "Looks for the best",
        list(OBJECTIVES),
        key="search_objective",
        format_func=OBJECTIVES.__getitem__,
        help=_GOAL_HELP,
        persist_state="session",
    )
    second: SecondObjective | str = st.selectbox(
        "As small as possible, too",
        [_NO_SECOND, *SECOND_OBJECTIVES],
        key="search_second",
        format_func=lambda name: SECOND_OBJECTIVES.get(name, "No second aim"),
        help=_SECOND_HELP,
        persist_state="session",
    )
    return {"objective": objective, "second": None if second == _NO_SECOND else second}


def ask_more(*, has_second: bool) -> dict[str, Any]:
    """Ask for what suits nearly always as it is: `prunes`, `sampler` and `confirm_seeds`."""
    with st.expander("More", icon=":material/settings:"):
        prunes = st.toggle(
            "End hopeless trials early",
            value=True,
            key="search_prunes",
            help=_PRUNE_HELP,
            disabled=has_second,
            persist_state="session",
        )
        sampler = st.selectbox(
            "Settings are chosen",
            list(_SAMPLERS),
            key="search_sampler",
            format_func=_SAMPLERS.__getitem__,
            help="TPE tries more of what went well. Random is what it must beat, and is as good "
            f"below {PROMISING_TRIALS} trials.",
            persist_state="session",
        )
        confirm_seeds = st.number_input(
            "Fresh seeds of the closing study",
            min_value=2,
            max_value=MOST_SEEDS,
            value=5,
            key="search_confirm_seeds",
            help=_CONFIRM_HELP,
            persist_state="session",
        )
    return {"prunes": prunes, "sampler": sampler, "confirm_seeds": int(confirm_seeds)}


def render_budget(search: Search) -> None:
    """How many runs and how much time it will be, as far as a check has measured it."""
    base = load_config(search.base)
    with st.container(key="preflight"):
        render_precision_switch(base)
        render_preflight(base)
    time = _time_of_run(base)
    st.markdown(cost_words(search, time))
    trials = search.trials or (None if time is None else _fitting(search, time.seconds))
    if trials is not None and trials < PROMISING_TRIALS:
        st.caption(
            f":material/casino: Fewer than {PROMISING_TRIALS} trials promise nothing: random "
            "settings would do as well."
        )
    if found := lab.looked_at_training(search.dataset, base.split).words:
        st.warning(escaped(found, limit=2000), icon=":material/lock_open:")


def cost_words(search: Search, time: lab.RunTime | None) -> str:
    """What a search costs, the closing study apart, in words for the screen.

    Args:
        search: one that can be launched.
        time: that one run of its start setting takes; None where that isn't known.
    """
    seconds = None if time is None else time.seconds
    seeds = len(search.seeds)
    each = f" × {counted(seeds, 'seed')}" if seeds > 1 else ""
    early = "; less where hopeless ones are ended early" if search.prunes else ""
    closing = counted(2 * search.confirm_seeds, "run")
    if search.trials is not None:
        words = f"**{counted(search.trials, 'trial')}{each}**"
        if seconds is not None:
            words += f", about {duration(search.trials * seeds * seconds)}{early}"
        else:
            words += ". *Check before training* says how long a run takes"
    else:
        words = f"**{duration(60 * (search.minutes or 0))}**"
        if seconds is not None:
            more = "; more where hopeless ones are ended early" if search.prunes else ""
            fitting = counted(_fitting(search, seconds), "trial")
            words += f": about {fitting}{each} fit into it{more}"
        else:
            words += ". *Check before training* says how many trials fit into it"
    of_closing = "" if seconds is None else f", {duration(2 * search.confirm_seeds * seconds)}"
    how = " Estimated, within a factor of two." if time and not time.is_measured else ""
    return f":material/timer: {words}. The closing study comes on top: {closing}{of_closing}.{how}"


def foot_lines(search: Search) -> list[str]:
    """Trials and about how much time, for a phone's foot."""
    if search.trials is None:
        return [rough_duration(60 * (search.minutes or 0))]
    lines = [counted(search.trials, "trial")]
    if time := _time_of_run(load_config(search.base)):
        seconds = search.trials * len(search.seeds) * time.seconds
        lines.append(f"about {rough_duration(seconds)}")
    return lines


def _time_of_run(base: RunConfig) -> lab.RunTime | None:
    try:
        return lab.time_of_run(base)
    except DatasetError:  # it can't be split as asked, which the start says
        return None


def _fitting(search: Search, seconds: float) -> int:
    """Trials that end within the minutes; at least the start setting and another one."""
    return max(2, int(60 * (search.minutes or 0) / max(1e-3, seconds * len(search.seeds))))
