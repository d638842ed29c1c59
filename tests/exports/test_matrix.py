"""Every format of a model times networks of every kind: trained, exported, compared.

Each net is a run that was trained for real; a file goes all the way of a user's: the job, the
download's own `predict.py` in a fresh process. The check does each sort of rounding with a net that
has every option on; the whole table is for `python3 tests/check.py --exports`.
"""

import contextlib
import os
import time
import zipfile
from itertools import product

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ExportError
from cnnlab.exports.model_format import ModelFormat
from cnnlab.exports.table import all_formats
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.export import export
from cnnlab.worker.train import train
from tests.datasets.uploads import encoded

# Converters are programs of others, and warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")

MODELS = [each.name for each in all_formats().values() if isinstance(each, ModelFormat)]

OWN_LAYERS = [
    {"kind": "conv", "filters": 8, "activation": "gelu"}, {"kind": "batch_norm"},
    {"kind": "separable_conv", "filters": 8, "activation": "leaky_relu"},
    {"kind": "depthwise_conv", "activation": "elu"}, {"kind": "max_pool"},
    {"kind": "residual_block", "filters": 12}, {"kind": "average_pool"},
    {"kind": "inverted_residual_block", "filters": 12, "expanded_filters": 16,
     "squeeze_filters": 4, "activation": "hard_silu"},
    {"kind": "branch_block", "paths": [
        [{"kind": "conv", "filters": 8, "use_bias": False, "activation": "relu6"}], []]},
    {"kind": "rescaling", "scale": 2, "offset": -0.5},
    {"kind": "activation", "activation": "silu"}, {"kind": "global_max_pool"},
    {"kind": "dense", "units": 8, "activation": "tanh"}, {"kind": "dropout", "rate": 0.1},
]  # fmt: skip
INVERTED = [
    {"kind": "conv", "filters": 8, "activation": "relu6"},
    {"kind": "inverted_residual_block", "filters": 8, "expanded_filters": 24,
     "activation": "relu6"},
    {"kind": "inverted_residual_block", "filters": 12, "expanded_filters": 24, "kernel_size": 5,
     "strides": 2, "squeeze_filters": 6, "activation": "hard_silu"},
    {"kind": "inverted_residual_block", "filters": 12, "expanded_filters": 0,
     "activation": "linear"},
    {"kind": "global_average_pool"},
]  # fmt: skip
BRANCHES = [
    {"kind": "conv", "filters": 8},
    {"kind": "branch_block", "paths": [
        [{"kind": "conv", "filters": 8}, {"kind": "batch_norm"}],
        [{"kind": "max_pool", "enabled": False}, {"kind": "depthwise_conv"}],
        [{"kind": "separable_conv", "filters": 4, "kernel_size": 5, "use_bias": False}], []]},
    {"kind": "max_pool"},
    {"kind": "branch_block", "merge": "add", "paths": [
        [{"kind": "layer_norm"}, {"kind": "activation", "activation": "hard_silu"}], [],
        [{"kind": "rescaling", "scale": -0.5, "offset": 0.2}]]},
    {"kind": "branch_block", "paths": [[{"kind": "max_pool"}], [{"kind": "average_pool"}]]},
    {"kind": "global_average_pool"},
]  # fmt: skip
NORMS = [
    {"kind": "conv", "filters": 8}, {"kind": "layer_norm"}, {"kind": "conv", "filters": 8},
    {"kind": "group_norm", "groups": 4}, {"kind": "global_average_pool"},
]  # fmt: skip

TINY = {"architecture": {"preset": "tiny_cnn"}}
GRAY = {"image": {"size": 16, "color": "grayscale"}}
PAD = {"image": {"size": 16, "resize": "pad"}}
GRAY_PAD = {"image": {"size": 16, "color": "grayscale", "resize": "pad"}}
MIXED = {"training": {"precision": "mixed_bfloat16"}}
EMA = {"optimizer": {"ema_momentum": 0.9}}
TEMPERATURE = 1.7
FINE_TUNED = {
    "preset": "tiny_cnn",
    "frozen_layers": 1,
    "phases": [{"epochs": 2, "trainable_blocks": 0}, {"epochs": 2, "learning_rate": 0.001}],
}

NETS = {
    "tiny": (TINY, None),
    "small": ({"architecture": {"preset": "small_cnn"}}, None),
    "vgg": ({"architecture": {"preset": "vgg_small"}}, None),
    "resnet": ({"architecture": {"preset": "resnet_small"}}, None),
    "own": ({"architecture": {"layers": OWN_LAYERS}}, None),
    "mobile": ({"architecture": {"preset": "mobilenet_v3_small"}}, None),
    "lite": ({"architecture": {"preset": "efficientnet_lite0"}}, None),
    "inverted": ({"architecture": {"layers": INVERTED}}, None),
    "branches": ({"architecture": {"layers": BRANCHES}}, None),
    "norms": ({"architecture": {"layers": NORMS}}, None),
    "grayscale": (TINY | GRAY, None),
    "pad": (TINY | PAD, None),
    "mixed_bfloat16": (TINY | MIXED, None),
    "EMA": (TINY | EMA, None),
    "temperature": (TINY, TEMPERATURE),
    "fine-tuned": ({"architecture": FINE_TUNED}, None),
    # For the check, with all of it.
    "tiny, all": (TINY | GRAY_PAD | MIXED | EMA, TEMPERATURE),
    "own, all": ({"architecture": {"layers": OWN_LAYERS}} | GRAY_PAD | MIXED | EMA, TEMPERATURE),
}
"""Parts of the config, and the temperature of the export."""

IN_THE_CHECK = {
    *product(("own, all",), ("litert", "litert_float16", "litert_dynamic", "onnx")),
    ("tiny, all", "litert_int8"),
}

CELLS = [
    pytest.param(
        *cell,
        id="-".join(cell),
        marks=[] if cell in IN_THE_CHECK else [pytest.mark.exhaustive],
    )
    for cell in product(NETS, MODELS)
]


def draw_wide(path, each=60):
    """Wider than high, so that it matters how they are fitted into a square."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for label, level in {"dark": 60, "middle": 128, "bright": 196}.items():
            for number in range(each):
                pixels = generator.normal(generator.normal(level, 30), 20, (16, 25, 3))
                picture = Picture.fromarray(pixels.clip(0, 255).astype(np.uint8))
                archive.writestr(f"{label}/{number}.png", encoded(picture, "PNG"))
    return path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Images of three classes that are hard to tell apart, wider than high."""
    folder = tmp_path_factory.mktemp("matrix")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        yield lab.import_dataset(draw_wide(folder / "a.zip"))


@pytest.fixture(scope="module")
def trained(dataset):
    """Trains a net when it is first wanted; gives the id of its run."""
    runs = {}

    def run(net):
        if net not in runs:
            runs[net] = f"r{len(runs)}"
            config = {
                "dataset": dataset.id,
                "image": {"size": 16},
                "split": {"validation": 0.3},
                "optimizer": {"learning_rate": 0.005},
            } | NETS[net][0]
            if net == "fine-tuned":
                config["architecture"] = FINE_TUNED | {"pretrained": weights_of(run("tiny"))}
            config["training"] = {"epochs": 4, "batch_size": 16, "device": "cpu"} | config.get(
                "training", {}
            )
            attempt = Attempt(open_home().attempt(runs[net], 1))
            attempt.create(load_config(config).model_dump(mode="json"))
            done(train, TrainRequest(), attempt)
        return runs[net]

    return run


def weights_of(run):
    """Id of the weights of a run's model, kept in the home."""
    return lab.add_pretrained(open_home().attempt(run, 1) / "model.keras").id


def done(function, request, files):
    with contextlib.closing(files.recorder()) as recorder:
        return function(Work(request, files, recorder, "cpu", lambda: None))


@pytest.mark.parametrize(("net", "name"), CELLS)
def test_a_net_is_exported_and_verified(net, name, trained, tmp_path, record_property):
    """Every kind of layer of the config can be held by every format.

    Rounding may go too far for a net that has hardly learned: by hand, that may be refused.
    """
    chosen = all_formats()[name]
    if chosen.pip_line:
        pytest.skip(f"{chosen.title} needs packages that only the whole matrix installs")
    run, began = trained(net), time.perf_counter()
    try:
        check = done(export, ExportRequest(run, 1, name, NETS[net][1]), JobFolder(tmp_path))
    except ExportError as refused:
        assert (net, name) not in IN_THE_CHECK, refused
        assert chosen.limits.instead and str(refused).endswith(chosen.limits.instead)
        assert not (tmp_path / chosen.file).exists()
        record_property("row", f"| {net} | {name} | refused: {refused} |")
        return
    seconds = time.perf_counter() - began
    assert (tmp_path / "model.zip").exists() and check["bytes"] > 0
    said = "not verified"
    if chosen.load is None:
        assert check["not_verified"] and check["top1_agreement"] is None
    else:
        assert check["images"] == check["of_images"] == 54
        said = (
            f"{check['max_abs_difference']:.1e} | {check['top1_agreement']:.3f} | "
            f"{check['milliseconds_per_image']:.2f} ms | {check['memory_bytes'] / 2**20:.0f} MiB"
        )
    record_property("row", f"| {net} | {name} | {said} | {seconds:.1f} s |")
