"""Sections of the Evaluate page as scripts of their own, on made judgements."""

import json

import numpy as np
from streamlit.testing.v1 import AppTest

PAGE = """
from cnnlab.domain.run import Run, Status
from cnnlab.ui.judge.MODULE import FUNCTION
from tests.made_judgements import made_judgement, made_predictions

predictions = made_predictions(MADE)
judgement = made_judgement("SPLIT", predictions, flipped_labels=FLIPPED)
FUNCTION(judgement, predictions, Run("a-run", "A run", "DATASET", {}, Status.FINISHED))
"""


def open_section(module, function, *, split="validation", dataset="", flipped=0, **made):
    """A section as the page calls it.

    Args:
        module: its name in `cnnlab.ui.judge`.
        function: its name there.
        split: the part that is judged.
        dataset: id of the one that the pictures are of; it has as many images as are predicted.
        flipped: how many labels are said to be made wrong on purpose.
        **made: for `made_predictions`.
    """
    script = PAGE.replace("MODULE", module).replace("FUNCTION", function)
    given = ", ".join(f"{name}={value!r}" for name, value in made.items())
    script = script.replace("SPLIT", split).replace("DATASET", dataset).replace("MADE", given)
    script = script.replace("FLIPPED", str(flipped))
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


def chosen_places(said, *, true, predicted):
    """Places of a cell's images, the surest first."""
    taken = said.probabilities.argmax(axis=1)
    places = np.flatnonzero((said.labels == true) & (taken == predicted))
    return places[np.argsort(-said.probabilities[places].max(axis=1), kind="stable")]


def given(app, name):
    """What the first of our components of this name was given; None where there is none."""
    found = all_given(app, name)
    return found[0] if found else None


def all_given(app, name):
    """What all of our components of this name on the page were given, from the top."""
    return [
        json.loads(one.proto.json)[0]
        for one in app.get("bidi_component")
        if one.proto.component_name == f"cnnlab_{name}"
    ]
