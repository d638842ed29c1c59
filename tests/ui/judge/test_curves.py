"""The curves of a class and what the threshold does, as the page shows them."""

from streamlit.testing.v1 import AppTest

from cnnlab.judging.thresholds import at_threshold
from tests.made_judgements import made_predictions
from tests.ui.apps import words

PAGE = """
from cnnlab.ui.judge.curves import render_curves
from tests.made_judgements import made_judgement, made_predictions

predictions = made_predictions()
render_curves(made_judgement("SPLIT", predictions), predictions, None)
"""


def open_curves(split="validation"):
    app = AppTest.from_string(PAGE.replace("SPLIT", split)).run()
    assert not app.exception
    return app


def test_the_threshold_moves_the_counts_and_the_words():
    app, said = open_curves(), made_predictions()
    app.selectbox(key="judge_class_select").set_value(3).run()
    before = words(app)
    app.slider(key="threshold").set_value(90).run()
    assert not app.exception
    assert app.session_state["judge_class"] == "coat"
    found = at_threshold(said.probabilities, said.labels, 3, 0.9)
    hits, misses = found["true_positives"], found["false_negatives"]
    assert f"| **shows it** | {hits} | {misses} |" in words(app)
    assert f"Of the 30 images of coat {hits} are found" in words(app)
    assert words(app) != before


def test_a_class_is_kept_by_its_name_as_another_run_may_have_others():
    app = AppTest.from_string(PAGE.replace("SPLIT", "train"))
    app.session_state["judge_class"] = "coat"
    assert app.run().selectbox(key="judge_class_select").value == 3
    app = AppTest.from_string(PAGE.replace("SPLIT", "train"))
    app.session_state["judge_class"] = "no class of this run"
    assert app.run().selectbox(key="judge_class_select").value == 0


def test_at_half_the_accuracy_over_all_classes_is_told_against_the_usual_one():
    [told] = [text.value for text in open_curves().caption if text.value.startswith("Over all")]
    assert "than if the most probable class counts" in told or "as many as" in told


def test_a_threshold_is_not_to_be_chosen_on_test_images():
    assert "Choose a threshold on the validation images" in words(open_curves("test"))
    assert "Choose a threshold on the validation images" not in words(open_curves())


def test_where_nothing_counts_as_the_class_that_is_said_instead_of_a_mark():
    app = open_curves()
    assert "grey are the other classes" in words(app)
    assert "no precision to mark" not in words(app)
    app.slider(key="threshold").set_value(100).run()
    assert "from 100\u00a0% on, so there is no precision to mark" in words(app)
