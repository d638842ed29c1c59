"""How good the model is, in four numbers, and in all that were measured."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, listed, percent
from cnnlab.judging.words.flipped_words import flipped_words
from cnnlab.judging.words.measure_words import MEASURES, interval_words, value_words
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.judge.parts import IMAGES_OF
from cnnlab.ui.text import escaped

_CARDS = ("accuracy", "balanced_accuracy", "macro_f1", "cross_entropy")
_MISSING_NAMED = 8


def render_headline(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """What was judged, four cards with intervals, what chance gives, and the table of all."""
    st.header("How good it is", anchor=False)
    seen = lab.accuracy_seen_words(run) if judgement["split"] == VALIDATION else ""
    st.caption(f"{_what_was_judged(judgement)} {seen}".rstrip())
    with st.container(horizontal=True, key="judge_cards"):
        for name in _CARDS:
            measure, found = MEASURES[name], judgement["measures"][name]
            st.metric(
                measure.title,
                f"{value_words(found, is_share=measure.is_share)} {measure.unit}".rstrip(),
                delta=f"95 %: {interval_words(found, is_share=measure.is_share)}",
                delta_color="off",
                delta_arrow="off",
                help=measure.meaning,
                border=True,
            )
    _render_chance(judgement)
    if judgement["split"] == VALIDATION:
        _render_optimism(judgement, run)
    with st.expander("All measures with their intervals", icon=":material/table_rows:"):
        _render_all(judgement)


def _what_was_judged(judgement: Judgement) -> str:
    epoch = judgement["model_epoch"]
    model = "The kept model" if epoch is None else f"The model of epoch {epoch + 1}"
    images = f"{judgement['images']:,} {IMAGES_OF[judgement['split']]}"
    words = f"{model} on the {images}, everything random off, as it is taken along."
    if judgement["split"] == "train":
        words += " It was trained on these: such numbers say what it learned, not what it is worth."
    if flipped := flipped_words(judgement):
        words += f" {flipped}"
    if missing := judgement["missing_classes"]:
        named = [f"'{escaped(name, limit=30)}'" for name in missing[:_MISSING_NAMED]]
        if len(missing) > _MISSING_NAMED:
            named.append(f"{len(missing) - _MISSING_NAMED} more")
        words += (
            f" {counted(len(missing), 'class has', 'classes have')} no image here, so nothing can "
            f"be said of {'it' if len(missing) == 1 else 'them'}: {listed(named)}."
        )
    return words


def _render_chance(judgement: Judgement) -> None:
    """What always answering the most common class would give, and whether that is beaten."""
    chance, found = judgement["chance"], judgement["measures"]["accuracy"]
    words = f"Always answering the most common class gives {percent(chance)}"
    low, value = found["low"], found["value"]
    if value is not None and value <= chance:
        st.warning(f"{words}: this model is no better.", icon=":material/warning:")
    elif low is not None and low <= chance:
        st.warning(
            f"{words}, which lies within the interval of the accuracy: these images are too few to "
            "say that the model is better.",
            icon=":material/warning:",
        )
    else:
        st.caption(
            f"{words}. The 95 % intervals say how far such a number may be off because these "
            f"{judgement['images']:,} images are only a sample."
        )


def _render_optimism(judgement: Judgement, run: Run) -> None:
    """That these images chose the epoch, as the run's page says it: a sample's chance isn't all."""
    found = lab.run_optimism(run)
    if found is not None and found.epoch == judgement["model_epoch"]:
        st.caption(escaped(found.words, limit=400))


def _render_all(judgement: Judgement) -> None:
    rows = [
        {
            "Measure": measure.title,
            "Value": f"{value_words(found, is_share=measure.is_share)} {measure.unit}".rstrip(),
            "95 % interval": interval_words(found, is_share=measure.is_share),
            "What it says": measure.meaning,
        }
        for name, measure in MEASURES.items()
        if (found := judgement["measures"].get(name)) is not None
    ]
    render_table(rows, key="all_measures", name="All measures")
