"""What the commands say of looks at test images, on runs that nobody trains."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_evaluations import finish_evaluation, fractions_that_train_no_looked_at_image
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run that was judged on its test images."""
    no_supervisor(monkeypatch)

    def make(name="One", right=0.75):
        config = load_config({"dataset": dataset.id, "split": {"test": 0.25}})
        run = made_run(config, status=Status.FINISHED, name=name)
        finish_evaluation(run, "test", right=right)
        return run

    return make


@pytest.fixture
def said(capsys):
    """What a command prints as JSON, and what it says beside."""

    def said(*words):
        capsys.readouterr()
        assert main([*words, "--json"]) == 0
        printed = capsys.readouterr()
        return json.loads(printed.out), printed.err

    return said


def test_a_look_does_not_show_the_numbers_of_other_runs(make, said):
    one, other = make(right=0.5), make("Other", right=1.0)
    lab.look_at_test(one.id)
    values, _ = said("evaluate", other.id, "--split", "test")
    assert values["accuracy"] == 1.0
    assert [look["run"] for look in values["looks_recorded"]] == [one.id, other.id]
    for look in values["looks_recorded"]:
        assert set(look) == {"id", "at", "run", "run_name", "images"}


def test_where_records_are_damaged_or_unreadable_that_is_said(make, said):
    run = make()
    lab.look_at_test(run.id)
    (path,) = workplace().home.vault.glob("*/looks.jsonl")
    path.write_bytes(b"rubbish\n")
    for words in (("show", run.id), ("datasets",)):
        values, told = said(*words)
        values = values.get("datasets", [values])[0]
        assert (values["test_looks"], values["test_looks_unreadable"]) == (0, 1)
        assert "1 record of looks can't be read, so there may be more" in told
    path.unlink()
    path.mkdir()
    for words in (("show", run.id), ("datasets",)):
        values, told = said(*words)
        values = values.get("datasets", [values])[0]
        assert (values["test_looks"], values["test_looks_unreadable"]) == (None, None)
        assert "how often its test images were looked at isn't known: Can't use" in told


def test_a_study_warns_of_an_arm_that_would_train_on_looked_at_images(make, said, dataset):
    lab.look_at_test(make().id)
    seed = fractions_that_train_no_looked_at_image(dataset).seed
    few = ("--set", f"split.seed={seed}", "--set", "split.images_per_class=1")
    ask = ("study", dataset.id, "--seeds", "1", *few, "--arms", "baseline,l2")
    values, told = said(*ask)
    assert values["warnings"] == [] and "earlier look" not in told
    values, told = said(*ask, "--arm", "more:split.images_per_class=9")
    (warning,) = values["warnings"]
    assert (warning["kind"], warning["arms"]) == ("looked_at", ["more"])
    assert warning["message"].startswith("In the arm 'more': ")
    assert warning["message"] in told and warning["count"] > 0
