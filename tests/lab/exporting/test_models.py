"""The models of all runs in one list, and their tags."""

import os
import time

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.lab.exporting import preparing
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bundles.mark import IMPORTED
from cnnlab.storage.studies import StudyStore
from tests.conftest import draw_zip
from tests.made_runs import epoch_record, made_run, no_supervisor
from tests.made_studies import made_study, study_base, with_id


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run that has ended with a validation accuracy."""
    no_supervisor(monkeypatch)

    def make(name, accuracy, *, of=dataset, status=Status.FINISHED, epochs=3):
        run = made_run(load_config({"dataset": of.id}), status=status, name=name, epochs=epochs)
        if epochs:
            record = epoch_record(epochs - 1, val_accuracy=accuracy)
            workplace().runs.update(run.id, best=record, last=record)
        return lab.load_run(run.id)

    return make


def names(**asked):
    return [model.name for model in lab.list_models().like(**asked)]


def test_models_are_those_of_runs_that_ended_with_an_epoch(make):
    for status in (Status.FINISHED, Status.STOPPED, Status.FAILED):
        make(status, 0.5, status=status)
    make("running", 0.5, status=Status.RUNNING)
    make("without an epoch", 0.5, status=Status.FAILED, epochs=0)
    assert names() == ["failed", "stopped", "finished"]
    assert [model.name for model in lab.judgeable_runs()] == names()


def test_only_a_study_that_says_it_is_recorded_has_no_models(dataset, monkeypatch):
    """Also where another one's mark is damaged; and no study is loaded for it."""
    plan = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=2)
    for study in ("s1", "s2", "s3"):
        made_study(with_id(plan, study), {"baseline": 0.8, "dropout": 0.8})
    home = workplace().home
    write_json(home.study("s1") / IMPORTED, {"is_recorded": True})
    (home.study("s2") / IMPORTED).write_text("{")
    monkeypatch.setattr(StudyStore, "list", None)
    assert {model.study for model in lab.list_models().models} == {"s2", "s3"}


def test_a_run_that_ended_and_was_not_noted_yet_is_listed_where_it_is_meant(make, monkeypatch):
    run = make("just now", 0.5, status=Status.RUNNING)
    newest_attempt(run).lock.touch()  # nobody holds it: its worker is gone
    write_json(newest_attempt(run).result, {"status": "finished"})
    assert lab.judgeable_runs() == []
    assert [model.id for model in lab.judgeable_runs([run.id, "nobody"])] == [run.id]


def test_the_best_of_each_dataset_is_marked_equal_ones_all(make, tmp_path):
    other = lab.import_dataset(draw_zip(tmp_path / "other.zip", each=30), name="Other")
    runs = {
        name: make(name, accuracy, of=of)
        for name, accuracy, of in [
            ("low", 0.5, None),
            ("high", 0.9, None),
            ("as high", 0.9, None),
            ("of the other", 0.6, other),
        ]
        for of in [of or lab.load_dataset(lab.list_datasets()[-1].id)]
    }
    found = lab.list_models()
    best = {name for name, run in runs.items() if run.id in found.best}
    assert best == {"high", "as high", "of the other"}
    assert names(dataset=other.id) == ["of the other"]
    assert set(found.datasets) == {other.id, runs["low"].dataset}


def test_models_are_found_by_tag_and_text_and_sorted(make):
    first, second, third = (make(*each) for each in [("a", 0.7), ("B 'x'", 0.9), ("c", 0.8)])
    assert lab.tag_run(first.id, [" approved ", "Approved", ""]) == ["approved"]
    lab.tag_run(third.id, ["for the phone", "approved"])
    assert names(tag="approved") == ["c", "a"]
    assert names(text=" PHONE") == ["c"]
    assert names(text="'X'") == ["B 'x'"]
    assert names(text=second.id) == ["B 'x'"]
    assert names(order=lab.ModelOrder.BEST) == ["B 'x'", "c", "a"]
    assert names(order=lab.ModelOrder.NAME) == ["a", "B 'x'", "c"]
    assert names(text="nothing like it") == []
    assert lab.list_models().tags == ["approved", "for the phone"]


def test_tags_outlive_the_index(make):
    run = make("a", 0.5)
    lab.tag_run(run.id, ["for the phone", "approved"])
    workplace().home.database.unlink()
    assert lab.load_run(run.id).tags == ["for the phone", "approved"]
    lab.tag_run(run.id, [])
    workplace().home.database.unlink()
    assert lab.load_run(run.id).tags == []


def test_tags_that_cannot_be_stored_leave_the_others(make):
    run = make("a", 0.5)
    lab.tag_run(run.id, ["approved"])
    with pytest.raises(BadInputError, match="at most 40 characters"):
        lab.tag_run(run.id, ["x" * 41])
    with pytest.raises(NotFoundError, match="no run 'nobody'"):
        lab.tag_run("nobody", ["approved"])
    assert lab.load_run(run.id).tags == ["approved"]


def test_what_is_known_of_a_model_names_the_formats_that_are_there(make):
    run = make("a", 0.5)
    gone = make("gone", 0.5)
    lab.delete_run(gone.id)
    check = {"max_abs_difference": 0.0, "top1_agreement": 1.0, "bytes": 5}
    for name, agreement in [("onnx", 1.0), ("keras-calibrated", None)]:
        folder = newest_attempt(run).folder / "exports" / name
        folder.mkdir(parents=True)
        answer = check | {"top1_agreement": agreement, "milliseconds_per_image": 1.0}
        write_json(folder / "request.json", {})
        write_json(folder / "result.json", {"status": "finished", "answer": answer})
    (facts,) = lab.describe_models([run.id, gone.id])
    assert (facts.run.id, facts.network, facts.input) == (run.id, "small_cnn", "48 px, RGB")
    assert {(each.title, each.calibrated, each.is_verified) for each in facts.prepared} == {
        ("ONNX", False, True),
        ("Keras", True, False),
    }


def test_what_was_prepared_is_read_again_only_where_it_changed(make, monkeypatch):
    run = make("a", 0.5)
    folder = newest_attempt(run).folder / "exports" / "onnx"
    folder.mkdir(parents=True)
    read = []
    find = preparing.find_there
    monkeypatch.setattr(
        preparing, "find_there", lambda *given, **more: read.append(given) or find(*given, **more)
    )

    def prepared(*, at):
        for each in (newest_attempt(run).folder, folder):
            os.utime(each, (at, at))
        (facts,) = lab.describe_models([run.id])
        return [each.title for each in facts.prepared]

    assert prepared(at=1000) == prepared(at=1000) == []
    assert len(read) == 2  # Keras and ONNX, once each
    answer = {"max_abs_difference": 0.0, "top1_agreement": 1.0, "milliseconds_per_image": 1.0}
    result = {"status": "finished", "answer": {**answer, "bytes": 5}}
    write_json(folder / "result.json", result)
    write_json(folder / "request.json", {})
    assert prepared(at=2000) == ["ONNX"]
    (folder / "result.json").unlink()
    assert prepared(at=time.time()) == []  # and what has just changed is always looked at
    write_json(folder / "result.json", result)
    assert prepared(at=folder.stat().st_mtime) == ["ONNX"]
