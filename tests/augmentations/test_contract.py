"""What holds for every augmentation: a new file in `members` is tested here by being there."""

import time
from typing import get_args

import numpy as np
import pytest
import tensorflow as tf

from cnnlab import lab
from cnnlab.augmentations import chain, table
from cnnlab.augmentations.in_numpy import NUMPY_OPS, NumpyDraws
from cnnlab.augmentations.member import OFF
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.run_config import load_config
from cnnlab.fields import bounds, extra
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.data import TrainingData, training_batches
from cnnlab.training.input.draws import Draws
from cnnlab.training.input.tensor_ops import TENSOR_OPS

SEED, STEP = 3, 5
MANY = 2000
MOST_TIMES_A_WARP = 60
"""What one image may cost at most, in warps of one image; RandAugment of Keras costs 17."""

every_member = pytest.mark.parametrize(
    "member", table.MEMBERS, ids=[member.name for member in table.MEMBERS]
)
colours = pytest.mark.parametrize("channels", [3, 1], ids=["colour", "grayscale"])


def hardest(member):
    """The greatest strength, for which most images change and by most."""
    annotation, info = member.fields[member.name]
    return bounds(info)[1] if annotation in (int, float) else member.usual


def draws_of(count, step=STEP):
    return Draws(SEED, tf.constant(step, tf.int64), tf.constant(count))


def strengths(member, strength=None):
    """The member alone, at its usual strength unless told."""
    return Augmentation(**{member.name: member.usual}).strengths() | (
        {} if strength is None else {member.name: strength}
    )


def augmented(member, images, *, strength=None, step=STEP):
    """Images and labels after training's own code for one batch."""
    changed, labels = chain.augment(
        tf.constant(images), tf.eye(len(images)), strengths(member, strength),
        draws_of(len(images), step), TENSOR_OPS,
    )  # fmt: skip
    return changed.numpy(), labels.numpy()


def drawn_by(member, draws, ops, shape=(48, 48, 3)):
    drawn = chain.draw_all([member], strengths(member), draws, shape, ops)
    return {name: np.asarray(value) for name, value in drawn.items()}


@every_member
def test_it_describes_itself(member):
    for name, (_, info) in member.fields.items():
        assert extra(info, "label"), f"{name} has no label for the form: give `knob` one"
        assert info.description, f"{name} has no help text: say what it does and what is usual"
    annotation, info = member.fields[member.name]
    assert info.default in OFF, f"{member.name} must be off by default: its default is {OFF}"
    assert member.usual not in (None, *OFF), f"{member.name} has no usual strength: usual=..."
    if annotation in (int, float):
        assert None not in bounds(info), f"{member.name} has no range: give `knob` ge and le"
        assert bounds(info)[0] == 0, f"{member.name} must begin with 0, which is off"
        assert extra(info, "increment"), (
            f"{member.name} has no increment for its slider: increment=..."
        )
        assert "Usual: " in info.description, f"the help of {member.name} lacks 'Usual: a to b'"
    else:
        assert annotation is bool or get_args(annotation), f"{member.name}: bool, Literal or number"


@every_member
def test_what_is_offered_of_it_is_legal(member):
    offered = [*(member.sets or ()), *member.doses]
    offered += [member.in_ready_arm] if member.in_ready_arm else []
    offered += [member.own_arm.strength] if member.own_arm else []
    for strength in offered:
        Augmentation(**{member.name: strength})
    assert list(member.doses) == sorted(member.doses)
    assert not member.doses or member.doses[0] == 0, f"the doses of {member.name} begin with 0"
    if member.is_dial:
        assert member.fields[member.name][0] is float, (
            f"{member.name} says that it is a dial, but isn't continuous: is_dial=False"
        )


def test_no_two_have_one_place_or_one_field():
    places = [member.place for member in table.MEMBERS]
    assert len(set(places)) == len(places), f"two of `members` have one place: {places}"
    names = [name for member in table.MEMBERS for name in member.fields]
    assert sorted(names) == sorted(Augmentation.model_fields)
    assert chain.stages_of(Augmentation().strengths()) == []


@colours
@every_member
def test_no_strength_changes_nothing(member, channels, images):
    images, one_hot = images[..., :channels], np.eye(len(images))
    off = member.fields[member.name][1].default
    augmenter = Augmenter(Augmentation(**{member.name: off}), SEED)
    labels = tf.constant(one_hot, tf.float32)
    ways = {"in a config": augmenter(images, labels, tf.constant(STEP, tf.int64))}
    if member.is_dial:
        off = tf.constant(0.0, tf.float64)
    if off is not False:  # a switch that is off never gets so far
        ways["as a dial may set it"] = augmented(member, images, strength=off)
    for way, (changed, labels) in ways.items():
        np.testing.assert_allclose(
            changed, images, atol=0.01,
            err_msg=f"{member.name} changes images at strength {off}, {way}",
        )  # fmt: skip
        np.testing.assert_array_equal(labels, one_hot)


@colours
@every_member
def test_values_stay_in_their_range(member, channels, images):
    for strength in (member.usual, hardest(member)):
        changed, labels = augmented(member, images[..., :channels], strength=strength)
        assert changed.shape == images[..., :channels].shape
        assert np.isfinite(changed).all()
        assert changed.min() >= 0 and changed.max() <= 255, (
            f"{member.name} leaves 0..255: clip, or say leaves_range=True in its stage"
        )
        np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)


@every_member
def test_its_strengths_have_the_mean_that_it_declares(member):
    for draws, ops in ((draws_of(MANY), TENSOR_OPS), (NumpyDraws(SEED, 0, MANY), NUMPY_OPS)):
        drawn = drawn_by(member, draws, ops)
        assert all(len(values) == MANY for values in drawn.values()), "one draw for each image"
        found = np.asarray(member.drawn_strength(drawn, (48, 48, 3)), np.float64)
        assert found.shape == (MANY,) and found.min() >= 0
        tolerance = 5 * found.std() / np.sqrt(MANY) + 0.03 * member.mean
        assert found.mean() == pytest.approx(member.mean, abs=tolerance), (
            f"{member.name} declares mean={member.mean}"
        )


@every_member
def test_same_step_same_images_other_step_other_images(member, images):
    same = np.repeat(images, 4, axis=0)  # 24, so that even a small share changes one of them
    first, again = (augmented(member, same)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    others = [augmented(member, same, step=STEP + later)[0] for later in (1, 2)]
    is_new = any(not np.array_equal(first, other) for other in others)
    assert is_new, f"{member.name} draws nothing anew at each step"


def batches_made(member, images, threads):
    """Images and labels of one epoch of training, so many batches at a time."""
    config = load_config(
        {
            "augmentation": {member.name: hardest(member)},
            "training": {"epochs": 1, "batch_size": len(images) // 16},
        }
    )
    everyone = np.arange(len(images))
    data = TrainingData(images, everyone % 2, everyone, everyone[:0], ("even", "odd"))
    return list(training_batches(config, data, 0, threads).as_numpy_iterator())


@every_member
def test_batches_made_in_parallel_are_those_made_one_by_one(member, images):
    large = images.astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2)
    large = np.concatenate([np.roll(large, shift, axis=1) for shift in range(16)])
    alone, parallel = (batches_made(member, large, threads) for threads in (1, 4))
    assert len(alone) == 16
    for own, other in zip(alone, parallel, strict=True):
        for one_by_one, at_once in zip(own, other, strict=True):
            np.testing.assert_array_equal(
                at_once, one_by_one,
                err_msg=f"{member.name} keeps something that batches made at one time share",
            )  # fmt: skip


@every_member
def test_an_image_does_not_depend_on_its_neighbours(member, images):
    alone, labels = augmented(member, np.repeat(images[:1], 6, axis=0))
    among, mixed = augmented(member, images)
    if member.mix_labels:
        assert not np.array_equal(mixed, np.eye(6)), f"{member.name} blends no labels"
        return
    np.testing.assert_array_equal(
        alone[0], among[0], err_msg=f"{member.name} looks at other images of the batch"
    )
    np.testing.assert_array_equal(labels, np.eye(6), err_msg=f"{member.name} changes labels")


@colours
@every_member
def test_numpy_draws_the_same_pictures(member, channels, images):
    images = images[..., :channels]
    drawn = drawn_by(member, draws_of(len(images)), TENSOR_OPS, images.shape[1:])
    if not drawn:
        assert channels == 1, f"{member.name} draws nothing for colour images"
        return
    ours = member.stage.apply(tf.constant(images), drawn, TENSOR_OPS).numpy()
    preview = member.stage.apply(images, drawn, NUMPY_OPS)
    # A threshold may fall to either side of a rounding error, for a pixel in a thousand.
    differs = np.mean(np.abs(ours - preview) > 0.05)
    assert differs < 1e-3, f"the preview of {member.name} differs in {differs:.1%} of the pixels"
    if member.mix_labels:
        labels = np.eye(len(images), dtype=np.float32)
        mixed = member.mix_labels(tf.constant(labels), drawn, TENSOR_OPS).numpy()
        np.testing.assert_allclose(mixed, member.mix_labels(labels, drawn, NUMPY_OPS), atol=1e-5)


@every_member
def test_it_is_previewed(member, images):
    pictures = list(images.astype(np.uint8))
    config = Augmentation(**{member.name: member.usual})
    variants = lab.preview_augmentation(pictures, config, variants=8, seed=0)
    changed = [
        not np.array_equal(variant, picture)
        for picture, row in zip(pictures, variants, strict=True)
        for variant in row
    ]
    assert len(changed) == 48 and any(changed), f"the preview shows nothing of {member.name}"


def cpu_seconds_per_image(member, images):
    """The least of several: other work on the machine only adds."""
    run = tf.function(
        lambda: chain.augment(
            images, tf.eye(len(images)), strengths(member), draws_of(len(images)), TENSOR_OPS
        )
    )
    run()
    found = []
    for _ in range(5):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return min(found) / len(images)


@pytest.fixture(scope="module")
def batch(images):
    return tf.constant(np.repeat(images, 6, axis=0))


@pytest.fixture(scope="module")
def seconds_of_a_warp(batch):
    warp = next(member for member in table.MEMBERS if member.name == "rotation_degrees")
    return cpu_seconds_per_image(warp, batch)


@pytest.mark.exhaustive
@every_member
def test_it_costs_no_more_than_some_warps(member, batch, seconds_of_a_warp):
    ratio = cpu_seconds_per_image(member, batch) / seconds_of_a_warp
    assert ratio < MOST_TIMES_A_WARP, f"{member.name} costs as much as {ratio:.0f} warps"
