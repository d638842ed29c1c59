import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.training.network import fused


def normalized(layer, inputs, upstream):
    """Outputs, gradients by input, scale and shift, and the moving statistics after two steps."""
    for _ in range(2):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=True)
            total = tf.reduce_sum(tf.cast(outputs, tf.float32) * upstream)
        sources = [inputs, layer.gamma.value, layer.beta.value]
        gradients = tape.gradient(total, sources)
    moving = [layer.moving_mean, layer.moving_variance]
    return [np.asarray(tf.cast(value, tf.float32)) for value in (outputs, *gradients, *moving)]


@pytest.mark.parametrize("shape", [(8, 5, 4, 3), (1, 2, 1, 3), (16, 3)])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_batch_norm_is_that_of_keras(shape, dtype):
    generator = np.random.default_rng(0)
    inputs = tf.constant(generator.normal(2, 3, shape).astype(np.float32))
    upstream = tf.constant(generator.normal(size=shape).astype(np.float32))
    parts = []
    for kind in (fused.BatchNormalization, keras.layers.BatchNormalization):
        layer = kind(dtype=dtype)
        layer.build(shape)
        layer.gamma.assign([0.5, 1.0, 2.0])
        layer.beta.assign([-1.0, 0.0, 3.0])
        parts.append(normalized(layer, inputs, upstream))
    tolerance = 1e-4 if dtype == "float32" else 0.05
    for ours, theirs in zip(*parts, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("is_frozen", [True, False])
def test_frozen_batch_norm_computes_in_inference_mode_while_its_network_trains(is_frozen):
    layer = fused.BatchNormalization(epsilon=0)
    model = keras.Sequential([keras.Input((3, 3, 2)), layer])
    layer.moving_mean.assign([1.0, -2.0])
    layer.moving_variance.assign([4.0, 0.25])
    layer.trainable = not is_frozen
    inputs = np.random.default_rng(0).normal(2, 3, (4, 3, 3, 2)).astype(np.float32)
    outputs = tf.function(lambda images: model(images, training=True))(inputs)
    told = [inputs.mean((0, 1, 2)), inputs.std((0, 1, 2))]
    means, deviations = ([1, -2], [2, 0.5]) if is_frozen else told
    np.testing.assert_allclose(outputs, (inputs - means) / deviations, rtol=1e-4, atol=1e-4)
    assert np.array_equal(layer.moving_mean, [1.0, -2.0]) == is_frozen
    assert np.array_equal(layer.moving_variance, [4.0, 0.25]) == is_frozen


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
@pytest.mark.parametrize("accumulated", [None, 2])
def test_adam_is_that_of_keras(name, accumulated):
    generator = np.random.default_rng(0)
    start = generator.normal(size=(7, 5)).astype(np.float32)
    gradients = generator.normal(size=(6, 7, 5)).astype(np.float32)
    ended = []
    for module in (fused, keras.optimizers):
        optimizer = getattr(module, name)(
            0.01, weight_decay=0.02, gradient_accumulation_steps=accumulated, use_ema=True
        )
        weight = keras.Variable(start)
        optimizer.build([weight])
        for gradient in gradients:
            optimizer.apply_gradients([(tf.constant(gradient), weight)])
        ended.append([weight.numpy(), *(np.asarray(v) for v in optimizer.variables)])
    for ours, theirs in zip(*ended, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    assert not np.allclose(ended[0][0], start, atol=1e-3)
