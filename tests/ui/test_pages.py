"""Every page as a script: empty, filled, and with damaged data."""

import json
import sqlite3

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.ui.form.switch import is_shown_on
from tests.made_runs import FACTS, no_supervisor
from tests.ui.apps import errors, go_to, open_page, words
from tests.ui.runs_table.rows import column

PAGES = ["home", "data", "train", "runs", "study", "search", "models", "lessons", "evaluate"]
PAGES += ["predict", "explain", "compare", "machines", "people"]


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def finished(dataset):
    """A run that ended well, with all its files."""
    config = load_config({"dataset": dataset.id, "regularization": {"l2": 0.001}})
    run = lab.launch_run(config, name="a *bold* run")
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    layer = {"name": "dense", "kind": "Dense", "output_shape": [2], "parameters": 10}
    recorder.started(FACTS | {"layers": [layer]})
    record = EpochRecord(**dict.fromkeys(EpochRecord.__annotations__, 0.5) | {"epoch": 0})
    recorder.epoch(record)
    recorder.checkpoint(0, {}, is_best=True)
    recorder.close()
    scores = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    report = {
        "best_epoch": 0,
        "accuracy": 0.5,
        "cross_entropy": 0.5,
        "macro": scores,
        "per_class": [{"class": name, "images": 4} | scores for name in dataset.classes],
        "confusion": [[2, 2], [2, 2]],
        "top_losses": [],
    }
    export = {
        "max_abs_difference": 1e-7,
        "top1_agreement": 1.0,
        "milliseconds_per_image": 2.0,
        "bytes": 1000,
    }
    write_json(attempt.result, {"status": "finished", "report": report, "export": export})
    workplace().runs.update(
        run.id,
        status=Status.FINISHED,
        best=record,
        last=record,
        best_epoch=0,
        sparkline=[0.5],
    )
    return lab.load_run(run.id)


def test_a_lost_index_is_made_again_and_said_until_somebody_has_read_it(dataset):
    workplace().home.database.unlink()
    app = open_page("data")
    assert "The index was lost and is made again" in words(app) and "1 dataset" in words(app)
    assert app.selectbox(key="dataset_select").options == ["Shades – 48 images"]
    app.button(key="page_note_read").click().run()
    assert "The index was lost" not in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_database_that_is_refused_is_said_in_one_sentence(home, page):
    home.mkdir()
    connection = sqlite3.connect(home / "cnnlab.db")
    connection.execute("PRAGMA application_id=7")
    connection.execute("VACUUM")
    connection.close()
    before = (home / "cnnlab.db").read_bytes()
    assert [text.partition(" (")[0] for text in errors(open_page(page))] == [
        f"The database {home / 'cnnlab.db'} isn't cnnlab's"
    ]
    assert (home / "cnnlab.db").read_bytes() == before


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_home_says_what_to_do_next(home, page):
    app = open_page(page)
    assert not app.error
    text = words(app)
    expected = {
        "home": "Bring your images",
        "data": "make one above",
        "train": "bring your images on the Data page",
        "runs": "There is no run yet",
        "study": "bring your images on the Data page",
        "search": "bring your images on the Data page",
        "models": "no run yet that has ended",
        "lessons": "bring your images on the Data page",
        "people": "Nobody has an account here",
        "evaluate": "no run yet that has ended",
        "predict": "no run yet that has ended",
        "explain": "no run yet that has ended",
        "compare": "no run yet that has ended",
        "machines": "Nothing trains and nothing waits.",
    }
    assert expected[page] in text


@pytest.mark.parametrize("page", PAGES)
def test_a_filled_home_shows_without_errors(finished, page):
    app = open_page(page)
    assert not app.error


@pytest.mark.parametrize("status", [*Status])
def test_a_run_whose_configuration_is_no_longer_legal_is_shown_in_words(finished, status):
    layers = [{"kind": "gaussian_noise", "stddev": 5.0}]  # legal in an earlier version
    config = finished.config | {"architecture": {"preset": "custom", "layers": layers}}
    workplace().runs.update(finished.id, config=config, status=status)
    assert not open_page("home").error
    app = open_page("runs")
    assert not app.error
    assert [*column(app, "changed").values()] == ["a configuration of another version"]
    app = open_page("runs", run=finished.id)
    assert not app.error
    [told] = [one.value.replace("\\", "") for one in app.warning if "doesn't take" in one.value]
    assert "Standard deviation" in told
    there = {button.key for button in app.button}
    assert not there & {"clone_run", "fork_run", "resume_run", "turn_dials"}
    assert ("delete_run" in there) == status.is_ended


def test_the_data_page_shows_what_was_read(dataset):
    app = open_page("data")
    assert "2 classes · **38** training and **10** validation images" in words(app)
    assert app.selectbox(key="dataset_select").value == dataset.id


def test_the_users_own_dataset_comes_before_a_newer_sample(dataset, monkeypatch):
    sample = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    monkeypatch.setattr(lab, "list_datasets", lambda: [sample, dataset])
    choice = open_page("train").selectbox(key="dataset_select")
    assert choice.value == dataset.id
    assert [option.split(" – ")[0] for option in choice.options] == [dataset.name, lab.SAMPLE_NAME]


def test_deleting_a_dataset_in_use_names_its_runs(finished):
    app = open_page("data")
    app.button(key="delete_dataset").click().run()
    app.button(key="confirm_delete_dataset").click().run()
    assert "delete those runs first" in app.error[0].value
    assert lab.list_datasets()


def test_a_dataset_is_deleted_after_confirmation(dataset):
    app = open_page("data")
    app.button(key="delete_dataset").click().run()
    assert lab.list_datasets()
    app.button(key="confirm_delete_dataset").click().run()
    assert lab.list_datasets() == []


def test_train_works_without_changing_a_field(dataset):
    app = open_page("train")
    app.button(key="launch_run").click().run()
    (run,) = lab.list_runs()
    plain = RunConfig(dataset=dataset.id)
    assert load_config(run.config) == lab.pick_recipe(RecipeName.GOOD, plain).applied_to(plain)


def test_every_choice_of_the_form_arrives_in_the_config(dataset, plain_start):
    app = open_page("train")
    app.selectbox(key="aug_flip").set_value("horizontal")
    app.slider(key="aug_rotation_degrees").set_value(20.0)
    app.slider(key="reg_dropout").set_value(0.3)
    app.number_input(key="reg_l2").set_value(0.002)
    app.toggle(key="reg_batch_norm").set_value(True)
    app.toggle(key="reg_early_stopping").set_value(True)
    app.selectbox(key="preset").set_value("vgg_small")
    app.number_input(key="conv_blocks").set_value(2)
    app.number_input(key="image_size").set_value(32)
    app.number_input(key="epochs").set_value(7)
    app.number_input(key="batch_size").set_value(8)
    app.number_input(key="seed").set_value(3)
    app.selectbox(key="schedule").set_value("cosine")
    app.selectbox(key="optimizer").set_value("sgd").run()
    assert app.number_input(key="learning_rate").value == 0.01
    app.number_input(key="early_patience_epochs").set_value(2)
    app.number_input(key="schedule_cosine_warmup_epochs").set_value(1.0).run()
    app.button(key="launch_run").click().run()
    config = load_config(lab.list_runs()[0].config)
    assert config.augmentation.active() == {"flip": "horizontal", "rotation_degrees": 20}
    assert config.regularization.active() == {
        "dropout": 0.3,
        "l2": 0.002,
        "batch_norm": True,
        "early_stopping": {
            "monitor": "val_cross_entropy",
            "patience_epochs": 2,
            "min_delta": 0,
            "restore_best": True,
        },
    }
    assert (config.architecture.preset, config.architecture.conv_blocks) == ("vgg_small", 2)
    assert (config.image.size, config.training.epochs, config.training.seed) == (32, 7, 3)
    assert (config.training.batch_size, config.optimizer.name) == (8, "sgd")
    assert (config.optimizer.schedule.name, config.optimizer.schedule.warmup_epochs) == (
        "cosine",
        1,
    )


def test_training_images_can_be_limited_and_labels_be_made_wrong(dataset):
    app = open_page("train")
    assert app.number_input(key="images_per_class").value is None
    assert "overfitting" in app.number_input(key="images_per_class").help
    assert "memorizes" in app.button(key="label_noise_switch").help
    app.number_input(key="images_per_class").set_value(5)
    app.button(key="label_noise_switch").click().run()
    app.button(key="launch_run").click().run()
    split = load_config(lab.list_runs()[0].config).split
    assert (split.images_per_class, split.label_noise_fraction) == (5, 0.2)


def test_a_switch_and_its_slider_move_together(dataset, plain_start):
    app = open_page("train")
    switch = lambda: app.button(key="aug_zoom_fraction_switch")  # noqa: E731
    is_on = lambda: is_shown_on(switch().label)  # noqa: E731
    assert switch().label.startswith("Zoom ") and switch().icon == ":material/zoom_in:"
    assert not is_on()
    switch().click().run()
    assert app.slider(key="aug_zoom_fraction").value == pytest.approx(0.12)
    assert is_on()
    app.slider(key="aug_zoom_fraction").set_value(0.0).run()
    assert not is_on()
    app.slider(key="aug_zoom_fraction").set_value(0.3).run()
    switch().click().run()
    assert app.slider(key="aug_zoom_fraction").value == 0
    app.button(key="reg_l2_switch").click().run()
    assert app.number_input(key="reg_l2").value == 0.001


def test_the_form_keeps_its_values_on_the_way_to_another_page_and_back(dataset):
    app = open_page("train")
    app.number_input(key="epochs").set_value(9).run()
    go_to(app, "data")
    go_to(app, "train")
    assert app.number_input(key="epochs").value == 9


def test_choices_that_do_not_go_together_are_said(dataset):
    app = open_page("train")
    app.slider(key="aug_mixup_alpha").set_value(0.2)
    app.slider(key="aug_cutmix_alpha").set_value(1.0).run()
    assert "can't both be on" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("image_size", 4, "Image size must be a whole number from 8 to"),
        ("epochs", 0, "Epochs must be a whole number from 1 to"),
        ("conv_blocks", 6, "set Conv blocks to at most 5"),
        ("learning_rate", -1.0, "Learning rate must be a number above 0"),
    ],
)
def test_a_value_out_of_range_is_said_and_blocks_the_start(
    dataset, plain_start, key, value, message
):
    app = open_page("train")
    app.number_input(key=key).set_value(value).run()
    assert message in app.error[0].value.replace("\\", "")
    assert app.button(key="launch_run").disabled


def test_a_run_page_shows_the_result(finished):
    app = open_page("runs", run=finished.id)
    assert not app.error
    assert app.title[0].value == r"a \*bold\* run"
    assert "accuracy 50.0\u00a0%" in words(app)


def test_cloning_fills_the_form(finished):
    app = open_page("runs", run=finished.id)
    app.button(key="clone_run").click().run()
    go_to(app, "train")
    assert app.number_input(key="reg_l2").value == 0.001
    app.button(key="launch_run").click().run()
    newest = lab.list_runs()[0]
    assert newest.id != finished.id
    assert newest.config == finished.config


def test_rename_and_delete_with_confirmation(finished):
    app = open_page("runs", run=finished.id)
    app.button(key="rename_run").click().run()
    app.text_input(key="new_run_name").set_value("better")
    app.button(key="confirm_rename").click().run()
    assert lab.load_run(finished.id).name == "better"
    app.button(key="delete_run").click().run()
    assert lab.list_runs()
    app.button(key="confirm_delete_run").click().run()
    assert lab.list_runs() == []


def test_a_running_run_can_be_stopped(dataset):
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    app = open_page("runs", run=run.id)
    app.button(key="stop_run").click().run()
    assert lab.load_run(run.id).status is Status.STOPPED


@pytest.mark.parametrize(
    ("page", "query", "message"),
    [
        ("runs", {"run": "nobody"}, "no run 'nobody'"),
        ("study", {"study": "nobody"}, "no study 'nobody'"),
        ("study", {"study": "nobody", "present": "1"}, "no study 'nobody'"),
        ("lessons", {"lesson": "nobody"}, "no lesson 'nobody'"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(home, page, query, message):
    app = open_page(page, **query)
    assert message in app.error[0].value.replace("\\", "")


def test_damaged_events_are_said_in_a_sentence(finished):
    events = workplace().home.attempt(finished.id, 1) / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"crc":', b'"cRc":', 1))
    app = open_page("runs", run=finished.id)
    assert "is damaged in line 1" in app.error[0].value.replace("\\", "")


def test_a_damaged_dataset_is_said_in_a_sentence(dataset):
    index = workplace().home.dataset(dataset.id) / "index.parquet"
    index.write_bytes(b"PAR1 nonsense")
    for page in ("data", "train"):
        app = open_page(page)
        assert "index.parquet" in app.error[0].value.replace("\\", "")


def test_a_damaged_result_is_said_in_a_sentence(finished):
    path = workplace().home.attempt(finished.id, 1) / "result.json"
    path.write_text(json.dumps({"status": "finished"})[:-3])
    app = open_page("runs", run=finished.id)
    assert "result.json is damaged" in app.error[0].value.replace("\\", "")
