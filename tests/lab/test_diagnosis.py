"""What the lab tells a diagnosis of a run: of its own images, labels and dials."""

import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.run import Status
from cnnlab.lab.diagnosis import count_copies, facts_of
from tests.datasets.uploads import images, make_zip
from tests.made_runs import FACTS, STEPS, made_run, no_supervisor


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


def uploaded(tmp_path, copies, counts=(12, 4, 2)):
    """Two classes in train, val and test folders, with files that are copies of others."""
    paths = [
        f"{split}/{name}/{number}.jpg"
        for split, count in zip(("train", "val", "test"), counts, strict=True)
        for name in "ab"
        for number in range(count)
    ]
    files = images(*paths)
    files |= {copy: files[original] for copy, original in copies.items()}
    return lab.import_dataset(make_zip(tmp_path / "upload.zip", files))


def facts(dataset, **changes):
    config = load_config({"dataset": dataset.id} | changes)
    return facts_of(lab.view_run(made_run(config, status=Status.FINISHED).id))


def test_copies_in_the_test_part_alone_are_none_of_this_runs(home, tmp_path):
    dataset = uploaded(tmp_path, {"test/a/0.jpg": "train/a/0.jpg"})
    assert any(finding.kind == "leak" for finding in lab.findings(dataset.id))
    assert facts(dataset).copied_images == 0
    config = load_config({"dataset": dataset.id})
    run = made_run(config, status=Status.FINISHED)
    kinds = {one.kind for one in lab.diagnose_run(lab.view_run(run.id))}
    assert "suspected_leak" not in kinds


def test_copies_are_counted_in_the_images_that_really_train_and_judge(home, tmp_path):
    copies = {
        "val/a/0.jpg": "train/a/0.jpg",
        "val/a/1.jpg": "train/a/0.jpg",
        "val/b/2.jpg": "train/b/7.jpg",
        "val/b/3.jpg": "test/b/0.jpg",
    }
    dataset = uploaded(tmp_path, copies)
    assert facts(dataset).copied_images == 3
    index = ImageIndex(home / "datasets" / dataset.id)
    place = {file: row for row, file in enumerate(index.files)}
    group = index.copies.group
    validation = [place["val/a/0.jpg"], place["val/a/1.jpg"], place["val/a/2.jpg"]]
    assert count_copies(group, [place["train/a/0.jpg"]], validation) == 2
    assert count_copies(group, [place["train/a/1.jpg"]], validation) == 0
    limited = [facts(dataset, split={"images_per_class": 1, "seed": seed}) for seed in range(6)]
    assert {one.train_counts for one in limited} == {(1, 1)}
    assert {one.copied_images for one in limited} <= {0, 1, 2, 3}
    assert min(one.copied_images for one in limited) == 0


def test_where_the_data_page_has_a_button_the_advice_names_it(home, tmp_path):
    dataset = uploaded(tmp_path, {"val/a/0.jpg": "train/a/0.jpg"})
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    [found] = [one for one in lab.diagnose_run(lab.view_run(run.id)) if one.kind == "copies"]
    assert "1 of 60 validation images" in found.words
    assert "'Put each picture into one split'" in found.remedy_words
    assert any("one_split" in finding.remedies for finding in lab.findings(dataset.id))


def advice_on_classes(dataset):
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    said = lab.diagnose_run(lab.view_run(run.id))
    return next(one.remedy_words for one in said if one.kind == "class_sets")


@pytest.mark.parametrize("has_own_splits", [True, False])
def test_the_advice_on_classes_names_what_the_data_page_offers(home, tmp_path, has_own_splits):
    if has_own_splits:
        paths = [f"train/{name}/{number}.jpg" for name in "abc" for number in range(12)]
        paths += [f"val/{name}/{number}.jpg" for name in "bcd" for number in range(4)]
    else:
        paths = [f"{name}/{number}.jpg" for name in "abc" for number in range(12)] + ["d/0.jpg"]
    dataset = lab.import_dataset(make_zip(tmp_path / "classes.zip", images(*paths)))
    offered = {one.kind: one.remedies for one in lab.findings(dataset.id)}
    told = advice_on_classes(dataset)
    assert ("'Draw new splits'" in told) == has_own_splits
    assert ("draw_split" in offered.get("class_sets", ())) == has_own_splits
    assert "'Exclude'" in told
    assert "exclude" in {*offered.get("class_sets", ()), *offered["few_images"]}


def test_the_classes_are_counted_in_the_parts_of_this_run(home, tmp_path):
    dataset = uploaded(tmp_path, {}, counts=(12, 4, 2))
    own = facts(dataset, split={"images_per_class": 5})
    assert (own.train_counts, own.class_counts) == ((5, 5), (4, 4))


def test_an_early_versions_batch_norm_is_told(home, dataset, monkeypatch):
    assert not facts(dataset).measures_statistics
    monkeypatch.setitem(FACTS, "statistics_images", 300)
    assert facts(dataset).measures_statistics


def test_turned_dials_are_told_with_what_they_stood_at(home, dataset):
    turns = (
        DialTurn(1, 2 * STEPS, {"optimizer.learning_rate": 0.01, "regularization.dropout": 0.5}),
        DialTurn(2, 3 * STEPS + 4, {"optimizer.learning_rate": 0.1}),
    )
    config = load_config({"dataset": dataset.id})
    run = made_run(config, epochs=5, turns=turns, status=Status.FINISHED)
    told = [(turn.name, turn.epoch, turn.before, turn.after) for turn in
            facts_of(lab.view_run(run.id)).turns]  # fmt: skip
    assert told == [
        ("optimizer.learning_rate", 3, 0.001, 0.01),
        ("regularization.dropout", 3, 0.0, 0.5),
        ("optimizer.learning_rate", 4, 0.01, 0.1),
    ]
