"""OpenVINO: for Intel's processors and graphics."""

import json
from pathlib import Path

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats._signature import image_signature
from cnnlab.exports.model_format import ModelFormat, Source

_NETWORK = "model.xml"
"""Within the folder; the weights lie in `model.bin` beside it."""

# Without the hint it computes in bfloat16 on processors that have it: top-1 agreement was 97.5 %.
_LOAD = """
import openvino

def load(path):
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    model = openvino.Core().compile_model(f"{path}/model.xml", "CPU", exact)
    return lambda images: model(images.astype("float32"))[0]
"""


def _write(source: Source, path: Path) -> None:
    import openvino

    path.mkdir()
    converted = path / f"converted-{_NETWORK}"
    source.model.export(
        str(converted),
        format="openvino",
        verbose=False,
        input_signature=image_signature(source.model),
    )
    network = openvino.Core().read_model(converted)
    for name, value in source.about.to_json().items():
        network.set_rt_info(json.dumps(value), ["cnnlab", name])
    openvino.save_model(network, path / _NETWORK, compress_to_fp16=False)
    del network  # which keeps the weights open
    for part in (converted, converted.with_suffix(".bin")):
        part.unlink()


FORMAT = ModelFormat(
    name="openvino",
    title="OpenVINO",
    purpose="Intel's processors and graphics, by OpenVINO from Python or C++.",
    suffix=".openvino",
    group=Group.MODEL,
    runtime="OpenVINO",
    runtime_packages=("openvino",),
    # The same float32 numbers summed in another order, with the hint above: measured 4e-7 to 9e-7.
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    write=_write,
    load=_LOAD,
    is_folder=True,
)
