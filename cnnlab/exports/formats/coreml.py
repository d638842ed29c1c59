"""Core ML: for apps on Apple's devices."""

import json
from pathlib import Path

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats._gelu import with_plain_gelu
from cnnlab.exports.model_format import ModelFormat, Source
from cnnlab.exports.usage.coreml import usage
from cnnlab.exports.usage.words import USAGE


def _write(source: Source, path: Path) -> None:
    import coremltools as ct

    names, model = source.about.class_names, with_plain_gelu(source.model)
    _, *shape = model.input_shape
    colors = ct.colorlayout.RGB if shape[-1] == 3 else ct.colorlayout.GRAYSCALE
    converted = ct.convert(
        model,
        source="tensorflow",
        convert_to="mlprogram",
        inputs=[ct.ImageType(name="image", shape=(1, *shape), color_layout=colors)],
        classifier_config=ct.ClassifierConfig(list(names)),
        # Nothing is rounded that nobody has compared.
        compute_precision=ct.precision.FLOAT32,
    )
    for name, value in source.about.to_json().items():
        converted.user_defined_metadata[name] = json.dumps(value)
    converted.short_description = f"Says which of {len(names)} classes an image shows."
    converted.save(str(path))


FORMAT = ModelFormat(
    name="coreml",
    title="Core ML",
    purpose="Apps on iPhone, iPad and Mac, by Core ML and Vision.",
    suffix=".mlpackage",
    group=Group.MODEL,
    runtime="Core ML",
    runtime_packages=("coremltools",),
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=None,
    not_verified="Core ML computes on Apple's devices only, so nothing here could compare it.",
    more_texts=lambda about: {USAGE: usage(about)},
    is_folder=True,
)
