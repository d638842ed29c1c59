"""Every state of a study whose verdicts somebody saw is recorded, and only once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.prediction_codes import decode_judged
from tests.made_runs import epoch_record, no_supervisor
from tests.made_studies import write_epochs

IMAGES = 120
PLANNED, EARLY = 0.05, 0.05 * 3 / 16


@pytest.fixture
def base(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "training": {"epochs": 4}})


def launched(base, **options):
    return lab.launch_study(lab.compare_arms(base, ready_arms(["dropout"]), seeds=4, **options))


def said(rng, accuracy):
    """Of 120 images so many rightly, the easier ones first; a little else in each run."""
    labels = np.arange(IMAGES) % 3
    right = np.arange(IMAGES) < IMAGES * accuracy + rng.normal(0, 2, IMAGES)
    predicted = np.where(right, labels, (labels + 1) % 3)
    probabilities = np.full((IMAGES, 3), 0.1, np.float32)
    probabilities[np.arange(IMAGES), predicted] = 0.8
    return Predictions(np.arange(IMAGES), labels, probabilities)


def of_other_images(predictions, positions):
    """As if these rows of the dataset had been the validation images."""
    count = len(positions)
    return Predictions(positions, predictions.labels[:count], predictions.probabilities[:count])


def finish(study, count=None, *, keeps=True, others=None):
    """Have the first runs of a study end, dropout ten points better, perhaps on other images."""
    runs = lab.study_runs(study.id)
    runs.sort(key=lambda run: (run.config["training"]["seed"], run.arm))
    for number, run in enumerate(runs[:count]):  # by names alone they come in any order
        if run.status is Status.FINISHED:
            continue
        rng = np.random.default_rng(number)
        told = [said(rng, 0.7 + 0.1 * (run.arm == "dropout")) for _ in range(4)]
        if others is not None and run.arm == "dropout":
            told = [of_other_images(one, others) for one in told]
        records = [
            epoch_record(
                epoch,
                val_accuracy=float((one.probabilities.argmax(axis=1) == one.labels).mean()),
                val_cross_entropy=0.5,
                clean_accuracy=1.0,
            )
            for epoch, one in enumerate(told)
        ]
        write_epochs(run, records, told if keeps else ())
        workplace().runs.update(
            run.id, status=Status.FINISHED, best=records[1], last=records[3], best_epoch=1
        )


def test_the_planned_look_is_recorded_once_and_reading_it_twice_costs_nothing(base):
    study = launched(base)
    assert (lab.view_study(study.id).study.looks, lab.view_study(study.id).notes) == ((), [])
    finish(study)
    first, again = lab.view_study(study.id), lab.view_study(study.id)
    (look,) = first.study.looks
    assert (look.alpha, look.is_planned, first.alpha) == (PLANNED, True, PLANNED)
    assert lab.load_study(study.id).looks == again.study.looks == (look,)
    assert again.verdicts == first.verdicts
    assert first.notes == [
        "If no arm had any effect, at most 5\u00a0% of such studies would claim one.",
        "No run lies far off the others of its arm; with 4 runs an arm, "
        "up to 53\u00a0% of further ones "
        "might.",
    ]


def test_arms_of_one_seed_on_different_kinds_of_devices_are_told_while_they_train(base):
    study = launched(base)
    for run in lab.study_runs(study.id):
        workplace().runs.update(run.id, device="GPU: A100")
    assert lab.view_study(study.id).notes == []
    workplace().runs.update(lab.study_runs(study.id)[0].id, device="CPU (2 threads)")
    (note,) = lab.view_study(study.id).notes
    assert note.startswith("In 1 seed of ")
    assert "CPU (2 threads) and GPU: A100" in note


def test_stop_look_resume_look_counts_as_two(base):
    study = launched(base)
    finish(study, 6)
    lab.stop_study(study.id)
    early = lab.view_study(study.id)
    assert early.alpha == pytest.approx(EARLY)
    lab.resume_study(study.id)
    assert lab.view_study(study.id).study.looks == early.study.looks  # while it trains, none
    finish(study)
    planned = lab.view_study(study.id)
    assert planned.is_complete
    assert planned.alpha == pytest.approx(PLANNED - EARLY)
    assert [look.is_planned for look in planned.study.looks] == [False, True]
    assert planned.notes[0].startswith("This is look 2 at this study.")


def test_an_ended_study_that_can_tell_nothing_yet_was_not_looked_at(base):
    study = launched(base)
    finish(study, 4)
    lab.stop_study(study.id)
    assert lab.view_study(study.id).study.looks == ()
    lab.resume_study(study.id)
    finish(study)
    assert lab.view_study(study.id).alpha == PLANNED


def test_who_adds_seeds_without_a_look_has_seen_the_curves(base):
    study = launched(base)
    finish(study)
    lab.extend_study(study.id, 1)
    assert [look.alpha for look in lab.load_study(study.id).looks] == [PLANNED]
    finish(study)
    assert lab.view_study(study.id).alpha == pytest.approx(EARLY)


@pytest.mark.parametrize("seeds", [1, 2])
def test_who_adds_seeds_to_what_could_claim_nothing_has_the_whole_level(base, seeds):
    study = lab.launch_study(lab.compare_arms(base, ready_arms(["dropout"]), seeds=seeds))
    finish(study)
    assert lab.view_study(study.id).study.looks == ()
    lab.extend_study(study.id, 4 - seeds)
    assert lab.load_study(study.id).looks == ()
    finish(study)
    view = lab.view_study(study.id)
    assert (view.alpha, view.verdicts["dropout"].verdict) == (PLANNED, "helps")
    assert [look.is_planned for look in view.study.looks] == [True]


def ended_otherwise(study, **changes):
    """The arm's last run ends in another way than by finishing."""
    (*_, run) = [run for run in lab.study_runs(study.id) if run.arm == "dropout"]
    workplace().runs.update(run.id, **changes)
    return run


@pytest.mark.parametrize(
    ("changes", "alpha"),
    [
        ({"status": Status.FAILED}, PLANNED),
        ({"changed_by_hand": True}, PLANNED),
        ({"status": Status.STOPPED}, EARLY),
    ],
)
def test_the_look_is_the_planned_one_unless_somebody_chose_when_it_comes(base, changes, alpha):
    study = launched(base)
    finish(study)
    ended_otherwise(study, **changes)
    view = lab.view_study(study.id)
    assert view.alpha == pytest.approx(alpha)
    (look,) = view.study.looks
    assert look.is_planned is (alpha == PLANNED)
    assert not view.is_complete
    assert view.verdicts["dropout"].words.startswith("Can't tell: 1 of its runs didn't finish")


def test_a_failed_run_that_is_queued_again_makes_a_further_look(base):
    study = launched(base)
    finish(study)
    run = ended_otherwise(study, status=Status.FAILED)
    assert lab.view_study(study.id).alpha == PLANNED
    workplace().runs.update(run.id, status=Status.FINISHED)
    again = lab.view_study(study.id)
    assert again.alpha == pytest.approx(EARLY)
    assert [look.is_planned for look in again.study.looks] == [True, False]


def test_a_run_that_was_deleted_may_have_been_missing_on_purpose(base):
    study = launched(base)
    finish(study)
    run = ended_otherwise(study, status=Status.STOPPED)
    workplace().runs.delete(run.id)
    assert lab.view_study(study.id).alpha == pytest.approx(EARLY)


def test_viewers_at_once_record_one_look(base):
    study = launched(base)
    finish(study)
    with ThreadPoolExecutor(4) as pool:
        alphas = list(pool.map(lambda _: lab.view_study(study.id).alpha, range(8)))
    assert alphas == [PLANNED] * 8
    assert len(lab.load_study(study.id).looks) == 1


def test_where_nothing_can_be_recorded_the_verdicts_are_shown_all_the_same(base, monkeypatch):
    study = launched(base)
    finish(study)
    lock = workplace().home.study(study.id) / "study.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()  # which nobody can open
    view = lab.view_study(study.id)
    assert (view.alpha, view.study.looks) == (PLANNED, ())
    assert view.verdicts["dropout"].verdict == "helps"


@pytest.mark.parametrize("judged_at", ["last", "mean_last", "cross_fitted", "best"])
def test_runs_are_judged_where_the_study_says_on_each_image_too(base, judged_at):
    study = launched(base, judged_at=judged_at)
    finish(study)
    view = lab.view_study(study.id)
    found = view.verdicts["dropout"]
    assert found.mean == pytest.approx(0.1, abs=0.03)
    assert found.these_images.mean == found.mean
    assert found.new_images.mean == pytest.approx(found.mean, abs=1e-6)
    assert found.new_images.low <= found.mean <= found.new_images.high
    (summary,) = [row for row in lab.arm_summaries(view) if row["arm"] == "dropout"]
    assert summary["new_images"]["words"].startswith("On new images of this kind: +")
    gap = view.comparisons["gap"]["dropout"].new_images
    assert gap.low is None


@pytest.mark.parametrize(("judged_at", "epochs"), [("last", 1), ("mean_last", 1), ("best", 1)])
def test_only_the_judged_epochs_are_read(base, monkeypatch, judged_at, epochs):
    study = launched(base, judged_at=judged_at)
    finish(study)
    decoded = []

    def counting(content, *sizes):
        decoded.append(content)
        return decode_judged(content, *sizes)

    monkeypatch.setattr("cnnlab.storage.attempts.predictions.decode_judged", counting)
    assert lab.view_study(study.id).verdicts["dropout"].new_images.low is not None
    assert len(decoded) == epochs * len(lab.study_runs(study.id))


@pytest.mark.parametrize("kept", [200, 26])  # an end is missing; what a piece holds is damaged
def test_a_file_that_comes_back_is_read_again(base, kept):
    study = launched(base)
    finish(study)
    folder = newest_attempt(lab.study_runs(study.id)[0]).predictions
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept] + (bytes(4) + whole[kept + 4 :] if kept < 100 else b""))
    assert lab.view_study(study.id).verdicts["dropout"].new_images.low is None
    path.write_bytes(whole)
    assert lab.view_study(study.id).verdicts["dropout"].new_images.low is not None


@pytest.mark.parametrize("others", [np.arange(IMAGES - 20), np.arange(1, IMAGES + 1)])
def test_runs_that_were_judged_on_other_images_are_not_paired(base, others):
    study = launched(base)
    finish(study, others=others)
    found = lab.view_study(study.id).verdicts["dropout"]
    assert found.verdict == "helps"
    assert "is of other images" in found.new_images.reason


def test_runs_of_earlier_versions_say_why_nothing_is_known_of_new_images(base):
    study = launched(base)
    finish(study, keeps=False)
    found = lab.view_study(study.id).verdicts["dropout"]
    assert found.verdict == "helps"
    assert "wasn't kept" in found.new_images.reason
    other = launched(base, judged_at="cross_fitted")
    finish(other, keeps=False)
    view = lab.view_study(other.id)
    assert "wasn't kept" in view.verdicts["dropout"].words
    assert not view.is_complete


def test_a_watched_study_tells_after_every_complete_seed_and_records_no_look(base):
    study = launched(base, watch=True)
    finish(study, 7)  # three seeds of both arms, and the baseline of the fourth
    told = lab.view_study(study.id)
    assert not told.is_ended
    assert told.verdicts["dropout"].seeds == 3
    assert not told.is_open
    lab.extend_study(study.id, 4)
    finish(lab.load_study(study.id))
    view = lab.view_study(study.id)
    assert view.verdicts["dropout"].verdict == "helps"
    assert (view.study.looks, view.alpha) == ((), PLANNED)
    assert any("however often they are looked at" in note for note in view.notes)
