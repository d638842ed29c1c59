"""A home as large as it may get: the fault matrix, row 20. What is counted is the work, not time.

The curve of a run of 100,000 steps is in `tests/server/streams/test_live.py`, that of 10,000 epochs
in `tests/ui/test_charts.py`.
"""

import json
from dataclasses import asdict

import pytest
from sqlalchemy import event, insert

from cnnlab import lab
from cnnlab.datasets.index import write_index
from cnnlab.domain.config.run_config import RunConfig, SplitFractions
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.run import Run, Status
from cnnlab.lab.data import gallery
from cnnlab.lab.workplace import workplace
from cnnlab.storage.index.schema import runs
from tests.made_runs import epoch_record

RUNS, IMAGES, PAGE = 10_000, 200_000, 60


@pytest.fixture
def statements(home):
    """The queries that the store makes from here on, with their values."""
    made = []

    def note(connection, cursor, statement, values, *_):
        if statement.startswith("SELECT"):
            made.append((statement, values))

    event.listen(workplace().runs._engine, "after_cursor_execute", note)
    return made


@pytest.fixture
def many_runs(home):
    last = epoch_record(19)
    config = RunConfig(dataset="d").model_dump(mode="json")
    run = Run("", "", "d", config, Status.FINISHED, last=last, best=last, sparkline=[0.5] * 40)
    row = asdict(run)
    rows = [
        row | {"id": f"run-{number:05d}", "created_at": f"2026-01-01T{number:06d}"}
        for number in range(RUNS)
    ]
    rows[5]["status"], rows[7]["study"] = Status.QUEUED, "s"
    with workplace().runs._engine.begin() as connection:
        connection.execute(insert(runs), rows)


def plan_of(statement, values):
    with workplace().runs._engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return " ".join(row[-1] for row in rows)


def test_ten_thousand_runs_are_listed_with_one_statement(many_runs, statements):
    found = lab.list_runs()
    assert [run.id for run in found[:2]] == ["run-09999", "run-09998"]
    assert (len(found), len(statements)) == (RUNS, 1)
    assert len(lab.list_runs(alone=True)) == RUNS - 1


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda: lab.list_runs(limit=PAGE), "runs_by_age"),
        (lambda: workplace().runs.list(Status.QUEUED, Status.RUNNING), "runs_by_status"),
        (lambda: workplace().runs.list(study="s"), "runs_by_study"),
        (lambda: lab.load_run("run-00005"), "autoindex"),
    ],
)
def test_what_is_asked_again_and_again_is_found_by_an_index(many_runs, statements, ask, index):
    """The newest ones, and what the supervisor asks for ten times a second."""
    ask()
    ((statement, values),) = statements
    assert index in plan_of(statement, values)


@pytest.fixture(scope="module")
def index_rows():
    modes = ("file", 0, None, 0, 0, 100, "0" * 64, 64, 48, "RGB")
    return [
        (f"class {number % 4}/{number:06d}.png", number % 4, *modes[2:]) for number in range(IMAGES)
    ]


@pytest.fixture
def large_dataset(home, tmp_path, index_rows):
    classes = [f"class {number}" for number in range(4)]
    folder = workplace().home.datasets / ".made"
    folder.mkdir()
    write_index(folder, index_rows, classes)
    dataset = Dataset("large", "Large", dict.fromkeys(classes, IMAGES // 4))
    return workplace().datasets.add(dataset, folder).id


def test_two_hundred_thousand_images_are_looked_through_page_by_page(large_dataset, monkeypatch):
    opened = []
    index = gallery.ImageIndex
    monkeypatch.setattr(
        "cnnlab.lab.data.gallery.ImageIndex", lambda at: opened.append(at) or index(at)
    )

    def page(number, **filters):
        rows = lab.find_images(large_dataset, **filters)[number * PAGE :][:PAGE]
        return lab.image_facts(large_dataset, rows)

    for number in range(6):
        first = number * PAGE
        assert [facts.row for facts in page(number)] == list(range(first, first + PAGE))
    last = page(IMAGES // 4 // PAGE, label="class 3")
    assert [facts.row for facts in last][-1] == IMAGES - 1
    assert [facts.file for facts in page(0, text="/123456")] == ["class 0/123456.png"]
    assert len(json.dumps([asdict(facts) for facts in last])) < 20_000
    counts = lab.count_splits(large_dataset, SplitFractions())
    assert sum(counts.values()) == IMAGES
    assert len(opened) == 1  # whatever was clicked
