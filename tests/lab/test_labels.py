"""Labels that are mended go into one line of versions; those that are kept are remembered."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.fixes import Exclude


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
