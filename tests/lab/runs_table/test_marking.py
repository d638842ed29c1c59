"""Stars, tags, notes; views with a name; deleting many; what is exported."""

import csv
import io

import pytest

from cnnlab import lab
from cnnlab.domain.errors import BadInputError, NotFoundError, StorageError
from cnnlab.domain.run import Status
from cnnlab.lab.runs_table import export, saved
from cnnlab.lab.runs_table.view import FieldRange, RunsView
from cnnlab.lab.workplace import workplace
from cnnlab.tracking.outbox import Outbox, Sent


def tags_of(run):
    return lab.load_run(run).tags


def test_many_are_tagged_at_once_and_each_keeps_its_own(put):
    first, second = put(tags=["old", "Phone"]), put()
    lab.tag_runs([first, second, "deleted"], add=["approved", "phone"], remove=["OLD"])
    assert tags_of(first) == ["Phone", "approved"]
    assert tags_of(second) == ["approved", "phone"]


def test_none_is_tagged_where_one_would_have_too_many(put):
    full, other = put("full", tags=[f"tag {n}" for n in range(10)]), put()
    with pytest.raises(BadInputError, match="'full' can't be tagged so: A model has at most 10"):
        lab.tag_runs([other, full], add=["more"])
    assert tags_of(other) == []
    with pytest.raises(BadInputError, match="at most 10 tags"):
        lab.tag_runs([other], add=[f"t{n}" for n in range(10_000)])


def test_a_note_is_kept_as_text_and_only_so_long(put):
    run = put()
    assert lab.note_run(run, "  a\r\nb\x00\x07 ☃ \u202e ") == "a\nb ☃ \u202e"
    assert lab.load_run(run).note == "a\nb ☃ \u202e"
    with pytest.raises(BadInputError, match=r"at most 2,000 characters\. Received: 2,001\."):
        lab.note_run(run, "x" * 2001)
    with pytest.raises(NotFoundError):
        lab.note_run("nobody", "x")


def test_only_runs_that_ended_and_belong_to_nobody_are_deleted(put):
    gone = put("gone")
    kept = [
        put(status=Status.QUEUED), put(status=Status.INTERRUPTED), put(study="s", arm="a"),
        put(search="t", trial=1),
    ]  # fmt: skip
    plan = lab.plan_deletion([gone, *kept])
    assert plan.runs == [gone]
    assert plan.kept == [
        "2 runs have not ended: stop it first.",
        "1 run belongs to a study: verdicts need it.",
        "1 run belongs to a search: its answer needs it.",
    ]
    assert lab.delete_runs([gone, *kept]) == [gone]
    assert {run.id for run in lab.list_all_runs().runs} == set(kept)
    assert not (workplace().home.runs / gone).exists()


def test_what_was_made_of_many_is_looked_through_once(put, monkeypatch):
    looked = []
    for name in ("delete_tables_of", "delete_bundles_of"):
        monkeypatch.setattr(f"cnnlab.lab.runs.{name}", looked.append)
    gone, told = [put(), put(), put()], []
    workplace().runs.delete(gone[1])
    assert lab.delete_runs(gone, lambda *progress: told.append(progress)) == [gone[0], gone[2]]
    assert looked == [{gone[0], gone[2]}] * 2
    assert told == [(1, 2), (2, 2)]


def test_what_was_made_goes_with_those_that_are_gone_where_one_can_not_be(put, monkeypatch):
    looked = []
    monkeypatch.setattr("cnnlab.lab.runs.delete_tables_of", looked.append)
    first, second = put(), put()

    def stop(done, of):
        raise StorageError("The disk doesn't answer.")

    with pytest.raises(StorageError):
        lab.delete_runs([first, second], stop)
    assert looked == [{first}]


def test_servers_are_told_of_each_of_many(put):
    first, second, other = put(), put(), put()
    box = Outbox(workplace().home)
    for run in (first, second, other):
        sent = Sent(run, "http://localhost:1")
        box.note(sent, sent.key)
    lab.tag_runs([first, second], add=["approved"])
    before = {path for entry in box.entries() for path in entry.paths}
    lab.tag_runs([first, second], add=["phone"])
    entries = box.entries()
    assert {entry.subject for entry in entries} == {first, second}
    assert [len(entry.paths) for entry in entries] == [1, 1]
    assert before.isdisjoint(path for entry in entries for path in entry.paths)


def test_a_view_is_saved_replaced_and_deleted(home):
    view = RunsView(ranges=(FieldRange("gap", 0.1, None),), text="a&b=c?")
    kept = lab.save_view("  Far  apart ", view)
    assert (kept.name, lab.list_views()) == ("Far apart", [kept])
    lab.save_view("far APART", RunsView())
    assert [(one.name, one.address) for one in lab.list_views()] == [("far APART", "")]
    lab.delete_view(kept.id)
    lab.delete_view("../runs")
    assert lab.list_views() == [] and workplace().home.runs.exists()


def test_views_are_few_and_have_a_name(home, monkeypatch):
    for wrong in ("", "   ", "x" * 61, "a\x00b"):
        with pytest.raises(BadInputError, match="1 to 60 characters"):
            lab.save_view(wrong, RunsView())
    monkeypatch.setattr(saved, "MOST_VIEWS", 1)
    lab.save_view("first", RunsView())
    with pytest.raises(BadInputError, match="delete one first"):
        lab.save_view("second", RunsView())
    lab.save_view("First", RunsView(starred=True))
    assert [one.address for one in lab.list_views()] == ["starred=yes"]


def test_a_view_whose_file_is_damaged_is_in_nobodys_way(home):
    lab.save_view("good", RunsView())
    folder = workplace().home.views / "bad"
    folder.mkdir()
    (folder / "view.json").write_text("{")
    assert [one.name for one in lab.list_views()] == ["good"]


def test_chosen_runs_are_exported_in_their_order_with_all_that_is_known(put):
    first, second = put("=first", note="line\nline"), put("second", starred=True, accuracy=0.5)
    text = b"".join(export.chosen_runs_csv(lab.keep_choice([second, first, "deleted"]))).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["run"] for row in rows] == [second, first]
    assert [row["starred"] for row in rows] == ["True", "False"]
    assert rows[1]["note"] == "line\nline" and rows[0]["best_val_accuracy"] == "0.5"
    assert rows[0]["config.optimizer.learning_rate"]


def test_one_who_ticks_many_takes_no_choice_of_another(home):
    another = lab.keep_choice(["theirs"])
    for number in range(300):
        lab.keep_choice([f"run {one}" for one in range(number)])
    assert lab.chosen_runs_csv(another)


def test_a_choice_that_is_forgotten_says_what_to_do(home, monkeypatch):
    monkeypatch.setattr(export, "_MOST_KEPT", 40)
    forgotten = lab.keep_choice(["a"])
    lab.keep_choice(["b"])
    with pytest.raises(NotFoundError, match="choose them again on the Runs page"):
        lab.chosen_runs_csv(forgotten)
