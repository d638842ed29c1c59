"""Explaining images of a dataset: asked for, found again, refused; a test plays the worker."""

import os

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.split import TEST, VALIDATION
from cnnlab.domain.errors import BadInputError, DamagedError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import queued_jobs
from cnnlab.jobs.kinds.explain import explanation_folder
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.explaining import several
from cnnlab.lab.judging import vault
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_explanations import finish_explanations
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id, "split": {"test": 0.3}})
    return made_run(config, status=Status.FINISHED)


def rows_of(run, part):
    config = load_config(run.config)
    return np.flatnonzero(splits_of(open_index(run.dataset), config.split) == part)


def test_what_was_asked_for_is_one_job_and_is_found_again(run):
    rows = rows_of(run, VALIDATION)[:2]
    asked = (rows, "hirescam", "class", "bright")
    key = lab.explanations_key(*asked)
    assert lab.explanations_state(run.id, key) is None
    assert lab.start_explanations(run.id, *asked) == key
    assert lab.start_explanations(run.id, *asked) == key
    [job] = queued_jobs(workplace().home)
    assert job.kind.name == "explain"
    assert lab.explanations_key(rows[:1], *asked[1:]) != key
    finish_explanations(run.id, key)
    state = lab.explanations_state(run.id, key)
    assert [one["row"] for one in state.answer["pictures"]] == list(rows)
    assert state.answer["check"]["signed"] == 0.08
    drawn = lab.explained_pictures(run.id, key)
    assert all(one.heat.startswith("data:image/png") for one in drawn)


def test_maps_are_drawn_once_until_they_are_made_again(run):
    """A page asks at every click."""
    asked = (rows_of(run, VALIDATION)[:1], "hirescam")
    key = lab.start_explanations(run.id, *asked)
    finish_explanations(run.id, key)
    drawn = lab.explained_pictures(run.id, key)
    assert lab.explained_pictures(run.id, key) is drawn
    [maps] = workplace().home.runs.glob("*/attempt-1/explanations/*/maps.npz")
    os.utime(maps, ns=(1, 1))
    again = lab.explained_pictures(run.id, key)
    assert again is not drawn and again == drawn
    maps.unlink()
    with pytest.raises(DamagedError, match=r"maps\.npz is missing: ask for the maps again"):
        lab.explained_pictures(run.id, key)


def test_what_nobody_wants_any_more_is_cancelled_and_can_be_asked_again(run):
    asked = (rows_of(run, VALIDATION)[:1], "occlusion")
    key = lab.start_explanations(run.id, *asked)
    lab.cancel_explanations(run.id, key)
    assert lab.explanations_state(run.id, key).stage == "cancelled"
    lab.start_explanations(run.id, *asked)
    assert lab.explanations_state(run.id, key).stage == "waiting"


def test_maps_that_are_damaged_are_told_and_made_again(run):
    asked = (rows_of(run, VALIDATION)[:1], "hirescam")
    key = lab.start_explanations(run.id, *asked)
    finish_explanations(run.id, key)
    [maps] = workplace().home.runs.glob("*/attempt-1/explanations/*/maps.npz")
    maps.write_bytes(b"broken")
    with pytest.raises(DamagedError, match=r"maps\.npz is damaged"):
        lab.explained_pictures(run.id, key)
    assert lab.start_explanations(run.id, *asked) == key
    assert lab.explanations_state(run.id, key).stage == "waiting"


def test_the_newest_are_kept_and_what_is_being_made(run, monkeypatch):
    monkeypatch.setitem(vars(several.KIND), "kept", 2)
    rows = rows_of(run, VALIDATION)
    asked = [([row], "hirescam") for row in rows[:4]]
    keys = [lab.start_explanations(run.id, *one) for one in asked[:3]]
    for at, key in enumerate(keys[1:]):
        finish_explanations(run.id, key)
        request = explanation_folder(newest_attempt(run), key).request
        os.utime(request, ns=(at, at))
    keys.append(lab.start_explanations(run.id, *asked[3]))
    states = [lab.explanations_state(run.id, key) for key in keys]
    assert [state and str(state.stage) for state in states] == ["waiting", None, None, "waiting"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "guess"}, "method must be one of hirescam, .*Received: 'guess'"),
        ({"about": "all"}, "about must be predicted, true or class"),
        ({"about": "class", "class_name": "red"}, "no class 'red'; it knows: bright, dark"),
        ({"rows": []}, "rows must be 1 to 64 numbers of images"),
        ({"rows": [-1]}, "rows must be 1 to 64"),
        ({"rows": [10**6]}, "rows must be 1 to 64"),
        ({"rows": list(range(65))}, "rows must be 1 to 64"),
        ({"run": "none"}, "none"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_one_sentence(changes, words, run):
    asked = {"run": run.id, "rows": [int(rows_of(run, VALIDATION)[0])], "method": "hirescam"}
    with pytest.raises(BadInputError, match=words):
        lab.start_explanations(**asked | changes)
    assert not list(queued_jobs(workplace().home))


def test_test_images_are_locked_away_until_somebody_has_looked(run, monkeypatch):
    rows = rows_of(run, TEST)[:2]
    with pytest.raises(RunStateError, match="locked away: open them .* counts as a look"):
        lab.start_explanations(run.id, rows, "hirescam")
    monkeypatch.setattr(vault, "looked_at_numbers", lambda run: object())
    assert lab.start_explanations(run.id, rows, "hirescam")


def test_a_run_without_a_model_says_so(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    waiting = made_run(load_config({"dataset": dataset.id}), epochs=0, status=Status.FAILED)
    with pytest.raises(RunStateError, match="has no finished epoch, so it has no model"):
        lab.start_explanations(waiting.id, [0], "hirescam")
