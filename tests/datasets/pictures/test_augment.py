import numpy as np
import pytest

from cnnlab.datasets.pictures import augment
from cnnlab.domain.config.augmentation import Augmentation

IMAGE = np.random.default_rng(5).integers(0, 256, (20, 20, 3), dtype=np.uint8)
STILL = {"shift": (0, 0), "radians": 0, "shear": 0, "scale": (1, 1), "perspective": (0, 0)}
EVERYTHING = Augmentation(
    flip="both",
    rotation_degrees=30,
    zoom_fraction=0.3,
    shift_fraction=0.2,
    shear_degrees=15,
    perspective_fraction=0.2,
    brightness_fraction=0.3,
    contrast_fraction=0.3,
    saturation_fraction=0.5,
    hue_fraction=0.2,
    grayscale_fraction=0.3,
    noise_stddev=10,
    blur_sigma_px=1,
    erasing_fraction=0.3,
)


def warped(**movement):
    matrix = augment.warp_matrix(len(IMAGE), **(STILL | movement))
    return augment.apply_warp(IMAGE.astype(np.float64), matrix)


@pytest.mark.parametrize("channels", [1, 3])
def test_nothing_switched_on_changes_nothing(channels):
    image = IMAGE[..., :channels]
    for seed in range(5):
        generator = np.random.default_rng(seed)
        assert np.array_equal(augment.augment_image(image, Augmentation(), generator), image)


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        ({"scale": (-1, 1)}, IMAGE[:, ::-1]),
        ({"scale": (1, -1)}, IMAGE[::-1]),
        ({"scale": (-1, -1)}, IMAGE[::-1, ::-1]),
        ({"radians": np.pi / 2}, np.rot90(IMAGE, 1)),
        ({"radians": np.pi}, IMAGE[::-1, ::-1]),
        ({"shift": (0.1, 0)}, np.concatenate([IMAGE[:, 2:], IMAGE[:, :-3:-1]], axis=1)),
        ({"shift": (0, -0.05)}, np.concatenate([IMAGE[:1], IMAGE[:-1]], axis=0)),
    ],
)
def test_exact_movements_are_exact(movement, expected):
    np.testing.assert_allclose(warped(**movement), expected, atol=1e-5)


def test_zoom_shear_and_perspective_go_the_right_way():
    matrix = augment.warp_matrix(21, **(STILL | {"scale": (0.5, 0.5)}))
    np.testing.assert_allclose(matrix @ [20, 0, 1], [15, 5, 1])  # below 1 enlarges
    matrix = augment.warp_matrix(21, **(STILL | {"shear": 0.5}))
    np.testing.assert_allclose(matrix @ [10, 20, 1], [15, 20, 1])
    matrix = augment.warp_matrix(20, **(STILL | {"perspective": (0.2, 0)}))
    x, _, w = matrix @ [19.5, 9.5, 1]
    assert w == pytest.approx(1.2)
    assert x / w == pytest.approx(9.5 + 10 / 1.2)


@pytest.mark.parametrize("flip", ["none", "horizontal", "vertical", "both"])
def test_half_of_the_images_are_flipped(flip):
    seen = set()
    for seed in range(40):
        generator = np.random.default_rng(seed)
        changed = augment.augment_image(IMAGE, Augmentation(flip=flip), generator)
        seen.add(changed.tobytes())
    across = [IMAGE[:, ::-1]] * (flip in ("horizontal", "both"))
    down = [IMAGE[::-1]] * (flip in ("vertical", "both"))
    turned = [IMAGE[::-1, ::-1]] * (flip == "both")
    assert seen == {image.tobytes() for image in (IMAGE, *across, *down, *turned)}


def test_colour_changes_follow_their_formulas():
    image = IMAGE.astype(np.float64)
    mean = image.mean(axis=(0, 1))
    gray = image @ augment.LUMA
    cases = [
        (augment.ColorChange(), image),
        (augment.ColorChange(contrast=0.5), (image - mean) * 0.5 + mean),
        (augment.ColorChange(brightness=0.2), image + 51),
        (augment.ColorChange(saturation=0.0), np.repeat(gray[..., None], 3, axis=2)),
        (augment.ColorChange(is_gray=True), np.repeat(gray[..., None], 3, axis=2)),
        (augment.ColorChange(hue_radians=2 * np.pi), image),
    ]
    for change, expected in cases:
        np.testing.assert_allclose(augment.apply_color(image, change), expected, atol=1e-9)
    turned = augment.apply_color(image, augment.ColorChange(hue_radians=1.0))
    np.testing.assert_allclose(turned @ augment.LUMA, gray, atol=1e-3)
    assert np.abs(turned - image).max() > 10


def test_one_channel_has_no_colour_to_change():
    image = IMAGE[..., :1].astype(np.float64)
    change = augment.ColorChange(saturation=0, hue_radians=1, is_gray=True)
    np.testing.assert_allclose(augment.apply_color(image, change), image)


def test_blur_keeps_the_mean_of_a_flat_image_and_smooths():
    flat = np.full((12, 12, 3), 77.0)
    np.testing.assert_allclose(augment.apply_blur(flat, 2.0), flat)
    assert augment.apply_blur(IMAGE.astype(float), 1.5).std() < IMAGE.std() / 2
    assert np.array_equal(augment.apply_blur(flat, 0.0), flat)


@pytest.mark.parametrize(("fraction", "least"), [(0.3, 0.02), (0.01, 0.0), (0.9, 0.02)])
def test_erased_rectangles_lie_inside_and_have_the_drawn_area(fraction, least):
    generator = np.random.default_rng(0)
    areas = []
    for _ in range(300):
        drawn = augment.draw_erasing(fraction, 64, generator)
        height, width = drawn.bottom - drawn.top, drawn.right - drawn.left
        assert 0 <= drawn.top < drawn.bottom <= 64
        assert 0 <= drawn.left < drawn.right <= 64
        areas.append(height * width / 64**2)
    assert least * 0.7 <= min(areas) <= max(areas) <= fraction * 1.1
    erased = augment.apply_erasing(IMAGE.astype(float), augment.Rectangle(2, 3, 5, 9))
    assert (erased[2:5, 3:9] == 127.5).all()
    assert np.array_equal(erased[5:], IMAGE[5:])


def test_equal_generators_give_equal_images():
    def draw(seed):
        return augment.augment_image(IMAGE, EVERYTHING, np.random.default_rng(seed))

    assert np.array_equal(draw(1), draw(1))
    assert not np.array_equal(draw(1), draw(2))


@pytest.mark.parametrize("size", [8, 48])
@pytest.mark.parametrize("channels", [1, 3])
def test_everything_at_once_keeps_shape_and_type(size, channels):
    image = np.random.default_rng(0).integers(0, 256, (size, size, channels), dtype=np.uint8)
    changed = augment.augment_image(image, EVERYTHING, np.random.default_rng(0))
    assert (changed.shape, changed.dtype) == (image.shape, np.uint8)


def test_draws_stay_in_their_ranges():
    generator = np.random.default_rng(0)
    changes = [augment.draw_color(EVERYTHING, generator) for _ in range(500)]
    assert 0.7 <= min(c.contrast for c in changes) < 0.75
    assert 1.25 < max(c.contrast for c in changes) <= 1.3
    assert max(abs(c.brightness) for c in changes) <= 0.3
    assert max(abs(c.hue_radians) for c in changes) <= 0.2 * np.pi
    assert 0.2 < np.mean([c.is_gray for c in changes]) < 0.4
