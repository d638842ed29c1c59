"""The commands about pretrained weights."""

import json
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests import made_weights as made
from tests.made_runs import FACTS, made_run, no_supervisor


@pytest.fixture
def run(home, capsys):
    def run(*words, code=0):
        assert main(["pretrained", *map(str, words)]) == code
        return capsys.readouterr()

    return run


def test_weights_are_added_listed_and_deleted(run, tmp_path):
    added = json.loads(run("add", made.npz(tmp_path / "mine.npz"), "--json").out)
    assert (added["name"], added["parameters"]) == ("mine.npz", 26)
    assert added["pretrained"] == added["id"] == f"w-{added['sha256'][:12]}"
    found = json.loads(run("list", "--json").out)
    assert found["pretrained"] == [added]
    assert {offer["preset"] for offer in found["imagenet"]} == {
        "efficientnet_lite0", "mobilenet_v3_small"
    }  # fmt: skip
    assert f"{added['id']}  mine.npz  2 arrays" in run("list").out
    assert json.loads(run("delete", added["id"], "--json").out)["deleted"]
    assert added["id"] not in run("list").out


def test_what_is_no_weights_is_refused_in_one_line(run, tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(b"none")
    for file in (path, tmp_path / "missing.npz", "n" * 300, "~nosuchuser/x"):
        answer = run("add", file, code=2)
        assert (answer.out, len(answer.err.splitlines())) == ("", 1)
        assert Path(file).name[:150] in answer.err


def test_it_needs_a_command_of_its_own(run, capsys):
    with pytest.raises(SystemExit):
        run()
    assert "python -m cnnlab pretrained --help" in capsys.readouterr().err


def test_train_warns_of_a_start_that_knows_what_would_judge(dataset, monkeypatch, capsys):
    no_supervisor(monkeypatch)
    source = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    start = f"architecture.pretrained={source.id}"
    assert main(["train", dataset.id, "--set", start, "--set", "split.seed=1", "--json"]) == 0
    said = capsys.readouterr()
    (warning,) = json.loads(said.out)["warnings"]
    assert warning["kind"] == "seen_by_start" and warning["count"] > 0
    assert warning["message"] in said.err
    assert main(["train", dataset.id, "--set", start, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_show_says_what_was_computed_once(dataset, monkeypatch, capsys):
    no_supervisor(monkeypatch)
    words = "The frozen layers are computed once: 8 features of each image."
    monkeypatch.setitem(FACTS, "cached_features", words)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    assert main(["show", run.id]) == 0
    assert words in capsys.readouterr().err


def test_train_and_study_add_a_file_and_name_its_id(dataset, tmp_path, monkeypatch, capsys):
    no_supervisor(monkeypatch)
    start = f"architecture.pretrained={made.npz(tmp_path / 'mine.npz')}"
    assert main(["train", dataset.id, "--set", start]) == 0
    (entry,) = lab.list_pretrained().kept
    (run,) = lab.list_runs()
    assert run.config["architecture"]["pretrained"] == entry.id
    assert main(["study", dataset.id, "--arms", "baseline", "--arm", f"mine:{start}"]) == 0
    (study,) = lab.list_studies()
    assert study.base["architecture"]["pretrained"] is None
    assert study.arms[-1].changes == {"architecture.pretrained": entry.id}
    capsys.readouterr()
    assert main(["train", dataset.id, "--set", "architecture.pretrained=~nosuchuser/x"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
