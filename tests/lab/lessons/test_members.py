"""What each lesson says of runs with a known truth."""

import math

import pytest

from cnnlab import lab
from cnnlab.files import read_json, write_json
from cnnlab.lab.lessons.members import convergence, effective_images
from cnnlab.lab.workplace import workplace
from cnnlab.study.chance.claims import Outcome
from cnnlab.study.kinds.worth import Side, Worth, WorthInImages
from cnnlab.study.verdicts import METRICS
from tests.conftest import draw_zip
from tests.lab.lessons.made_lessons import level, measured, take
from tests.made_runs import epoch_record, no_supervisor


@pytest.fixture
def shades(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    return lab.import_dataset(draw_zip(tmp_path / "s.zip", each=60), name="Shades").id


def with_norms(*norms):
    """Runs whose weights end with a norm by arm, and whose validation accuracy is alike."""

    def records(place, generator, epochs):
        found = level(epochs, val_accuracy=0.7 + generator.normal(0, 0.002))
        norm = norms[place] * (1 + generator.normal(0, 0.01))
        for record in found:
            record["weights"] = [
                {"layer": "conv", "norm": 0.6 * norm, "near_zero": 0.1},
                {"layer": "dense", "norm": 0.8 * norm, "near_zero": 0.1},
            ]
        return found

    return records


@pytest.mark.parametrize(
    ("norms", "outcome", "bears_out"),
    [
        ((10, 8, 5), Outcome.HOLDS, "smaller"),
        ((10, 10, 10), Outcome.DOES_NOT_HOLD, "same"),
        ((10, 12, 15), Outcome.DOES_NOT_HOLD, "larger"),
    ],
)
def test_weights_are_compared_as_ratios(shades, norms, outcome, bears_out):
    view = take("small_weights", shades, with_norms(*norms), expected="smaller")
    assert (view.answer.outcome, view.answer.bears_out) == (outcome, bears_out)
    assert view.was_right is (bears_out == "smaller")


def test_how_much_smaller_the_weights_are_is_told_with_its_interval(shades):
    view = take("small_weights", shades, with_norms(10, 8, 5))
    said = view.answer.words
    assert said.startswith("With L2 0.001 the weights are ") and " smaller (" in said
    share = float(said.split(" weights are ")[1].split("\u00a0%")[0])
    assert share == pytest.approx(20, abs=2)
    assert "With L2 0.01: " in view.answer.more[0]


def with_gaps(*pairs):
    """Runs that end with (clean train, validation) accuracy by arm."""

    def records(place, generator, epochs):
        clean, validation = pairs[place]
        noise = generator.normal(0, 0.004)
        return level(epochs, clean_accuracy=clean + noise, val_accuracy=validation)

    return records


PLAIN, ALONE = (0.99, 0.70), (0.97, 0.72)


@pytest.mark.parametrize(
    ("together", "outcome", "said"),
    [
        ((0.94, 0.85), Outcome.HOLDS, "closed from below"),
        ((0.60, 0.55), Outcome.HOLDS, "closed by learning less"),
        ((0.99, 0.70), Outcome.DOES_NOT_HOLD, "learns nothing has none at all"),
        ((0.99, 0.60), Outcome.DOES_NOT_HOLD, "learns nothing has none at all"),
    ],
)
def test_a_gap_is_told_with_its_price(shades, together, outcome, said):
    arms = with_gaps(PLAIN, ALONE, ALONE, together)
    view = take("gap", shades, arms, expected="smaller")
    assert view.answer.outcome is outcome
    assert said in view.answer.more[-1]
    assert view.was_right is (outcome is Outcome.HOLDS)


def test_each_regularizer_is_told_alone(shades):
    view = take("gap", shades, with_gaps(PLAIN, ALONE, ALONE, (0.9, 0.85)))
    alone = view.answer.more[:-1]
    assert [words.split(" alone")[0] for words in alone] == ["Dropout", "Augmentation"]


def with_worth(*levels):
    """Runs that end with a validation accuracy by arm: all images first, without and with."""

    def records(place, generator, epochs):
        return level(epochs, val_accuracy=levels[place] + generator.normal(0, 0.004))

    return records


@pytest.mark.parametrize(
    ("levels", "outcome", "bears_out"),
    [
        ((0.90, 0.95, 0.75, 0.85, 0.55, 0.70), Outcome.HOLDS, "more"),
        ((0.90, 0.80, 0.75, 0.62, 0.55, 0.40), Outcome.DOES_NOT_HOLD, "fewer"),
        ((0.70, 0.70, 0.70, 0.70, 0.70, 0.70), Outcome.CANNOT_TELL, ""),
    ],
)
def test_augmentation_is_told_in_images(shades, levels, outcome, bears_out):
    view = take("effective_images", shades, with_worth(*levels))
    assert (view.answer.outcome, view.answer.bears_out) == (outcome, bears_out)


def falling(epochs, floor, *, constants=8.0):
    start = math.log(2)
    losses = [floor + (start - floor) * math.exp(-constants * at / epochs) for at in range(epochs)]
    return [
        epoch_record(at, loss=loss, cross_entropy=loss, clean_cross_entropy=loss)
        for at, loss in enumerate(losses)
    ]


USUAL, STUCK, SLOW = 0, 1, 2


def with_courses(large):
    """The usual step converges, the small one falls on; the large one does what is said."""

    def records(place, generator, epochs):
        noise = abs(generator.normal(0, 0.001))
        if place == USUAL:
            return falling(epochs, 0.02 + noise)
        return large(epochs, noise) if place == STUCK else falling(epochs, 0.1, constants=1.0)

    return records


@pytest.mark.parametrize(
    ("large", "outcome", "bears_out", "said"),
    [
        (lambda epochs, noise: level(epochs, loss=0.7, cross_entropy=0.7 + noise,
                                     clean_cross_entropy=0.7),
         Outcome.HOLDS, "breaks", "never stayed below guessing with all 6 seeds"),
        (lambda epochs, noise: None, Outcome.HOLDS, "breaks", "was no longer a number"),
        (lambda epochs, noise: falling(epochs, 0.03 + noise),
         Outcome.DOES_NOT_HOLD, "both", "it fell and levelled off with all 6 seeds"),
    ],
)  # fmt: skip
def test_a_loss_converges_or_not(shades, large, outcome, bears_out, said):
    view = take("convergence", shades, with_courses(large), expected="breaks")
    assert (view.answer.outcome, view.answer.bears_out) == (outcome, bears_out)
    assert said in view.answer.words
    assert not view.failed
    assert "still falling at the end with all 6 seeds" in view.answer.more[1]


def test_seeds_that_disagree_are_counted(shades):
    def large(epochs, noise):
        if noise < 0.001:
            return falling(epochs, 0.03)
        return level(epochs, loss=0.7, cross_entropy=0.7, clean_cross_entropy=0.7)

    view = take("convergence", shades, with_courses(large))
    assert view.answer.outcome is Outcome.CANNOT_TELL
    assert "of 6 seeds and " in view.answer.words


def test_a_large_step_that_still_falls_is_no_proof_that_it_does_not_converge(shades):
    view = take(
        "convergence",
        shades,
        with_courses(lambda epochs, noise: falling(epochs, 0.1, constants=1.0)),
        expected="breaks",
    )
    assert (view.answer.outcome, view.answer.bears_out) == (Outcome.CANNOT_TELL, "")
    assert "Of 6 seeds it is open" in view.answer.more[0]


@pytest.mark.parametrize(
    ("pairs", "outcome", "bears_out"),
    [
        ([(False, True)] * 6, Outcome.DOES_NOT_HOLD, ""),
        ([(False, False)] * 6, Outcome.DOES_NOT_HOLD, "neither"),
        ([(True, True)] * 6, Outcome.DOES_NOT_HOLD, "both"),
        ([(True, None)] * 6, Outcome.CANNOT_TELL, ""),
        ([(True, True)] * 3 + [(False, False)] * 3, Outcome.DOES_NOT_HOLD, ""),
    ],
)
def test_each_expectation_of_a_step_is_judged_by_itself(pairs, outcome, bears_out):
    claim = convergence._judge(pairs, 0.05)
    assert claim.outcome is outcome
    assert convergence._bears_out(claim, pairs, 0.05) == bears_out


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (95, 105, (Outcome.DOES_NOT_HOLD, "same")),
        (40, 105, (Outcome.DOES_NOT_HOLD, "")),
        (None, 105, (Outcome.DOES_NOT_HOLD, "")),
        (95, 120, (Outcome.CANNOT_TELL, "")),
    ],
)
def test_worth_is_none_only_where_it_is_shown_not_to_cost_either(low, high, found):
    worth = Worth(50, 100, 0.8, Side.WITHIN, 100.0, 50.0, low, high, 5, told=False)
    told = WorthInImages([], [], [worth], METRICS["val_accuracy"], [])
    assert effective_images._judge(told, worth) == found


def alike(place, generator, epochs):
    return level(epochs, val_accuracy=0.8 + generator.normal(0, 0.002))


@pytest.mark.parametrize(
    ("left", "outcome", "bears_out"),
    [
        ((0.3, 0.6), Outcome.HOLDS, "more"),
        ((0.3, 0.3), Outcome.DOES_NOT_HOLD, "same"),
        ((0.6, 0.3), Outcome.DOES_NOT_HOLD, "less"),
    ],
)
def test_redundancy_is_what_is_kept_while_units_go(shades, left, outcome, bears_out):
    view = measured(
        take("redundancy", shades, alike, expected="more"),
        lambda place, seed: left[place] + 0.002 * ((2 * place + seed) % 3),
    )
    assert (view.answer.outcome, view.answer.bears_out) == (outcome, bears_out)
    assert view.answer.words.startswith(
        "While 0 to 90\u00a0% of the units that the last layers read"
    )
    assert (
        "the one with dropout is right on 80.0\u00a0%, the other on 80.0\u00a0%"
    ) in view.answer.more[-2]
    assert len(view.answer.charts) == 2


@pytest.mark.parametrize(
    ("widths", "outcome", "bears_out"),
    [
        ((0.2, 0.4, 0.2), Outcome.HOLDS, "wider"),
        ((0.4, 0.2, 0.4), Outcome.DOES_NOT_HOLD, "narrower"),
        ((0.3, 0.3, 0.3), Outcome.DOES_NOT_HOLD, "same"),
    ],
)
def test_the_width_of_minima_is_compared(shades, widths, outcome, bears_out):
    view = measured(
        take("wide_minimum", shades, alike, expected="wider"),
        lambda place, seed: widths[place] + 0.003 * ((2 * place + seed) % 3),
    )
    assert (view.answer.outcome, view.answer.bears_out) == (outcome, bears_out)
    assert view.was_right is (bears_out == "wider")
    assert len(view.answer.charts) == 4
    assert "a hill rises 0.1" in " ".join(view.answer.more)


def test_networks_that_could_not_be_measured_leave_nothing_told(shades):
    taken = take("redundancy", shades, alike, expected="more")
    view = measured(
        taken,
        lambda place, seed: 0.3 + 0.3 * place + 0.002 * ((2 * place + seed) % 3),
        left_out=[4],
    )
    assert (view.answer.outcome, view.answer.seeds) == (Outcome.CANNOT_TELL, 4)
    assert view.answer.bears_out == ""
    assert "only 4 of 5 pairs of networks could be measured" in view.answer.more[0]


def test_networks_that_came_later_are_measured_too(shades):
    taken = take("wide_minimum", shades, alike, expected="wider")
    request = workplace().home.study(taken.study.study.id) / "landscape" / "request.json"
    asked = read_json(request)
    asked["runs"] = [one for one in asked["runs"] if one["seed"] != 4]
    write_json(request, asked)
    view = measured(taken, lambda place, seed: 0.2 + 0.002 * seed, not_yet=[4])
    assert view.answer is None and view.measuring.stage == "waiting"


def test_widths_that_were_cut_off_are_told_as_at_least(shades):
    view = measured(
        take("wide_minimum", shades, alike),
        lambda place, seed: (0.2 if place != 1 else 1.5) + 0.003 * ((2 * place + seed) % 3),
    )
    assert "moved by at least 80\u00a0% of its length, without by 20\u00a0%" in view.answer.words
    cut = [words for words in view.answer.more if words.startswith("With dropout the loss of")]
    assert len(cut) == 1 and "of 5 of 5 solutions hadn't risen so far even at 80\u00a0%" in cut[0]
