import json

import pytest

from cnnlab.domain.arms import (
    DOSES,
    READY_ARMS,
    dose_arms,
    named,
    own_arm,
    ready_arms,
    worth_arms,
)
from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.study import (
    Arm,
    Kind,
    Study,
    add_seeds,
    check_study,
    differences,
)

BASE = RunConfig(dataset="d").model_dump(mode="json")


def study(*arms, seeds=(0, 1, 2), **values):
    arms = arms or ready_arms(["baseline", "dropout", "l2"])
    return Study("s", "S", "d", BASE, tuple(arms), tuple(seeds), **values)


def test_a_study_comes_back_from_json_as_it_was():
    full = study(kind=Kind.DOSE, primary="val_cross_entropy", judged_at="last", created_at="1")
    assert Study.from_json(json.loads(json.dumps(full.to_json()))) == full


def test_studies_of_earlier_versions_load_as_they_were():
    values = study(judged_at="best").to_json()
    for added in ("margin", "scope", "looks"):
        del values[added]
    assert Study.from_json(values) == study(judged_at="best")
    del values["judged_at"]  # where the first versions judged is the best epoch, not today's usual
    assert Study.from_json(values).judged_at == "best"
    grown = Study.from_json(values | {"stages": 3, "primary": "val_cross_entropy"})
    assert (grown.margin, grown.scope, grown.judged_at) == (0.1, "these_images", "best")
    assert [(look.state, look.alpha, look.is_planned) for look in grown.looks] == [
        ("", 0.05, True),
        ("", 0.05 * 3 / 16, False),
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"judged_at": "first"}, "one of last, mean_last, cross_fitted, best. Received: 'first'"),
        ({"scope": "all"}, "one of these_images, new_images. Received: 'all'"),
        ({"margin": 0.0}, "must be 0.001 to 0.5 .a fraction of accuracy; usual: 0.02"),
        ({"margin": float("nan")}, "must be 0.001 to 0.5"),
        ({"margin": 3, "primary": "val_cross_entropy"}, "must be 0.001 to 2 .nats; usual: 0.1"),
    ],
)
def test_how_a_study_is_judged_is_checked(values, words):
    with pytest.raises(ConfigError, match=words):
        check_study(study(**values))


@pytest.mark.parametrize(
    ("planned", "judged"), [(2, 1), (4, 1), (6, 2), (12, 3), (45, 5), (100, 10), (500, 10)]
)
def test_the_mean_of_the_last_epochs_is_over_a_tenth_of_them(planned, judged):
    assert study(Arm("a", {"training.epochs": planned}), Arm("b", {"training.epochs": 600})
    ).judged_epochs == judged  # fmt: skip


def test_arms_differ_from_the_base_in_their_changes_only():
    for arm in study().arms:
        config = study().config(arm, 7).model_dump(mode="json")
        expected = with_changes(BASE, arm.changes | {"training.seed": 7})
        assert config == expected


def test_seeds_are_interleaved_over_the_arms():
    names = [(arm.name, seed) for arm, seed in study(seeds=(0, 1)).pairs]
    assert names == [
        ("baseline", 0),
        ("dropout", 0),
        ("L2", 0),
        ("baseline", 1),
        ("dropout", 1),
        ("L2", 1),
    ]


def test_changes_leave_the_original_as_it_was():
    before = json.dumps(BASE)
    changed = with_changes(BASE, {"regularization.l2": 0.5, "regularization.l1": 0.25})
    assert json.dumps(BASE) == before
    assert changed["regularization"]["l2"] == 0.5
    assert changed["regularization"]["l1"] == 0.25
    assert changed["image"] == BASE["image"]


def test_added_seeds_follow_the_highest_and_count_as_a_further_look():
    extended = add_seeds(study(seeds=(3, 4)), 2)
    assert extended.seeds == (3, 4, 5, 6)
    assert extended.stages == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([Arm("a", {})], "at least one arm to compare with"),
        ([Arm("a", {}), Arm("a", {"regularization.l2": 0.1})], "Two arms are called 'a'"),
        ([Arm("a", {}), Arm("b", {"regularization.l2": 0.0})], "'a' and 'b' are the same"),
        ([Arm("a", {}), Arm(" ", {"regularization.l2": 0.1})], "1 to 80 printable characters"),
        ([Arm("a", {}), Arm("b", {"training.seed": 4})], "may not change training.seed"),
        ([Arm("a", {}), Arm("b", {"split.seed": 1})], "may not change split.seed"),
        ([Arm("a", {}), Arm("b\x00", {"regularization.l2": 0.1})], "printable characters"),
        ([Arm("a", {}), Arm("b", {"regularization.l2": 7})], "'b' isn't possible"),
        ([Arm("a", {}), Arm("b", {"regularization.nothing": 7})], "not a field"),
    ],
)
def test_what_cannot_be_a_study_is_refused_in_a_sentence(wrong, words):
    with pytest.raises(ConfigError, match=words):
        check_study(study(*wrong))


def test_a_study_has_its_limits():
    with pytest.raises(ConfigError, match="1 to 50 seeds"):
        check_study(study(seeds=range(51)))
    many = dose_arms("regularization.dropout", [number / 20 for number in range(12)])
    with pytest.raises(ConfigError, match="at most 400"):
        check_study(study(*many, seeds=range(40)))
    with pytest.raises(ConfigError, match="Seeds go up to 2147483647"):
        add_seeds(study(seeds=[2**31 - 1]), 1)
    with pytest.raises(ConfigError, match="1 to 50 seeds"):
        add_seeds(study(seeds=range(50)), 1)


def test_every_ready_arm_is_possible_and_changes_something():
    for name in READY_ARMS:
        if name != "baseline":
            check_study(study(*ready_arms([name])))


def test_the_baseline_comes_first_and_once():
    assert [arm.name for arm in ready_arms(["l2", "baseline", "l2"])] == ["baseline", "L2"]


def test_all_together_holds_what_the_others_change():
    *others, together = ready_arms(["dropout", "label_smoothing", "cutmix", "mixup", "all"])
    assert together.changes == {
        "regularization.dropout": 0.5,
        "regularization.label_smoothing": 0.1,
        "augmentation.cutmix_alpha": 1.0,
    }
    load_config(with_changes(BASE, together.changes))
    alone = ready_arms(["all"])[1].changes
    assert {"regularization.dropout", "regularization.l2"} < set(alone)
    assert len(others) == 5


def test_an_unknown_arm_is_named():
    with pytest.raises(ConfigError, match="no ready-made arm 'drop'"):
        ready_arms(["drop"])


def test_an_own_arm_takes_checked_values():
    arm = own_arm("", BASE, ["regularization.dropout=0.5", "regularization.early_stopping=true"])
    assert arm.name == "regularization.dropout=0.5, regularization.early_stopping=true"
    assert arm.changes["regularization.early_stopping"]["patience_epochs"] == 5
    with pytest.raises(ConfigError, match=r"regularization\.dropout"):
        own_arm("x", BASE, ["regularization.dropout=2"])
    with pytest.raises(ConfigError, match="changes nothing"):
        own_arm("x", BASE, [])


@pytest.mark.parametrize("field", DOSES)
def test_the_offered_doses_are_possible(field):
    arms = dose_arms(field, DOSES[field])
    check_study(study(*arms))
    strengths = [arm.changes[field] for arm in arms]
    assert strengths == sorted(strengths)


@pytest.mark.parametrize(
    ("field", "strengths", "words"),
    [
        ("regularization.dropout", [0, 0.95], "must be a number from 0 to 0.9"),
        ("regularization.nothing", [0, 1], "no field"),
        ("architecture.preset", [0, 1], "isn't a strength"),
    ],
)
def test_doses_that_are_not_possible_are_refused(field, strengths, words):
    with pytest.raises(ConfigError, match=words):
        dose_arms(field, strengths)


def test_sizes_come_without_and_with_the_change():
    arms = worth_arms([5, 20], {5: 40, 20: 10}, {"augmentation.rotation_degrees": 15.0})
    assert [arm.name for arm in arms] == [
        "20 a class",
        "20 a class with the change",
        "5 a class",
        "5 a class with the change",
    ]
    assert arms[3].changes == {
        "split.images_per_class": 5,
        "training.epochs": 40,
        "augmentation.rotation_degrees": 15.0,
    }
    check_study(study(*arms, kind=Kind.WORTH))


def test_differences_name_what_an_arm_changes():
    arm = Arm("a", {"regularization.l2": 0.1, "regularization.dropout": 0.0})
    assert differences(BASE, arm.changes) == [("regularization.l2", 0.0, 0.1)]


def test_what_an_arm_changes_gives_it_its_name():
    changes = {"regularization.dropout": 0.5, "regularization.l2": 1e-3}
    assert named(changes) == "Dropout 0.5 + L2 0.001"
    assert named({"regularization.batch_norm": True}) == "Batch norm"
    assert named({"regularization.batch_norm": False}) == "Batch norm off"
    assert named({"augmentation.rotation_degrees": 15.0}) == "Rotation 15°"


def drawn(splits, folds=None, draw=0):
    """By seed the folds and the draw of a study whose base has these."""
    base = with_changes(BASE, {"split.folds": folds, "split.validation_draw": draw})
    asked = Study("s", "S", "d", base, tuple(ready_arms(["dropout"])), (0, 1, 2, 3), splits=splits)
    found = [asked.config(asked.reference, seed).split for seed in asked.seeds]
    return [(split.folds, split.validation_draw) for split in found]


def test_a_new_split_for_each_seed_is_no_fold_and_counts_on_from_the_draw_of_the_base():
    assert drawn("each_seed", folds=4) == [(None, 1), (None, 2), (None, 3), (None, 4)]
    assert drawn("each_seed", draw=7) == [(None, 8), (None, 9), (None, 10), (None, 11)]
    assert drawn("shared", folds=4, draw=7) == [(4, 7)] * 4


def test_folds_begin_with_the_division_that_the_base_draws():
    assert drawn("folds") == [(5, 0), (5, 1), (5, 2), (5, 3)]
    assert drawn("folds", draw=2) == [(5, 10), (5, 11), (5, 12), (5, 13)]
