import pytest

from cnnlab.judging.words.sentences import (
    coverage_at,
    coverage_words,
    difference_words,
    dots_words,
    no_slice_words,
    share_words,
    slice_words,
    sureness_words,
    temperature_words,
)


def measured(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def judgement(accuracy, *bins):
    return {
        "measures": {"accuracy": accuracy},
        "reliability": [
            {"images": 100, "confidence": sure, "accuracy": right} for sure, right in bins
        ],
    }


def test_a_share_has_its_interval_where_there_is_one():
    assert share_words(measured(0.871, 0.85, 0.892)) == "87.1\u00a0% (85.0 to 89.2\u00a0%)"
    assert share_words(measured(None)) == "–"
    assert difference_words(measured(-0.17, -0.26, -0.081)) == "−17.0 points (−26.0 to −8.1)"
    crossing = difference_words(measured(-0.208, -0.404, 0.002))
    assert crossing == "−20.8 points (−40.4 to +0.2)"
    assert difference_words(measured(None)) == "–"


@pytest.mark.parametrize(
    ("right", "begin", "shown"),
    [
        (
            0.7,
            "Too sure: it is 85.0\u00a0% sure",
            ("90\u00a0% sure of, 60.0\u00a0% (50.0 to 70.0\u00a0%) are right"),
        ),
        (
            0.97,
            "Less sure than it could be: ",
            ("80\u00a0% sure of, 80.0\u00a0% (70.0 to 90.0\u00a0%) are right"),
        ),
    ],
)
def test_what_lies_beyond_the_interval_is_named_with_the_worst_bin(right, begin, shown):
    bins = (0.8, measured(0.8, 0.7, 0.9)), (0.9, measured(0.6, 0.5, 0.7))
    words = sureness_words(judgement(measured(right, right - 0.02, right + 0.02), *bins))
    assert words.startswith(begin)
    assert shown in words


def test_how_many_images_a_dot_stands_for_is_told_as_it_is():
    bins = [{"images": count} for count in (50, 50, 350)]
    assert dots_words(bins).startswith("Each dot is 50 to 350 images, with its 95 % interval:")
    assert dots_words(bins[:2]) == "Each dot is 50 images, with its 95 % interval."


def test_within_the_interval_nothing_is_claimed():
    words = sureness_words(judgement(measured(0.83, 0.8, 0.86), (0.85, measured(0.83, 0.8, 0.86))))
    assert words.startswith("About as sure as it is right, as far as 100 images tell")


CALIBRATION = {
    "temperature": 1.412,
    "cross_entropy": 0.5,
    "cross_entropy_scaled": 0.47,
    "error": 0.061,
    "error_scaled": 0.023,
    "helps": True,
    "gain": measured(0.03, 0.01, 0.05),
}


def test_a_temperature_that_helps_is_told_with_its_gain():
    words = temperature_words(CALIBRATION)
    assert words.startswith("A temperature helps: T = 1.41 makes it less sure, and truer")
    assert "from 0.500 to 0.470 nats an image (a gain of +0.0300, +0.0100 to +0.0500)" in words
    assert "calibration error from 6.1\u00a0% to 2.3\u00a0%" in words


def test_where_the_calibration_error_does_not_fall_it_is_not_called_truer():
    words = temperature_words(CALIBRATION | {"error": 0.04, "error_scaled": 0.053})
    assert words.startswith("A temperature changes little: T = 1.41 brings cross-entropy from 0.5")
    assert words.endswith("nats an image, but calibration error from 4.0\u00a0% to 5.3\u00a0%.")
    assert "changes little" not in temperature_words(CALIBRATION)


def test_one_whose_gain_may_be_chance_is_not_praised():
    words = temperature_words(CALIBRATION | {"helps": False, "gain": measured(0.01, -0.01, 0.03)})
    assert words.startswith("A temperature doesn't clearly help")
    assert "−0.0100 to +0.0300" in words
    assert "surer" in temperature_words(CALIBRATION | {"temperature": 0.7})
    none = temperature_words(CALIBRATION | {"helps": False, "temperature": 1.0})
    assert none.startswith("No temperature is better than none")


POINTS = [
    {"coverage": coverage, "threshold": 0.42, "accuracy": measured(right, right - 0.02, right)}
    for coverage, right in ((1.0, 0.85), (0.9, 0.97), (0.05, 1.0))
]


def test_the_nearest_coverage_is_told_against_that_of_all_images():
    point = coverage_at(POINTS, 0.12)
    assert point is POINTS[1]
    words = coverage_words(point, measured(0.85, 0.82, 0.88))
    assert words.startswith(
        "If it may say \u201cdon't know\u201d on 10\u00a0% of the images, "
        "it is right in 97.0\u00a0% (95.0 "
        "to 97.0\u00a0%) of the others; on all it is 85.0\u00a0% (82.0 to 88.0\u00a0%)."
    )
    assert "at least 42.0\u00a0% sure" in words
    nearly = {"coverage": 0.998, "threshold": 0.99999, "accuracy": measured(0.9999, 0.9991, 1.0)}
    words = coverage_words(nearly, measured(0.9998, 0.999, 0.99999))
    assert (
        "on < 1\u00a0% of the images, it is right in > 99.9\u00a0% (99.9 to 100.0\u00a0%)"
    ) in words
    assert "must answer on every image" in coverage_words(POINTS[0], measured(0.85))
    assert coverage_at([{"coverage": 1.0, "threshold": 0, "accuracy": measured(None)}], 0) is None


def test_a_slice_is_told_with_both_accuracies_and_its_p_value():
    found = {
        "accuracy": measured(0.7, 0.6, 0.8),
        "accuracy_elsewhere": measured(0.87, 0.84, 0.9),
        "compared_with": "the other images of 'shirt'",
        "difference": measured(-0.17, -0.26, -0.081),
        "images": 40,
        "p_value": 0.0031,
    }
    assert slice_words(found) == (
        "70.0\u00a0% (60.0 to 80.0\u00a0%) right, against 87.0\u00a0% (84.0 to "
        "90.0\u00a0%) on the other images of "
        "'shirt': a difference of −17.0 points (−26.0 to −8.1), on 40 images that it "
        "wasn't found on (p = 0.0031, one-sided, after Holm's correction)."
    )
    assert "(p below 0.001, one-sided, after" in slice_words(found | {"p_value": 1e-9})


def test_none_found_is_no_proof_of_none():
    words = no_slice_words({"slices_tried": 34, "images": 400})
    assert words.startswith(
        "None found among 34 kinds of images that were tried. The model may still be worse"
    )
    untried = {"slices_tried": 0, "images": 200}
    assert "half of the images no kind looked clearly worse" in no_slice_words(untried)
    words = no_slice_words(untried | {"slices_looked_at": 31})
    assert "none of 31 kinds looked clearly worse" in words
    assert "may still be worse" in words and "rules out" not in words


def test_where_nothing_could_be_looked_at_nothing_is_said_to_be_found():
    words = no_slice_words({"slices_tried": 0, "slices_looked_at": 0, "images": 12})
    assert words.startswith("Too few images: none could be looked at. Of 12 images no kind has 10")
    assert "None found" not in words
