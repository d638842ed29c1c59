"""The `.keras` file in versions of Keras that are older than ours."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlab.domain.config.presets import FIXED_PRESETS, PRESETS
from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.about import About
from cnnlab.exports.formats.keras import FORMAT, LEAST_KERAS, without_later_arguments
from cnnlab.exports.model_format import Source
from cnnlab.training.judging.reference import float32_clone, reference_probabilities
from cnnlab.training.network.model import build_model

VERSIONS = (f"{LEAST_KERAS}.0", "3.12.0")
# The converters' and the older versions' own warnings aren't ours.
pytestmark = pytest.mark.filterwarnings("ignore")

SCRIPT = f"""
import sys, numpy as np
{FORMAT.load}
assert keras.__version__ == sys.argv[1], keras.__file__
for name in sys.argv[2:]:
    predict = load(name + ".keras")
    np.save(name + ".answer.npy", predict(np.load(name + ".images.npy")))
"""

EVERY_LAYER = [
    {"kind": "conv", "filters": 8}, {"kind": "batch_norm"}, {"kind": "activation"},
    {"kind": "residual_block", "filters": 8}, {"kind": "separable_conv", "filters": 8},
    {"kind": "depthwise_conv"}, {"kind": "layer_norm"}, {"kind": "group_norm", "groups": 4},
    {"kind": "max_pool"}, {"kind": "average_pool"}, {"kind": "spatial_dropout", "rate": 0.1},
    {"kind": "gaussian_noise", "stddev": 0.1}, {"kind": "rescaling", "scale": 2},
    {"kind": "conv", "filters": 8, "use_bias": False, "activation": "relu6"},
    {"kind": "inverted_residual_block", "filters": 8, "squeeze_filters": 4,
     "activation": "hard_silu"},
    {"kind": "branch_block"}, {"kind": "branch_block", "paths": [[], []], "merge": "add"},
    {"kind": "flatten"}, {"kind": "dense", "units": 8},
    {"kind": "dropout", "rate": 0.2},
]  # fmt: skip
NETS = {
    "resnet_small": {"architecture": {"preset": "resnet_small"}},
    "every_layer": {
        "architecture": {"layers": EVERY_LAYER},
        "regularization": {"l1": 0.001, "l2": 0.01, "batch_norm": True},
    },
    "global_average": {
        "architecture": {
            "layers": [{"kind": "conv", "filters": 8}, {"kind": "global_average_pool"}],
            "activation": "gelu",
        },
        "training": {"precision": "mixed_bfloat16"},
    },
    "global_max": {
        "architecture": {
            "layers": [{"kind": "conv", "filters": 8}, {"kind": "global_max_pool"}],
            "initializer": "glorot_uniform",
        },
        "regularization": {"stochastic_depth": 0.2, "gaussian_noise": 0.1},
    },
}


PRESET_NETS = {
    preset: {"architecture": {"preset": preset}} for preset in (*PRESETS, *FIXED_PRESETS)
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with the file of each net, images for it, and what it says of them by name."""
    return write(tmp_path_factory.mktemp("older-keras"), NETS)


def write(folder, nets):
    images = np.random.default_rng(3).integers(0, 256, (4, 24, 24, 3), np.uint8)
    expected = {}
    for name, parts in nets.items():
        config = load_config({"image": {"size": 24}} | parts)
        clone = float32_clone(build_model(config, images.shape[1:], 3))
        source = Source(clone, About(("a", "b", "c"), config.image), lambda: images)
        FORMAT.save(source, folder / f"{name}.keras")
        np.save(folder / f"{name}.images.npy", images)
        expected[name] = reference_probabilities(clone, images, lambda: None)
    return folder, expected


@pytest.mark.parametrize(
    "version", [VERSIONS[0], *(pytest.param(v, marks=pytest.mark.exhaustive) for v in VERSIONS[1:])]
)
def test_every_kind_of_layer_loads_in_older_versions_and_says_the_same(version, written):
    check(version, *written)


@pytest.mark.exhaustive
@pytest.mark.parametrize("version", VERSIONS)
def test_every_preset_loads_in_older_versions_and_says_the_same(version, tmp_path):
    check(version, *write(tmp_path, PRESET_NETS))


def check(version, folder, expected):
    environment = os.environ | {"PYTHONPATH": str(older_keras(version))}
    command = [sys.executable, "-c", SCRIPT, version, *expected]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    for name, probabilities in expected.items():
        said = np.load(folder / f"{name}.answer.npy")
        np.testing.assert_allclose(said, probabilities, atol=1e-6, err_msg=name)


def older_keras(version: str) -> Path:
    """Folder with that version alone, kept in the environment; the rest is the environment's."""
    folder = Path(sys.prefix) / "older-keras" / version
    if not folder.exists():
        beside = folder.with_name(f"{version}.part-{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        subprocess.run([*pip, str(beside), f"keras=={version}"], check=True)
        beside.rename(folder)
    return folder


def test_an_argument_that_says_something_is_kept():
    layer = {"config": {"renorm": True, "renorm_momentum": 0.9, "quantization_config": None}}
    kept = without_later_arguments({"layers": [layer, {"input_axes": None, "output_axes": [0]}]})
    assert kept == {
        "layers": [{"config": {"renorm": True, "renorm_momentum": 0.9}}, {"output_axes": [0]}]
    }
