"""The page's sections on what a look inside a net has found."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from cnnlab.domain.words import PERCENT
from cnnlab.files import read_json, write_json
from cnnlab.jobs.kinds.feature_maps import feature_maps_folder
from cnnlab.jobs.kinds.inside import inside_folder
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.ui.inside import map_view
from tests.made_insides import finish_inside, finish_maps
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.ui.judge.pages import all_given, given


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def run(dataset):
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)


def _open(run, **query):
    return open_page("explain", run=run.id, **query)


def _tiles(app, label):
    [found] = [one.value for one in app.get("html") if f'aria-label="{label}"' in one.value]
    return found


def test_one_button_asks_a_worker_for_all_of_it_with_what_was_chosen(run):
    app = _open(run)
    assert "keeps with the run what it finds" in words(app)
    assert "up to 10,000 validation and up to 20,000 training images once" in words(app)
    app.toggle(key="inside_training").set_value(True).run()
    app.toggle(key="inside_tsne").set_value(False).run()
    app.button(key="look_inside").click().run()
    asked = read_json(inside_folder(newest_attempt(run)).request)
    assert asked == {"run": run.id, "attempt": 1, "with_training": True, "with_tsne": False}
    assert app.button(key="cancel_inside") and not [b for b in app.button if b.key == "look_inside"]
    app.button(key="cancel_inside").click().run()
    assert "The look inside was cancelled" in words(app)
    assert app.button(key="look_inside").label == "Look again"


def test_a_map_is_told_of_with_its_limits_and_wrong_pictures_come_first(run):
    finish_inside(run)
    app = _open(run)
    said = words(app)
    assert "10 validation images, placed by the 6 values" in said
    assert "The two axes hold" in said and "may be far apart in the others" in said
    cloud = given(app, "cloud")
    assert len(cloud["points"]["row"]) == 10 and len(cloud["groups"]) == 2
    differ = [
        a != b for a, b in zip(cloud["points"]["label"], cloud["points"]["named"], strict=True)
    ]
    assert sum(differ) == 3
    options = app.selectbox(key="map_list").options
    assert options[0] == "Wrong validation pictures (3)"
    assert {"bright taken for dark (3)", "dark taken for bright (3)"} & set(options)
    shown = [given_all["pictures"] for given_all in all_given(app, "pictures")]
    assert [sum(not picture["is_right"] for picture in pictures) for pictures in shown][-1] == 3


def test_of_many_classes_those_that_are_confused_most_have_a_colour():
    labels = np.repeat(np.arange(8), 4)
    named = labels.copy()
    named[[28, 29, 24, 16]] = [6, 6, 7, 0]  # 7 and 6 are mistaken for each other, and 4 for 0
    said = Predictions(np.arange(32), labels, np.eye(8, dtype=np.float32)[named])
    groups, group_of = map_view._groups(said, [f"class {n}" for n in range(8)])
    assert [group["name"] for group in groups] == [
        *("class 0", "class 1", "class 4", "class 6", "class 7"),
        "3 other classes",
    ]
    assert group_of.tolist() == [0, 1, 5, 5, 2, 5, 3, 4]
    assert len({group["color"] for group in groups}) == 6


def test_what_is_selected_on_the_map_is_shown_below(run):
    finish_inside(run, with_tsne=True)
    app = _open(run)
    assert app.segmented_control(key="map_method").value == "tsne"
    assert "means nothing" in words(app)
    cloud = given(app, "cloud")
    rows = cloud["points"]["row"][5:7]
    app.session_state["image_map"] = {"selected": {"version": cloud["version"], "rows": rows}}
    app.run()
    assert app.selectbox(key="map_list").options[0] == "Selected on the map (2)"
    assert {picture["row"] for picture in all_given(app, "pictures")[-1]["pictures"]} == set(rows)
    app.segmented_control(key="map_method").set_value("pca").run()
    assert "Selected on the map" not in "".join(app.selectbox(key="map_list").options)


def test_look_alikes_are_told_with_distance_and_what_they_may_mean(run):
    finish_inside(run)
    app = _open(run)
    tiles = _tiles(app, "The wrong picture and its look-alikes")
    assert tiles.count("<figure") == 6 and tiles.count("distance ") == 5
    said = words(app)
    assert "Of the 5 nearest, " in said and "among 38 training images" in said


def test_filters_layers_and_units_are_drawn_with_their_scales(run):
    finish_inside(run)
    app = _open(run)
    filters = _tiles(app, "Filters of the first layer")
    assert filters.count("data:image/png") == 8, "each beside what it was at the start"
    assert [f"{share}{PERCENT} changed" in filters for share in (50, 100, 300)] == [True] * 3
    assert "3 × 3 pixels, in colour: middle grey is 0" in words(app)
    assert f"Half of the filters changed by 75{PERCENT} or more of what they were" in words(app)
    assert "In 2 of 4, less was learnt than lay in the start already." in words(app)
    assert _tiles(app, "Feature maps of 1. Convolution").count("data:image/png") == 5
    assert "8 × 8 places · 5 units" in words(app) and "white 0.9" in words(app)
    units = [one.value for one in app.get("html") if "that excite unit" in one.value]
    assert units[0].count("<figure") == 8
    arrays = lab.found_inside(run.id).arrays
    assert _order(app) == (-arrays["unit_separation"]).argsort(kind="stable").tolist()
    app.segmented_control(key="units_order").set_value("How strongly they are excited").run()
    assert _order(app) == (-arrays["unit_mean"]).argsort(kind="stable").tolist()


def test_filters_whose_start_is_not_known_are_shown_alone(run):
    finish_inside(run, has_start=False)
    app = _open(run)
    assert _tiles(app, "Filters of the first layer").count("data:image/png") == 4
    assert "may still be as they were drawn at the start" in words(app)
    assert "changed by" not in words(app)


def _order(app):
    """The units that are offered, from the first."""
    return [int(words.split()[1]) - 1 for words in app.selectbox(key="unit").options]


def test_the_maps_of_another_picture_are_begun_by_choosing_it(run):
    finish_inside(run)
    app = _open(run)
    [other] = app.selectbox(key="maps_picture").options[1:2]
    app.selectbox(key="maps_picture").set_value(
        int(lab.found_inside(run.id).arrays["wrong"][1])
    ).run()
    assert other and lab.feature_maps_state(run.id, int(app.selectbox(key="maps_picture").value))
    assert "Feature maps of" not in "".join(one.value for one in app.get("html"))
    finish_maps(run, int(app.selectbox(key="maps_picture").value))
    app.run()
    assert _tiles(app, "Feature maps of 3. Convolution").count("data:image/png") == 5


def test_damaged_maps_are_said_and_asked_for_again(run):
    finish_inside(run)
    row = int(lab.found_inside(run.id).arrays["wrong"][1])
    finish_maps(run, row)
    feature_maps_folder(newest_attempt(run), row).arrays.write_bytes(b"PK nonsense")
    app = _open(run)
    app.selectbox(key="maps_picture").set_value(row).run()
    assert "is damaged" in errors(app)[0]
    app.button(key="maps_again").click().run()
    assert lab.feature_maps_state(run.id, row).stage == "waiting" and not app.error


def test_how_many_layers_of_a_deep_net_are_left_out_is_said(run):
    files = finish_inside(run)
    result = read_json(files.result)
    result["answer"]["example"]["of_layers"] = 37
    write_json(files.result, result)
    assert "2 of 37 layers are shown, evenly spread over the depth" in words(_open(run))


def test_units_of_many_small_classes_are_not_told_apart(run):
    files = finish_inside(run)
    result = read_json(files.result)
    result["answer"]["validation"] = 9
    write_json(files.result, result)
    app = _open(run)
    assert "apart these pictures can't tell" in words(app)
    assert not [one for one in app.segmented_control if one.key == "units_order"]
    assert "between classes" not in "".join(app.selectbox(key="unit").options)


def test_a_net_without_a_picture_shaped_layer_says_why_and_has_its_map(run):
    finish_inside(run, has_pictures=False)
    app = _open(run)
    said = words(app)
    for part in ("no filters that could be seen", "no feature maps", "no such units"):
        assert part in said
    assert given(app, "cloud") and not app.error


def test_a_net_that_is_right_about_all_has_no_look_alikes(run):
    finish_inside(run, wrong=0)
    app = _open(run)
    assert "right about all validation pictures" in words(app) and not app.error
    assert app.selectbox(key="map_list").options[0].startswith("Validation pictures of")


def test_a_run_without_training_states_says_so(run):
    for file in newest_attempt(run).checkpoints.iterdir():
        file.unlink()
    app = _open(run)
    app.button(key="look_inside").click().run()
    assert "training states of the run" in errors(app)[0]


def test_a_dataset_that_is_gone_is_said_in_a_sentence(run):
    workplace().datasets.delete(run.dataset)
    app = _open(run)
    assert not app.exception and all("is gone" in text for text in errors(app)) and errors(app)


def test_damaged_files_are_said_and_looked_for_again(run):
    files = finish_inside(run)
    files.arrays.write_bytes(b"PK nonsense")
    app = _open(run)
    assert "is damaged" in errors(app)[0]
    app.button(key="look_inside").click().run()
    assert not files.arrays.exists() and app.button(key="cancel_inside")


def test_what_failed_says_why(run):
    files = finish_inside(run)
    write_json(files.result, {"status": "failed", "message": "The disk is full."})
    app = _open(run)
    assert errors(app) == ["The disk is full."] and app.button(key="look_inside")


def test_it_can_be_looked_at_again_with_other_choices(run):
    files = finish_inside(run)
    app = _open(run)
    app.button(key="inside_again").click().run()
    app.toggle(key="inside_training").set_value(True).run()
    app.button(key="look_inside").click().run()
    assert read_json(files.request)["with_training"]
    assert app.button(key="cancel_inside")
