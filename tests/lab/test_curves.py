"""Curves as one table: of a run, of several, of a study; from the lab, a page and a command."""

import csv
import io
import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.arms import own_arm, ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, StorageError
from cnnlab.domain.history import gap
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_runs import made_run, no_supervisor
from tests.made_studies import made_study, study_base
from tests.ui.apps import errors, open_page


@pytest.fixture
def make_run(dataset, monkeypatch):
    """Makes a run with so many epochs."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id, "training": {"seed": 4}})
    return lambda **known: made_run(config, **known)


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_run_has_a_row_for_each_epoch_with_what_its_records_say(make_run):
    run = make_run(epochs=3)
    rows = read(lab.curves_csv([run.id]))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    for row, record in zip(rows, lab.view_run(run.id).history, strict=True):
        assert (row["run"], row["name"], row["seed"]) == (run.id, run.name, "4")
        assert float(row["val_accuracy"]) == record["val_accuracy"]
        assert float(row["clean_cross_entropy"]) == record["clean_cross_entropy"]
        assert float(row["gap"]) == gap(record)
        assert row["memorized"] == row["study"] == row["arm"] == ""


def test_several_runs_stand_below_each_other_and_none_twice(make_run):
    first, second, empty = make_run(epochs=2), make_run(epochs=1), make_run(epochs=0)
    rows = read(lab.curves_csv([second.id, empty.id, first.id, second.id]))
    assert [(row["run"], row["epoch"]) for row in rows] == [
        (second.id, "0"), (first.id, "0"), (first.id, "1"),
    ]  # fmt: skip


def test_a_study_is_tidy_and_no_name_is_a_formula(dataset):
    base = study_base(dataset.id, epochs=2)
    arms = [
        *ready_arms(["baseline"]),
        own_arm("=1+1", base.model_dump(mode="json"), ["regularization.dropout=0.5"]),
    ]
    study = lab.compare_arms(base, arms, seeds=2, name="@SUM(A1)")
    made_study(study, {"baseline": 0.6, "=1+1": 0.7})
    rows = read(lab.curves_csv([study.id]))
    found = [(row["arm"], row["seed"], row["epoch"]) for row in rows]
    assert sorted(found) == sorted(
        (arm, str(seed), epoch)
        for arm in ("baseline", "'=1+1")
        for seed in study.seeds
        for epoch in ("0", "1")
    )
    assert {row["study"] for row in rows} == {study.id}
    assert all(row["name"].startswith("'@SUM(A1)") for row in rows)


def test_the_command_writes_the_file_and_says_how_much(make_run, tmp_path, capsys):
    runs = [make_run(epochs=2), make_run(epochs=1)]
    ids = [run.id for run in runs]
    to = tmp_path / "curves.csv"
    assert main(["curves", *ids, "--to", str(to), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"file": str(to), "bytes": to.stat().st_size, "rows": 3}
    assert to.read_bytes().decode() == lab.curves_csv(ids)


def test_what_is_not_there_or_no_csv_is_refused_and_nothing_is_written(make_run, tmp_path):
    run = make_run(epochs=1)
    with pytest.raises(NotFoundError, match="no run and no study 'nothing'"):
        lab.curves_csv([run.id, "nothing"])
    with pytest.raises(BadInputError, match="at least one"):
        lab.curves_csv([])
    for wrong in ("curves.txt", "curves"):
        with pytest.raises(BadInputError, match=r"ends in \.csv or \.parquet"):
            lab.write_curves([run.id], tmp_path / wrong)
    with pytest.raises(StorageError):
        lab.write_curves([run.id], tmp_path / "missing" / "curves.csv")
    assert list(tmp_path.glob("*.csv")) == []


def test_the_pages_offer_them(make_run):
    run, other = make_run(epochs=1), make_run(epochs=1)
    make_run(epochs=0, name="without curves")
    app = open_page("runs")
    choice = app.multiselect(key="curves_runs")
    assert len(choice.options) == 2
    choice.set_value([other.id, run.id]).run()
    assert f"/api/curves/{other.id},{run.id}/curves.csv" in links(app)["curves_csv"]
    one = open_page("runs", run=run.id)
    assert f"/api/curves/{run.id}/curves.csv" in links(one)["run_curves"]
    assert f"/api/runs/{run.id}/card" not in str(links(one))  # it hasn't ended
    assert f"/api/tables/{run.id}/tables.zip?format=csv" in links(one)["run_tables_csv"]
    assert "/api/tables/all/tables.zip?format=parquet" in links(app)["all_tables_parquet"]
    app.toggle(key="all_steps").set_value(True).run()
    assert "format=csv&steps=yes" in links(app)["all_tables_csv"]
    workplace().runs.update(run.id, status=Status.FINISHED)
    ended = links(open_page("runs", run=run.id))
    assert f"/api/runs/{run.id}/card.html" in ended["run_card"]
    assert f"/api/runs/{run.id}/card.md" in ended["run_card_markdown"]
    assert links(open_page("models", run=run.id))["run_card"] == ended["run_card"]
    assert errors(app) == errors(one) == []


def links(app):
    """Addresses of the page's link buttons by their keys."""
    found = app.get("link_button")
    return {link.proto.id.rpartition("-")[2] or link.proto.label: link.proto.url for link in found}
