"""Evidence bundles brought into another home: all of it, or nothing."""

import os
import shutil
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.errors import (
    BadInputError,
    RunStateError,
    StorageError,
)
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.exporting import importing
from cnnlab.lab.exporting.bundle_texts import images_csv
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.bundles.images import listed_images
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.space.leftovers import bundles_lock, remove_leftovers
from tests.datasets.test_findings import encoded, picture
from tests.datasets.uploads import make_zip
from tests.made_bundles import (
    bundled,
    everything,
    journal_of,
    rows_of,
    study_with_predictions,
)
from tests.made_evaluations import finish_evaluation
from tests.made_runs import no_supervisor
from tests.made_studies import study_base


def test_a_study_goes_to_another_home_with_its_images(home, made):
    told = lab.import_bundle(made["images"])
    study = made["study"]
    assert (told["kind"], told["id"], told["new_dataset"]) == ("study", study.id, True)
    assert len(told["runs"]) == 6
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]
    assert lab.load_study(study.id).looks == made["study"].looks or lab.load_study(study.id).looks
    run = lab.study_runs(study.id)[0]
    assert run.status is Status.FINISHED
    assert lab.run_optimism(run).expected is not None
    assert "<h1>&lt;b&gt;Which" in lab.study_report(study.id)
    assert len(list(lab.dataset_zip(run.dataset))) > 0
    state = lab.model_state(run.id, "keras")
    assert state.is_ready
    assert "came with an evidence bundle" in state.answer["not_verified"]
    with zipfile.ZipFile(lab.model_package(run.id, "keras")) as package:
        assert "predict.py" in package.namelist()


def test_the_same_again_changes_nothing(home, made, monkeypatch):
    lab.import_bundle(made["images"])
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "list", None)  # the whole table, once for each run
        told = lab.import_bundle(made["slim"])
    assert not told["runs"] and not told["studies"] and not told["new_dataset"]
    assert len(told["there_already"]) == 7
    assert everything() == before


def test_without_images_runs_attach_to_a_dataset_with_the_same_content(home, made, upload):
    with pytest.raises(BadInputError, match="no dataset here has the content of 'Shades'"):
        lab.import_bundle(made["slim"])
    assert everything() == ([], [], [], [], [])
    dataset = lab.import_dataset(upload, name="Called otherwise here")
    told = lab.import_bundle(made["slim"])
    assert told["dataset"] == dataset.id
    study = lab.load_study(made["study"].id)
    assert study.base["dataset"] == dataset.id
    assert {run.dataset for run in lab.study_runs(study.id)} == {dataset.id}
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]


def test_imported_runs_say_so_and_do_not_go_on(home, made, monkeypatch):
    no_supervisor(monkeypatch)
    told = lab.import_bundle(made["images"])
    run = told["runs"][0]
    assert "Imported on 20" in lab.imported_from(run)
    assert "no training states" in lab.imported_from(made["study"].id)
    workplace().runs.update(run, status=Status.STOPPED)
    with pytest.raises(RunStateError, match="no training state to go on from: clone it"):
        lab.resume_run(run)
    for train in (lambda study: lab.extend_study(study, 1), lab.resume_study):
        with pytest.raises(RunStateError, match="would mix two machines in one comparison"):
            train(made["study"].id)
    assert {each.id for each in lab.list_runs()} == set(told["runs"])


def test_a_run_of_its_own_comes_alone(home, made):
    told = lab.import_bundle(made["run"])
    assert told["runs"] == [told["id"]]
    run = lab.load_run(told["id"])
    assert (run.study, run.arm) == (None, None)
    assert lab.imported_from(run.id)
    lab.import_bundle(made["images"])  # there it belongs to a study
    study = made["study"]
    assert lab.load_run(run.id).study == study.id
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]
    assert load_run_file(workplace().home.runs / run.id)["study"] == study.id
    told = lab.import_bundle(made["images"])
    assert not told["runs"] and len(told["there_already"]) == 7


def test_a_run_that_was_made_here_joins_no_study_of_a_bundle(home, made):
    run = lab.import_bundle(made["run"])["id"]
    (workplace().home.runs / run / "imported.json").unlink()
    with pytest.raises(BadInputError, match="in the study that it belongs to, so nothing was"):
        lab.import_bundle(made["images"])
    assert lab.list_studies() == []


def test_what_is_here_and_differs_is_never_replaced(home, made):
    lab.import_bundle(made["images"])
    run = lab.study_runs(made["study"].id)[0]
    events = newest_attempt(run).events
    rows = rows_of(events.read_bytes())
    rows[-1]["record"]["seconds"] = 77.0
    events.write_bytes(journal_of(rows))
    with pytest.raises(BadInputError, match=f"The run {run.id} is here already and differs"):
        lab.import_bundle(made["images"])
    assert rows_of(events.read_bytes())[-1]["record"]["seconds"] == 77.0


def test_what_a_killed_import_left_is_nobodys_and_replaced(home, made, monkeypatch):
    def killed(*given):
        raise KeyboardInterrupt  # nothing after it is done, as after a kill

    with monkeypatch.context() as patched:
        patched.setattr(importing, "list_what_is_new", killed)
        patched.setattr(shutil, "rmtree", lambda *given, **options: None)
        with pytest.raises(KeyboardInterrupt):
            lab.import_bundle(made["images"])
    assert list(workplace().home.runs.iterdir())
    assert lab.list_runs() == [] and lab.list_studies() == [] and lab.list_datasets() == []
    lab.import_bundle(made["images"])
    assert len(lab.list_runs()) == 6
    assert lab.arm_summaries(lab.view_study(made["study"].id)) == made["told"]
    assert not list(workplace().home.root.glob(".bundle-*"))


def test_a_dataset_that_cannot_be_read_is_never_replaced(home, made):
    dataset = lab.import_bundle(made["images"])["dataset"]
    (damaged,) = workplace().home.dataset(dataset).glob("index*.parquet")
    damaged.write_bytes(b"damaged")
    with pytest.raises(BadInputError, match=f"The dataset {dataset} is here already"):
        lab.import_bundle(made["images"])
    assert damaged.read_bytes() == b"damaged"


def test_what_lay_there_comes_back_where_the_index_cannot_be_written(home, made, monkeypatch):
    def full(*given):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(importing, "list_what_is_new", full)
    run = workplace().home.runs / made["told_run"]
    run.mkdir()
    (run / "note").write_text("Nobody lists it.")
    with pytest.raises(StorageError, match="disk is full"):
        lab.import_bundle(made["run"])
    assert (run / "note").read_text() == "Nobody lists it."


def test_what_a_killed_import_unpacked_goes_when_the_app_starts(home):
    place = workplace().home
    (place.root / ".bundle-0" / "data").mkdir(parents=True)
    lock = take_lock(bundles_lock(place))
    remove_leftovers(place)
    assert list(place.root.glob(".bundle-*")), "somebody is at it"
    os.close(lock)
    remove_leftovers(place)
    assert not list(place.root.glob(".bundle-*"))


def of_card(card, title):
    """A section of a card in Markdown."""
    return card.split(f"## {title}")[1].split("\n## ")[0]


@pytest.fixture
def looked(dataset, monkeypatch, tmp_path):
    """The bundle of a run whose test images were looked at twice, and its card's words of that."""
    no_supervisor(monkeypatch)
    split = SplitFractions(test=0.25)
    monkeypatch.setattr(
        "tests.made_bundles.study_base",
        lambda given, **more: study_base(given, **more).model_copy(update={"split": split}),
    )
    study = study_with_predictions(dataset, {"baseline": 0.6, "dropout": 0.8}, seeds=1)
    run = lab.study_runs(study.id)[0]
    before = bundled(lab.study_runs(study.id)[1].id, monkeypatch, tmp_path, with_images=True)
    finish_evaluation(run, "test")
    lab.look_at_test(run.id)
    lab.look_at_test(run.id)
    bundle = bundled(run.id, monkeypatch, tmp_path, with_images=True)
    return {"run": run.id, "bundle": bundle, "before": before, "split": split,
            "other": lab.study_runs(study.id)[1].id, "card": lab.model_card(run.id)}  # fmt: skip


def test_looks_at_test_images_go_along_and_count_once(looked, monkeypatch, tmp_path):
    again = lab.import_bundle(looked["bundle"])
    assert lab.test_looks(again["dataset"], looked["split"]).looks == 2, "they are known here"
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    told = lab.import_bundle(looked["bundle"])
    lab.import_bundle(looked["bundle"])
    looks = lab.test_looks(told["dataset"], looked["split"])
    assert (looks.looks, looks.looked_at, looks.images) == (2, 12, 12)
    said = of_card(lab.model_card(looked["run"]), "Test images")
    assert "2 looks at" in said and "Not looked at" not in said
    numbers = [line for line in said.splitlines() if line.startswith("Looked at on")]
    assert numbers and numbers[0] in looked["card"]


def test_a_card_gives_no_advice_that_nobody_can_follow(looked, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    lab.import_bundle(looked["before"])
    card = lab.model_card(looked["other"])
    assert "Not looked at: nobody had looked" in card
    assert "cnnlab evaluate" not in card and "Evaluate it first" not in card
    assert "measured where the run was made" in card


def test_a_list_of_images_may_have_any_names(home, tmp_path):
    names = ["a/a\rb.png", "a/r\r.png", "b/e\nf.png", 'b/g,h"i.png']
    files = {name: encoded(picture(number)) for number, name in enumerate(names)}
    dataset = lab.import_dataset(make_zip(tmp_path / "odd.zip", files))
    index = open_index(dataset.id)
    path = tmp_path / "images.csv"
    path.write_text(images_csv(index, SplitFractions(validation=0.5)), encoding="utf-8", newline="")
    listed = listed_images(path, lab.load_dataset(dataset.id))
    assert [one.file for one in listed] == list(index.files)
    assert any("\r" in one.file for one in listed)


def test_nothing_is_claimed_of_how_a_model_compared(home, made):
    lab.import_bundle(made["run"])
    answer = lab.model_state(made["told_run"], "keras").answer
    assert answer["not_verified"].endswith("nothing was computed with it here")


def test_where_the_index_cannot_be_written_all_is_taken_back(home, made, monkeypatch):
    def full(*given):
        raise StorageError("The disk is full.")

    before = everything()
    monkeypatch.setattr(importing, "list_what_is_new", full)
    with pytest.raises(StorageError, match="disk is full"):
        lab.import_bundle(made["images"])
    assert everything() == before


def test_a_full_disk_is_seen_before_anything_is_unpacked(home, made, monkeypatch):
    before = everything()
    monkeypatch.setattr("cnnlab.storage.bundles.reading.MIN_FREE_BYTES", 2**62)
    with pytest.raises(StorageError, match="leaves too little"):
        lab.import_bundle(made["images"])
    assert everything() == before
