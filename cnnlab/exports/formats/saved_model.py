"""SavedModel: TensorFlow's folder, for TensorFlow Serving and its kin."""

import json
from pathlib import Path

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats._signature import image_signature
from cnnlab.exports.model_format import ModelFormat, Source

DESCRIPTION = Path("assets.extra", "cnnlab.json")
"""Where a SavedModel may hold what TensorFlow doesn't read itself."""

_LOAD = """
import tensorflow as tf

def load(path):
    model = tf.saved_model.load(path)
    return lambda images: model.serve(tf.constant(images, tf.float32)).numpy()
"""


def _write(source: Source, path: Path) -> None:
    source.model.export(
        str(path),
        format="tf_saved_model",
        verbose=False,
        input_signature=image_signature(source.model),
    )
    described = path / DESCRIPTION
    described.parent.mkdir()
    described.write_text(json.dumps(source.about.to_json(), indent=1), encoding="utf-8")


FORMAT = ModelFormat(
    name="saved_model",
    title="SavedModel",
    purpose="Servers that run TensorFlow: TensorFlow Serving, Triton, Vertex AI.",
    suffix=".savedmodel",
    group=Group.MODEL,
    runtime="plain TensorFlow",
    runs_without=("keras",),  # half of what TensorFlow loads at its import; no server has it
    runtime_packages=("tensorflow",),
    # The same arithmetic: measured 0 to 1e-6, where another number of threads sums differently.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
    is_folder=True,
)
