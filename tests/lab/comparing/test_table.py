"""Runs side by side as a table for other programs."""

import csv
import io

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError
from cnnlab.server.downloads import comparison_address
from cnnlab.server.routes import ROUTES
from tests.made_pairs import judged_run
from tests.made_runs import no_supervisor


@pytest.fixture
def runs(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    other = load_config({"dataset": dataset.id, "regularization": {"batch_norm": True}})
    return [judged_run(config, wrong=[0, 1, 2]).id, judged_run(other, wrong=[0]).id]


def table_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_number_has_a_row(runs):
    rows = table_of(lab.comparison_csv(runs))
    assert {row["what"] for row in rows} == {"setting", "run", "pair"}
    [setting] = [row for row in rows if row["what"] == "setting" and row["run"] == runs[1]]
    assert (setting["name"], setting["words"]) == ("regularization.batch_norm", "on")
    pairs = {row["name"]: float(row["value"]) for row in rows if row["what"] == "pair"}
    [pair] = lab.compare_runs(runs).pairs
    assert pairs["only_second_right"] == 2
    assert pairs["accuracy_difference_low"] == pytest.approx(pair.found.difference["low"])
    own = {row["name"]: row["value"] for row in rows if row["what"] == "run"}
    assert own["parameters"] == "", "made runs don't know theirs"


def test_an_epoch_that_is_none_is_refused(runs):
    with pytest.raises(BadInputError, match="at must be last or best"):
        lab.comparison_csv(runs, at="first")


def test_it_is_downloaded_under_a_name(runs):
    client = TestClient(Starlette(routes=[Mount("/api", routes=ROUTES)]))
    answer = client.get(comparison_address(runs, "best", runs[1]))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert table_of(answer.text) == table_of(lab.comparison_csv(runs, at="best", reference=runs[1]))
    assert client.get(comparison_address(["nobody", "noone"], "last", "")).status_code == 404
