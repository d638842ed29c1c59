"""All runs in memory: the same as in the store, read anew only where it has changed."""

import json
from dataclasses import replace

from sqlalchemy import event

from cnnlab import lab
from cnnlab.domain.config.run_config import describe_changes, load_config
from cnnlab.domain.run import Status
from cnnlab.lab.runs_table import listing
from cnnlab.lab.workplace import workplace


def names():
    return [run.row.name for run in lab.list_all_runs().runs]


def test_what_is_on_is_said_as_the_runs_page_says_it(put):
    changes = (
        "regularization.dropout=0.3", 'optimizer.schedule={"name": "cosine"}', "training.seed=7",
        "augmentation.flip=horizontal", "regularization.batch_norm=true", "training.epochs=3",
        'architecture.layers=[{"kind": "flatten"}]', "optimizer.momentum=0.5",
    )  # fmt: skip
    run = lab.load_run(put("run", *changes))
    (listed,) = lab.list_all_runs().runs
    assert listed.words == ", ".join(describe_changes(load_config(run.config)))
    assert (listed.setting("regularization.dropout"), listed.setting("training.seed")) == (0.3, 7)
    assert listed.setting("regularization.l2") == 0
    assert listed.epochs_asked == 3


def test_every_change_is_seen_at_once(put):
    first, second = put("first"), put("second")
    assert names() == ["second", "first"]
    workplace().runs.update(first, name="renamed")
    assert names() == ["second", "renamed"]
    lab.star_runs([second], starred=True)
    assert [run.row.starred for run in lab.list_all_runs().runs] == [True, False]
    lab.delete_run(second)
    third = put("third")
    assert names() == ["third", "renamed"]
    assert set(lab.list_all_runs().by_id) == {first, third}


def test_runs_that_stay_as_they_are_are_not_read_twice(put):
    put("old"), put("new")
    before = lab.list_all_runs()
    assert lab.list_all_runs() is before
    workplace().runs.update(before.runs[0].id, name="other")
    after = lab.list_all_runs()
    assert after.runs[1] is before.runs[1] and after.runs[0] is not before.runs[0]


def test_a_settled_database_is_not_even_asked(put, monkeypatch):
    put()
    monkeypatch.setattr("cnnlab.storage.runs.run_rows._TICK_NS", -(10**12))  # any stamp is settled
    monkeypatch.setattr("cnnlab.storage.runs.run_rows._QUIET_NS", ())
    lab.list_all_runs()
    asked = []
    event.listen(
        workplace().runs.engine, "after_cursor_execute", lambda *given: asked.append(given[2])
    )
    lab.list_all_runs()
    assert asked == []
    put("more")
    assert len(lab.list_all_runs().runs) == 2


def test_marks_outlive_the_database(put):
    run = put("mine")
    lab.tag_runs([run], add=["approved"])
    lab.star_runs([run], starred=True)
    lab.note_run(run, "Mind the background.\nAsk Ann.")
    before = lab.list_all_runs().runs[0].row
    lab.rebuild_index()
    after = lab.list_all_runs().runs[0].row
    marks = ("name", "tags", "note", "starred")
    assert [getattr(after, name) for name in marks] == [getattr(before, name) for name in marks]
    assert json.loads(after.tags) == ["approved"]


def test_a_search_finds_name_id_dataset_tag_note_and_setting(put):
    run = put("Kettle", "regularization.l2=0.002", note="from ANN")
    lab.tag_runs([run], add=["Phone"])
    (listed,) = lab.list_all_runs().runs
    for text in ("kettle", run, "\nd\n", "from ann", "l2 0.002", "phone"):
        assert text in listed.searched


def test_a_config_of_another_version_is_listed_with_what_can_be_read(put):
    run = put("old", accuracy=0.5)
    config = lab.load_run(run).config
    config["augmentation"] = {"flip": 7, "sparkle": 1}
    config["training"] = None
    workplace().runs.update(run, config=config)
    (listed,) = lab.list_all_runs().runs
    assert (listed.epochs_asked, listed.best["val_accuracy"]) == (0, 0.5)
    assert lab.of_another_version([run]) == {run}
    assert lab.of_another_version([put("new")]) == set()


def test_a_lost_worker_is_seen_before_it_is_noted(put, monkeypatch):
    put("lost", status=Status.RUNNING)
    monkeypatch.setattr(listing, "as_it_is", lambda run: replace(run, status=Status.INTERRUPTED))
    assert [run.status for run in lab.list_all_runs().runs] == [Status.INTERRUPTED]
