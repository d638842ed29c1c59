"""Where the model is worse, as the page shows it: slices with pictures, or honest words."""

from streamlit.testing.v1 import AppTest

from tests.ui.apps import words

PAGE = """
import numpy as np
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run, Status
from cnnlab.judging.slices.finding import SliceSearch
from cnnlab.ui.judge.slices import render_slices
from tests.made_judgements import made_judgement, made_predictions

said = made_predictions(48, 2)
share = {"value": 0.5, "low": 0.4, "high": 0.6}
one = {
    "words": "dark images of 'Shirt'",
    "feature": "brightness",
    "compared_with": "the other images",
    "positions": list(range(30)),
    "images": 15,
    "accuracy": share,
    "accuracy_elsewhere": share,
    "difference": {"value": -0.3, "low": -0.4, "high": -0.2},
    "p_value": 0.004,
}
judgement = made_judgement("validation", said, slices=SliceSearch(FOUND, 7, 40))
render_slices(judgement, said, Run("r", "a run", "DATASET", {}, Status.FINISHED))
"""


def open_slices(dataset, found):
    script = PAGE.replace("DATASET", dataset.id).replace("FOUND", found)
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


def test_a_slice_has_its_words_its_numbers_and_pictures(dataset):
    app = open_slices(dataset, "[one]")
    told = words(app).replace("\\", "")
    assert "**Dark images of 'Shirt'**" in told
    assert (
        "a difference of −30.0 points (−40.0 to −20.0), on 15 images that it wasn't found on"
        in told
    )
    assert "8 of 30 pictures" in told
    app.button(key="slice_0_more").click().run()
    assert not app.exception
    assert "of 30 pictures" not in words(app)


def test_none_found_is_said_with_how_many_were_tried(dataset):
    told = words(open_slices(dataset, "[]")).replace("\\", "")
    assert "None found among 7 kinds of images that were tried." in told
