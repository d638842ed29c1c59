"""Tables of runs, epochs, steps and studies: of some, of everything, in a folder and as a zip."""

import csv
import io
import json
import zipfile

import pyarrow.parquet as pq
import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, StorageError
from cnnlab.domain.history import gap
from cnnlab.domain.run import Status
from cnnlab.fields import walk
from cnnlab.files import write_json
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.tables.runs import RUN_COLUMNS
from cnnlab.lab.tables.tables import DESCRIPTION
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.journal import JournalWriter
from tests.made_runs import made_run, no_supervisor
from tests.made_studies import made_study, study_base

STEP = {
    "epoch": 0, "step": 3, "loss": 1.5, "cross_entropy": 1.25, "accuracy": 0.5,
    "images_per_second": 100.0, "learning_rate": 0.001, "seconds": 2.0,
}  # fmt: skip


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run with some epochs."""
    no_supervisor(monkeypatch)
    config = load_config(
        {
            "dataset": dataset.id,
            "regularization": {"early_stopping": True, "l2": 0.001},
            "optimizer": {"schedule": "cosine"},
        }
    )
    return lambda **known: made_run(config, **{"status": Status.FINISHED, **known})


@pytest.fixture
def make_study(dataset):
    """Makes a study of two arms whose runs have finished."""

    def make(**known):
        study = lab.compare_arms(study_base(dataset.id, epochs=3), ready_arms(["baseline", "l2"]),
                                 seeds=6)  # fmt: skip
        return made_study(study, {"baseline": 0.6, "L2": 0.8}, **known)

    return make


def add_steps(run, *steps):
    journal = JournalWriter(newest_attempt(run).steps, durable=False)
    journal.append({"kind": "phase", "text": "Training"})
    for step in steps:
        journal.append({"kind": "step", **step})
    journal.close()


def read(folder, name):
    if (path := folder / f"{name}.parquet").exists():
        return pq.read_table(path).to_pylist()
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_has_a_row_with_every_field_of_its_config(make, tmp_path, dataset):
    run = make(name="=1+1")
    write_json(newest_attempt(run).result, {"status": "finished", "seconds": 12.5})
    told = lab.write_tables([run.id], tmp_path / "out", "parquet")
    (row,) = read(tmp_path / "out", "runs")
    assert (row["run"], row["name"], row["status"]) == (run.id, "=1+1", "finished")
    assert (row["dataset"], row["dataset_name"]) == (dataset.id, dataset.name)
    assert (row["epochs"], row["best_epoch"], row["training_seconds"]) == (3, 2, 1.5)
    assert row["seconds"] == 12.5 and row["best_gap"] == gap(run.best)
    assert row["config.regularization.l2"] == 0.001
    assert row["config.regularization.batch_norm"] is False
    assert json.loads(row["config.regularization.early_stopping"])["patience_epochs"] == 5
    assert json.loads(row["config.optimizer.schedule"])["name"] == "cosine"
    assert {f"config.{name}" for name, _ in walk(RunConfig)} <= row.keys()
    assert [one["rows"] for one in told["tables"]] == [1, 3, 0, 0]
    assert lab.write_tables([run.id], tmp_path / "csv")["format"] == "csv"
    assert read(tmp_path / "csv", "runs")[0]["name"] == "'=1+1"


def test_every_column_is_described(make, tmp_path):
    lab.write_tables([make().id], tmp_path / "out")
    with (tmp_path / "out" / DESCRIPTION).open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    for name in ("runs", "epochs", "steps", "studies"):
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            heading = next(csv.reader(file))
        assert [row["column"] for row in told if row["table"] == name] == heading
    assert all(row["meaning"].endswith(".") for row in told)


def test_steps_stand_there_as_they_were_told(make, tmp_path):
    run = make(epochs=1)
    add_steps(run, STEP, STEP | {"step": 7})
    lab.write_tables([run.id], tmp_path / "out", "parquet")
    rows = read(tmp_path / "out", "steps")
    assert [row["step"] for row in rows] == [3, 7]
    assert {name: rows[0][name] for name in STEP} == STEP and rows[0]["run"] == run.id
    told = lab.write_tables([run.id], tmp_path / "less", has_steps=False)
    assert [one["table"] for one in told["tables"]] == ["runs", "epochs", "studies"]
    assert not (tmp_path / "less" / "steps.csv").exists()


def test_a_study_has_a_row_for_each_arm_as_its_page_judges_it(make_study, tmp_path):
    study = make_study()
    lab.write_tables([study.id], tmp_path / "out", "parquet")
    rows = read(tmp_path / "out", "studies")
    for row, arm in zip(rows, lab.arm_summaries(lab.view_study(study.id)), strict=True):
        assert (row["arm"], row["label"], row["verdict"]) == (
            arm["arm"], arm["label"], arm["verdict"],
        )  # fmt: skip
        assert row["val_accuracy_mean"] == arm["val_accuracy"]["mean"]
        assert row["difference_low"] == arm["difference"]["low"]
        assert row["new_images_low"] == arm["new_images"]["low"]
        assert (row["runs"], row["words"]) == (6, arm["words"])
    assert [row["is_reference"] for row in rows] == [True, False]
    assert {row["study"] for row in read(tmp_path / "out", "runs")} == {study.id}


def test_a_table_of_everything_is_no_look_at_verdicts(make, make_study, tmp_path):
    run, study = make(), make_study()
    lab.write_tables([], tmp_path / "out", "parquet")
    assert lab.load_study(study.id).looks == ()
    rows = read(tmp_path / "out", "studies")
    assert {row["verdict"] for row in rows} == {None} and "no look" in rows[0]["note"]
    assert len(read(tmp_path / "out", "runs")) == 13
    assert run.id in {row["run"] for row in read(tmp_path / "out", "epochs")}
    lab.view_study(study.id)
    lab.write_tables([], tmp_path / "out", "parquet")
    assert {row["verdict"] for row in read(tmp_path / "out", "studies")} == {"reference", "helps"}


def test_a_damaged_run_is_named_in_everything_and_refused_alone(make, tmp_path):
    sound, damaged = make(epochs=2), make(epochs=2)
    events = newest_attempt(damaged).events
    events.write_bytes(events.read_bytes().replace(b"accuracy", b"accurate", 1))
    lab.write_tables([], tmp_path / "out", "parquet")
    problems = {row["run"]: row["problem"] for row in read(tmp_path / "out", "runs")}
    assert problems[sound.id] is None and "is damaged in line" in problems[damaged.id]
    assert {row["run"] for row in read(tmp_path / "out", "epochs")} == {sound.id}
    with pytest.raises(StorageError, match="is damaged"):
        lab.write_tables([damaged.id], tmp_path / "alone")


def test_what_was_stored_by_another_version_is_taken_as_far_as_it_fits(make, tmp_path):
    run = make()
    odd = run.config | {"optimizer": {"learning_rate": "fast", "name": 3}, "unknown": {"a": 1}}
    workplace().runs.update(run.id, config=odd)
    lab.write_tables([run.id], tmp_path / "out", "parquet")
    (row,) = read(tmp_path / "out", "runs")
    assert row["config.optimizer.learning_rate"] is None and row["config.optimizer.name"] == "3"


def test_the_zip_has_the_same_tables(make, tmp_path):
    run = make(epochs=2)
    add_steps(run, STEP)
    lab.write_tables([run.id], tmp_path / "out")
    content = b"".join(lab.tables_zip([run.id], "csv", has_steps=True))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == ["runs.csv", "epochs.csv", "steps.csv", "studies.csv", DESCRIPTION]
        for name in names:
            assert archive.read(name) == (tmp_path / "out" / name).read_bytes()
    assert lab.tables_name([run.id]) == f"{run.id}-tables.zip"
    assert lab.tables_name([]) == "cnnlab-tables.zip"


def test_what_can_not_be_used_is_refused_and_nothing_is_written(make, tmp_path):
    run = make(epochs=1)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInputError, match="must be a folder"):
        lab.write_tables([run.id], tmp_path / "file")
    with pytest.raises(BadInputError, match="csv, parquet"):
        lab.write_tables([run.id], tmp_path / "out", "xlsx")
    with pytest.raises(NotFoundError, match="no run and no study 'nothing'"):
        lab.write_tables([run.id, "nothing"], tmp_path / "out")
    with pytest.raises(StorageError):
        lab.write_tables([run.id], tmp_path / "missing" / "out")
    with pytest.raises(NotFoundError):
        lab.tables_zip(["nothing"])
    assert not (tmp_path / "out").exists() and not (tmp_path / "missing").exists()


def test_the_commands_write_tables_and_curves(make, tmp_path, capsys):
    run = make(epochs=2)
    assert main(["tables", "--to", str(tmp_path / "out"), "--format", "parquet", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["rows"] for one in told["tables"]] == [1, 2, 0, 0]
    assert main(["curves", run.id, "--to", str(tmp_path / "c.parquet"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 2
    assert pq.read_table(tmp_path / "c.parquet").to_pylist() == read(tmp_path / "out", "epochs")


def test_no_column_stands_twice():
    names = [column.name for column in RUN_COLUMNS]
    assert len(names) == len(set(names))
