"""Areas and precision of one class against the rest: scikit-learn's, and how far they waver."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from cnnlab.judging.curves import MOST_POINTS, class_curves
from cnnlab.judging.ranking import rank
from cnnlab.judging.thresholds import at_threshold
from tests.made_judgements import made_predictions

TIED = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0]), st.booleans()), min_size=2, max_size=40
).filter(lambda images: len({true for _, true in images}) == 2)
"""(probability, whether it shows the class) of images, many of them equally probable."""


def drawn(images, share=0.3, skill=1.0, seed=0):
    """Probabilities and truths of many images."""
    rng = np.random.default_rng(seed)
    true = np.arange(images) < share * images
    return 1 / (1 + np.exp(-rng.standard_normal(images) - skill * true)), true


@given(TIED)
def test_areas_are_those_of_scikit_learn(images):
    probabilities, true = (np.array(column) for column in zip(*images, strict=True))
    found = rank(probabilities, true)
    assert found.roc_area == pytest.approx(metrics.roc_auc_score(true, probabilities))
    precision = metrics.average_precision_score(true, probabilities)
    assert found.average_precision == pytest.approx(precision)


@given(TIED)
def test_curves_are_those_of_scikit_learn(images):
    probabilities, true = (np.array(column) for column in zip(*images, strict=True))
    curves = class_curves("a", rank(probabilities, true), classes=2)
    x, y, _ = metrics.roc_curve(true, probabilities, drop_intermediate=False)
    assert curves["roc"]["x"] == pytest.approx(x, abs=1e-6)
    assert curves["roc"]["y"] == pytest.approx(y, abs=1e-6)
    precision, recall, thresholds = metrics.precision_recall_curve(true, probabilities)
    drawn_curve = curves["precision_recall"]
    assert drawn_curve["x"][::-1] == pytest.approx(recall, abs=1e-6)
    assert drawn_curve["y"][::-1] == pytest.approx(precision, abs=1e-6)
    assert drawn_curve["threshold"][:0:-1] == pytest.approx(thresholds, abs=1e-6)


def test_a_class_with_all_images_or_none_has_no_area():
    for true in (np.ones(3, bool), np.zeros(3, bool)):
        ranking = rank(np.array([0.1, 0.5, 0.5]), true)
        for name in (
            "roc_area",
            "roc_area_error",
            "average_precision",
            "average_precision_error",
        ):
            assert np.isnan(getattr(ranking, name))
        curves = class_curves("a", ranking, 2)
        assert curves == {"class": "a", "roc": None, "precision_recall": None}


def test_standard_errors_are_those_of_many_draws():
    """Of both, on as many new images again and again."""
    found = [rank(*drawn(400, seed=seed)) for seed in range(600)]
    for name in ("roc_area", "average_precision"):
        wavers = np.std([getattr(one, name) for one in found])
        told = np.sqrt(np.mean([getattr(one, f"{name}_error") ** 2 for one in found]))
        assert told == pytest.approx(wavers, rel=0.08), name


def test_a_thinned_curve_runs_along_the_whole_one():
    probabilities, true = drawn(20_000)
    curves = class_curves("a", rank(probabilities, true), classes=10)
    x, y, _ = metrics.roc_curve(true, probabilities, drop_intermediate=False)
    thinned = curves["roc"]
    assert MOST_POINTS / 2 < len(thinned["x"]) <= MOST_POINTS
    assert (thinned["x"][0], thinned["y"][0]) == (0, 0)
    assert (thinned["x"][-1], thinned["y"][-1]) == (1, 1)
    off = np.interp(thinned["x"], x, y) - thinned["y"]
    assert np.abs(off).max() < 0.01
    assert np.trapezoid(thinned["y"], thinned["x"]) == pytest.approx(np.trapezoid(y, x), abs=1e-3)
    assert len(curves["precision_recall"]["x"]) <= MOST_POINTS


def test_many_classes_have_fewer_points():
    ranking = rank(*drawn(5_000))
    few, many = (class_curves("a", ranking, classes)["roc"]["x"] for classes in (10, 200))
    assert len(many) < len(few) / 3


def test_a_threshold_of_a_curve_is_the_one_it_was_counted_at():
    made = made_predictions(300)
    found = rank(made.probabilities[:, 0], made.labels == 0)
    roc = class_curves("a", found, classes=10)["roc"]
    for x, y, threshold in list(zip(roc["x"], roc["y"], roc["threshold"], strict=True))[1:]:
        at = at_threshold(made.probabilities, made.labels, 0, threshold)
        assert at["recall"]["value"] == pytest.approx(y, abs=1e-6)
        assert at["false_positive_rate"]["value"] == pytest.approx(x, abs=1e-6)
