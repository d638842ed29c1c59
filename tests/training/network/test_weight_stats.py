"""Norms of the kernels."""

import numpy as np

from cnnlab.training.loop.checkpoint import capture
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.model import build_model
from cnnlab.training.network.weight_stats import KernelStats


def test_norm_and_share_near_zero_by_hand():
    state = {
        "model/dense/kernel": np.array([[3.0, 0.0009], [-4.0, -0.001]], np.float32),
        "model/dense/bias": np.zeros(2, np.float32),
        "optimizer/0001/dense_kernel_momentum": np.ones((2, 2), np.float32),
        "position/epoch": np.array(3),
    }
    (row,) = KernelStats()(state)
    assert row["layer"] == "dense"
    assert row["near_zero"] == 0.25  # 0.001 itself is not below it
    np.testing.assert_allclose(row["norm"], np.sqrt(25 + 0.0009**2 + 0.001**2), rtol=1e-6)


def test_averaged_weights_take_the_place_of_the_others():
    state = {
        "model/dense/kernel": np.zeros((2, 2), np.float32),
        "average/dense/kernel": np.full((2, 2), 2.0, np.float32),
    }
    assert KernelStats()(state) == [{"layer": "dense", "norm": 4.0, "near_zero": 0.0}]


def test_a_kernel_that_two_states_share_is_measured_once():
    frozen, trained = np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)
    measure = KernelStats()
    first = measure({"model/conv/kernel": frozen, "model/dense/kernel": trained})
    second = measure({"model/conv/kernel": frozen, "model/dense/kernel": trained + 1})
    assert second[0] is first[0]
    assert [row["norm"] for row in (*first, second[1])] == [2.0, 0.0, 2.0]


def test_the_largest_finite_weights_have_a_finite_norm():
    (row,) = KernelStats()({"model/dense/kernel": np.full((4, 4), 3e38, np.float32)})
    assert np.isfinite(row["norm"])


def test_every_layer_with_a_kernel_is_there(tiny_config):
    layers = [
        {"kind": "separable_conv", "filters": 4},
        {"kind": "depthwise_conv"},
        {"kind": "batch_norm"},
        {"kind": "conv", "filters": 4},
        {"kind": "global_average_pool"},
        {"kind": "dense", "units": 5},
    ]
    config = tiny_config(architecture={"layers": layers})
    model = build_model(config, (12, 12, 3), 3)
    compile_model(model, config)
    names = [row["layer"] for row in KernelStats()(capture(model, 0))]
    assert names == [
        "block1_separable_conv/depthwise",
        "block1_separable_conv/pointwise",
        "block1_depthwise_conv",
        "block1_conv",
        "dense",
        "probabilities",
    ]
