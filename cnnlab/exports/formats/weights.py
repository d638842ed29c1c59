"""`.npz`: the weights as arrays by their layers' names, with the architecture as JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats.keras import LEAST_KERAS, without_later_arguments
from cnnlab.exports.model_format import ModelFormat, Source

ARCHITECTURE, DESCRIPTION = "architecture.json", "model.json"
"""Members with text, as one string each; all others are weights, `<layer>/<weight>`."""

_LOAD = """
import keras
import numpy as np

def load(path):
    arrays = np.load(path)
    model = keras.models.model_from_json(str(arrays["architecture.json"]))
    for layer in model.layers:
        layer.set_weights([arrays[f"{layer.name}/{each.name}"] for each in layer.weights])
    return model.predict_on_batch
"""


def _write(source: Source, path: Path) -> None:
    model = source.model
    arrays = {
        f"{layer.name}/{weight.name}": weight.numpy()
        for layer in model.layers
        for weight in layer.weights
    }
    architecture = without_later_arguments(json.loads(model.to_json()))
    texts = {
        ARCHITECTURE: json.dumps(architecture),
        DESCRIPTION: json.dumps(source.about.to_json()),
    }
    members: dict[str, Any] = arrays | {name: np.array(text) for name, text in texts.items()}
    with path.open("wb") as file:
        np.savez(file, **members)


FORMAT = ModelFormat(
    name="weights",
    title="Weights",
    purpose="Numpy arrays by layer: to look into, or to load into a network of your own.",
    suffix=".npz",
    group=Group.MODEL,
    runtime="plain Keras",
    runtime_packages=("tensorflow", f"'keras>={LEAST_KERAS}'"),
    # The same arithmetic: measured 0 to 1e-6, where another number of threads sums differently.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
)
