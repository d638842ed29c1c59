"""Studies, without any training."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.errors import ConfigError, DatasetError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, Kind
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.workplace import workplace
from cnnlab.study.judging import Look, judge_arms
from cnnlab.study.rules_wording import rules_words, scope_words
from cnnlab.study.verdicts import Verdict
from tests.made_runs import no_supervisor
from tests.made_studies import finish_by_arm


@pytest.fixture
def base(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "training": {"epochs": 2, "seed": 5}})


@pytest.fixture
def study(base):
    return lab.launch_study(lab.compare_arms(base, ready_arms(["dropout", "l2"]), seeds=3))


def test_its_name_is_made_from_what_it_asks(base, dataset):
    def named(arms):
        return lab.launch_study(lab.compare_arms(base, arms, seeds=3)).name

    arms = ready_arms(["dropout", "l2"])
    assert named(arms) == f"Dropout, L2 · {dataset.name}"
    assert named(arms) == f"Dropout, L2 · {dataset.name} (2)"
    assert named(arms[1:]) == f"L2 against dropout · {dataset.name}"
    doses = lab.compare_doses(base, "regularization.l2", [0.0, 0.1], seeds=3)
    assert doses.name == "How much? L2 0 to L2 0.1"
    sizes = lab.compare_sizes(base, [2, 3], seeds=3)
    assert sizes.name == "Worth how many images? Augmentation"


def test_the_runs_wait_seed_by_seed(study):
    runs = lab.study_runs(study.id)
    assert [(run.arm, run.config["training"]["seed"]) for run in runs] == [
        (arm, seed) for seed in (5, 6, 7) for arm in ("baseline", "dropout", "L2")
    ]
    assert len({run.id for run in runs}) == 9
    assert all(run.status is Status.QUEUED for run in runs)
    assert load_config(runs[1].config).regularization.dropout == 0.5


def test_nothing_is_told_before_there_are_three_seeds(study):
    view = lab.view_study(study.id)
    assert [found.verdict for found in view.verdicts.values()] == [
        Verdict.REFERENCE,
        Verdict.CANNOT_TELL,
        Verdict.CANNOT_TELL,
    ]
    assert (view.is_ended, view.is_complete, view.progress) == (False, False, 0)


def test_verdicts_come_from_finished_runs_by_seed(study):
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8, "L2": 0.7})
    view = lab.view_study(study.id)
    assert view.is_ended
    assert view.is_complete
    found = view.verdicts
    assert found["dropout"].verdict is Verdict.HELPS
    assert found["dropout"].mean == pytest.approx(0.1, abs=0.004)
    assert found["L2"].verdict is Verdict.NO_DIFFERENCE
    summaries = {row["arm"]: row for row in lab.arm_summaries(view)}
    assert summaries["dropout"]["val_accuracy"]["mean"] == pytest.approx(0.802, abs=0.002)
    assert summaries["l2"]["label"] == "L2"
    assert summaries["dropout"]["gap"]["mean"] == pytest.approx(0.198, abs=0.002)


def test_a_run_whose_dials_were_turned_or_that_was_stopped_counts_in_no_verdict(study):
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8, "L2": 0.7})
    runs = [run for run in lab.study_runs(study.id) if run.arm == "dropout"]
    workplace().runs.update(runs[0].id, changed_by_hand=True)
    workplace().runs.update(runs[1].id, status=Status.STOPPED)
    view = lab.view_study(study.id)
    assert view.verdicts["dropout"].seeds == 1
    assert not view.is_complete


def test_before_the_planned_runs_have_finished_nothing_is_claimed(study):
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8, "L2": 0.7})
    last = [run for run in lab.study_runs(study.id) if run.arm == "L2"][-1]
    workplace().runs.update(last.id, status=Status.RUNNING)
    found = lab.view_study(study.id).verdicts["dropout"]
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.words.startswith("So far +")
    assert (found.low, found.high, found.p) == (None, None, None)
    # Who stops it may have seen enough to like it: that is a look of its own.
    workplace().runs.update(last.id, status=Status.STOPPED)
    assert lab.view_study(study.id).alpha == 0.05 * 3 / 16


@pytest.mark.parametrize(
    ("lost", "verdict"),
    [
        ({"baseline": 0, "dropout": 0}, "helps"),
        ({"baseline": 0, "dropout": 1}, "cannot_tell"),
        ({"baseline": 1, "dropout": 1}, "helps"),
    ],
)
def test_an_arm_that_lost_more_runs_than_the_reference_may_owe_its_lead_to_luck(
    base, lost, verdict
):
    study = lab.compare_arms(base, ready_arms(["dropout"]), seeds=4)
    values = {"baseline": {5: 0.7, 6: 0.71, 7: 0.7}, "dropout": {5: 0.8, 6: 0.812, 7: 0.801}}
    look = Look(0.05, 0.01, is_ended=True, lost=lost)
    found = judge_arms(study, values, "val_accuracy", look, 100)["dropout"]
    assert found.verdict == verdict
    assert ("the lucky ones" in found.words) is (verdict == "cannot_tell")


def test_a_run_whose_model_is_prepared_stays_as_it_is(study):
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8, "L2": 0.7})
    run = lab.study_runs(study.id)[0]
    assert lab.is_model_missing(run)
    lab.prepare_model(run.id)
    assert lab.model_state(run.id).phase == "Waiting for a worker"
    view = lab.view_study(study.id)
    assert lab.study_runs(study.id)[0] == run
    assert (view.is_ended, view.is_complete, view.finished) == (True, True, 9)
    assert view.verdicts["dropout"].verdict is Verdict.HELPS


def test_seeds_that_two_users_add_at_once_are_all_there_and_none_twice(study):
    lab.stop_study(study.id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: lab.extend_study(study.id, 1), range(4)))
        pool.submit(lab.rename_study, study.id, "Mine").result()
    extended = lab.load_study(study.id)
    assert (len(extended.seeds), extended.stages, extended.name) == (7, 5, "Mine")
    runs = [(run.arm, run.config["training"]["seed"]) for run in lab.study_runs(study.id)]
    assert sorted(runs) == sorted((arm.name, seed) for arm, seed in extended.pairs)


def test_more_seeds_are_queued_and_the_level_becomes_stricter(study):
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8, "L2": 0.7})
    lab.extend_study(study.id, 2)
    runs = lab.study_runs(study.id)
    assert [run.config["training"]["seed"] for run in runs[9:]] == [8, 8, 8, 9, 9, 9]
    assert lab.view_study(study.id).alpha == 0.05 * 3 / 16
    with pytest.raises(ConfigError, match="1 seed or more"):
        lab.extend_study(study.id, 0)


def test_a_study_is_stopped_and_gone_on_with(study):
    lab.stop_study(study.id)
    assert {run.status for run in lab.study_runs(study.id)} == {Status.STOPPED}
    lab.resume_study(study.id)
    assert {run.status for run in lab.study_runs(study.id)} == {Status.QUEUED}
    assert len(lab.study_runs(study.id)) == 9


def test_what_a_kill_left_out_is_queued_when_it_goes_on(study):
    lab.stop_study(study.id)
    lost = lab.study_runs(study.id)[4]
    workplace().runs.delete(lost.id)
    lab.resume_study(study.id)
    runs = lab.study_runs(study.id)
    assert len(runs) == 9
    assert {(run.arm, run.config["training"]["seed"]) for run in runs} >= {(lost.arm, 6)}


def test_a_study_is_deleted_with_its_runs_but_not_while_they_wait(study):
    with pytest.raises(RunStateError, match="9 runs of the study"):
        lab.delete_study(study.id)
    lab.stop_study(study.id)
    lab.delete_study(study.id)
    assert lab.list_runs() == lab.list_studies() == []
    with pytest.raises(NotFoundError):
        lab.view_study(study.id)


def test_the_index_is_made_again_with_its_studies(study):
    lab.rename_study(study.id, "Mine")
    found, _ = lab.rebuild_index()
    assert [kept.name for kept in found.studies] == ["Mine"]
    assert lab.load_study(study.id) == dataclasses.replace(study, name="Mine")
    assert [run.arm for run in lab.study_runs(study.id)][:2] == ["baseline", "dropout"]


def test_sizes_share_a_budget_of_steps(base):
    most = max(lab.training_images(base))
    study = lab.compare_sizes(base, [2, most], seeds=1)
    assert study.kind is Kind.WORTH
    large, _, small, changed = study.arms
    assert small.changes["training.epochs"] > large.changes["training.epochs"]
    assert changed.changes["augmentation.rotation_degrees"] == 15.0
    assert lab.study_seconds(study, 10.0) > 10


@pytest.mark.parametrize("sizes", [[], [0, 2], [2, 10_000]])
def test_sizes_that_no_class_has_are_refused(base, sizes):
    with pytest.raises(ConfigError, match="Sizes must be 1 to"):
        lab.compare_sizes(base, sizes, seeds=1)


def test_of_sizes_each_is_compared_with_itself(base):
    study = lab.launch_study(lab.compare_sizes(base, [2, 3], seeds=3))
    finish_by_arm(
        study,
        {
            "3 a class": 0.7,
            "3 a class with augmentation": 0.8,
            "2 a class": 0.5,
            "2 a class with augmentation": 0.5,
        },
    )
    verdicts = lab.view_study(study.id).verdicts
    assert verdicts["3 a class with augmentation"].verdict is Verdict.HELPS
    assert verdicts["2 a class with augmentation"].verdict is Verdict.NO_DIFFERENCE
    assert verdicts["2 a class"].verdict is Verdict.REFERENCE


def test_a_study_of_an_unknown_dataset_is_refused(base):
    with pytest.raises(NotFoundError):
        study = lab.compare_arms(RunConfig(dataset="none"), ready_arms(["l2"]), seeds=1)
        lab.launch_study(study)
    assert lab.list_studies() == []


def _said_of_images(study, effect):
    """Accuracies with luck of the seed's split that all arms of a seed share."""
    return {
        arm.name: {
            seed: 0.7 + 0.05 * (number % 3) + (effect + 0.004 * number if arm.changes else 0)
            for number, seed in enumerate(study.seeds)
        }
        for arm in study.arms
    }


@pytest.mark.parametrize(("splits", "folds"), [("each_seed", 5), ("folds", 3)])
def test_each_seed_has_a_split_of_its_own_the_same_for_all_arms_and_no_test_image_trains(
    base, splits, folds
):
    base = load_config(change_config(base.model_dump(mode="json"), ["split.test=0.2"]))
    study = lab.compare_arms(base, ready_arms(["dropout"]), seeds=4, splits=splits, folds=folds)
    lab.launch_study(study)
    index = open_index(study.dataset)
    test = np.flatnonzero(index.split(base.split) == "test")
    found = {}
    for run in lab.study_runs(study.id):
        parts = index.split(load_config(run.config).split)
        assert np.flatnonzero(parts == "test").tolist() == test.tolist()
        seed = run.config["training"]["seed"]
        validates = tuple(np.flatnonzero(parts == "validation").tolist())
        assert found.setdefault(seed, validates) == validates
    assert len(set(found.values())) == 4
    first_three = [set(found[seed]) for seed in (5, 6, 7)]
    if splits == "folds":  # three folds are a whole division
        assert len(set.union(*first_three)) == sum(map(len, first_three)) == 48 - len(test)


def test_of_a_study_whose_seeds_are_split_anew_new_images_are_said_to_be_unknown(base):
    study = lab.compare_arms(base, ready_arms(["dropout"]), seeds=5, splits="each_seed")
    look = Look(0.05, 0.01, is_ended=True, lost={"baseline": 0, "dropout": 0})
    found = judge_arms(study, _said_of_images(study, 0.1), "val_accuracy", look, 100)["dropout"]
    assert found.verdict is Verdict.HELPS
    assert found.these_images.scope == "these_splits"
    assert "each seed has validation images of its own" in found.new_images.reason
    words = rules_words(study)
    assert "about the images of this dataset, however they are split" in words
    assert "luck of the split is in the intervals (Bouthillier et al. 2021)" in words
    assert any(
        words.startswith("On the images of this dataset, split anew, which the claim is about")
        for words in scope_words(found, study)
    )
    shared = lab.compare_arms(base, ready_arms(["dropout"]), seeds=5)
    assert "split" not in rules_words(shared)


def test_a_study_whose_splits_cannot_be_is_refused(base):
    options = {"seeds": 3, "splits": "each_seed"}
    with pytest.raises(ConfigError, match="the same validation images in every run"):
        lab.compare_arms(base, ready_arms(["dropout"]), scope="new_images", **options)
    with pytest.raises(ConfigError, match="2 to 20 folds. Received: 1"):
        lab.compare_arms(base, ready_arms(["l2"]), seeds=3, splits="folds", folds=1)
    with pytest.raises(ConfigError, match="one of shared, each_seed, folds. Received: 'no'"):
        lab.compare_arms(base, ready_arms(["l2"]), seeds=3, splits="no")
    arm = Arm("other fold", {"split.folds": 4})
    with pytest.raises(ConfigError, match=r"may not change split\.folds"):
        lab.compare_arms(base, [*ready_arms([]), arm], seeds=3)


def test_a_launch_makes_the_split_of_every_seed_and_says_which_cannot_be(base, monkeypatch):
    drawn = ImageIndex.split

    def split(self, fractions):
        if fractions.validation_draw == 8:
            raise DatasetError("No validation image is left.")
        return drawn(self, fractions)

    monkeypatch.setattr(ImageIndex, "split", split)
    study = lab.compare_arms(base, ready_arms(["dropout"]), seeds=3, splits="each_seed")
    with pytest.raises(DatasetError, match=r"split of seed 7 can't be made: No validation image"):
        lab.launch_study(study)
    assert lab.list_studies() == []
    lab.launch_study(lab.compare_arms(base, ready_arms(["dropout"]), seeds=3))
    short = lab.compare_arms(base, ready_arms(["dropout"]), seeds=2, splits="each_seed")
    lab.launch_study(short)
    with pytest.raises(DatasetError, match="split of seed 7 can't be made"):
        lab.extend_study(short.id, 1)
    assert len(lab.load_study(short.id).seeds) == 2


def test_a_bundle_lists_one_part_for_each_image_so_split_anew_it_is_refused(base):
    study = lab.compare_arms(base, ready_arms(["dropout"]), seeds=3, splits="each_seed")
    lab.launch_study(study)
    finish_by_arm(study, {"baseline": 0.7, "dropout": 0.8})
    with pytest.raises(RunStateError, match="splits of their own.*runs one by one"):
        lab.prepare_bundle(study.id)
