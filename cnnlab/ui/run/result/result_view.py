"""What a run gave: the model to download, how good it is and where it errs."""

import math
from collections import Counter

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.history import best_epoch
from cnnlab.domain.records.result import Evaluation, TopLoss
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.words import called, counted, percent
from cnnlab.judging.mistakes import Mistake, mistake_words, mistakes_of
from cnnlab.ui.charts import confusion_figure
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.run.result.export_view import render_exports
from cnnlab.ui.run.result.try_panel import render_try_panel
from cnnlab.ui.text import escaped, plain

_CONFUSION_LEAST_PX, _CONFUSION_MOST_PX, _CELL_PX = 320, 720, 36
_MISTAKES_SHOWN, _MOST_MISTAKES = 3, 6
_ERRORS_SHOWN, _ERRORS_OF_A_CLASS = 12, 3
_ERRORS_ABREAST, _ERROR_LEAST_PX, _ERROR_MOST_PX = 6, 100, 150
"""Three abreast on a phone."""


def render_result(view: lab.RunView) -> None:
    """The result section of an ended run; nothing if no epoch was finished."""
    evaluation = view.result.get("report")
    if not evaluation:
        render_try_panel(view.run)
        return
    st.header("Result", anchor=False)
    model_epoch = kept_epoch(view) or 0
    _render_verdict(view, evaluation, model_epoch)
    if view.run.origin and model_epoch <= view.run.origin["epoch"]:
        own = view.history[view.run.origin["epoch"] + 1 :]
        _render_no_gain(view.history, best_epoch(own), model_epoch)
    has_model = not lab.is_recorded(view.run.id)
    if has_model:
        render_exports(view.run)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Confusion matrix**")
        classes = [row["class"] for row in evaluation["per_class"]]
        height = _CELL_PX * len(classes) + 80
        render_figure(
            confusion_figure(evaluation["confusion"], classes),
            key="confusion_matrix",
            alt="Confusion matrix: rows are true classes, columns predicted ones",
            height=max(_CONFUSION_LEAST_PX, min(height, _CONFUSION_MOST_PX)),
        )
    with right:
        st.markdown("**Per class**")
        _render_per_class(evaluation)
    _render_errors(view.run.dataset, evaluation)
    if has_model:
        render_try_panel(view.run)


def kept_epoch(view: lab.RunView) -> int | None:
    """0-based epoch whose model was kept and judged; None where none was."""
    evaluation = view.result.get("report")
    if not evaluation:
        return None
    kept = view.result.get("model_epoch")  # an earlier version kept the best one unsaid
    return evaluation["best_epoch"] if kept is None else kept


def _render_verdict(view: lab.RunView, evaluation: Evaluation, model_epoch: int) -> None:
    epochs = len(view.history)
    images = sum(row["images"] for row in evaluation["per_class"])
    flattered = lab.run_optimism(view.run)  # by how much is said beside the curves
    is_told = flattered is not None and flattered.difference is not None
    was_chosen = epochs > 1 and model_epoch == evaluation["best_epoch"] and not is_told
    chosen = f" It was chosen as the best of {epochs} by these same images, which flatters it."
    seen = lab.accuracy_seen_words(view.run)
    st.caption(
        f"The model of epoch {model_epoch + 1} on the {images:,} validation images: "
        f"accuracy {percent(evaluation['accuracy'])}, "
        f"cross-entropy {evaluation['cross_entropy']:.3g}, "
        f"macro F1 {percent(evaluation['macro']['f1'])}.{chosen if was_chosen else ''}"
        f"{f' {seen}' if seen else ''}"
    )
    chance = max(row["images"] for row in evaluation["per_class"]) / images
    if evaluation["accuracy"] <= chance:
        st.warning(
            f"This is no better than always answering the most common class ({percent(chance)}). "
            f"{_advice(view)}",
            icon=":material/warning:",
        )


def _advice(view: lab.RunView) -> str:
    """What to do about a model that has learned nothing, as far as a config can."""
    config = load_stored(view.run.config)
    if config and lab.class_sets(view.run.dataset, config.split).lost_images:
        return (
            "Some of these images show classes without a training image, which can't be learned: "
            "the diagnosis says which, and what mends it."
        )
    return "If the loss jumped or grew, lower the learning rate; else train longer."


def _render_no_gain(history: list[EpochRecord], own_best: int | None, model_epoch: int) -> None:
    """Say of a fork that what it gives away is its parent's work."""
    best = None if own_best is None else history[own_best]
    its_own = (
        f" The best of its own epochs is {best['epoch'] + 1}, with {percent(best['val_accuracy'])}."
        if best
        else ""
    )
    st.info(
        f"No epoch after the fork did better on the validation images than epoch "
        f"{model_epoch + 1}, which its parent trained: the model and all that is told of it here "
        f"are of that epoch.{its_own}",
        icon=":material/fork_right:",
    )


def _render_per_class(evaluation: Evaluation) -> None:
    never_predicted = [sum(column) == 0 for column in zip(*evaluation["confusion"], strict=True)]
    rows = [
        {
            "class": plain(each["class"], limit=40),
            "images": each["images"],
            # Of no prediction none is right or wrong; where nothing was there, nothing was missed.
            "precision": None if never else each["precision"],
            "recall": each["recall"] if each["images"] else None,
            "f1": each["f1"] if each["images"] else None,
        }
        for each, never in zip(evaluation["per_class"], never_predicted, strict=True)
    ]
    render_table(rows, key="per_class_table", name="Class by class", columns=_PER_CLASS)


_PER_CLASS = {
    "class": Column("Class"),
    "images": Column("Images", "number"),
    "precision": Column("Precision", "bar", percent, "Of those taken for it, how many show it."),
    "recall": Column("Recall", "bar", percent, "Of those that show it, how many are found."),
    "f1": Column("F1", "bar", percent, "Harmonic mean of precision and recall."),
}


def _render_errors(dataset: str, evaluation: Evaluation) -> None:
    """The commonest mistakes, and the images whose true class the model thought least of."""
    found = mistakes_of(evaluation["confusion"])
    if not found:
        return
    st.markdown("**Where it errs most**")
    shown = _commonest(found)
    all_kinds = counted(len(found), "kind of mistake", "kinds of mistakes")
    of_all = f"{len(shown)} of {all_kinds}" if len(shown) < len(found) else all_kinds
    st.caption(f"{of_all}, that of the most images first.")
    classes = [row["class"] for row in evaluation["per_class"]]
    lines = [escaped(mistake_words(one, classes), limit=200) for one in shown]
    st.markdown("\n".join(f"{place}. {words}" for place, words in enumerate(lines, start=1)))
    wrong = [loss for loss in evaluation["top_losses"] if loss["true"] != loss["predicted"]]
    if wrong:
        _render_surprises(dataset, _of_several_classes(wrong))


def _commonest(found: list[Mistake]) -> list[Mistake]:
    """The first ones, and those that are as common as the last of them."""
    least = found[:_MISTAKES_SHOWN][-1].images
    return [one for one in found if one.images >= least][:_MOST_MISTAKES]


def _of_several_classes(wrong: list[TopLoss]) -> list[TopLoss]:
    """The first ones, but no more of a class than are looked at before they are all alike."""
    taken: Counter[str] = Counter()
    kept = []
    for loss in wrong:
        taken[loss["true"]] += 1
        if taken[loss["true"]] <= _ERRORS_OF_A_CLASS:
            kept.append(loss)
    return kept[:_ERRORS_SHOWN]


def _render_surprises(dataset: str, wrong: list[TopLoss]) -> None:
    st.caption(
        "What surprised it most: the pictures whose true class it thought least likely, "
        f"at most {_ERRORS_OF_A_CLASS} of a class."
    )
    images = lab.images_at(dataset, [loss["position"] for loss in wrong], size_px=_ERROR_MOST_PX)
    with st.grid(
        _ERRORS_ABREAST,
        min_column_width=_ERROR_LEAST_PX,
        width=_ERRORS_ABREAST * _ERROR_MOST_PX,
        key="top_losses",
    ):
        for loss, image in zip(wrong, images, strict=True):
            with st.container(gap="xsmall"):
                st.image(image, width="stretch", alt=f"Validation image {loss['position']}")
                st.caption(
                    f"{escaped(called(loss['true']), limit=20)} only "
                    f"{percent(math.exp(-loss['cross_entropy']))}: taken for "
                    f"{escaped(called(loss['predicted']), limit=20)}"
                )
