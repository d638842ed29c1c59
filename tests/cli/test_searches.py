"""The commands about searches."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.cli.searches import parse_range
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.search import Decisions, Range, SearchStatus
from cnnlab.lab.workplace import workplace
from cnnlab.storage.searches import SearchStore
from tests.cli.test_cli import Shell
from tests.conftest import draw_zip, end_processes_of
from tests.made_runs import no_supervisor
from tests.made_searches import made_search

FIELD = "regularization.dropout"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("regularization.dropout", Range(FIELD, 0, 0.6)),
        ("regularization.dropout=0.1..0.5", Range(FIELD, 0.1, 0.5)),
        ("optimizer.learning_rate=1e-4..1e-1", Range("optimizer.learning_rate", 1e-4, 0.1, True)),
        ("optimizer.learning_rate=1e-4..0.1:linear", Range("optimizer.learning_rate", 1e-4, 0.1)),
        ("regularization.l2=0..0.1", Range("regularization.l2", 0, 0.1)),
        ("training.epochs=5..50:log", Range("training.epochs", 5, 50, True)),
        ("optimizer.name=sgd, adam", Range("optimizer.name", choices=("sgd", "adam"))),
        ("training.batch_size=8,16", Range("training.batch_size", choices=(8, 16))),
        (
            'optimizer.schedule=[null, {"name": "step", "factor": 0.2}]',
            Range("optimizer.schedule", choices=(None, {"name": "step", "factor": 0.2})),
        ),
    ],
)
def test_a_range_is_read(text, found):
    assert parse_range(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("training.epochs", "'training.epochs' has no range of its own to search: give it one"),
        ("", "'' has no range of its own"),
        (
            "training.learning_rate",
            "training.learning_rate is not a field of the config; did you mean optimizer.learning_",
        ),
        ("regularization.l2=a..b", "must look like LOW..HIGH. Received: 'a..b'"),
        ("optimizer.schedule=[1,", "A list of values must be JSON"),
    ],
)
def test_what_is_no_range_is_said(text, said):
    with pytest.raises(ConfigError, match=said):
        parse_range(text)


@pytest.fixture
def made(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    monkeypatch.setattr("cnnlab.lab.ensure_supervised", lambda: None)
    base = RunConfig(dataset=dataset.id, training={"epochs": 6}, image={"size": 16})
    search = lab.new_search(base, [Range(FIELD, 0, 0.6)], trials=5)
    made_search(search, [({FIELD: 0.0}, 0.7), ({FIELD: 0.2}, 0.8)])
    return search


def _said(capsys, *words):
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_search_is_shown_by_contract(made, capsys):
    code, shown = _said(capsys, "show-search", made.id)
    assert code == 0
    assert (shown["search"], shown["status"], shown["verdict"]) == (made.id, "searching", None)
    start, best = shown["trials"]
    assert shown["best"] == best
    assert (best["number"], best["values"], best["state"]) == (1, {FIELD: 0.2}, "complete")
    assert len(best["curve"]) == 6
    assert start["runs"] == [lab.search_runs(made.id)[0].id]
    assert shown["words"][0].startswith("With fewer than 30 trials nothing is promised")
    assert _said(capsys, "searches")[1]["searches"][0]["search"] == made.id


def test_a_search_is_stopped_resumed_and_deleted(made, capsys):
    assert _said(capsys, "stop-search", made.id) == (0, {"search": made.id})
    assert lab.view_search(made.id).status is SearchStatus.STOPPED
    assert _said(capsys, "resume-search", made.id)[1]["status"] == "searching"
    assert main(["delete-search", made.id]) == 1
    assert "stop it before you delete it" in capsys.readouterr().err
    _said(capsys, "stop-search", made.id)
    assert _said(capsys, "delete-search", made.id)[1]["deleted"]
    assert _said(capsys, "searches")[1] == {"searches": []}


def test_why_a_search_failed_is_told(made, capsys):
    failed = Decisions(SearchStatus.FAILED, "5 trials in a row failed.")
    SearchStore(workplace().home).decide(made.id, failed)
    assert main(["show-search", made.id]) == 0
    assert "5 trials in a row failed." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--trials", "5"], "Nothing is searched"),
        (["--over", FIELD], "A search needs an end"),
        (["--over", f"{FIELD}=0.5..0.1", "--trials", "5"], "from a lower to a higher number"),
        (["--over", f"{FIELD}=0..3", "--trials", "5"], f"{FIELD} must be a number from 0 to 0.9"),
        (["--over", "nothing=1..2", "--trials", "5"], "nothing is not a field of the config"),
        (["--over", FIELD, "--minutes", "0"], "minutes must be 0.05"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_line(dataset, capsys, words, said):
    assert main(["search", dataset.id, *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.exhaustive
def test_a_search_with_real_training_ends_with_a_verdict(tmp_path):
    shell = Shell(tmp_path / "home")
    data = shell.json("import", draw_zip(tmp_path / "shades.zip"))["dataset"]
    small = ("image.size=16", "architecture.preset=tiny_cnn", "training.epochs=2")
    changes = [word for change in small for word in ("--set", change)]
    found = shell.json(
        "search", data, "--over", "optimizer.learning_rate", "--trials", 4, *changes,
        "--confirm-seeds", 3, "--wait",
    )  # fmt: skip
    assert found["status"] == "finished"
    assert len(found["trials"]) == 4
    if found["best"]["number"]:
        assert found["verdict"] in ("helps", "hurts", "no_difference", "cannot_tell")
    end_processes_of(tmp_path / "home")
