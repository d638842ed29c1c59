"""Which version made a run, and what it says where that was another one."""

import json

import pytest

import cnnlab
from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.made_runs import FACTS, made_run, no_supervisor


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id})


def start_attempt(run, number, version=cnnlab.__version__, bits=cnnlab.BITS_VERSION, **facts):
    """What the worker of this version leaves of another attempt."""
    attempt = Attempt(workplace().home.attempt(run.id, number))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    known = {} if bits is None else {"bits_version": bits}
    recorder.started(FACTS | {"versions": {"cnnlab": version}} | known | facts)
    recorder.close()
    workplace().runs.update(run.id, attempt=number)
    return lab.view_run(run.id)


def run_of(config, version=cnnlab.__version__, bits=cnnlab.BITS_VERSION, **facts):
    """A run whose only attempt with facts was made by this version."""
    return start_attempt(lab.launch_run(config), 1, version, bits, **facts).run


def test_a_run_of_this_version_says_nothing(config):
    assert lab.version_note(lab.view_run(run_of(config).id)) is None
    resumed = start_attempt(run_of(config), 2)
    assert lab.version_note(resumed) is None


def test_a_run_from_before_versions_were_told_says_nothing(config):
    assert lab.version_note(lab.view_run(made_run(config).id)) is None
    assert lab.version_note(lab.view_run(run_of(config, bits=None).id)) is None


def test_a_resumed_run_names_both_versions(config):
    view = start_attempt(run_of(config, "0.0.9", 0), 2)
    assert lab.version_note(view) == (
        "Begun by cnnlab 0.0.9 (bits 0) and gone on with by cnnlab 0.1.0 (bits 3): they may give "
        "different numbers, so no version is sure to repeat it."
    )
    view = start_attempt(run_of(config, "0.0.9", cnnlab.BITS_VERSION), 2)
    assert lab.version_note(view).endswith(": both give the same numbers.")


def test_a_fork_names_the_version_of_its_parent(config):
    parent = run_of(config, "0.0.9", 0)
    fork = run_of(config)
    workplace().runs.update(fork.id, origin={"run": parent.id, "epoch": 1})
    note = lab.version_note(lab.view_run(fork.id))
    assert "forked from a run of cnnlab 0.0.9 (bits 0)" in note
    workplace().runs.update(fork.id, origin={"run": "20260101-000000-dead", "epoch": 1})
    assert lab.version_note(lab.view_run(fork.id)) is None


def test_a_run_that_this_version_would_not_repeat_says_so(config, capsys):
    run = run_of(config, "0.0.9", 0)
    expected = (
        "Made by cnnlab 0.0.9 (bits 0); this is cnnlab 0.1.0 (bits 3), which may give the same "
        "config and seed other numbers."
    )
    assert lab.version_note(lab.view_run(run.id)) == expected
    assert main(["show", run.id, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["version_note"] == expected
    assert expected in printed.err


NORMED = {
    "layers": [
        {"name": name, "kind": kind, "output_shape": [4], "parameters": parameters}
        for name, kind, parameters in (
            ("scale", "Rescaling", 0),
            ("conv", "Conv2D", 20),
            ("norm", "BatchNormalization", 16),
            ("classes", "Dense", 10),
        )
    ]
}


def test_a_run_whose_batch_norm_was_judged_by_running_averages_says_so(config):
    early = run_of(config, **NORMED)
    note = lab.version_note(lab.view_run(early.id))
    assert note.startswith("An early version judged its batch norm by running averages")
    for frozen, is_told in ((1, True), (2, False)):  # frozen ones are as they were made
        values = config.model_dump() | {"architecture": {"frozen_layers": frozen}}
        run = run_of(load_config(values), **NORMED)
        assert (lab.version_note(lab.view_run(run.id)) is not None) == is_told
    now = run_of(config, **NORMED, statistics_images=100)
    assert lab.version_note(lab.view_run(now.id)) is None


def test_a_run_that_goes_on_from_epochs_judged_by_running_averages_says_so(config):
    words = "Its first epochs are of an early version, which judged batch norm by running averages"
    early = run_of(config, **NORMED)
    resumed = start_attempt(early, 2, **NORMED, statistics_images=100)
    assert lab.version_note(resumed).startswith(words)
    fork = run_of(config, **NORMED, statistics_images=100)
    workplace().runs.update(fork.id, origin={"run": run_of(config, **NORMED).id, "epoch": 1})
    assert lab.version_note(lab.view_run(fork.id)).startswith(words)
