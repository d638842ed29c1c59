"""The Models page as a script: the list, the formats of one model, its tags."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.exports import packages
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.workplace import workplace
from cnnlab.ui.models.one_format import ALL_FORMATS
from tests.made_evaluations import finish_evaluation
from tests.made_exports import finish
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, tables, words

HOSTILE = "a 'quoted\" *bold* 🦊 <b>name</b> " + "x" * 300

TABLE_ALONE = """
import streamlit as st
from cnnlab.ui.models.page import _render_table

if "is_drawn" in st.session_state:
    st.text("the whole page")
else:
    st.session_state.is_drawn = True
    _render_table("gone", "keras", [], calibrated=False, known=[])
"""


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run that has ended, without a model file."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    return lambda name="a run", status=Status.FINISHED, **more: made_run(
        config, name=name, status=status, **more
    )


def listed(app):
    return [row["Model"] for row in tables(app)["Models"]]


def text(app):
    return words(app).replace("\\", "")


def _judge(run, accuracy):
    workplace().runs.update(run.id, best=run.best | {"val_accuracy": accuracy})


def choose(app, name):
    return app.selectbox(key="export_format").select(name).run()


def test_all_models_are_listed_and_the_newest_is_meant(make):
    make("older"), make("newer")
    app = open_page("models")
    assert not app.error
    assert listed(app) == ["newer", "older"]
    row = tables(app)["Models"][0]
    assert (row["Best"], row["Epoch"], row["Network"]) == (
        "★ on Shades",
        "3 of 3 (best)",
        "Small CNN",
    )
    assert app.selectbox(key="run_select").value == lab.list_runs()[0].id
    assert "2 models. Choose one" in text(app)


def test_the_first_of_the_list_is_meant_and_stays(make):
    own, seed = make("own"), make("a seed")
    _judge(seed, 0.99)
    workplace().runs.update(seed.id, study="s")
    app = open_page("models")
    assert listed(app)[0] == "own"
    assert app.selectbox(key="run_select").value == own.id == app.query_params["run"]
    make("newest")
    assert app.run().selectbox(key="run_select").value == own.id


def test_the_list_is_filtered_and_sorted(make):
    runs = [make(name) for name in ("b", "a", "c")]
    lab.tag_run(runs[0].id, ["approved"])
    app = open_page("models")
    app.selectbox(key="models_order").select(lab.ModelOrder.NAME).run()
    assert listed(app) == ["a", "b", "c"]
    app.selectbox(key="models_tag").select("approved").run()
    assert listed(app) == ["b"] and "1 model of 3" in text(app)
    app.text_input(key="models_text").set_value("zz").run()  # in no id
    assert "No model fits these filters." in text(app)
    assert app.selectbox(key="run_select").value == runs[2].id  # what was open stays
    app.button(key="clear_filters").click().run()
    assert listed(app) == ["a", "b", "c"]


def test_what_somebody_trained_alone_stands_before_seeds_and_trials(make):
    names = ["own", "a seed", "a trial", "kept"]
    _, seed, trial, _ = (make(name) for name in names)
    workplace().runs.update(seed.id, study="s")
    workplace().runs.update(trial.id, search="x", trial=0)
    app = open_page("models")
    assert listed(app) == ["kept", "own", "a seed", "a trial"]
    assert "Those of studies and of searches come after yours." in text(app)
    app.selectbox(key="models_order").select(lab.ModelOrder.NAME).run()
    assert listed(app) == sorted(names) and "come after" not in text(app)
    lab.rename_run(trial.id, "z trial")  # the last one now, with an own one before it
    assert listed(app.run()) == ["a seed", "kept", "own", "z trial"]
    assert "come after" not in text(app)


def test_what_no_model_has_takes_no_column(make):
    run = make("plain")
    app = open_page("models")
    assert "Tags" not in tables(app)["Models"][0]
    lab.tag_run(run.id, ["approved"])
    assert tables(app.run())["Models"][0]["Tags"] == "approved"


def test_a_model_of_an_earlier_version_is_found_and_sorted_by_what_it_is_called(make):
    make("Defaults"), make("Elm")
    workplace().home.names_mark.unlink()
    lab.bring_home_up_to_date()
    app = open_page("models")
    app.selectbox(key="models_order").select(lab.ModelOrder.NAME).run()
    assert listed(app) == ["Elm", "Shades, small CNN"]
    app.text_input(key="models_text").set_value("small").run()
    assert listed(app) == ["Shades, small CNN"]
    offered = app.selectbox(key="run_select").options
    assert [each.partition(" · ")[0] for each in offered] == ["Elm", "Shades, small CNN"]


def test_the_switch_of_folded_filters_says_how_many_are_set(make):
    make("a")
    app = open_page("models")
    assert app.toggle(key="unfold_models").label.endswith("Filters")
    app.text_input(key="models_text").set_value("a").run()
    assert app.toggle(key="unfold_models").label.endswith("Filters (1 set)")


def test_of_a_very_long_list_filters_find_the_rest(make, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.models.list_view._MOST_ROWS", 2)
    for name in ("a", "b", "zz"):
        make(name)
    app = open_page("models")
    assert listed(app) == ["zz", "b"] and "The first 2 are here" in text(app)
    app.selectbox(key="models_order").select(lab.ModelOrder.NAME).run()
    assert listed(app) == ["a", "b"]
    app.text_input(key="models_text").set_value("zz").run()
    assert listed(app) == ["zz"] and "are here" not in text(app)


def test_names_that_would_be_markup_are_shown_as_they_are(make):
    run = make(HOSTILE)
    lab.tag_run(run.id, ["*bold* <b>"])
    app = open_page("models")
    assert not app.error
    assert r"\*bold\*" in app.header[0].value and "\\<b\\>" in app.header[0].value
    assert listed(app)[0].startswith("a 'quoted\" *bold* 🦊 <b>name</b> xxx")


def test_what_one_comes_for_stands_above_the_list_and_the_other_formats_are_folded(make):
    run = make("mine")
    app = open_page("models", run=run.id)
    assert app.selectbox(key="export_format").value == "keras"
    assert app.button(key="prepare_export").label == "Prepare the model"
    assert [each.value for each in app.header] == ["mine", "All models"]
    assert not app.session_state[ALL_FORMATS]
    labels = [each.label for each in app.expander]
    assert f"All {len(lab.export_formats())} formats side by side, several as one zip" in labels


def test_what_is_under_way_opens_the_table_of_all_formats(make):
    run = make()
    lab.prepare_model(run.id, "onnx")
    app = open_page("models", run=run.id)
    assert app.session_state[ALL_FORMATS] and app.selectbox(key="export_format").value == "onnx"


def test_a_format_is_prepared_by_its_button(make):
    run = make()
    app = choose(open_page("models", run=run.id), "onnx")
    app.button(key="prepare_export").click().run()
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith("/exports/onnx")
    assert "Waiting for a worker ..." in text(app)
    again = open_page("models", run=run.id)  # after a reload, or in another tab
    assert again.selectbox(key="export_format").value == "onnx"
    again.button(key="cancel_export").click().run()
    assert lab.model_state(run.id, "onnx").stage == "cancelled"
    assert app.run().button(key="prepare_export")


def test_what_is_ready_is_found_again_with_its_download_and_what_it_holds(make):
    run = make()
    finish(run, "onnx", "model.onnx")
    app = open_page("models", run=run.id)
    assert app.selectbox(key="export_format").value == "onnx"
    assert "`model.onnx`" in text(app) and "same class in 100.0\u00a0%" in text(app)
    served = f".venv/bin/python -m cnnlab serve {run.id} --runtime onnx"
    assert served in [each.value for each in app.code]
    app.session_state["export_inside"] = True
    app.run()
    assert "print('a usage example')" in [each.value for each in app.code]
    assert lab.export_details(run.id, "onnx").sha256 in [each.value for each in app.code]


def test_what_was_made_before_the_evaluation_is_prepared_again_by_a_button(make, monkeypatch):
    run = make()
    finish(run, "onnx", "model.onnx")
    app = choose(open_page("models"), "onnx")
    assert "made before the evaluation" not in text(app).lower()
    finish_evaluation(run, "validation")
    for module in ("calibration", "preparing"):
        monkeypatch.setattr(f"cnnlab.lab.exporting.{module}.answering_threshold", lambda *_: 0.8)
    app = choose(open_page("models"), "onnx")
    assert not app.error and "Made before the evaluation: prepare it again." in text(app)
    app.button(key="prepare_export").click().run()
    assert not app.error and len(list(queued_jobs(workplace().home))) == 1
    assert not lab.model_state(run.id, "onnx").is_ended


def test_what_cannot_be_prepared_is_said_in_a_sentence(make, monkeypatch):
    run = make()
    app = choose(open_page("models", run=run.id), "onnx")

    def full(*asked, **more):
        raise StorageError("The disk is full at /x: free some space and try again.")

    monkeypatch.setattr(lab, "prepare_model", full)
    app.button(key="prepare_export").click().run()
    assert errors(app) == ["The disk is full at /x: free some space and try again."]
    assert app.run().button(key="prepare_export") and not app.error


def test_a_run_that_is_deleted_in_another_tab_is_said(make):
    make("other")
    run = make()
    app = choose(open_page("models", run=run.id), "onnx")
    lab.delete_run(run.id)
    app.button(key="prepare_export").click().run()
    assert "There is no run" in errors(app)[0] and "in another tab" in errors(app)[0]
    assert app.selectbox(key="run_select").value is None


def test_what_there_is_is_looked_at_once(make, monkeypatch):
    run, looks = make(), []
    look = lab.export_overview
    monkeypatch.setattr(
        lab, "export_overview", lambda *given, **more: looks.append(given) or look(*given, **more)
    )
    open_page("models", run=run.id)
    assert looks == [(run.id,)]


def test_a_run_that_is_gone_when_its_table_is_drawn_again_is_said_by_the_whole_page():
    app = AppTest.from_string(TABLE_ALONE).run()
    assert [each.value for each in app.text] == ["the whole page"]


def test_missing_packages_are_offered_as_one_line(make, monkeypatch):
    run = make()
    wanted = {"onnx": ["no-such-package>=1"]}
    monkeypatch.setattr(packages, "_optional_dependencies", lambda: wanted)
    app = choose(open_page("models", run=run.id), "onnx")
    assert any("-m pip install 'no-such-package>=1'" in each.value for each in app.code)
    assert "prepare_export" not in {button.key for button in app.button}


def test_with_a_temperature_calibrated_models_are_offered(make):
    run = make()
    assert "export_calibrated" not in [one.key for one in open_page("models", run=run.id).toggle]
    finish_evaluation(run, "validation", temperature=1.7)
    app = open_page("models", run=run.id)
    app.toggle(key="export_calibrated").set_value(True).run()
    choose(app, "onnx").button(key="prepare_export").click().run()
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith("/exports/onnx-calibrated")


def test_tags_are_given_and_taken_away(make):
    run = make()
    app = open_page("models", run=run.id)
    tags = app.multiselect(key=f"model_tags_{run.id}")
    tags.set_value(["for the phone", "approved"]).run()
    assert lab.load_run(run.id).tags == ["for the phone", "approved"]
    assert tables(app)["Models"][0]["Tags"] == "for the phone, approved"
    app.multiselect(key=f"model_tags_{run.id}").set_value(["approved"]).run()
    assert lab.load_run(run.id).tags == ["approved"]
    app.multiselect(key=f"model_tags_{run.id}").set_value(["x" * 41]).run()
    assert "at most 40 characters" in errors(app)[0]
    assert app.multiselect(key=f"model_tags_{run.id}").value == ["approved"]


@pytest.mark.parametrize(
    ("status", "epochs", "why"),
    [
        (Status.FAILED, 0, "it ended before its first epoch"),
        (Status.RUNNING, 3, "it is running"),
    ],
)
def test_a_run_without_a_model_is_told_with_the_way_to_it(make, status, epochs, why):
    run = make("bare", status, epochs=epochs)
    app = open_page("models", run=run.id)
    assert f"The run 'bare' has no model yet: {why}" in text(app)
    app.button(key="open_run").click().run()
    assert app.title[0].value == "bare"


def test_the_page_of_a_run_leads_to_all_its_formats(make):
    make("older")
    run = make("newer")
    app = open_page("runs", run=run.id)
    app.button(key="open_models").click().run()
    assert app.title[0].value == "Models"
    assert app.selectbox(key="run_select").value == run.id
