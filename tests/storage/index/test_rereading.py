"""A dataset's deep images read anew with another range of values are a new version of it."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.fixes import Relabel
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import DatasetError
from cnnlab.lab.workplace import workplace
from cnnlab.storage.index.rereading import add_reread
from cnnlab.storage.uploaded import import_folder
from tests.datasets.deep_pictures import deep_files
from tests.datasets.uploads import images, make_zip


def reread(dataset, low, high):
    stores = workplace()
    with import_folder(stores.home) as folder:
        return add_reread(
            stores.datasets, stores.home, dataset.id, folder, value_range=ValueRange(low, high)
        )


def index_of(dataset):
    return ImageIndex(workplace().home.dataset(dataset.id))


def test_another_range_is_a_new_version_with_all_that_was_fixed(home, tmp_path):
    files = deep_files(np.uint16, 0, 4095, suffix="png")
    imported = lab.import_dataset(make_zip(tmp_path / "a.zip", files), name="X-rays")
    fixed = lab.fix_dataset(imported.id, [Relabel((0,), "disc")])
    assert fixed.value_range == imported.value_range == (0, 4095)
    brighter = reread(fixed, 0, 2047)
    assert (brighter.parent, brighter.version) == (fixed.id, 3)
    assert brighter.classes == {"bar": 7, "disc": 9}
    assert brighter.value_range == index_of(brighter).value_range == (0, 2047)
    assert brighter.changes == ("values from 0 to 2,047 are black to white",)
    [note] = [one for one in brighter.warnings if one.kind == "value_range"]
    assert "2,047 for white, as you said" in note.message
    old, new = (np.asarray(index_of(one).open(3), int) for one in (fixed, brighter))
    assert np.abs(np.minimum(2 * old, 255) - new).max() <= 2
    looks = [index_of(one).looks["glance"].mean() for one in (fixed, brighter)]
    assert looks[1] > 1.4 * looks[0]
    assert reread(brighter, 0, 4095).id == fixed.id, "that one is there already"


def test_a_dataset_of_8_bits_has_no_range_to_change(home, tmp_path):
    dataset = lab.import_dataset(make_zip(tmp_path / "a.zip", images("a/1.jpg", "b/2.jpg")))
    with pytest.raises(DatasetError, match="more than 8 bits"):
        reread(dataset, 0, 4095)
    assert lab.list_datasets() == [dataset]
