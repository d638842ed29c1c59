"""Runs side by side, without any training."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.conftest import draw_zip
from tests.made_pairs import judged_run, said_of, validation_of
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id})


@pytest.fixture
def change(config):
    """The config with some fields changed."""

    def changed(**parts):
        return load_config(config.model_dump(mode="json") | parts)

    return changed


def names(found):
    return [pair.name for pair in found.pairs]


def test_two_runs_are_paired_on_the_images_that_both_judged(config, change):
    first = judged_run(config, wrong=[0, 1, 2])
    second = judged_run(change(regularization={"l2": 0.01}), wrong=[0])
    found = lab.compare_runs([first.id, second.id])
    assert [field.name for field in found.fields] == ["regularization.l2"]
    [pair] = found.pairs
    images = len(validation_of(config)[0])
    counted = pair.found
    assert (counted.only_first, counted.only_second, counted.neither) == (0, 2, 1)
    assert counted.images == images
    assert found.runs[0].alone.accuracy["value"] == pytest.approx((images - 3) / images)
    assert found.runs[0].alone.gap == pytest.approx(0.5 - (images - 3) / images)
    assert found.unpaired == []


def test_three_are_paired_with_each_other_more_with_one(config):
    runs = [judged_run(config, wrong=range(at)).id for at in range(4)]
    assert names(lab.compare_runs(runs[:3])) == ["A and B", "A and C", "B and C"]
    assert names(lab.compare_runs(runs)) == ["A and B", "A and C", "A and D"]
    against = lab.compare_runs(runs, reference=runs[2])
    assert names(against) == ["C and A", "C and B", "C and D"]
    assert against.reference == 2


def test_all_pairs_are_corrected_for_whichever_are_shown(config):
    runs = [judged_run(config, wrong=range(at)).id for at in (0, 1, 3, 8)]
    views = [lab.compare_runs(runs, reference=run) for run in runs]
    assert [view.corrected_for for view in views] == [6] * 4
    adjusted = {}
    for view in views:
        for pair in view.pairs:
            ids = frozenset((pair.first.run.id, pair.second.run.id))
            assert adjusted.setdefault(ids, pair.found.p_adjusted) == pair.found.p_adjusted
    assert len(adjusted) == 6
    most = adjusted[frozenset((runs[0], runs[3]))]
    assert most == pytest.approx(6 * views[0].pairs[2].found.p)
    assert lab.compare_runs(runs[:2]).corrected_for == 1


def test_they_are_compared_at_the_last_epoch_or_at_the_best(config):
    said = {0: said_of(config), 1: said_of(config, wrong=[0, 1])}
    run, other = made_run(config, epochs=2, said=said), judged_run(config)
    last, best = (lab.compare_runs([run.id, other.id], at=at) for at in ("last", "best"))
    assert (last.runs[0].epoch, best.runs[0].epoch) == (1, 0)
    assert last.pairs[0].found.only_second == 2
    assert best.pairs[0].found.only_second == 0


def test_other_splits_cannot_be_paired_and_it_is_said_why(config, change):
    first, second = judged_run(config), judged_run(change(split={"seed": 1}))
    found = lab.compare_runs([first.id, second.id])
    assert found.pairs == []
    [reason] = found.unpaired
    assert reason.startswith("A and B can't be paired")
    assert "Split seed 0 and 1" in reason
    assert [field.name for field in found.fields] == ["split.seed"]


def test_fewer_training_images_leave_the_pairs(config, change):
    first = judged_run(config)
    second = judged_run(change(split={"images_per_class": 3}, image={"size": 16}), wrong=[0])
    assert names(lab.compare_runs([first.id, second.id])) == ["A and B"]


def test_other_datasets_cannot_be_paired(config, tmp_path):
    levels = {"black": 20, "white": 230, "grey": 120}
    other = lab.import_dataset(draw_zip(tmp_path / "other.zip", levels=levels), name="Greys")
    runs = judged_run(config), judged_run(load_config({"dataset": other.id}), classes=3)
    found = lab.compare_runs([run.id for run in runs])
    [reason] = found.unpaired
    assert reason == (
        "A and B can't be paired: they are of two datasets, 'Shades' and 'Greys', with other "
        "classes."
    )
    assert found.fields[0].words == ("Shades", "Greys")


def test_what_says_nothing_is_left_out_of_the_pairs_alone(config):
    early = made_run(config, epochs=2, status=Status.FINISHED)
    waiting = lab.launch_run(config)
    runs = [early.id, waiting.id, *(judged_run(config, wrong=[at]).id for at in (0, 1))]
    found = lab.compare_runs(runs)
    assert names(found) == ["C and D"], "the reference is the first that said anything"
    assert "isn't kept" in found.unpaired[0] and found.unpaired[0].startswith("A: ")
    assert found.unpaired[1] == "B: it hasn't finished an epoch."
    assert found.runs[0].alone.accuracy["value"] == early.last["val_accuracy"]
    assert found.runs[1].alone.accuracy["value"] is None
    assert found.runs[1].cost.parameters is None


def test_a_damaged_file_is_said_and_breaks_nothing(config):
    runs = [judged_run(config), judged_run(config)]
    [path] = (workplace().home.attempt(runs[0].id, 1) / "predictions").iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:60] + bytes([content[60] ^ 1]) + content[61:])
    found = lab.compare_runs([run.id for run in runs])
    assert "A: what it said of each image can't be read" in found.unpaired[0]
    path.write_bytes(content)
    assert names(lab.compare_runs([run.id for run in runs])) == ["A and B"]


def test_what_a_run_cost_is_told_as_far_as_it_is_known(config):
    run, other = judged_run(config, epochs=3), judged_run(config)
    cost = lab.compare_runs([run.id, other.id]).runs[0].cost
    assert (cost.epochs, cost.training_seconds, cost.seconds_an_epoch) == (3, 1.5, 0.5)
    assert cost.multiply_adds > 1000
    assert cost.milliseconds == {}


@pytest.mark.parametrize("count", [0, 1, 9, 50])
def test_too_few_and_too_many_are_refused(count):
    with pytest.raises(BadInputError, match="2 to 8 runs can be compared"):
        lab.compare_runs([f"run {at}" for at in range(count)])


def test_one_twice_and_one_that_is_not_there_are_refused(config):
    run = judged_run(config)
    with pytest.raises(BadInputError, match="named twice"):
        lab.compare_runs([run.id, run.id])
    with pytest.raises(NotFoundError, match="no run 'nobody'"):
        lab.compare_runs([run.id, "nobody"])
