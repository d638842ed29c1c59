"""`.keras`: Keras' own file, for Python and for training on."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.model_format import ModelFormat, Source

DESCRIPTION = "cnnlab.json"
"""Member of the .keras zip with the class names and what images the model expects."""

LEAST_KERAS = "3.6"
"""Version from which on Keras loads what is written here (tried: 3.6.0 and 3.12.0)."""

_ARCHITECTURE = "config.json"

_LATER_ARGUMENTS = {
    "input_axes": None,
    "lora_alpha": None,
    "output_axes": None,
    "quantization_config": None,
    "ragged": False,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
}
"""Arguments of layers and initializers that Keras got after `LEAST_KERAS`, with their defaults."""

_LOAD = """
import keras

def load(path):
    return keras.models.load_model(path).predict_on_batch
"""


def _write(source: Source, path: Path) -> None:
    whole = path.with_name(f"{path.stem}-whole{path.suffix}")
    try:
        source.model.save(whole)
        with zipfile.ZipFile(whole) as given, zipfile.ZipFile(path, "w") as archive:
            for member in given.infolist():
                if member.filename == _ARCHITECTURE:
                    layers = without_later_arguments(json.loads(given.read(member)))
                    archive.writestr(member, json.dumps(layers))
                else:
                    with given.open(member) as read, archive.open(member, "w") as written:
                        shutil.copyfileobj(read, written)
            description = source.about.to_json() | {"keras": f">={LEAST_KERAS}"}
            archive.writestr(DESCRIPTION, json.dumps(description, indent=1))
    finally:
        whole.unlink(missing_ok=True)


def without_later_arguments(config: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave out of a serialized model what older versions of Keras refuse, where it says nothing.

    Args:
        config: JSON values; an argument that isn't at its default is kept.
    """
    if isinstance(config, list):
        return [without_later_arguments(value) for value in config]
    if not isinstance(config, dict):
        return config
    return {
        name: without_later_arguments(value)
        for name, value in config.items()
        if name not in _LATER_ARGUMENTS or value != _LATER_ARGUMENTS[name]
    }


FORMAT = ModelFormat(
    name="keras",
    title="Keras",
    purpose=f"Python with Keras {LEAST_KERAS} or newer: to classify, to look into, or to train on.",
    suffix=".keras",
    group=Group.MODEL,
    runtime="plain Keras",
    runtime_packages=("tensorflow", f"'keras>={LEAST_KERAS}'"),
    # The same arithmetic: measured 0 to 1e-6, where another number of threads sums differently.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
)
