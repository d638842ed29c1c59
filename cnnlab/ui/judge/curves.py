"""One class against the rest: its curves, and what a threshold does to its answers."""

import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Curve, Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, exact_percent
from cnnlab.figures.judging import precision_recall_figure, roc_figure
from cnnlab.figures.palette import PART_STYLES
from cnnlab.judging.thresholds import AtThreshold, at_threshold, confusion_at_threshold
from cnnlab.judging.words.measure_words import value_words
from cnnlab.judging.words.sentences import (
    area_words,
    overall_words,
    threshold_words,
)
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.text import distinct, escaped, plain

JUDGE_CLASS = "judge_class"
"""Session key of the class (its name, as another run's classes may be others) that is looked at;
the per-class table sets it, too."""

_SELECT = "judge_class_select"
_FIGURE_PX = 330


def render_curves(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The choice of a class, its curves, and the slider with what it does."""
    del run
    st.header("One class against the rest", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _ask_class(judgement["classes"])
        percent_of = st.slider(
            "Counts as this class from this probability on",
            0,
            100,
            50,
            step=1,
            format="%d %%",
            key="threshold",
            help="Lower finds more of the class and raises more false alarms. Usual: 50 %; lower "
            "where a miss is worse than a false alarm.",
            width=420,
        )
    found = at_threshold(predictions.probabilities, predictions.labels, label, percent_of / 100)
    _render_figures(judgement, label, found, percent_of)
    name = escaped(called(judgement["classes"][label]), limit=40)
    confusion = confusion_at_threshold(
        predictions.probabilities, predictions.labels, label, percent_of / 100
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        _render_matrix(found, name)
    with right:
        st.markdown(threshold_words(found, name, percent_of / 100))
        of_all = int(confusion.trace()), int(confusion.sum())
        st.caption(overall_words(*of_all, judgement["confusion"], name))
        if judgement["split"] != "validation":
            st.caption("Choose a threshold on the validation images: here it is only looked at.")


def _ask_class(classes: list[str]) -> int:
    """Ask for a class, the one that was clicked elsewhere at first; its place."""
    state = st.session_state
    chosen = state.get(JUDGE_CLASS)
    state[_SELECT] = classes.index(chosen) if chosen in classes else 0
    words = distinct({str(at): plain(name) for at, name in enumerate(classes)})
    return st.selectbox(
        "Class",
        range(len(classes)),
        format_func=lambda at: words[str(at)],
        key=_SELECT,
        on_change=_choose,
        args=(classes,),
        width=260,
    )


def _choose(classes: list[str]) -> None:
    st.session_state[JUDGE_CLASS] = classes[st.session_state[_SELECT]]


def _render_figures(judgement: Judgement, label: int, found: AtThreshold, percent_of: int) -> None:
    """Both curves side by side, each with its area."""
    rows, style = judgement["curves"], PART_STYLES[judgement["split"]]
    row = judgement["per_class"][label]
    name = plain(called(judgement["classes"][label]))
    alarms, recall, right = (
        found[key]["value"] for key in ("false_positive_rate", "recall", "precision")
    )
    left, middle = st.columns(2, gap="large")
    with left:
        st.markdown("**Found against false alarms (ROC)**")
        st.caption(area_words("Area", row["roc_area"], "0.5 is guessing"))
        mark = None if alarms is None or recall is None else (alarms, recall)
        _render_one(
            roc_figure([each["roc"] for each in rows], label, style, mark),
            rows[label]["roc"],
            key="roc_chart",
            alt=f"ROC curve of {name} against the rest, area "
            f"{value_words(row['roc_area'], is_share=False)}",
        )
    with middle:
        st.markdown("**Right against found (precision and recall)**")
        share = row["images"] / judgement["images"]
        st.caption(
            area_words("Average precision", row["average_precision"], f"{share:.2f} is guessing")
        )
        mark = None if right is None or recall is None else (recall, right)
        curves = [each["precision_recall"] for each in rows]
        _render_one(
            precision_recall_figure(curves, label, style, mark, share),
            rows[label]["precision_recall"],
            key="precision_recall_chart",
            alt=f"Precision against recall of {name} against the rest, average precision "
            f"{value_words(row['average_precision'], is_share=False)}",
        )
    legend = "The diamond stands at the chosen probability; dotted is guessing"
    legend += "; grey are the other classes." if len(rows) > 2 else "."
    if right is None:
        legend += (
            f" No image counts as {escaped(name)} from {exact_percent(percent_of / 100)} on, "
            "so there is no precision to mark."
        )
    st.caption(legend)


def _render_one(figure: dict, curve: Curve | None, *, key: str, alt: str) -> None:
    if curve is None:
        st.info("No curve: no image of this part shows this class, or all do.")
        return
    render_figure(figure, key=key, alt=alt, height=_FIGURE_PX, has_tools=False)


def _render_matrix(found: AtThreshold, name: str) -> None:
    """The four counts, as a table that can be read aloud."""
    rows = [
        ("shows it", found["true_positives"], found["false_negatives"]),
        ("shows another class", found["false_positives"], found["true_negatives"]),
    ]
    body = "\n".join(f"| **{what}** | {yes:,} | {no:,} |" for what, yes, no in rows)
    with st.container(key="threshold_matrix"):
        st.markdown(f"| the image ... | counts as {name} | doesn't count |\n|:--|--:|--:|\n{body}")
