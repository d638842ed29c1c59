"""Classes that a split lacks are said wherever a run is begun or judged."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.datasets.uploads import images, make_zip
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import open_page, words

SAID = "The class 'd' has no training image"


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def differing(home, tmp_path):
    """Training has a, b and c, validation b, c and d."""
    paths = [
        f"{split}/{name}/{number}.jpg"
        for split, names in (("train", "abc"), ("val", "bcd"))
        for name in names
        for number in range(4)
    ]
    return lab.import_dataset(make_zip(tmp_path / "differing.zip", images(*paths)))


def test_the_data_page_and_the_train_page_say_it_until_new_splits_are_drawn(differing):
    app = open_page("data")
    app.session_state[f"dataset_part_{differing.id}"] = "findings"
    app.run()
    assert SAID in words(app)
    train = open_page("train")
    assert any(SAID in warning.value.replace("\\", "") for warning in train.warning)
    assert not train.button(key="launch_run").disabled
    app.button(key="remedy_class_sets_draw_split").click().run()
    assert "Classes that are not in every split" not in words(app)
    newest = max(lab.list_datasets(), key=lambda dataset: dataset.version)
    assert (newest.version, newest.splits) == (2, None)


def test_the_command_line_says_it_at_import_and_at_launch(differing, tmp_path, capsys):
    assert main(["import", str(tmp_path / "differing.zip"), "--json"]) == 0
    told = capsys.readouterr()
    assert SAID in told.err
    kinds = [warning["kind"] for warning in json.loads(told.out)["warnings"]]
    assert "class_sets" in kinds
    assert main(["train", differing.id, "--json"]) == 0
    told = capsys.readouterr()
    assert SAID in told.err
    [warning] = json.loads(told.out)["warnings"]
    assert (warning["kind"], warning["count"]) == ("class_sets", 2)


def test_the_diagnosis_begins_with_it(differing):
    run = made_run(load_config({"dataset": differing.id}), status=Status.FINISHED)
    first, *_ = lab.diagnose_run(lab.view_run(run.id))
    assert (first.kind, first.severity) == ("class_sets", "problem")
    assert "its 4 validation images count as wrong" in first.words
    assert first.remedy == {}
