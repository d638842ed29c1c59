"""What was said wrongly once: of short runs, of deeds of the user, of one wild epoch."""

import re
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.diagnosis.curves import Curve
from cnnlab.diagnosis.diagnosis import Diagnosis, diagnose, remedied
from cnnlab.diagnosis.symptoms import RunFacts, Turn
from cnnlab.domain.config.run_config import RunConfig
from tests.diagnosis.made_curves import FAMILIES, GUESSING, Maker, accuracy_of

CLASSES = (100,) * 6
FACTS = RunFacts(validation_images=600, train_images=1200, class_counts=CLASSES)


def history(clean, validation=None, clean_accuracy=None, val_accuracy=None, seen=None):
    """Epoch records of these cross-entropies; accuracies to match unless they are given."""
    clean = np.asarray(clean, float)
    validation = clean * 1.05 if validation is None else np.asarray(validation, float)
    columns = {
        "loss": clean * 1.1,
        "cross_entropy": clean * 1.1,
        "accuracy": accuracy_of(clean) if seen is None else seen,
        "clean_cross_entropy": clean,
        "clean_accuracy": accuracy_of(clean) if clean_accuracy is None else clean_accuracy,
        "val_cross_entropy": validation,
        "val_accuracy": accuracy_of(validation) if val_accuracy is None else val_accuracy,
    }
    return [
        {"epoch": epoch, "penalty": 0.0, "learning_rate": 0.001}
        | {name: float(values[epoch]) for name, values in columns.items()}
        for epoch in range(len(clean))
    ]


def config(epochs, **changes):
    return remedied(RunConfig(), {"training.epochs": epochs} | changes)


def kinds(found: list[Diagnosis]) -> list[str]:
    return [one.kind for one in found]


def test_a_level_is_never_compared_with_itself():
    for epochs in range(3, 61):
        curve = Curve(np.arange(epochs, dtype=float))
        assert curve.recent_change > 0
        assert curve.window <= epochs // 3


def test_three_epochs_that_still_improve_are_not_said_to_have_stopped():
    [found] = diagnose(history([1.7, 1.4, 1.15]), config(3), FACTS)
    assert found.kind == "underfits"
    assert "Clean train was still improving." in found.words
    assert found.remedy == {"training.epochs": 10}
    [unclear] = diagnose(history([1.7, 1.4, 1.45]), config(3), FACTS)
    assert "improving" not in unclear.words


@pytest.mark.parametrize("epochs", [1, 2])
def test_one_or_two_epochs_of_a_hard_set_underfit(epochs: int):
    rows = history([1.75, 1.7][:epochs])
    [found] = diagnose(rows, config(epochs), FACTS)
    assert (found.kind, found.remedy) == ("underfits", {"training.epochs": 10})
    learned = history([0.1, 0.05][:epochs])
    assert diagnose(learned, config(epochs), FACTS) == []


def test_every_accuracy_in_words_is_on_the_page_or_says_its_epochs():
    rows = history([1.7, 0.9, 0.6], [1.7, 0.9, 0.6], [0.65, 0.79, 0.9], [0.624, 0.762, 0.882])
    [found] = diagnose(rows, config(3), FACTS)
    told = {float(number) for number in re.findall(r"([\d.]+) %", found.words)}
    assert told <= {round(100 * row[name], 1) for row in rows for name in ("clean_accuracy",
                    "val_accuracy")}  # fmt: skip
    for name in ("healthy", "overfits", "too_small_a_network", "plateau", "label_noise", "leak"):
        made = FAMILIES[name](2)
        for one in diagnose(made.history, remedied(RunConfig(), made.config), made.facts):
            epochs = len(made.history)
            if one.kind != "validation_too_small":
                assert f"to {epochs}" in one.words, one.words


def test_no_kind_is_named_again_in_its_words():
    for maker in FAMILIES.values():
        made = maker(1)
        for one in diagnose(made.history, remedied(RunConfig(), made.config), made.facts):
            assert not re.match(f"(it |this )?({one.title})", one.words, re.IGNORECASE)
            assert not re.match(r"It (over|under)fits", one.words)


def test_a_rate_that_was_turned_up_is_named_before_the_network():
    clean = [1.5, 1.0, 0.7, 0.5, 1.9, 1.8, 1.8, 1.8]
    turn = Turn("optimizer.learning_rate", 5, 0.001, 0.01)
    first = diagnose(history(clean), config(8), replace(FACTS, turns=(turn,)))[0]
    assert (first.kind, first.severity) == ("learning_rate_too_high", "problem")
    assert "turned from 0.001 to 0.01 in epoch 5" in first.words
    assert "0.500 (epoch 4) to 1.800" in first.words
    assert (first.remedy, first.remedy_words) == (
        {},
        "Train it again and leave Learning rate at 0.001.",
    )


def test_a_dropout_that_was_turned_up_is_named_before_the_network():
    turn = Turn("regularization.dropout", 3, 0.0, 0.9)
    rows = history([1.6, 1.3, 1.5, 1.5, 1.5, 1.5])
    [found] = diagnose(rows, config(6), replace(FACTS, turns=(turn,)))
    assert found.kind == "underfits"
    assert "Dropout was turned from 0 to 0.9 in epoch 3" in found.words
    assert "leave Dropout at 0" in found.remedy_words


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        (
            {"augmentation.rotation_degrees": 90},
            "rotation 90°",
            {"augmentation.rotation_degrees": 15.0},
        ),
        ({"regularization.dropout": 0.8}, "dropout 0.8", {"regularization.dropout": 0.2}),
        ({"regularization.l2": 0.1}, "L2 0.1", {"regularization.l2": 0.001}),
        (
            {"split.label_noise_fraction": 0.2},
            "label noise in 20\u00a0% of the images",
            {"split.label_noise_fraction": 0.0},
        ),
        (
            {"optimizer.learning_rate": 0.01},
            "a learning rate of 0.01, where adam usually works with 0.001",
            {"optimizer.learning_rate": 0.001},
        ),
    ],
)
def test_what_was_set_on_purpose_is_named_before_the_network(changes, said, remedy):
    rows = history([1.6, 1.4, 1.35, 1.3, 1.28, 1.26, 1.25, 1.25])
    found = next(
        one for one in diagnose(rows, config(8, **changes), FACTS) if one.kind == "underfits"
    )
    assert said in found.words
    assert found.remedy == remedy
    plain = diagnose(rows, config(8), FACTS)[0]
    assert "What holds it back" not in plain.words


def test_labels_that_are_wrong_on_purpose_are_not_asked_for_and_make_no_leak():
    """80 % of the labels are right, nearly all of these are learned, none by heart."""
    epochs = 12
    clean = np.full(epochs, 0.78) - 0.3 * np.exp(-np.arange(epochs))
    validation = np.full(epochs, 0.96) - 0.3 * np.exp(-np.arange(epochs))
    falling = 0.9 + np.exp(-np.arange(epochs))
    rows = history(falling, falling * 0.5, clean, validation)
    noisy = config(epochs, **{"split.label_noise_fraction": 0.2})
    assert "suspected_leak" in kinds(diagnose(rows, config(epochs), FACTS))
    assert set(kinds(diagnose(rows, noisy, FACTS))) <= {"healthy", "plateau"}
    nothing_right = config(epochs, **{"split.label_noise_fraction": 1.0})
    assert "underfits" not in kinds(diagnose(rows, nothing_right, FACTS))


def test_wrong_labels_that_were_learned_by_heart_are_called_what_they_are():
    made = FAMILIES["label_noise"](3)
    noisy = remedied(RunConfig(), made.config | {"split.label_noise_fraction": 0.2})
    found = next(
        one for one in diagnose(made.history, noisy, made.facts) if one.kind == "label_noise"
    )
    assert "20\u00a0% of the training labels are wrong on purpose" in found.words
    assert found.remedy == {"split.label_noise_fraction": 0.0}


def test_one_wild_first_epoch_of_a_run_that_is_fine_is_no_rate_too_high():
    made = FAMILIES["healthy"](3)
    made.history[0] |= {"loss": 15.0, "cross_entropy": 15.0}
    assert kinds(diagnose(made.history, RunConfig(), made.facts)) == ["healthy"]
    fast = remedied(RunConfig(), {"optimizer.learning_rate": 0.02})
    told = diagnose(made.history, fast, made.facts)[0]
    assert told.kind == "learning_rate_too_high"
    assert "It has recovered since." in told.words


def test_a_steep_fall_with_one_setback_is_no_swinging_rate():
    fall = [1.571, 1.18, 0.793, 1.064, 0.482, 0.437]  # a real run at the usual rate
    assert "learning_rate_too_high" not in kinds(diagnose(history(fall), config(6), FACTS))
    swing = [1.571, 1.18, 1.5, 0.793, 1.264, 0.482, 0.937]
    assert "learning_rate_too_high" in kinds(diagnose(history(swing), config(7), FACTS))


def test_right_in_training_and_wrong_when_judged_is_no_small_network():
    epochs = 4
    rows = history(
        np.linspace(1.0, 0.6, epochs),
        clean_accuracy=np.full(epochs, 0.71),
        val_accuracy=np.full(epochs, 0.7),
        seen=np.array([0.7, 0.9, 0.97, 0.987]),
    )
    normed = config(epochs, **{"regularization.batch_norm": True})
    [found] = diagnose(rows, normed, FACTS)
    assert (found.kind, found.severity) == ("judging_lags", "warning")
    assert "98.7\u00a0%" in found.words
    assert "71.0\u00a0%" in found.words
    assert "architecture" not in str(found.remedy)
    early = replace(FACTS, measures_statistics=False)
    [found] = diagnose(rows, normed, early)
    assert (found.remedy, found.remedy_words[:15]) == ({}, "Train it again:")
    plain = diagnose(rows, config(epochs), FACTS)
    assert "underfits" not in kinds(plain)


def test_imbalance_is_told_of_the_best_epoch_and_counts_the_trained_images():
    made = Maker(5)
    made.counts = (500, 50, 50)
    accuracy = np.full(made.epochs, 0.8)
    accuracy[3] = 0.85
    facts = made.facts(
        validation_images=600,
        macro_f1=0.4,
        per_class_recall=(0.99, 0.1, 0.1),
        train_counts=(900, 7, 40),
    )
    flat = np.full(made.epochs, GUESSING * 0.5)
    rows = made.history(flat, flat, accuracy, accuracy)
    best = max(rows, key=lambda row: row["val_accuracy"])
    found = next(one for one in diagnose(rows, RunConfig(), facts) if one.kind == "imbalance")
    assert found.evidence["val_accuracy"] == best["val_accuracy"]
    assert f"(epoch {best['epoch'] + 1})" in found.words
    assert "7 at fewest and 900 at most" in found.words
