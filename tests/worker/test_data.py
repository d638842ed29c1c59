"""What a worker reads of a dataset for a run: who trains, who validates, which labels are wrong."""

import numpy as np
import pytest

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.storage.home import open_home
from cnnlab.worker.data import load_data


class Silence:
    def phase(self, text):
        pass

    def beat(self):
        pass


@pytest.fixture
def load(dataset):
    """Loads the data of a run with these fields of the split."""

    def load(**split):
        config = load_config({"dataset": dataset.id, "image": {"size": 16}, "split": split})
        return load_data(config, Silence(), lambda: None)

    return load


def test_by_default_all_images_keep_their_labels(load, home, dataset):
    data = load()
    np.testing.assert_array_equal(
        data.labels, ImageIndex(open_home(home).dataset(dataset.id)).labels
    )
    assert data.labels.dtype == np.int32
    assert (len(data.train), len(data.validation), len(data.noise)) == (38, 10, 0)


def test_fewer_images_and_wrong_labels_leave_the_validation_part_alone(load):
    plain, spoilt = load(), load(images_per_class=10, label_noise_fraction=0.25)
    np.testing.assert_array_equal(spoilt.validation, plain.validation)
    np.testing.assert_array_equal(spoilt.labels[spoilt.validation], plain.labels[plain.validation])
    assert np.isin(spoilt.train, plain.train).all()
    assert np.bincount(plain.labels[spoilt.train]).tolist() == [10, 10]
    assert len(spoilt.noise) == 5 and np.isin(spoilt.noise.positions, spoilt.train).all()
    differing = np.flatnonzero(spoilt.labels != plain.labels)
    np.testing.assert_array_equal(differing, spoilt.noise.positions)
    np.testing.assert_array_equal(spoilt.noise.true_labels, plain.labels[differing])
