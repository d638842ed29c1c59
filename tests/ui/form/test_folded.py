"""What is seldom set is drawn once it is opened, and counts whether it is or not."""

import pytest
from streamlit.runtime.state import SessionStateProxy

from cnnlab import lab
from cnnlab.domain.config.augmentation import Augmentation
from tests.made_runs import no_supervisor
from tests.ui.apps import FOLDED, go_to, open_page, recipe_choice

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


@pytest.fixture
def clipped(app):
    """A form with a value in a part that is folded again."""
    opened(app, "more_optimizer")
    app.number_input(key="clip_norm").set_value(3.0).run()
    opened(app, "more_optimizer", is_open=False)
    assert "clip_norm" not in drawn(app)
    return app


def clip_norm(app):
    """As the form shows it once its part is opened."""
    return opened(app, "more_optimizer").number_input(key="clip_norm").value


def test_a_recipe_replaces_what_is_folded_and_ones_own_settings_bring_it_back(clipped):
    recipe_choice(clipped).set_value("plain").run()
    assert clip_norm(clipped) is None
    opened(clipped, "more_optimizer", is_open=False)
    recipe_choice(clipped).set_value("own").run()
    assert clip_norm(clipped) == 3.0


def test_what_is_folded_is_reset_with_the_rest_of_its_section(clipped):
    clipped.button(key="reset_optimizer").click().run()
    assert clip_norm(clipped) is None


def test_what_is_folded_stays_set_while_another_page_is_looked_at(clipped):
    go_to(clipped, "runs")
    go_to(clipped, "train")
    assert clip_norm(clipped) == 3.0


def test_an_address_sets_what_is_folded(dataset, monkeypatch, plain_start):
    no_supervisor(monkeypatch)
    app = open_page("train", folded=True, config="optimizer.clip_norm:3.0")
    assert "clip_norm" not in drawn(app)
    assert clip_norm(app) == 3.0


def test_a_fill_sets_nothing_that_is_the_same(app, monkeypatch):
    """What is set replaces what somebody is typing in a box, even where it is the same."""
    app.number_input(key="epochs").set_value(7).run()
    written = []
    write = SessionStateProxy.__setitem__

    def keep(state, key, value):
        written.append(key)
        write(state, key, value)

    monkeypatch.setattr(SessionStateProxy, "__setitem__", keep)
    recipe_choice(app).set_value("plain").run()
    assert "epochs" in written
    assert not {"learning_rate", "image_size", "preset", "reg_dropout", "seed"} & set(written)


def test_what_is_wrong_in_a_folded_part_opens_it(app):
    opened(app, "more_optimizer")
    app.number_input(key="clip_norm").set_value(1.0)
    app.number_input(key="clip_value").set_value(0.5).run()
    assert app.button(key="launch_run").disabled
    opened(app, "more_optimizer", is_open=False)
    assert {"clip_norm", "clip_value"} <= drawn(app)
    app.number_input(key="clip_value").set_value(None).run()
    assert not app.button(key="launch_run").disabled
    opened(app, "more_optimizer", is_open=False)
    assert "clip_norm" not in drawn(app)
