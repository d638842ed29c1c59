import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab.diagnosis.curves import Curve, wilson_interval
from cnnlab.diagnosis.diagnosis import KINDS, Diagnosis, RunFacts, diagnose, remedied
from cnnlab.diagnosis.remedies import against_overfitting, against_plateau
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.schedule import learning_rate_at
from tests.diagnosis.made_curves import FAMILIES, GUESSING, Made, Maker

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))
SEEDS = range(1, 21)
LEAST_HITS = 0.90
MOST_FALSE_ALARMS = 0.05
HEALTHY = ("healthy", "healthy_late_start", "healthy_with_dropout")


def diagnosed(made: Made) -> list[Diagnosis]:
    return diagnose(made.history, remedied(RunConfig(), made.config), made.facts)


def one(found: list[Diagnosis], kind: str) -> Diagnosis:
    return next(diagnosis for diagnosis in found if diagnosis.kind == kind)


def kinds(found: list[Diagnosis]) -> list[str]:
    return [diagnosis.kind for diagnosis in found]


def recording(path: Path) -> tuple[dict, list[dict], RunConfig, RunFacts]:
    values = json.loads(path.read_text())
    columns = values["columns"]
    history = [
        {"epoch": epoch} | {name: column[epoch] for name, column in columns.items()}
        for epoch in range(len(columns["loss"]))
    ]
    facts = values["facts"]
    facts["class_counts"] = tuple(facts["class_counts"])
    return values, history, remedied(RunConfig(), values["config"]), RunFacts(**facts)


def test_known_answers_are_found_and_healthy_runs_raise_no_false_alarm():
    hits, alarms = Counter(), Counter()
    rows = []
    for name, maker in FAMILIES.items():
        others = Counter()
        for seed in SEEDS:
            made = maker(seed)
            found = set(kinds(diagnosed(made)))
            hits[name] += made.answer in found
            others.update(found - {made.answer} - made.also)
            alarms[name] += bool(found - {made.answer} - made.also)
        rows.append(f"{name:22} {hits[name]:3} of {len(SEEDS)} found, besides {dict(others)}")
    table = "\n".join(["", *rows])
    runs = len(SEEDS) * len(FAMILIES)
    assert hits.total() >= LEAST_HITS * runs, table
    assert all(hits[name] >= 0.8 * len(SEEDS) for name in FAMILIES), table
    assert sum(alarms[name] for name in HEALTHY) <= MOST_FALSE_ALARMS * len(SEEDS) * 3, table
    assert alarms.total() <= MOST_FALSE_ALARMS * runs, table


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_runs_are_called_what_they_are(path: Path):
    values, history, config, facts = recording(path)
    found = diagnose(history, config, facts)
    assert set(kinds(found)) == set(values["kinds"]), found


def test_the_turn_is_dated():
    distances = []
    for seed in SEEDS:
        made = FAMILIES["overfits"](seed)
        epoch = one(diagnosed(made), "overfits").evidence["epoch"]
        distances.append(abs(epoch - made.epoch) / len(made.history))
    assert np.median(distances) <= 0.05
    assert np.quantile(distances, 0.9) <= 0.15


def test_a_rate_that_was_used_up_early_is_dated_and_a_planned_fall_is_none():
    for seed in SEEDS:
        made = FAMILIES["rate_spent"](seed)
        found = one(diagnosed(made), "learning_rate_spent")
        assert found.evidence["epoch"] == made.epoch
        assert found.remedy == {"optimizer.schedule": {"name": "cosine"}}
    made = FAMILIES["healthy"](1)
    made.config["optimizer.schedule"] = {"name": "cosine"}
    schedule = remedied(RunConfig(), made.config).optimizer
    for record in made.history:
        step = record["epoch"] * 10 + 9
        record["learning_rate"] = learning_rate_at(
            schedule, step, steps_per_epoch=10, epochs=made.config["training.epochs"]
        )
    assert kinds(diagnosed(made)) == ["healthy"]


def test_every_diagnosis_says_its_numbers_and_offers_a_legal_next_run():
    seen = set()
    for maker, seed in itertools.product(FAMILIES.values(), range(4)):
        made = maker(seed)
        config = remedied(RunConfig(), made.config)
        for diagnosis in diagnosed(made):
            seen.add(diagnosis.kind)
            assert diagnosis.evidence
            assert any(character.isdigit() for character in diagnosis.words)
            assert diagnosis.remedy_words or not diagnosis.remedy
            assert len(diagnosis.remedy) <= 1
            assert diagnosis.remedy == {} or remedied(config, diagnosis.remedy) != config
            numbers = diagnosis.evidence.values()
            assert all(type(number) in (int, float) for number in numbers), diagnosis
            json.dumps(diagnosis.evidence, allow_nan=False)
    assert seen == set(KINDS)


def test_the_most_serious_comes_first_and_no_kind_twice():
    order = ["problem", "warning", "note", "good"]
    for maker, seed in itertools.product(FAMILIES.values(), range(4)):
        found = diagnosed(maker(seed))
        ranks = [order.index(diagnosis.severity) for diagnosis in found]
        assert ranks == sorted(ranks)
        assert len(set(kinds(found))) == len(found)


def test_remedies_against_overfitting_go_on_from_what_is_already_on():
    config, offered = RunConfig(), []
    for _ in range(12):
        remedy = next(against_overfitting(config))
        if not remedy.changes:
            break
        offered.extend(remedy.changes)
        config = remedied(config, remedy.changes)
    assert offered[:3] == [
        "regularization.dropout",
        "augmentation.shift_fraction",
        "regularization.l2",
    ]
    assert "architecture.filters" in offered
    assert offered[-1] == "regularization.early_stopping"
    assert "more training images" in remedy.words


def test_a_filter_count_at_its_limit_is_not_raised_beyond_it():
    made = FAMILIES["too_small_a_network"](1)
    most = remedied(RunConfig(), made.config | {"architecture.filters": 256})
    remedy = one(diagnose(made.history, most, made.facts), "underfits").remedy
    assert "architecture.filters" not in remedy
    load_config(remedied(most, remedy).model_dump(mode="json"))


def test_strong_dropout_is_taken_back_before_a_larger_network_is_tried():
    made = FAMILIES["too_small_a_network"](1)
    config = remedied(RunConfig(), made.config | {"regularization.dropout": 0.8})
    remedy = one(diagnose(made.history, config, made.facts), "underfits").remedy
    assert remedy == {"regularization.dropout": 0.2}


@pytest.mark.parametrize("finished", [0, 1, 2])
def test_before_three_epochs_only_what_needs_no_trend_is_said(finished: int):
    made = FAMILIES["oscillates"](3)
    running = replace(made.facts, status="running")
    assert diagnose(made.history[:finished], RunConfig(), running) == []
    few = replace(running, validation_images=20)
    expected = ["validation_too_small"] if finished else []
    assert kinds(diagnose(made.history[:finished], RunConfig(), few)) == expected
    failed = replace(
        few, status="failed", message="The loss was no longer finite at epoch 1, step 2"
    )
    found = diagnose(made.history[:finished], RunConfig(), failed)
    assert kinds(found) == ["learning_rate_too_high", *expected]
    underfits = kinds(diagnose(made.history[:finished], RunConfig(), made.facts))
    assert underfits == (["underfits"] if finished else [])


def test_a_failure_of_another_kind_says_nothing_about_the_rate():
    made = FAMILIES["healthy"](3)
    full = replace(made.facts, status="failed", message="The disk is full.")
    assert kinds(diagnose(made.history, RunConfig(), full)) == ["healthy"]


def test_a_run_that_has_only_begun_is_called_neither_healthy_nor_underfitting():
    made = FAMILIES["too_few_epochs"](5)
    config = remedied(RunConfig(), {"training.epochs": 1000})
    running = replace(made.facts, status="running")
    assert diagnose(made.history, config, running) == []
    assert kinds(diagnose(made.history, config, made.facts)) == ["underfits"]


def test_unknown_values_are_left_out_and_a_loss_that_is_none_is_the_rate():
    made = FAMILIES["healthy"](4)
    history = [dict(record) for record in made.history]
    history[3]["val_accuracy"] = None
    assert kinds(diagnose(history, RunConfig(), made.facts)) == ["healthy"]
    history[3]["loss"] = None
    first = diagnose(history, RunConfig(), made.facts)[0]
    assert (first.kind, first.evidence["epoch"]) == ("learning_rate_too_high", 4)
    without_clean = [record | {"clean_accuracy": None} for record in made.history]
    assert diagnose(without_clean, RunConfig(), made.facts) == []


@pytest.mark.parametrize(
    ("copied", "images", "severity", "said"),
    [
        (1, 336, "note", "1 of 336 validation images is among the training images too"),
        (9, 150, "warning", "may be up to 6.0 points too high"),
        (150, 300, "problem", "It is not honest."),
    ],
)
def test_copies_in_validation_are_as_serious_as_their_share(copied, images, severity, said):
    made = FAMILIES["healthy"](4)
    facts = replace(made.facts, copied_images=copied, validation_images=images)
    found = one(diagnose(made.history, RunConfig(), facts), "copies")
    assert (found.severity, found.remedy, found.title) == (severity, {}, "Copies in validation")
    assert said in found.words
    healthy = "healthy" in kinds(diagnose(made.history, RunConfig(), facts))
    assert healthy == (severity == "note")


@pytest.mark.parametrize(
    ("copied", "kinds_said"),
    [(0, ["suspected_leak"]), (1, ["suspected_leak", "copies"]), (60, ["copies", "suspected_leak"]),
     (400, ["copies"])],
)  # fmt: skip
def test_one_copied_image_does_not_silence_the_lead_of_validation(copied, kinds_said):
    made = Maker(1)
    made.validation_images = made.clean_images = 1000
    clean, lead = made.approach(0.3, 4), np.full(made.epochs, 0.75)
    facts = made.facts(validation_images=1000, train_images=3000)
    history = made.history(clean, clean * 0.6, lead, lead + 0.15)
    said = diagnose(history, RunConfig(), replace(facts, copied_images=copied))
    leaks = [found.kind for found in said if found.kind in ("copies", "suspected_leak")]
    assert leaks == kinds_said
    severities = {found.kind: found.severity for found in said}
    assert severities.get("suspected_leak", "warning") == "warning"


def test_a_lead_of_validation_within_its_noise_is_no_leak():
    made = Maker(1)
    made.validation_images = made.clean_images = 60
    clean = made.approach(0.3, 4)
    facts = made.facts(validation_images=60, train_images=60)
    lead = np.full(made.epochs, 0.85)
    history = made.history(clean, clean * 0.8, lead, lead + 0.06)
    assert "suspected_leak" not in kinds(diagnose(history, RunConfig(), facts))


def test_a_skewed_set_that_is_learned_well_is_no_imbalance():
    made = Maker(2)
    made.counts = (800, 50, 50)
    clean = made.approach(0.05, 4)
    high = 1 - 0.2 * np.exp(-made.time)
    facts = made.facts(macro_f1=0.93, per_class_recall=(0.99, 0.9, 0.9))
    history = made.history(clean, clean * 1.1, high * 0.98, high * 0.97)
    assert "imbalance" not in kinds(diagnose(history, RunConfig(), facts))


def test_balanced_weights_are_not_offered_twice():
    made = FAMILIES["imbalance"](1)
    assert one(diagnosed(made), "imbalance").remedy == {"training.class_weights": "balanced"}
    config = remedied(RunConfig(), {"training.class_weights": "balanced"})
    assert one(diagnose(made.history, config, made.facts), "imbalance").remedy == {}


def test_more_validation_is_offered_only_where_the_split_is_ours():
    made = FAMILIES["healthy"](1)
    ours = RunFacts(validation_images=60, train_images=240)
    found = one(diagnose(made.history, RunConfig(), ours), "validation_too_small")
    assert found.remedy["split.validation"] > 0.2
    share = round(100 * found.remedy["split.validation"])
    assert (
        f"Try a validation share of {share}\u00a0%: about {3 * share} images" in found.remedy_words
    )
    assert f"training loses {3 * share - 60}." in found.remedy_words
    reached = " apart;" in found.remedy_words
    assert reached == (3 * share < found.evidence["images_needed"])
    brought = replace(ours, owns_validation=True)
    found = one(diagnose(made.history, RunConfig(), brought), "validation_too_small")
    assert found.remedy == {}
    assert "The upload brought its validation images" in found.remedy_words


def test_fewer_epochs_are_no_fewer_than_the_kept_model_took():
    schedule = {"optimizer.schedule": {"name": "cosine"}}
    stopping = {"regularization.early_stopping": {"patience_epochs": 5}}
    config = remedied(RunConfig(), schedule | stopping | {"training.epochs": 40})
    offered = [
        remedy.changes["training.epochs"]
        for best in (9, 17, 38)
        for remedy in against_plateau(config, 10, best)
    ]
    assert offered == [15, 20]  # by epoch 38 nothing is saved


def test_what_has_stopped_improving_is_said_once():
    made = FAMILIES["plateau"](1)
    found = {each.kind: each.words for each in diagnosed(made)}
    assert "by more than noise over the last third" in found["plateau"]
    assert "stopped improving" not in found.get("healthy", "")


def test_a_rate_is_lowered_towards_the_usual_and_raised_towards_it():
    high = FAMILIES["explodes"](1)
    assert one(diagnosed(high), "learning_rate_too_high").remedy == {
        "optimizer.learning_rate": 0.001
    }
    low = FAMILIES["too_low"](1)
    assert one(diagnosed(low), "learning_rate_too_low").remedy == {"optimizer.learning_rate": 0.001}


def test_a_low_rate_that_levels_off_at_chance_is_named_before_the_network():
    made = Maker(6)
    clean = made.approach(GUESSING * 0.98, 8, start=2.4)
    history = made.history(clean, clean * 1.01)
    low = remedied(RunConfig(), {"optimizer.learning_rate": 1e-5})
    assert kinds(diagnose(history, low, made.facts())) == ["learning_rate_too_low"]
    assert kinds(diagnose(history, RunConfig(), made.facts())) == ["underfits"]


def test_running_means_of_batch_norm_are_no_swinging_rate():
    made = Maker(7)
    train = made.approach(0.15, 5)
    clean = np.maximum(train + made.random.normal(0, 0.5, made.epochs), 0.05)
    history = made.history(clean, clean * 1.05, train=train)
    in_a_path = [{"kind": "branch_block", "paths": [[{"kind": "batch_norm"}], []]}]
    for norm in (
        {"regularization.batch_norm": True},
        {"architecture.preset": "resnet_small"},
        {"architecture.preset": "mobilenet_v3_small"},
        {"architecture.layers": in_a_path},
    ):
        config = remedied(RunConfig(), norm)
        assert "learning_rate_too_high" not in kinds(diagnose(history, config, made.facts()))
    plain = diagnose(history, RunConfig(), made.facts())
    assert "learning_rate_too_high" in kinds(plain)


def test_label_noise_is_only_a_perhaps():
    assert " may " in one(diagnosed(FAMILIES["label_noise"](3)), "label_noise").words


@pytest.mark.parametrize(
    ("share", "images", "low", "high"),
    # statsmodels.stats.proportion.proportion_confint(method="wilson")
    [(0.5, 10, 0.2366, 0.7634), (1.0, 20, 0.8389, 1.0), (0.9, 100, 0.8256, 0.9448)],
)
def test_wilson_interval(share: float, images: int, low: float, high: float):
    assert wilson_interval(share, images) == pytest.approx((low, high), abs=1e-4)


def test_noise_is_measured_about_a_trend_and_through_jumps():
    random = np.random.default_rng(0)
    steep = np.linspace(5, 1, 400) + random.normal(0, 0.1, 400)
    assert Curve(steep).noise == pytest.approx(0.1, rel=0.15)
    steep[::40] += 3
    assert Curve(steep).noise == pytest.approx(0.1, rel=0.35)
    assert Curve(steep).swing > 0.3
