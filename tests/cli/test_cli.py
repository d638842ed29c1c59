"""The command line as a user or a script runs it, with a real training run."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest import mock

import onnxruntime
import pytest
from PIL import Image

from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.fields import extra, walk
from tests.conftest import draw_zip, end_processes_of
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
EPOCHS = 40
"""Enough for a run to be killed in its midst."""

METRICS = {
    "epoch",
    "loss",
    "cross_entropy",
    "accuracy",
    "penalty",
    "clean_cross_entropy",
    "clean_accuracy",
    "val_cross_entropy",
    "val_accuracy",
    "learning_rate",
    "seconds",
    "images_per_second",
}


class Shell:
    """Runs commands in this process, which has loaded all; `alone` in one of its own, as a user."""

    def __init__(self, home):
        self.home = home

    def __call__(self, *words, code=0):
        said, told = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, CNNLAB_HOME=str(self.home)),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(told),
        ):
            try:
                returned = main(list(map(str, words)))
            except SystemExit as left:
                returned = left.code
        assert returned == code, told.getvalue()
        return subprocess.CompletedProcess(words, returned, said.getvalue(), told.getvalue())

    def alone(self, *words, code=0):
        command = [sys.executable, "-m", "cnnlab", *map(str, words)]
        environment = os.environ | {"CNNLAB_HOME": str(self.home)}
        answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert answer.returncode == code, answer.stderr
        return answer

    def json(self, *words, code=0):
        return json.loads(self(*words, "--json", code=code).stdout)

    def refuse(self, *words):
        answer = self(*words, code=2)
        assert answer.stdout == ""
        assert len(answer.stderr.strip().splitlines()) == 1
        return answer.stderr


@pytest.fixture
def shell(home):
    return Shell(home)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home with one finished run, and what `train --wait --json` said."""
    folder = tmp_path_factory.mktemp("trained")
    shell = Shell(folder / "home")
    shell.answer = shell.json("import", draw_zip(folder / "a.zip"))
    trained = shell.alone(
        "train", shell.answer["dataset"], "--wait", "--json", "--set", f"training.epochs={EPOCHS}",
        "--set", "image.size=16", "--set", "architecture.preset=tiny_cnn",
        "--set", "regularization.l2=0.001", "--set", "regularization.dropout=0.2",
        "--set", "augmentation.flip=horizontal", "--set", "augmentation.rotation_degrees=20",
        "--set", "split.test=0.1",
    )  # fmt: skip
    shell.run = json.loads(trained.stdout)
    yield shell
    end_processes_of(shell.home)


def test_import_says_what_came_in(trained):
    answer = trained.answer
    assert answer["classes"] == {"bright": 24, "dark": 24}
    assert (answer["images"], answer["splits"], answer["skipped"]) == (48, None, [])
    assert all({"kind", "message", "count"} <= set(warning) for warning in answer["warnings"])
    (listed,) = trained.json("datasets")["datasets"]
    assert listed["dataset"] == answer["dataset"]


def test_train_waits_and_reports_by_contract(trained):
    run = trained.run
    assert (run["status"], run["epochs"]) == ("finished", EPOCHS)
    assert set(run["final"]) >= METRICS
    assert run["final"]["epoch"] == EPOCHS - 1
    assert run["final"]["penalty"] > 0
    assert run["final"]["loss"] > run["final"]["cross_entropy"]
    assert len(run["init_checksum"]) == len(run["weights_checksum"]) == 64


def test_show_holds_config_history_and_report(trained):
    view = trained.json("show", trained.run["run"])
    assert [record["epoch"] for record in view["history"]] == list(range(EPOCHS))
    assert view["config"]["regularization"]["l2"] == 0.001
    assert view["device"]
    assert view["report"]["confusion"]
    assert view["optimism"] == trained.run["optimism"]
    best = view["history"][view["best_epoch"]]
    assert view["optimism"]["accuracy"] == best["val_accuracy"]
    assert 0 <= view["optimism"]["difference"] < 1
    assert view["optimism"]["words"].startswith(f"Best epoch {view['best_epoch'] + 1}: ")
    (row,) = trained.json("runs")["runs"]
    assert row["run"] == trained.run["run"]


def test_a_fork_goes_on_from_its_parents_epoch_with_the_change(trained):
    parent = trained.json("show", trained.run["run"])
    assert parent["forkable_epochs"][-1] == EPOCHS - 1
    fork = ("fork", parent["run"], "--epoch", EPOCHS - 2)
    refused = trained.refuse(*fork, "--set", "architecture.filters=8")
    assert "can't be changed at a fork" in refused
    assert "isn't kept" in trained.refuse("fork", parent["run"], "--epoch", EPOCHS)
    longer = ("--set", "optimizer.learning_rate=0.0001", "--set", f"training.epochs={EPOCHS + 1}")
    answer = trained.json(*fork, "--wait", *longer)
    assert (answer["status"], answer["epochs"]) == ("finished", EPOCHS + 1)
    child = trained.json("show", answer["run"])
    assert child["origin"] == {"run": parent["run"], "epoch": EPOCHS - 2}
    assert (child["turns"], child["restarts"], child["changed_by_hand"]) == ([], 0, False)
    shared = EPOCHS - 1
    assert child["history"][:shared] == parent["history"][:shared]
    changed, kept = child["history"][shared], parent["history"][shared]
    assert changed["learning_rate"] == pytest.approx(0.0001)
    assert changed["cross_entropy"] != kept["cross_entropy"]
    trained("delete-run", child["run"])


def test_pictures_are_predicted_without_the_app(trained, tmp_path):
    picture, note = tmp_path / "a.png", tmp_path / "note.txt"
    Image.new("RGB", (16, 16), (60, 60, 60)).save(picture)
    note.write_text("hello")
    told = trained.alone("predict", trained.run["run"], picture, note, "--json")
    (one,), (refused,) = (json.loads(told.stdout)[name] for name in ("predictions", "refused"))
    assert (one["file"], refused["file"]) == (str(picture), str(note))
    assert refused["reason"].startswith("not an image that can be read")
    assert f"{note}: {refused['reason']}" in told.stderr.splitlines()
    own = {guess["class"]: guess["probability"] for guess in one["top"]}
    assert sum(own.values()) == pytest.approx(1, abs=1e-6)
    assert (one["class"], one["probability"]) == max(own.items(), key=lambda item: item[1])
    assert "There is no run 'x'" in trained.refuse("predict", "x", picture)


@pytest.mark.exhaustive
def test_an_exported_model_works_in_plain_keras_elsewhere(trained, tmp_path):
    target = tmp_path / "model.zip"
    answer = trained.json("export", trained.run["run"], "--format", "keras", "--to", target)
    assert answer["bytes"] == target.stat().st_size
    assert answer["max_abs_difference"] < 1e-5
    assert answer["top1_agreement"] == 1
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path)
    with zipfile.ZipFile(draw_zip(tmp_path / "again.zip")) as archive:
        archive.extract("bright/0.png", tmp_path)
    command = [sys.executable, "-I", tmp_path / "predict.py", tmp_path / "bright" / "0.png"]
    spoken = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "bright" in spoken.stdout, spoken.stderr
    bare = tmp_path / "bare.keras"
    assert trained.json("export", trained.run["run"], "--format", "keras", "--to", bare)["bytes"]
    assert bare.exists()


@pytest.mark.exhaustive
def test_a_model_is_prepared_in_another_format_by_the_command_that_copies_it(trained, tmp_path):
    target = tmp_path / "model.onnx"
    export = ("export", trained.run["run"], "--format", "onnx", "--to", target)
    answer = json.loads((told := trained(*export, "--json")).stdout)
    assert "checking it in ONNX Runtime" in told.stderr
    assert (answer["format"], answer["bytes"]) == ("onnx", target.stat().st_size)
    assert answer["max_abs_difference"] < 1e-5 and answer["top1_agreement"] == 1
    session = onnxruntime.InferenceSession(target)
    assert session.get_modelmeta().custom_metadata_map["class_names"] == '["bright", "dark"]'
    again = trained(*export, "--json")
    assert again.stderr == "" and json.loads(again.stdout) == answer  # it is there already
    assert "must be one of keras, " in trained.refuse(*export[:3], "tf", "--to", target)


def test_each_evaluation_of_the_test_images_is_a_look(trained):
    run, dataset = trained.run["run"], trained.answer["dataset"]
    assert trained.json("show", run)["test_looks"] == 0
    answer = trained("evaluate", run, "--split", "test", "--json")
    assert len(answer.stderr.splitlines()) > 1  # what is done is told, however soon it begins
    assert "1 look at the 4 test images so far, of 1 run." in answer.stderr
    first = json.loads(answer.stdout)
    assert (first["images"], first["looks"], first["split"]) == (4, 1, "test")
    assert first["accuracy"] == first["measures"]["accuracy"]["value"]
    assert first["cross_entropy"] == first["measures"]["cross_entropy"]["value"]
    assert sum(map(sum, first["confusion"])) == 4
    for row in first["per_class"]:
        low, high = row["intervals"]["recall"]
        assert row["class"] in trained.answer["classes"] and low <= row["recall"] <= high
    again = trained.json("evaluate", run, "--split", "test")
    assert again["looks"] == 2
    assert {**again, "looks": 1, "looks_recorded": first["looks_recorded"]} == first
    assert [one["run"] for one in again["looks_recorded"]] == [run, run]
    assert trained.json("show", run)["test_looks"] == 2
    (listed,) = trained.json("datasets")["datasets"]
    assert listed["test_looks"] == 2
    told = trained("train", dataset, "--json", "--set", "training.epochs=1")
    assert "4 images that would train now were test images at an earlier look" in told.stderr
    (warning,) = json.loads(told.stdout)["warnings"]
    assert (warning["kind"], warning["count"]) == ("looked_at", 4)
    trained("stop", json.loads(told.stdout)["run"])


def test_bad_input_ends_in_one_line_and_code_2(shell, tmp_path):
    refused = shell.alone("import", draw_text(tmp_path / "a.zip"), code=2)
    assert (refused.stdout, len(refused.stderr.strip().splitlines())) == ("", 1)
    assert "not a zip" in refused.stderr
    assert "no dataset 'x'" in shell.refuse("train", "x")
    assert "did you mean training.epochs" in shell.refuse("train", "x", "--set", "training.epoch=1")
    assert "--help" in shell.refuse("fly")
    assert "no run 'y'" in shell.refuse("show", "y")
    assert "no run 'y'" in shell.refuse("stop", "y")
    assert "no run 'y'" in shell.refuse("evaluate", "y", "--split", "test")
    assert "invalid choice" in shell.refuse("evaluate", "y", "--split", "rest")
    blocks = ("--set", "image.size=8", "--set", "architecture.conv_blocks=6")
    assert "at most 3" in shell.refuse("train", "x", *blocks)
    assert "can't be read" in shell.refuse("train", "x", "--config", tmp_path / "none.json")


def test_fields_are_listed_with_what_is_not_built_yet(shell):
    planned = [name for name, info in walk(RunConfig) if extra(info, "planned")]
    fields = shell.json("fields")["fields"]
    assert [field["field"] for field in fields if field["planned"]] == planned
    lines = [line for line in shell("fields").stdout.splitlines() if "not yet" in line]
    assert [line.partition(" ")[0] for line in lines] == planned


def draw_text(path):
    path.write_text("only text")
    return path


def test_a_failed_training_ends_in_code_1_with_the_cause(trained):
    answer = trained(
        "train", trained.answer["dataset"], "--wait", "--json", "--set", "training.device=gpu:99",
        code=1,
    )  # fmt: skip
    assert json.loads(answer.stdout)["status"] == "failed"
    assert "training.device" in answer.stderr
    assert "Traceback" not in answer.stderr
    trained("delete-run", json.loads(answer.stdout)["run"])


def test_the_same_config_gives_the_same_run_though_it_is_killed_and_resumed(trained):
    path = trained.home / "config.json"
    path.write_text(json.dumps(trained.json("show", trained.run["run"])["config"]))
    run = trained.json("train", trained.answer["dataset"], "--config", path)["run"]
    folder = trained.home / "runs" / run / "attempt-1"
    events = folder / "events.jsonl"
    wait_until(lambda: events.exists() and events.read_bytes().count(b"record") >= 5)
    os.killpg(int((folder / "attempt.lock").read_text()), signal.SIGKILL)
    # Nobody has to ask: the supervisor starts it again.
    wait_until((folder.parent / "attempt-2" / "result.json").exists, seconds=90)
    wait_until(lambda: trained.json("show", run)["status"] == "finished")
    assert trained.json("show", run)["restarts"] == 1
    resumed, uninterrupted = (trained.json("show", one) for one in (run, trained.run["run"]))
    for name in ("init_checksum", "weights_checksum"):
        assert resumed[name] == trained.run[name]
    assert _exact(resumed["history"]) == _exact(uninterrupted["history"])
    assert resumed["report"] == uninterrupted["report"]
    assert "has finished" in trained("resume", run, code=1).stderr


def _exact(history):
    timed = ("seconds", "evaluation_seconds", "images_per_second")
    return [{name: record[name] for name in record if name not in timed} for record in history]


def test_delete_dataset_and_doctor(shell, tmp_path):
    dataset = shell.json("import", draw_zip(tmp_path / "shades.zip"), "--name", "S")["dataset"]
    shell("delete-dataset", dataset)
    assert shell.json("datasets")["datasets"] == []
    findings = shell.json("doctor")
    assert findings["ok"] is True
    assert {"home", "disk", "database", "versions", "workers", "device"} <= set(findings)


def test_a_damaged_database_is_named_and_made_again(trained):
    home = trained.home
    before = {run["run"]: run for run in trained.json("runs")["runs"]}
    end_processes_of(home)
    for file in home.glob("cnnlab.db-*"):
        file.unlink()
    (home / "cnnlab.db").write_bytes(bytes(8192))
    refusal = trained.alone("runs", code=1).stderr.strip()
    assert len(refusal.splitlines()) == 1
    assert "`python -m cnnlab doctor --rebuild-index`" in refusal
    answer = json.loads(trained.alone("doctor", "--rebuild-index", "--json").stdout)
    assert (answer["datasets"], answer["runs"], answer["left_out"]) == (1, len(before), [])
    assert sum(answer["statuses"].values()) == len(before)
    assert Path(answer["kept"]).read_bytes() == bytes(8192)
    trained.home = home.rename(home.with_name("moved"))  # this process has the lost file open
    for run in trained.json("runs")["runs"]:
        times = {"started_at", "ended_at"}  # those of the files, a moment apart
        same = before[run["run"]].keys() - times
        assert {name: run[name] for name in same} == {
            name: before[run["run"]][name] for name in same
        }
    spoken = trained("doctor", "--rebuild-index").stdout
    assert "ok       datasets: 1 found" in spoken
    assert "before-rebuild-2" in spoken
