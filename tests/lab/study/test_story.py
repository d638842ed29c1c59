"""Which runs a story draws while a study trains, and what is left of it where something is gone."""

import json
import shutil

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run, Status
from cnnlab.files import write_json
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.predictions import PredictionWriter
from tests.made_runs import epoch_record
from tests.made_studies import made_study, study_base, with_id, write_epochs

BEST = {"baseline": 0.8, "dropout": 0.9}
EPOCHS = 12


@pytest.fixture
def study(dataset):
    found = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=3)
    return with_id(found, "s1")


def run_that_trains(study, arm, seed, *, epochs):
    """A run of the study with so many epochs that goes on."""
    run = Run(
        f"20261201-101010-{arm}-{seed}",
        "trains",
        study.dataset,
        study.config(study.arm(arm), seed).model_dump(mode="json"),
        Status.RUNNING,
        study=study.id,
        arm=arm,
        created_at=f"2026-12-01T10:10:1{seed}.000",
    )
    place = workplace()
    place.runs.create(run)
    records = [epoch_record(number) for number in range(epochs)]
    write_epochs(run, records)
    if records:
        place.runs.update(run.id, last=records[-1])


def curves(study):
    found = lab.study_story(study.id)["curves"]
    return (
        {series["arm"]: len(series["x"]) for series in found["arms"]},
        {(line["arm"], line["seed"]): len(line["x"]) for line in found["growing"]},
    )


def test_a_run_that_begins_doesnt_cut_the_mean_of_those_that_have_finished(study):
    made_study(study, BEST, seeds_done=1)
    run_that_trains(study, "baseline", 1, epochs=4)
    assert curves(study) == ({"baseline": EPOCHS, "dropout": EPOCHS}, {("baseline", 1): 4})


def test_before_the_first_has_finished_the_one_that_is_furthest_stands_for_its_arm(study):
    made_study(study, BEST, seeds_done=0)
    run_that_trains(study, "baseline", 0, epochs=2)
    run_that_trains(study, "baseline", 1, epochs=3)
    run_that_trains(study, "dropout", 0, epochs=0)
    assert curves(study) == ({"baseline": 3}, {("baseline", 0): 2})
    progress = lab.study_story("s1")["progress"]
    assert (progress["finished"], progress["is_ended"]) == (0, False)


def test_what_a_story_depends_on_is_alike_until_something_happens(study):
    made_study(study, BEST, seeds_done=2)
    before = lab.story_basis("s1")
    assert lab.story_basis("s1") == before
    lab.save_deck("s1", [{"slide": "gap", "note": "slowly"}])
    noted = lab.story_basis("s1")
    assert noted != before
    run_that_trains(study, "baseline", 2, epochs=1)
    assert lab.story_basis("s1") != noted


def test_a_deck_outlives_the_program_and_a_damaged_one_is_as_good_as_none(study):
    made_study(study, BEST, seeds_done=0)
    kept = lab.save_deck("s1", list(reversed(lab.study_deck(study))))
    path = workplace().home.study("s1") / "deck.json"
    assert json.loads(path.read_text())[0]["slide"] == "limits"
    assert lab.study_deck(study) == kept
    for damage in (b"{", b"\xff\xfe", b"[[[]]", b""):
        path.write_bytes(damage)
        assert lab.study_deck(study)[0]["slide"] == "question"
    assert lab.study_story("s1")["study"] == "s1"


def test_the_story_goes_on_where_the_dataset_was_lost(study, dataset, home):
    made_study(study, BEST)
    pictures = lab.story_pictures("s1")
    index = ImageIndex(home / "datasets" / dataset.id)
    for name, rows in pictures.items():
        assert len(set(rows)) == 3
        assert np.all(index.labels[rows] == index.class_names.index(name))
    workplace().datasets.delete(dataset.id)
    shutil.rmtree(home / "datasets" / dataset.id, ignore_errors=True)
    story = lab.study_story("s1")
    assert story["data"] is None and story["mistakes"] is None
    assert dataset.id in story["question"]["title"]
    assert story["verdict"]["title"] == "Dropout helps"
    assert lab.story_pictures("s1") == {}


def measured(study, *, damaged=False):
    """Leave what the kept models say of two images, and of distorted ones."""
    labels = np.array([0, 1])
    for run in lab.study_runs(study.id):
        attempt = newest_attempt(run)
        named = [0, 1] if run.arm == "dropout" else [1, 0]
        said = np.eye(2, dtype=np.float32)[named] * 0.9 + 0.05
        writer = PredictionWriter(attempt.predictions, EPOCHS)
        for epoch in range(EPOCHS):
            writer.append(epoch, Predictions(np.array([7, 9]), labels, said))
        writer.close()
        if damaged:
            for path in attempt.predictions.iterdir():
                path.write_bytes(b"x" * 100)
        row = {"distortion": "rotation", "strength": 5.0, "unit": "°", "accuracy": 0.5}
        report = {"robustness": [row], "robustness_images": 2, "robustness_undistorted": 0.8}
        write_json(attempt.folder / "result.json", {"report": report})


def test_what_finished_runs_kept_makes_the_slides_behind_the_verdict(study):
    made_study(study, BEST)
    measured(study)
    story = lab.study_story("s1")
    assert story["robustness"]["panels"][0]["title"] == "rotation"
    (group,) = story["mistakes"]["groups"]
    picture = group["pictures"][0]
    assert picture["row"] == 7
    assert [(arm["arm"], arm["right"], arm["runs"]) for arm in picture["arms"]] == [
        ("baseline", 0, 3),
        ("dropout", 3, 3),
    ]
    assert story["gap"]["rows"][0]["arm"] == "baseline"


def test_what_cant_be_read_costs_its_slide_alone(study):
    made_study(study, BEST)
    measured(study, damaged=True)
    story = lab.study_story("s1")
    assert story["mistakes"] is None
    assert story["robustness"] is not None
