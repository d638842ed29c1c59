"""The choice of a recipe: what fills the form, when it is one's own, what studies begin with."""

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.recipes.recipe import RecipeName
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, go_to, open_page, recipe_choice, words


@pytest.fixture
def app(dataset, monkeypatch):
    """Train, on its first visit; the pictures of the dataset have 16 px."""
    no_supervisor(monkeypatch)
    return open_page("train")


@pytest.fixture
def large(tmp_path, home):
    """A dataset with pictures of 40 px."""
    for number in range(20):
        place = tmp_path / "large" / ("dark" if number % 2 else "bright")
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")
    return lab.import_dataset(tmp_path / "large", name="Large")


def _shown(app):
    """Recipe, image size and epochs."""
    size, epochs = app.number_input(key="image_size"), app.number_input(key="epochs")
    return recipe_choice(app).value, size.value, epochs.value


def test_the_first_visit_shows_a_good_model_and_why(app):
    recipe, size, epochs = _shown(app)
    assert (recipe, size) == ("good", 16) and epochs > 20
    assert "Set by Good model." in words(app) and "A mix of your own" not in words(app)
    assert app.toggle(key="reg_batch_norm").value
    said = words(app).replace("\\", "")
    assert "Images of 16 px, as the pictures come" in said and "None is flipped" in said


def test_a_field_that_is_changed_makes_it_ones_own_and_the_others_stay(app):
    app.number_input(key="epochs").set_value(3).run()
    assert _shown(app) == ("own", 16, 3)
    assert app.toggle(key="reg_batch_norm").value
    assert "Images of 16 px" not in words(app)
    recipe_choice(app).set_value("plain").run()
    assert _shown(app) == ("plain", 48, 20)
    app.number_input(key="seed").set_value(5).run()
    recipe_choice(app).set_value("good").run()
    assert _shown(app)[:2] == ("good", 16) and app.number_input(key="seed").value == 5


def test_a_recipe_that_a_slow_browser_still_shows_replaces_nothing(app):
    """It sends all that it shows with every field, and hasn't drawn the page's last answer yet."""
    shown = recipe_choice(app)._widget_state
    app.number_input(key="epochs").set_value(3).run()
    app.number_input(key="image_size").set_value(12)
    sent = app._tree.get_widget_states()
    sent.widgets.append(shown)
    app._run(sent)
    assert _shown(app) == ("own", 12, 3)
    recipe_choice(app).set_value("plain").run()
    assert _shown(app) == ("plain", 48, 20)


def test_ones_own_settings_come_back_after_a_recipe_was_tried(app):
    recipe_choice(app).set_value("own").run()
    assert _shown(app)[:2] == ("own", 16)  # as the recipe left them: there are no others yet
    app.number_input(key="epochs").set_value(3)
    app.selectbox(key="schedule").select("step").run()
    app.number_input(key="schedule_step_factor").set_value(0.7).run()
    recipe_choice(app).set_value("plain").run()
    app.number_input(key="seed").set_value(5).run()
    recipe_choice(app).set_value("good").run()
    assert app.selectbox(key="schedule").value == "cosine"
    recipe_choice(app).set_value("own").run()
    assert _shown(app) == ("own", 16, 3) and app.number_input(key="seed").value == 5
    assert app.selectbox(key="schedule").value == "step"
    assert app.number_input(key="schedule_step_factor").value == 0.7


def test_what_a_recipe_leaves_alone_does_not_end_it(large, app):
    other = next(each.id for each in lab.list_datasets() if each.id != large.id)
    app.selectbox(key="dataset_select").select(other).run()
    app.number_input(key="seed").set_value(5)
    app.slider(key="validation_fraction").set_value(0.3).run()
    assert _shown(app)[:2] == ("good", 16)
    app.selectbox(key="dataset_select").select(large.id).run()
    assert _shown(app)[:2] == ("good", 40)
    assert app.slider(key="validation_fraction").value == 0.3
    app.number_input(key="seed").set_value(-1).run()
    assert len(errors(app)) == 1 and recipe_choice(app).value == "good"
    go_to(app, "study")
    assert not app.exception and app.number_input(key="image_size").value == 48
    go_to(app, "train")
    assert app.number_input(key="seed").value == -1


@pytest.mark.parametrize("recipe", ["good", "plain"])
def test_a_recipe_replaces_settings_that_do_not_go_together(app, recipe):
    app.selectbox(key="class_weights").select("balanced")
    app.selectbox(key="sampling").select("balanced").run()
    assert len(errors(app)) == 1
    recipe_choice(app).set_value(recipe).run()
    assert not errors(app) and not app.exception
    assert recipe_choice(app).value == recipe
    assert app.selectbox(key="class_weights").value == "none"
    for page in ("study", "search"):
        go_to(app, page)
        assert not app.exception and not errors(app)


def test_another_dataset_is_picked_for_while_a_recipe_is_chosen(large, app):
    app.selectbox(key="dataset_select").select(large.id).run()
    assert _shown(app)[:2] == ("good", 40)
    app.number_input(key="epochs").set_value(3).run()
    other = next(each.id for each in lab.list_datasets() if each.id != large.id)
    app.selectbox(key="dataset_select").select(other).run()
    assert _shown(app) == ("own", 40, 3)


def test_studies_begin_plain_and_train_goes_on_with_its_recipe(app):
    picked = _shown(app)
    go_to(app, "study")
    shown = [app.number_input(key=key).value for key in ("image_size", "epochs")]
    assert shown == [48, 20]
    go_to(app, "train")
    assert _shown(app) == picked
    go_to(app, "study")
    app.number_input(key="epochs").set_value(7).run()
    go_to(app, "train")
    assert _shown(app) == ("own", 48, 7)
    go_to(app, "study")
    assert app.number_input(key="epochs").value == 7


def test_a_clone_is_ones_own(app, dataset):
    plain = load_config({"dataset": dataset.id})
    picked = lab.pick_recipe(RecipeName.GOOD, plain).applied_to(plain)
    run = made_run(picked.model_copy(update={"split": plain.split}))
    go_to(app, "runs")
    app.query_params["run"] = run.id
    app.run()
    app.button(key="clone_run").click().run()
    go_to(app, "train")
    assert _shown(app)[:2] == ("own", 16)


def test_too_few_images_to_split_are_said_beside_the_start(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    for name in ("a", "b"):
        (tmp_path / "two" / name).mkdir(parents=True)
        Image.new("RGB", (20, 20), "red" if name == "a" else "blue").save(
            tmp_path / "two" / name / "1.png"
        )
    lab.import_dataset(tmp_path / "two")
    app = open_page("train")
    assert app.button(key="launch_run").disabled and not app.exception
    assert recipe_choice(app).value == "good"
