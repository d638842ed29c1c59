"""How good each run is on its validation images, and each pair on the same ones."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.comparing import ALL_PAIRS, COMPARED_AT, ComparedAt
from cnnlab.domain.words import UNKNOWN, digits, percent, points
from cnnlab.judging.pairs import Pair
from cnnlab.judging.words.pair_words import (
    ABOUT_MODELS,
    nats_words,
    pair_words,
    summary_words,
    verdict_words,
)
from cnnlab.judging.words.sentences import difference_words, p_words, share_words
from cnnlab.ui.compare.chosen import chosen_words
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped, plain

_AT, _REFERENCE = "compare_at", "compare_reference"
_LONG = 2000
_HELPS = {"Gap": "Clean train minus validation accuracy of this epoch."}
_OF_EPOCH = ("Epoch", "Accuracy (95 %)", "Cross-entropy", "Gap", "Calibration error")
_EPOCHS: dict[ComparedAt, str] = {"last": "The last epoch", "best": "The best epoch"}


def chosen_at() -> ComparedAt:
    """At which epoch runs are compared, as it was chosen last."""
    at: ComparedAt = st.session_state.get(_AT) or "last"
    return at


def chosen_reference() -> str | None:
    """Id of the run that the others are compared with; None where none was chosen."""
    reference: str | None = st.session_state.get(_REFERENCE)
    return reference


def render_numbers(comparison: lab.Comparison) -> None:
    """The choice of the epoch, each run by itself, and the pairs with what they tell."""
    st.header("On the same images", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_how"):
        _ask_how(comparison)
    st.caption(escaped(chosen_words(comparison.runs, comparison.at), limit=_LONG))
    _render_alone(comparison)
    with st.container(key="compare_pairs"):
        for reason in comparison.unpaired:
            st.info(escaped(reason, limit=_LONG), icon=":material/link_off:")
        if comparison.pairs:
            _render_pairs(comparison)
        else:
            st.caption("No two of these runs can be compared image by image.")


def _ask_how(comparison: lab.Comparison) -> None:
    st.session_state.setdefault(_AT, "last")
    st.segmented_control(
        "Compared at", COMPARED_AT, key=_AT, format_func=_EPOCHS.__getitem__, required=True
    )
    said = {one.run.id: one for one in comparison.runs if one.said is not None}
    if len(comparison.runs) <= ALL_PAIRS or len(said) < 2:
        return
    reference = comparison.runs[comparison.reference].run.id
    st.session_state[_REFERENCE] = reference
    st.selectbox(
        "Against",
        list(said),
        key=_REFERENCE,
        format_func=lambda run: f"{said[run].letter}: {plain(said[run].run.name)}",
        width=360,
    )


def _render_alone(comparison: lab.Comparison) -> None:
    rows = [_row_of(one) for one in comparison.runs]
    render_table(rows, key="compare_alone", name="Each run by itself", helps=_HELPS)
    for one in comparison.runs:
        if one.said is not None and (seen := lab.accuracy_seen_words(one.run)):
            st.caption(escaped(f"{one.letter}: {seen}", limit=_LONG))


def _row_of(one: lab.ComparedRun) -> dict[str, Any]:
    letter, name = {"Run": one.letter}, {"Name": plain(one.run.name, limit=80)}
    if one.epoch is None:
        return letter | dict.fromkeys(_OF_EPOCH, UNKNOWN) | name
    cross_entropy, gap = one.alone.cross_entropy, one.alone.gap
    numbers = {
        "Epoch": f"{one.epoch + 1} of {len(one.history)}",
        "Accuracy (95 %)": share_words(one.alone.accuracy),
        "Cross-entropy": UNKNOWN
        if cross_entropy is None
        else f"{digits(cross_entropy, most_decimals=3)} nats",
        "Gap": UNKNOWN if gap is None else points(gap, signed=True),
        "Calibration error": percent(one.alone.calibration_error),
    }
    return letter | numbers | name


def _render_pairs(comparison: lab.Comparison) -> None:
    st.markdown("**Pair by pair**")
    count = comparison.corrected_for
    if len(comparison.runs) > ALL_PAIRS:
        told = [(pair.first.letter, pair.second.letter, pair.found) for pair in comparison.pairs]
        st.markdown(escaped(summary_words(told, count), limit=_LONG))
    else:
        for pair in comparison.pairs:
            words = pair_words(pair.first.letter, pair.second.letter, pair.found, count)
            st.markdown(escaped(words, limit=_LONG))
    rows = [_pair_row(pair, count) for pair in comparison.pairs]
    render_table(rows, key="compare_pairs_table", name="Pair by pair")
    st.caption(ABOUT_MODELS)
    st.page_link(page_file("study"), label="Test it in a study", icon=":material/science:")


def _pair_row(pair: lab.ComparedPair, pairs: int) -> dict[str, Any]:
    first, second, found = pair.first.letter, pair.second.letter, pair.found
    one, other = (first, second) if pairs == 1 else ("first", "second")
    the = "" if pairs == 1 else "the "
    row = {
        "Pair": f"{first}, {second}",
        f"Accuracy, {other} − {one} (95 %)": difference_words(found.difference),
        f"Only {the}{one} right": _counted(found.only_first, found),
        f"Only {the}{other} right": _counted(found.only_second, found),
        "Both right": _counted(found.both, found),
        "Both wrong": _counted(found.neither, found),
        "McNemar": p_words(found.p),
    }
    if pairs > 1:
        row["After Holm"] = p_words(found.p_adjusted)
    return row | {
        "Says": verdict_words(first, second, found),
        f"Cross-entropy, {other} − {one} (95 %)": nats_words(found.cross_entropy),
    }


def _counted(count: int, found: Pair) -> str:
    return f"{count:,} ({percent(count / found.images)})"
