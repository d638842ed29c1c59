"""Learning-rate tests as they are asked for, by the light worker, and by the command."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError, NotFoundError, RunStateError
from cnnlab.files import write_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.lr_test import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.workplace import workplace
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.sharing.workspace import Workspace
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.home import Home
from tests.made_lr_tests import FOUND, UNTOLD
from tests.made_runs import no_supervisor
from tests.waiting import wait_until

OWN_RATES = [{"epochs": 2, "learning_rate": 0.1}, {"epochs": 3, "learning_rate": 0.01}]


@pytest.fixture
def asked(dataset, monkeypatch):
    """Asks for a test of the dataset with some parts of the config; nobody does it."""
    no_supervisor(monkeypatch)

    def start(**parts):
        return lab.start_lr_test(load_config({"dataset": dataset.id} | parts), again=True)

    return start


def answer(key, outcome):
    files = job_folder(workplace().home, KIND, key)
    write_json(files.result, {"status": Stage.FINISHED, "answer": outcome})


def test_a_worker_does_it_once(dataset, home, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", lambda home: None)
    executor = LocalExecutor(home, module="tests.runner.light_worker")
    workspace = Workspace(Home(home), workplace().runs, executor)
    supervisor = Supervisor([workspace], executor, Turns(Home(home)))
    key = lab.start_lr_test(load_config({"dataset": dataset.id}))
    assert lab.read_lr_test(key).phase == "Waiting for a worker"
    wait_until(lambda: lab.read_lr_test(key).is_ended, tick=supervisor.tick)
    assert lab.read_lr_test(key).is_ready
    assert lab.start_lr_test(load_config({"dataset": dataset.id}), again=True) == key


def test_what_the_rate_does_not_depend_on_is_found_once(asked):
    key = asked()
    assert key == asked(optimizer={"learning_rate": 0.5, "schedule": "cosine"})
    assert key == asked(training={"epochs": 3}, regularization={"early_stopping": {}})
    others = {
        asked(optimizer={"name": "sgd"}),
        asked(training={"batch_size": 7}),
        asked(training={"seed": 1}),
        asked(regularization={"dropout": 0.5}),
        asked(architecture={"phases": [{"epochs": 2}, {"epochs": 1}]}),
    }
    assert len(others | {key}) == 6


def test_a_cancelled_or_failed_test_is_made_again_when_asked_for(asked):
    key = asked()
    lab.cancel_lr_test(key)
    assert lab.read_lr_test(key).stage is Stage.CANCELLED
    assert asked() == key
    assert not lab.read_lr_test(key).is_ended


def test_what_can_not_be_tested_is_refused(asked):
    with pytest.raises(ConfigError, match="dataset is missing"):
        asked(dataset="")
    with pytest.raises(NotFoundError, match="no dataset 'x'"):
        asked(dataset="x")
    with pytest.raises(ConfigError, match="architecture.phases has a learning_rate of its own"):
        asked(architecture={"phases": OWN_RATES})
    for key in ("0" * 16, "../../etc", ""):
        with pytest.raises(NotFoundError, match="no longer there"):
            lab.read_lr_test(key)


def test_the_command_gives_suggestion_and_curve(asked, dataset, capsys, tmp_path):
    answer(asked(optimizer={"name": "sgd"}), FOUND)
    file = tmp_path / "config.json"
    file.write_text('{"optimizer": {"name": "sgd"}}')
    changes = ["--set", "optimizer.schedule=one_cycle"]
    assert main(["lr-test", dataset.id, "--config", str(file), *changes, "--json"]) == 0
    told = capsys.readouterr()
    values = json.loads(told.out)
    assert values["suggestion"] == 0.0042
    assert values["curve"] == FOUND["curve"]
    assert "rises to this rate, its peak" in values["words"]
    assert values["words"] in told.err


def test_the_command_says_where_it_can_not_tell(asked, dataset, capsys):
    answer(asked(), UNTOLD)
    assert main(["lr-test", dataset.id, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["suggestion"] is None
    assert told.err.strip() == UNTOLD["words"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--set", "optimizer.learning_rat=1"], 2, "optimizer.learning_rat"),
        (["--set", f"architecture.phases={json.dumps(OWN_RATES)}"], 2, "architecture.phases"),
    ],
)
def test_bad_input_is_one_line(words, code, said, asked, dataset, capsys):
    assert main(["lr-test", dataset.id, *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err and len(told.err.splitlines()) == 1


def test_a_test_that_comes_to_nothing_says_why(asked, dataset):
    files = job_folder(workplace().home, KIND, asked())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnlab.lab.before_launch.kept_work.ask_for", lambda *_, **__: True)
        end_job(files, Stage.FAILED, "Too large.")
        with pytest.raises(RunStateError, match="Too large"):
            lab.wait_for_lr_test(load_config({"dataset": dataset.id}))
