"""A study's verdicts: by which rules, what is told of each arm, and the differences drawn."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.records.training import JudgedMetric
from cnnlab.domain.words import counted, listed, percent, points
from cnnlab.figures.answers.forest import forest_figure, forest_key
from cnnlab.figures.study import arm_styles
from cnnlab.study.chance.fresh_run import ALONE
from cnnlab.study.rules_wording import (
    compared_words,
    fresh_run_words,
    rules_words,
    scope_words,
    unknown_words,
)
from cnnlab.study.verdicts import Comparison, Verdict
from cnnlab.study.wording import METRICS, SHARES, where_words
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.study.closer.details import render_same_start
from cnnlab.ui.study.swatches import swatch_image
from cnnlab.ui.text import escaped

_NEXT_LOOK = (
    "Looking again after adding seeds is a second chance for luck, so the level that a claim must "
    "reach is made stricter."
)
_FREE_LOOK = "The study is watched: to look again costs nothing."
_ROW_PX, _AROUND_PX = 54, 66
_BADGES = {
    Verdict.HELPS: ("green", "trending_up"),
    Verdict.HURTS: ("red", "trending_down"),
    Verdict.NO_DIFFERENCE: ("violet", "equal"),
    Verdict.CANNOT_TELL: ("gray", "question_mark"),
    Verdict.REFERENCE: ("blue", "flag"),
}
"""Colour and icon of a verdict."""


def render_verdicts(view: lab.StudyView) -> None:
    """The verdicts in words beside their differences; folded, what they rest on."""
    st.header("Verdicts" if view.is_ended else "Verdicts so far", anchor=False)
    told = f"{METRICS[view.study.primary].label} {where_words(view.study)}."
    st.caption(told[0].upper() + told[1:])
    drawn = _with_a_difference(view)
    left, *right = st.columns([3, 2], gap="medium") if drawn else [st.container()]
    with left:
        for arm in view.study.arms:
            _render_verdict(view, view.verdicts[arm.name])
    for column in right:
        with column:
            _render_differences(view, drawn)
    render_same_start(view)
    with st.expander("How they were judged, and what chance may have done"):
        _render_rules(view)
    _render_intervals(view)
    _render_more_seeds(view)


def _render_rules(view: lab.StudyView) -> None:
    study = view.study
    lines = [
        f"{rules_words(study)} These rules were fixed before the launch.",
        escaped(compared_words(study), limit=300),
        *(escaped(note, limit=1000) for note in view.notes),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))


def _render_intervals(view: lab.StudyView) -> None:
    """Of each arm what is known of both scopes and of a fresh run, if anything is."""
    told = {
        name: [*scope_words(found, view.study), *fresh_run_words(found, view.study)]
        for name, found in view.verdicts.items()
    }
    unknown = unknown_words(view.verdicts)
    if not any(told.values()) and not unknown:
        return
    with st.expander("Intervals on these and on new images, and a fresh run"):
        for name, lines in told.items():
            if lines:
                st.markdown(
                    "  \n".join(
                        [f"**{escaped(name)}**", *(escaped(words, limit=300) for words in lines)]
                    )
                )
        if any(fresh_run_words(found, view.study) for found in view.verdicts.values()):
            st.caption(ALONE)
        for words in unknown:
            st.caption(words)


def _render_verdict(view: lab.StudyView, found: Comparison) -> None:
    style = arm_styles(view.study)[found.arm]
    shown = mean_words(view, found.arm) or "–"
    badge = verdict_badge(found)
    lines = [
        f"{swatch_image(style)} **{escaped(found.arm)}** {shown} {badge}",
        escaped(found.words, limit=400),
    ]
    st.markdown("  \n".join(lines), unsafe_allow_html=True)


def mean_words(view: lab.StudyView, arm: str) -> str:
    """What an arm is worth on average where the study judges; empty before a run of it counts."""
    metric = view.study.primary
    values = view.values[metric].get(arm)
    return _shown(sum(values.values()) / len(values), metric) if values else ""


def _shown(mean: float, metric: JudgedMetric) -> str:
    if metric in SHARES:
        return percent(mean)
    return f"{mean:.3g} nats" if metric == "val_cross_entropy" else points(mean)


def verdict_badge(found: Comparison) -> str:
    """A verdict as a badge, in Markdown; empty while there is none."""
    if found.is_open or found.verdict is None:
        return ""
    color, icon = _BADGES[found.verdict]
    return f":{color}-badge[:material/{icon}: {found.said}]"


def _with_a_difference(view: lab.StudyView) -> dict[str, Comparison]:
    told = view.verdicts.items()
    return {name: found for name, found in told if found.mean is not None and found.seeds > 1}


def _render_differences(view: lab.StudyView, drawn: dict[str, Comparison]) -> None:
    render_figure(
        forest_figure(drawn, view.study),
        key="study_forest",
        alt="Difference of each arm from the reference with its intervals",
        height=_ROW_PX * len(drawn) + _AROUND_PX,
    )
    st.caption(forest_key(drawn, view.study))


def _render_more_seeds(view: lab.StudyView) -> None:
    more = 1 if view.study.watch else view.more_seeds
    more = 0 if lab.imported_from(view.study.id) else more
    if not (view.is_complete and more):
        return
    few = min(more, len(view.study.seeds))
    if few < more:
        st.caption(_telling(view, more))
    with st.container(horizontal=True, key="more_seeds_offers"):
        _offer_seeds(view, few, "more_seeds", f"Queue {counted(few, 'more seed')}")
        if few < more:
            _offer_seeds(view, more, "all_more_seeds", f"Queue all {more}")


def _telling(view: lab.StudyView, more: int) -> str:
    """What so many are for, and why fewer come first."""
    nearest = [name for name, found in view.verdicts.items() if found.more_seeds == more]
    return (
        f"Up to about {more} more seeds would tell for {escaped(listed(nearest))}, if the "
        "difference is as large as it looks. A few first may tell already, and show better how "
        "many it takes."
    )


def _offer_seeds(view: lab.StudyView, more: int, key: str, label: str) -> None:
    """A button that queues so many more seeds, with what that costs."""
    runs = counted(more * len(view.study.arms), "run")
    options = for_editors(help="For all arms. " + (_FREE_LOOK if view.study.watch else _NEXT_LOOK))
    if st.button(f"{label} ({runs})", key=key, icon=":material/add:", **options):
        lab.extend_study(view.study.id, more)
        st.rerun()
