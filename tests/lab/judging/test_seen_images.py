"""A run that starts with another run's weights is told which of its judges trained them."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.datasets.seen import seen_rows
from cnnlab.domain.config.run_config import SplitFractions, load_config
from cnnlab.domain.data.fixes import Exclude
from cnnlab.domain.data.seen import Teacher
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.exporting.card import card_content
from cnnlab.lab.workplace import workplace
from cnnlab.storage.pretrained.start import StartWeights, keep_start_weights
from tests.made_runs import FACTS, made_run, no_supervisor
from tests.made_weights import WEIGHTS

SPLIT = SplitFractions(test=0.25)
OTHER = SplitFractions(test=0.25, seed=1)
PLAIN, MORE = Arm("plain", {}), Arm("more", {"regularization.dropout": 0.5})


@pytest.fixture
def source(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(config(dataset), status=Status.FINISHED, name="Source")


def config(dataset, split=SPLIT, pretrained=None):
    values = {"dataset": dataset.id, "split": split.model_dump()}
    return load_config(values | {"architecture": {"pretrained": pretrained}})


def overlap(dataset, one, other):
    """Images that train with one split and validate or test with another, counted by hand."""
    index = open_index(dataset.id)
    trained = index.split(one) == "train"
    judges = index.split(other)
    return [int(np.count_nonzero(trained & (judges == part))) for part in ("validation", "test")]


def test_images_that_trained_the_source_are_counted_and_its_split_mends_it(dataset, source):
    assert lab.seen_by_start(config(dataset, SPLIT, source.id)) is None
    assert lab.seen_by_start(config(dataset, OTHER)) is None
    found = lab.seen_by_start(config(dataset, OTHER, source.id))
    expected = overlap(dataset, SPLIT, OTHER)
    assert [found.seen["seen_validation"], found.seen["seen_test"]] == expected
    assert min(expected) > 0
    assert (found.seen["runs"], found.way_out, found.left) == (["Source"], SPLIT, 0)
    assert f"{expected[0]} of its" in found.words
    assert "(by the run 'Source')" in found.words
    assert "With Split seed 0, Validation share 0.2 and Test share 0.25" in found.words
    few = SplitFractions(test=0.25, images_per_class=1)
    lazy = made_run(config(dataset, few), status=Status.FINISHED)
    assert lab.seen_by_start(config(dataset, OTHER, lazy.id)).images <= 2


def test_a_study_says_in_which_arms(dataset, source):
    start = Arm("tuned", {"architecture.pretrained": source.id})
    base = config(dataset, OTHER)
    found = lab.seen_by_study(lab.compare_arms(base, [PLAIN, start], seeds=1))
    assert found.words.startswith("In the arm 'tuned': The weights")
    assert found.seen == lab.seen_by_start(config(dataset, OTHER, source.id)).seen
    everywhere = lab.compare_arms(config(dataset, OTHER, source.id), [PLAIN, MORE], seeds=1)
    assert lab.seen_by_study(everywhere).arms == ()
    assert lab.seen_by_study(lab.compare_arms(base, [PLAIN, MORE], seeds=1)) is None


def test_the_same_pictures_are_known_in_another_dataset_and_version(dataset, source, upload):
    version = lab.fix_dataset(dataset.id, [Exclude((0,))])
    again = lab.import_dataset(upload, name="Again")
    for other in (version, again):
        assert lab.seen_by_start(config(other, SPLIT, source.id)) is None
        assert lab.seen_by_start(config(other, OTHER, source.id)).images > 0


def test_who_trained_the_source_before_is_known_though_it_is_gone(dataset, source):
    first = made_run(config(dataset, OTHER), status=Status.FINISHED, name="First")
    folder = workplace().home.runs / source.id
    teacher = Teacher(first.id, "First", dataset.id, OTHER.model_dump())
    keep_start_weights(folder, WEIGHTS, StartWeights("first", first.id, teachers=(teacher,)))
    lab.delete_run(first.id)
    found = lab.seen_by_start(config(dataset, SPLIT, source.id))
    assert found.seen["runs"] == ["First"]
    assert found.seen["seen_validation"] == overlap(dataset, OTHER, SPLIT)[0] > 0
    gone = Teacher(first.id, "Lost", "no-such-dataset", OTHER.model_dump())
    keep_start_weights(folder, WEIGHTS, StartWeights("first", first.id, teachers=(gone,)))
    found = lab.seen_by_start(config(dataset, SPLIT, source.id))
    assert (found.images, found.seen["unknown_of"]) == (0, ["Lost"])
    assert "can't be told: the images of the run 'Lost'" in found.words


def test_a_copy_of_a_picture_that_trained_counts(dataset, source):
    index = open_index(dataset.id)
    group = np.full(len(index), -1, np.int32)
    trained = index.split(SPLIT) == "train"
    pair = [np.flatnonzero(trained)[0], np.flatnonzero(~trained)[0]]
    group[pair] = 0
    index.__dict__["copies"] = index.copies._replace(group=group)
    seen_rows.cache_clear()
    assert seen_rows(index, index, SPLIT)[pair].all()


def test_what_the_worker_noted_is_told_of_the_run_and_in_its_card(dataset, source, monkeypatch):
    seen = lab.seen_by_start(config(dataset, OTHER, source.id)).seen
    start = {"source": "a run", "sha256": "5a", "taken": 1, "new": [], "seen": seen}
    queued = lab.launch_run(config(dataset, OTHER, source.id))
    assert lab.run_seen(queued) == seen
    monkeypatch.setitem(FACTS, "pretrained", start)
    run = made_run(config(dataset, OTHER, source.id), status=Status.FINISHED)
    monkeypatch.delitem(FACTS, "pretrained")
    words = lab.run_seen_words(run)
    assert f"trained on {seen['seen_validation']} of its" in words
    assert "are flattered" in words
    assert words in card_content(run.id).flattered
    assert lab.accuracy_seen_words(run).startswith(f"{seen['seen_validation']} of these images")
    assert lab.run_seen_words(source) == lab.accuracy_seen_words(source) == ""
