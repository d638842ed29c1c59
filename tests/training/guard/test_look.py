"""The look at augmented images on drawn sets of which the answers are known."""

import numpy as np
import pytest
from PIL import Image

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.records.guard import SIDE_PX
from cnnlab.training.guard.look import choose_images, look_at
from cnnlab.training.guard.versions import asked_of
from tests.guard_sets import SETS


def small(name):
    pictures, labels = SETS[name].pictures()
    resized = [np.asarray(Image.fromarray(one).resize((SIDE_PX, SIDE_PX))) for one in pictures]
    return np.stack(resized), labels, SETS[name].classes


@pytest.mark.exhaustive
def test_a_flip_that_makes_classes_alike_is_found_and_what_is_harmless_is_not():
    images, labels, names = small("left_right")
    on = Augmentation(flip="both", hue_fraction=0.5, rotation_degrees=8)
    looked = look_at(images, labels, 1000 + np.arange(100), np.arange(100), names, on)
    outcome = looked.outcome
    (finding,) = outcome["findings"]
    assert (finding["field"], finding["safe"]) == ("augmentation.flip", "vertical")
    assert {(pair["shown"], pair["taken_for"]) for pair in finding["pairs"]} == {
        ("left", "right"),
        ("right", "left"),
    }
    assert outcome["can_tell"]
    assert outcome["accuracy"] > 0.95
    assert len(outcome["checked"]) == 3
    assert outcome["judged"] == list(names)
    assert len(outcome["noted"]) == len(outcome["notes"])
    shown = looked.pictures[0, 0]
    assert shown.shape == (4, 3, SIDE_PX, SIDE_PX, 3)
    rows = [row - 1000 for row in finding["pairs"][0]["images"]]
    assert np.array_equal(shown[:, 0], images[rows])
    assert {names[labels[row]] for row in rows} == {finding["pairs"][0]["shown"]}


def test_of_too_few_images_nothing_is_said():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (12, 8, 8, 3), np.uint8)
    looked = look_at(
        images,
        np.arange(12) % 2,
        np.arange(12),
        np.arange(12),
        ("a", "b"),
        Augmentation(flip="both"),
    )
    assert not looked.outcome["can_tell"]
    assert looked.outcome["findings"] == []
    assert "at least 10 images" in looked.outcome["words"]


def test_equally_many_of_each_class_are_chosen_of_those_that_may_be():
    labels = np.repeat(np.arange(30), 200)
    allowed = np.flatnonzero(np.arange(6000) % 2)
    chosen = choose_images(labels, allowed)
    assert set(chosen) <= set(allowed)
    assert set(np.bincount(labels[chosen])) == {33}


@pytest.mark.parametrize(
    ("on", "tried"),
    [
        ({"flip": "both"}, ("horizontal", "vertical")),
        ({"flip": "horizontal"}, ()),
        ({"grayscale_fraction": 0.5}, ()),
        ({"rotation_degrees": 20}, [15, 10, 7, 5, 3, 2, 1]),
    ],
)
def test_what_is_tried_instead_is_weaker(on, tried):
    (asked,) = asked_of(Augmentation(**on), 1.0)
    assert asked.weaker() == tried


def test_blends_of_labels_are_left_out_and_pixels_are_scaled():
    on = Augmentation(mixup_alpha=0.2, blur_sigma_px=2.0)
    (asked,) = asked_of(on, 0.5)
    assert asked.trained() == {"blur_sigma_px": 1.0}
