import tracemalloc

import numpy as np
import pytest

from cnnlab.study.measures.cross_fitting import cross_fit


def wavering(generator, epochs, images, *, noise):
    """Margins of a run whose epochs are equally good: (epochs, images), above 0 is right."""
    return generator.normal(0.8, 1, images) + noise * generator.normal(size=(epochs, images))


def as_losses(margins):
    return np.log1p(np.exp(-margins))


def test_a_single_epoch_is_judged_as_it_is():
    margins = wavering(np.random.default_rng(0), 1, 101, noise=1)
    found = cross_fit(margins > 0, as_losses(margins))
    assert found.accuracy == pytest.approx(np.mean(margins > 0))
    assert found.cross_entropy == pytest.approx(np.mean(as_losses(margins)))
    assert found.shares.tolist() == [pytest.approx(1)]


def test_an_epoch_that_is_best_on_every_half_is_chosen_every_time():
    right = np.zeros((4, 11), bool)
    right[2] = True
    found = cross_fit(right, np.ones((4, 11)))
    assert found.accuracy == 1
    assert found.shares == pytest.approx([0, 0, 1, 0])


def test_ties_go_to_the_lower_cross_entropy_then_to_the_earlier_epoch():
    right = np.ones((4, 10), bool)
    losses = np.array([0.3, 0.2, 0.1, 0.1])[:, None] * np.ones(10)
    found = cross_fit(right, losses)
    assert found.shares == pytest.approx([0, 0, 1, 0])
    assert found.cross_entropy == pytest.approx(0.1)


def test_no_image_judges_an_epoch_that_it_has_chosen():
    """Each of two epochs is right on one image only: chosen by it, judged on the other."""
    right = np.eye(2, dtype=bool)
    found = cross_fit(right, np.where(right, 0.1, 3.0))
    assert found.accuracy == 0
    assert found.cross_entropy == pytest.approx(3)


def test_it_is_never_above_the_best_epoch():
    generator = np.random.default_rng(1)
    for _ in range(100):
        epochs, images = generator.integers(1, 9), generator.integers(2, 30)
        right = generator.random((epochs, images)) < 0.7
        found = cross_fit(right, generator.random((epochs, images)), rounds=3)
        assert found.accuracy <= right.mean(axis=1).max() + 1e-12
        assert found.shares.sum() == pytest.approx(1)


def test_it_takes_away_the_optimism_of_many_wavering_epochs():
    """Thirty equally good epochs on 100 images: the best looks 4 points better than it is."""
    generator = np.random.default_rng(2)
    truth = np.mean(wavering(generator, 1, 1_000_000, noise=0.7) > 0)
    best, fitted = [], []
    for _ in range(200):
        margins = wavering(generator, 30, 100, noise=0.7)
        best.append(np.mean(margins > 0, axis=1).max())
        fitted.append(cross_fit(margins > 0, as_losses(margins), rounds=10).accuracy)
    assert np.mean(best) - truth > 0.03
    assert abs(np.mean(fitted) - truth) < 0.01


def test_many_images_take_little_memory_and_give_the_same():
    """The app's process does it for whoever opens a run's page."""
    margins = wavering(np.random.default_rng(3), 100, 20_000, noise=0.7).astype(np.float32)
    right, losses = margins > 0, as_losses(margins)
    tracemalloc.start()
    found = cross_fit(right, losses)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6, "values of all images in float64 are 16 MB, twice, and so are the weights"
    judged = found.weights
    assert judged.sum(axis=1) / 20_000 == pytest.approx(found.shares)
    assert np.sum(judged * right) / 20_000 == pytest.approx(found.accuracy)
    assert np.sum(judged * losses) / 20_000 == pytest.approx(found.cross_entropy)


@pytest.mark.parametrize("shape", [(0, 5), (3, 1)])
def test_too_little_is_refused(shape):
    with pytest.raises(ValueError, match="two images"):
        cross_fit(np.ones(shape, bool), np.ones(shape))
