"""`.keras`: Keras' own file, for Python and for training on."""

import json
import zipfile
from pathlib import Path

from cnnlab.exports.format import About, Format, KerasModel, Limits

DESCRIPTION = "cnnlab.json"
"""Member of the .keras zip with the class names and what images the model expects."""

_LOAD = """
import keras

def load(path):
    return keras.models.load_model(path).predict_on_batch
"""


def _write(model: KerasModel, path: Path, about: About) -> None:
    model.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(DESCRIPTION, json.dumps(about.to_json(), indent=1))


FORMAT = Format(
    name="keras",
    title="Keras",
    purpose="Python with Keras: to classify, to look into, or to train on.",
    suffix=".keras",
    runtime="plain Keras",
    runtime_packages=("tensorflow",),
    # The same arithmetic: measured 0 to 1e-6, where another number of threads sums differently.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
)
