"""The vault: every look at test numbers is counted per image, whatever becomes of its run."""

import dataclasses

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions, load_config
from cnnlab.domain.data.fixes import Exclude, Relabel
from cnnlab.domain.data.vault import VaultLook
from cnnlab.domain.errors import DamagedError, NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm
from cnnlab.judging.intervals.shares import difference_of_shares
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.vault import Vault
from tests.datasets.test_findings import encoded, picture
from tests.datasets.uploads import make_zip
from tests.made_evaluations import finish_evaluation, fractions_that_train_no_looked_at_image
from tests.made_runs import made_run, no_supervisor

SPLIT = SplitFractions(test=0.25)


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run that was judged on its test images."""
    no_supervisor(monkeypatch)

    def make(split=SPLIT, *, of=dataset, name="One"):
        config = load_config({"dataset": of.id, "split": split.model_dump()})
        run = made_run(config, status=Status.FINISHED, name=name)
        finish_evaluation(run, "test")
        return run

    return make


def test_before_a_look_nothing_is_counted(make, dataset):
    run = make()
    lab.evaluation_state(run.id, "test")
    looks = lab.test_looks(dataset.id, SPLIT)
    assert (looks.images, looks.looks, looks.looked_at, looks.recorded) == (12, 0, 0, ())
    assert lab.run_test_looks(run).looks == lab.dataset_test_looks(dataset.id).looks == 0
    assert lab.looked_at_training(dataset.id, SPLIT) == lab.LookedAtTraining(0, 0)


def test_a_run_without_test_images_has_no_looks(make, dataset):
    make()  # and a look at others
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    looks = lab.run_test_looks(run)
    assert (looks.images, looks.looks, looks.runs) == (0, 0, {})


def test_every_look_counts_and_says_what_it_showed_of_which_run(make, dataset):
    one, other = make(), make(name="Other")
    assert [lab.look_at_test(run.id).looks for run in (one, one, other)] == [1, 2, 3]
    look = lab.look_at_test(other.id)
    assert look.judgement is lab.evaluation_state(other.id, "test").answer
    assert look.recorded.numbers["accuracy"] == look.judgement["measures"]["accuracy"]["value"]
    assert (look.recorded.run, look.recorded.run_name) == (other.id, "Other")
    assert (look.recorded.images, look.recorded.dataset) == (12, dataset.id)
    looks = lab.test_looks(dataset.id, SPLIT)
    assert (looks.looks, looks.looked_at, looks.unreadable) == (4, 12, 0)
    assert [each.run for each in looks.recorded] == [one.id, one.id, other.id, other.id]
    assert looks.recorded[-1] == look.recorded
    assert look.vault.looks == 4
    assert looks.runs == {one.id: "One", other.id: "Other"}
    assert lab.run_test_looks(one).looks == lab.dataset_test_looks(dataset.id).looks == 4


def test_looks_survive_the_deletion_of_their_run(make, dataset):
    run = make()
    lab.look_at_test(run.id)
    lab.delete_evaluation(run.id, "test")
    lab.delete_run(run.id)
    assert lab.test_looks(dataset.id, SPLIT).looks == 1


def test_looks_go_with_the_images_into_new_versions(make, dataset):
    run = make()
    lab.look_at_test(run.id)
    tested = lab.evaluated_predictions(run.id, "test").positions
    relabelled = lab.fix_dataset(dataset.id, [Relabel((int(tested[0]),), "dark")])
    smaller = lab.fix_dataset(relabelled.id, [Exclude((int(tested[1]),))])
    assert lab.test_looks(relabelled.id, SPLIT).by_image.tolist() == [1] * 12
    assert lab.test_looks(smaller.id, SPLIT).by_image.tolist() == [1] * 11
    assert lab.look_at_test(make(of=smaller).id).looks == 2
    assert sorted(lab.test_looks(dataset.id, SPLIT).by_image.tolist()) == [1] + [2] * 11


def test_the_most_looks_of_any_image_count(make, dataset):
    another_seed = SplitFractions(test=0.25, seed=1)
    lab.look_at_test(make().id), lab.look_at_test(make().id)
    look = lab.look_at_test(make(another_seed).id)
    by_image = lab.test_looks(dataset.id, another_seed).by_image
    assert set(by_image.tolist()) == {1, 3}
    assert look.looks == 3


def test_images_that_were_looked_at_and_would_train_now_are_counted(make, dataset):
    another_seed = SplitFractions(test=0.25, seed=1)
    lab.look_at_test(make().id)

    def training(fractions):
        return lab.looked_at_training(dataset.id, fractions).images

    assert training(SPLIT) == 0
    everything = training(SplitFractions())
    some = training(another_seed)
    assert 0 < some < 12 == everything
    few = SplitFractions(images_per_class=1)
    assert training(few) <= 2


def test_validation_minus_test_comes_with_the_look(make):
    run = make()
    assert lab.look_at_test(run.id).validation_minus_test is None
    finish_evaluation(run, "validation", right=1.0)
    images = len(lab.evaluated_predictions(run.id, "validation").positions)
    expected = difference_of_shares(images, images, 9, 12)
    assert lab.look_at_test(run.id).validation_minus_test == expected


def test_who_cannot_look_is_told_why_and_nothing_is_counted(make, dataset):
    run = make()
    lab.delete_evaluation(run.id, "test")
    with pytest.raises(RunStateError, match="hasn't been evaluated on its test images"):
        lab.look_at_test(run.id)
    lab.start_evaluation(run.id, "test")
    with pytest.raises(RunStateError, match="hasn't been evaluated on its test images"):
        lab.look_at_test(run.id)
    with pytest.raises(NotFoundError):
        lab.look_at_test("nobody")
    assert lab.test_looks(dataset.id, SPLIT).looks == 0


def test_what_cannot_be_recorded_is_not_shown(make, dataset):
    run = make()
    workplace().home.vault.write_text("in the way")
    with pytest.raises(StorageError, match="vault"):
        lab.look_at_test(run.id)


def spoil(name, content):
    (path,) = workplace().home.vault.glob(f"*/{name}")
    path.write_bytes(content)


def test_the_look_brings_what_it_was_measured_by(make):
    run = make()
    look = lab.look_at_test(run.id)
    assert look.predictions is lab.evaluated_predictions(run.id, "test")


def test_what_shows_nothing_is_not_counted(make, dataset):
    run = make()
    newest_attempt(run).folder.joinpath("evaluations/test/predictions.npz").unlink()
    with pytest.raises(DamagedError, match="start this evaluation again"):
        lab.look_at_test(run.id)
    assert lab.test_looks(dataset.id, SPLIT).looks == 0


def test_records_that_cannot_be_read_keep_nobody_from_training(make, dataset, monkeypatch):
    def read(vault):
        raise StorageError("Can't use vault: Permission denied.")

    monkeypatch.setattr(Vault, "read", read)
    found = lab.looked_at_training(dataset.id, SplitFractions())
    assert found.images == 0
    assert found.words.endswith("can't be told at the moment: Can't use vault: Permission denied.")


def test_a_damaged_record_is_of_the_images_of_its_set_alone(make, dataset, tmp_path):
    lab.look_at_test(make().id)
    spoil("looks.jsonl", b"rubbish\n")
    files = {f"{at // 2}/{at}.png": encoded(picture(at)) for at in range(4)}
    other = lab.import_dataset(make_zip(tmp_path / "other.zip", files))
    assert lab.test_looks(dataset.id, SPLIT).unreadable == 1
    assert lab.dataset_test_looks(other.id).unreadable == 0
    assert lab.looked_at_training(other.id, SplitFractions()).words == ""
    assert "1 record of looks can't be read" in (
        lab.looked_at_training(dataset.id, SplitFractions()).words
    )
    spoil("images.sha256", b"")
    assert lab.dataset_test_looks(other.id).unreadable == 1
    assert lab.looked_at_training(other.id, SplitFractions()) == lab.LookedAtTraining(0, 1)


def test_looks_of_images_that_nobody_knows_are_not_none(make, dataset):
    run = make()
    foreign = dataclasses.replace(run, config=run.config | {"unheard_of": 1})
    assert lab.run_test_looks(foreign) is None
    (workplace().home.vault / "00" / "looks.jsonl").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"looks\.jsonl|vault"):
        lab.run_test_looks(run)


def test_a_study_is_asked_about_the_split_of_each_of_its_arms(make, dataset):
    lab.look_at_test(make().id)
    few = fractions_that_train_no_looked_at_image(dataset)
    base = load_config({"dataset": dataset.id, "split": few.model_dump()})
    arms = [Arm("few", {}), Arm("dropout", {"regularization.dropout": 0.2})]
    assert lab.looked_at_by_study(lab.compare_arms(base, arms, seeds=1)).words == ""
    arms.append(Arm("more", {"split.images_per_class": 9}))
    found = lab.looked_at_by_study(lab.compare_arms(base, arms, seeds=1))
    more = few.model_copy(update={"images_per_class": 9})
    assert found.images == lab.looked_at_training(dataset.id, more).images > 0
    assert found.arms == ("more",)
    assert found.words.startswith("In the arm 'more': ")
    everywhere = base.model_copy(update={"split": SplitFractions()})
    found = lab.looked_at_by_study(lab.compare_arms(everywhere, arms[:2], seeds=1))
    assert (found.images, found.arms) == (12, ())


def test_a_look_keeps_the_split_that_it_was_of_and_older_lines_have_none(make):
    look = lab.look_at_test(make().id).recorded
    assert look.split == {"seed": 0, "validation": 0.2, "test": 0.25}
    older = look.to_json()
    del older["split"]
    assert VaultLook.from_json(older) == dataclasses.replace(look, split=None)


def test_the_split_of_a_look_is_the_way_out_where_fewer_would_train_with_it(make, dataset):
    run = make()
    lab.look_at_test(run.id)
    found = lab.looked_at_training(dataset.id, SplitFractions(seed=1))
    (overlap,) = found.overlaps
    assert (overlap.images, overlap.look.run) == (found.images, run.id)
    assert overlap.dataset_name == "Shades, version 1"
    assert (found.way_out, found.left) == (SPLIT, 0)
    assert "Test share 0.25, none of them would train" in found.words


def test_what_no_setting_mends_is_said_to_be_shared_with_the_other_dataset(make, tmp_path):
    """The same pictures, all of them training images of an upload with parts of its own."""
    run = make()
    look = lab.look_at_test(run.id)
    index = open_index(run.dataset)
    names = {int(row): "train" for row in look.predictions.positions}
    files = {
        f"{names.get(row, 'test' if row % 2 else 'validation')}/{index.labels[row]}/{row}.png": (
            index.read_bytes(row)
        )
        for row in range(len(index.labels))
    }
    other = lab.import_dataset(make_zip(tmp_path / "other.zip", files))
    found = lab.looked_at_training(other.id, SPLIT)
    assert (found.images, found.way_out) == (12, None)
    assert "can't mend that: these images are shared" in found.words
    assert "the test images of 'Shades, version 1'" in found.words


def test_a_run_is_told_of_looks_before_it_was_launched_alone(make):
    """Also after its vault says that its own test images trained no weight."""
    another_seed = SplitFractions(test=0.25, seed=1)
    before = make(another_seed)
    lab.look_at_test(make().id)
    after = make(another_seed)
    assert lab.trained_on_looked_at(before) == ""
    words = lab.trained_on_looked_at(after)
    images = lab.looked_at_training(after.dataset, another_seed).images
    assert words.startswith(f"{images} of its training images were test images at looks before it")
    assert "run 'One'" in words
    foreign = dataclasses.replace(after, config=after.config | {"unheard_of": 1})
    assert lab.trained_on_looked_at(foreign) == ""
