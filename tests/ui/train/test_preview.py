"""The augmented images beside the form, and those above the switches that a phone shows."""

import pytest
import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import DamagedError
from cnnlab.ui.train import preview
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page


@pytest.fixture(autouse=True)
def nothing_drawn_before():
    preview._grid.clear()
    yield
    preview._grid.clear()


def test_a_damaged_dataset_leaves_the_form_whole(dataset, monkeypatch, plain_start):
    no_supervisor(monkeypatch)

    def damaged(*_, **__):
        raise DamagedError("The images of this dataset are damaged.")

    monkeypatch.setattr(lab, "square_examples", damaged)
    app = open_page("train", folded=True)
    assert app.toggle(key="reg_batch_norm") and app.selectbox(key="schedule")
    assert app.button(key="launch_run")
    assert [said for said in errors(app) if "are damaged" in said]


def test_drawn_again_the_strip_has_the_same_images_and_nothing_else_is_drawn(
    dataset, monkeypatch, plain_start
):
    """A browser asks for the button's fragment; AppTest would ask for the page."""
    no_supervisor(monkeypatch)
    drawn, fields = [], []
    image, number = st.image, st.number_input

    def keep_image(grid, **how):
        drawn.append((how["alt"], grid))
        return image(grid, **how)

    def keep_number(*words, **how):
        fields.append(how["key"])
        return number(*words, **how)

    monkeypatch.setattr(st, "image", keep_image)
    monkeypatch.setattr(st, "number_input", keep_number)
    app = open_page("train", folded=True)
    app.slider(key="aug_rotation_degrees").set_value(30).run()
    before = drawn[-1][1]
    drawn.clear()
    fields.clear()
    monkeypatch.setattr(preview, "runs_a_part", lambda: True)
    app.button(key="preview_again").click().run()
    strip, beside = (grid for alt, grid in drawn if alt.startswith("Images"))
    assert strip == beside != before
    assert not fields
    app.run()
    assert fields and drawn[-1][1] == beside
