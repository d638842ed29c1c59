"""What is seldom set is drawn once it is opened, and counts whether it is or not."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.augmentation import Augmentation
from tests.made_runs import no_supervisor
from tests.ui.apps import FOLDED, open_page

WIDGETS = ("button", "number_input", "slider", "toggle", "selectbox")


@pytest.fixture
def app(dataset, monkeypatch, plain_start):
    no_supervisor(monkeypatch)
    return open_page("train", folded=True)


def drawn(app):
    return {widget.key for kind in WIDGETS for widget in getattr(app, kind)}


def opened(app, part, is_open=True):
    app.session_state[part] = is_open
    return app.run()


def test_a_folded_part_costs_nothing_and_is_whole_once_it_is_opened(app):
    inside = {
        "more_images": {"split_seed", "label_noise", "images_per_class"},
        "more_optimizer": {"clip_norm", "gradient_accumulation_steps"},
        "more_training": {"sampling", "class_weights"},
    }
    assert set(inside) == set(FOLDED)
    before = drawn(app)
    assert not before & set.union(*inside.values())
    for part, keys in inside.items():
        assert keys <= drawn(opened(app, part)) - before


def test_every_augmentation_and_regularizer_is_there_for_a_script_of_a_user(app):
    fields = {f"aug_{name}" for name in Augmentation.model_fields} | {"reg_l1", "reg_weight_decay"}
    assert fields - drawn(app) == {"aug_randaugment_magnitude"}  # it comes with RandAugment


def test_what_was_set_in_it_is_trained_with_and_still_there_when_it_is_opened_again(app):
    opened(app, "more_optimizer")
    app.number_input(key="clip_norm").set_value(3.0).run()
    opened(app, "more_optimizer", is_open=False)
    app.number_input(key="epochs").set_value(7).run()
    assert "clip_norm" not in drawn(app)
    opened(app, "more_optimizer")
    assert app.number_input(key="clip_norm").value == 3.0
    opened(app, "more_optimizer", is_open=False)
    app.button(key="launch_run").click().run()
    config = lab.load_run(lab.list_runs()[0].id).config
    assert (config["optimizer"]["clip_norm"], config["training"]["epochs"]) == (3.0, 7)
