"""`.onnx`: one file that ONNX Runtime loads from Python, C++, C#, Java and JavaScript."""

import json
from pathlib import Path

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats._gelu import with_plain_gelu
from cnnlab.exports.formats._signature import image_signature
from cnnlab.exports.model_format import ModelFormat, Source
from cnnlab.exports.usage.onnx import usage
from cnnlab.exports.usage.words import USAGE

OPSET = 17
"""Of the operators: what every ONNX Runtime since 1.12 (2022) knows."""

_LOAD = """
import onnxruntime

def load(path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"image": images.astype("float32")})[0]
"""


def _write(source: Source, path: Path) -> None:
    import onnx

    with_plain_gelu(source.model).export(
        str(path),
        format="onnx",
        verbose=False,
        input_signature=image_signature(source.model),
        opset_version=OPSET,
    )
    described = onnx.load(path)
    texts = {name: json.dumps(value) for name, value in source.about.to_json().items()}
    onnx.helper.set_model_props(described, texts)
    onnx.save(described, path)


FORMAT = ModelFormat(
    name="onnx",
    title="ONNX",
    purpose="Programs in C++, C#, Java, JavaScript or Python, by ONNX Runtime.",
    suffix=".onnx",
    group=Group.MODEL,
    runtime="ONNX Runtime",
    runtime_packages=("onnxruntime",),
    # The same float32 numbers summed in another order: measured 3e-7 to 9e-7. What is shown of a
    # probability has three digits; of 64 images one may lie where two classes are equal.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
    more_texts=lambda about: {USAGE: usage(about)},
)
