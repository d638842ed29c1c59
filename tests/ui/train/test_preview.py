"""The augmented images beside the form, and those above the switches that a phone shows."""

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

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


def test_drawn_again_the_whole_page_is_drawn_with_the_strip(dataset, monkeypatch, plain_start):
    """A fragment of its own would leave the strip with the images of before."""
    no_supervisor(monkeypatch)
    drawn, fragments = [], []
    image, button = st.image, st.button

    def keep_image(grid, **how):
        drawn.append((how["alt"], grid))
        return image(grid, **how)

    def keep_button(*words, **how):
        if how.get("key") == "preview_again":
            fragments.append(ThreadState.get().fragment_id)
        return button(*words, **how)

    monkeypatch.setattr(st, "image", keep_image)
    monkeypatch.setattr(st, "button", keep_button)
    app = open_page("train", folded=True)
    app.slider(key="aug_rotation_degrees").set_value(30).run()
    before = drawn[-1][1]
    drawn.clear()
    app.button(key="preview_again").click().run()
    strip, beside = (grid for alt, grid in drawn if alt.startswith("Images"))
    assert strip == beside != before
    assert set(fragments) == {None}
