"""What training images are like is kept with the attempt, and made again where it is damaged."""

import numpy as np

from cnnlab.judging.familiarity import Features, learn_familiarity
from cnnlab.storage.attempts.familiarity import read_familiarity, write_familiarity


def test_what_is_kept_tells_the_same(tmp_path):
    generator = np.random.default_rng(0)
    training, validation, new = (
        Features(generator.random((count, 20)), generator.random((count, 7)))
        for count in (60, 40, 10)
    )
    familiar = learn_familiarity(training, validation)
    assert read_familiarity(tmp_path) is None
    write_familiarity(tmp_path, familiar)
    kept = read_familiarity(tmp_path)
    np.testing.assert_allclose(kept.distances(new), familiar.distances(new), atol=3e-3)
    assert kept.record == familiar.record
    path = next(tmp_path.iterdir())
    for left in (300, 0):
        path.write_bytes(path.read_bytes()[:left])
        assert read_familiarity(tmp_path) is None
