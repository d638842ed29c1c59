"""Labels that are mended go into one line of versions; those that are kept are remembered."""

import contextlib
import threading

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.fixes import Exclude
from cnnlab.domain.errors import DatasetError
from cnnlab.lab.data import labels
from tests.datasets.uploads import jpeg


def test_clicks_in_a_row_build_on_the_newest_version(dataset):
    first = lab.relabel_images(dataset.id, {0: "dark"})
    second = lab.relabel_images(dataset.id, {1: "dark", 30: "bright"})
    assert (first.version, second.version, second.parent) == (2, 3, first.id)
    assert lab.newest_version(dataset.id).id == second.id
    assert lab.labels_in(dataset.id, [0, 1, 2, 30], second.id) == {
        0: "dark",
        1: "dark",
        2: "bright",
        30: "bright",
    }
    assert lab.keeps_parts(second)
    fractions = SplitFractions(validation=0.25)
    counts = [lab.count_splits(version.id, fractions) for version in (dataset, second)]
    assert counts[0] == counts[1]


def test_two_who_mend_at_once_build_on_each_other(dataset, monkeypatch):
    meeting, real = threading.Barrier(2), labels.fix_dataset

    def fix(*asked):
        with contextlib.suppress(threading.BrokenBarrierError):  # who waits for a lock never comes
            meeting.wait(0.3)
        return real(*asked)

    monkeypatch.setattr(labels, "fix_dataset", fix)
    changes = [
        threading.Thread(target=lab.relabel_images, args=[dataset.id, {row: "dark"}])
        for row in (0, 1)
    ]
    for change in changes:
        change.start()
    for change in changes:
        change.join(10)
    newest = lab.newest_version(dataset.id)
    assert newest.version == 3
    assert set(lab.labels_in(dataset.id, [0, 1], newest.id).values()) == {"dark"}


def test_pictures_are_added_to_what_has_become_the_newest_version(dataset):
    first = lab.relabel_images(dataset.id, {0: "dark"})
    grown = lab.add_to_newest(dataset.id, [("a.jpg", jpeg(7))], "dark")
    assert (grown.version, grown.parent) == (3, first.id)
    assert lab.newest_version(first.id) == grown


def test_rows_are_found_again_where_images_were_left_out(dataset):
    shorter = lab.fix_dataset(dataset.id, [Exclude((0, 1))])
    assert lab.labels_in(dataset.id, [0, 5], shorter.id) == {0: None, 5: "bright"}
    fixed = lab.relabel_images(dataset.id, {0: "dark", 5: "dark"})
    assert fixed.changes == ("1 image given the class 'dark'",)
    assert lab.labels_in(dataset.id, [4, 5, 6], fixed.id) == {4: "bright", 5: "dark", 6: "bright"}
    with pytest.raises(DatasetError, match=r"'Shades', 3, has none of these images any more"):
        lab.relabel_images(dataset.id, {0: "dark", 1: "dark"})


def test_a_change_of_mind_leads_back_and_leaves_nothing_behind(dataset):
    lab.relabel_images(dataset.id, {0: "dark"})
    assert lab.relabel_images(dataset.id, {0: "bright"}).id == dataset.id
    assert lab.newest_version(dataset.id).id == dataset.id
    assert lab.relabel_images(dataset.id, {1: "dark"}).changes == (
        "1 image given the class 'dark'",
    )


def test_a_label_can_be_kept_as_it_is_and_looked_at_again(dataset):
    assert lab.kept_labels(dataset.id) == set()
    lab.keep_labels(dataset.id, [3, 4])
    later = lab.relabel_images(dataset.id, {0: "dark"})
    assert lab.kept_labels(later.id) == {3, 4}
    lab.keep_labels(later.id, [3], keep=False)
    assert (lab.kept_labels(later.id), lab.kept_labels(dataset.id)) == ({4}, {3, 4})
