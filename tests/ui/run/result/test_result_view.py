"""What the result of a run says beside its numbers."""

import dataclasses

import numpy as np
import pytest
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.class_sets import ClassSets
from cnnlab.domain.run import Run, Status
from cnnlab.study.chance.optimism import Optimism
from cnnlab.ui.run.result import result_view
from tests.made_runs import epoch_record

SCORES = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
REPORT = {
    "best_epoch": 1,
    "accuracy": 0.9,
    "cross_entropy": 0.5,
    "macro": SCORES,
    "per_class": [{"class": name, "images": 4} | SCORES for name in "ab"],
    "confusion": [[2, 2], [2, 2]],
    "top_losses": [],
}


@pytest.fixture
def said(monkeypatch):
    """What is said in boxes and captions."""
    words = []
    for name in ("info", "caption"):
        monkeypatch.setattr(st, name, lambda text, **_: words.append(text))
    monkeypatch.setattr(result_view, "render_exports", lambda run: None)
    return words


def result_of(accuracies, *, origin=None):
    history = [
        epoch_record(number, val_accuracy=accuracy) for number, accuracy in enumerate(accuracies)
    ]
    run = Run("r1", "a run", "d", {}, Status.FINISHED, origin=origin)
    best = max(range(len(accuracies)), key=accuracies.__getitem__)
    result = {"report": REPORT | {"best_epoch": best}, "model_epoch": best}
    fields = {field.name: None for field in dataclasses.fields(lab.RunView)}
    return lab.RunView(**fields | {"run": run, "history": history, "result": result})


@pytest.mark.parametrize("lost", [0, 4])
def test_no_rate_is_blamed_for_classes_without_training_images(lost, said, monkeypatch):
    monkeypatch.setattr(st, "warning", lambda text, **_: said.append(text))
    sets = ClassSets(("b",) if lost else (), (), lost)
    monkeypatch.setattr(lab, "class_sets", lambda dataset, split: sets)
    view = result_of([0.1, 0.2])
    view.result["report"] |= {"accuracy": 0.2}
    result_view.render_result(view)
    [told] = [text for text in said if "no better than always answering" in text]
    assert ("lower the learning rate" in told) == (not lost)
    assert ("without a training image" in told) == bool(lost)


@pytest.mark.parametrize("expected", [0.85, None])
def test_a_chosen_epoch_is_said_to_flatter_unless_the_page_says_by_how_much(
    expected, said, monkeypatch
):
    found = Optimism(2, 3, 0.9, expected, why_unknown="isn't known")
    monkeypatch.setattr(lab, "run_optimism", lambda run: found)
    result_view.render_result(result_of([0.5, 0.6, 0.9]))
    [told] = [text for text in said if text.startswith("The model of epoch 3")]
    chosen = "It was chosen as the best of 3 by these same images, which flatters it."
    assert told.endswith(chosen) == (expected is None)
    assert ("chosen" in told) == (expected is None)


def test_the_only_epoch_was_not_chosen(said):
    result_view.render_result(result_of([0.9]))
    assert not any("chosen" in text for text in said)


@pytest.mark.parametrize(
    ("accuracies", "is_the_parents"), [([0.5, 0.9, 0.6, 0.7], True), ([0.5, 0.6, 0.9, 0.7], False)]
)
def test_a_fork_that_gains_nothing_says_whose_model_it_gives(accuracies, is_the_parents, said):
    result_view.render_result(result_of(accuracies, origin={"run": "r0", "epoch": 1}))
    (told,) = [words for words in said if "after the fork" in words] or [""]
    assert bool(told) is is_the_parents
    if is_the_parents:
        assert "than epoch 2, which its parent trained" in told
        assert "The best of its own epochs is 4, with 70.0\u00a0%" in told


def test_of_a_class_at_most_three_surprises_are_shown(said, monkeypatch):
    asked = []

    def images_at(dataset, positions, *, size_px):
        asked.extend(positions)
        return [np.zeros((size_px, size_px, 3), np.uint8)] * len(positions)

    monkeypatch.setattr(lab, "images_at", images_at)
    view = result_of([0.5, 0.6])
    worst = [("left", "right")] * 5 + [("right", "right")] + [("right", "left")]
    view.result["report"]["top_losses"] = [
        {"position": place, "true": true, "predicted": said_to_be, "cross_entropy": 2.0}
        for place, (true, said_to_be) in enumerate(worst)
    ]
    view.result["report"]["confusion"] = [[3, 5], [1, 7]]
    result_view.render_result(view)
    assert asked == [0, 1, 2, 6]
