"""The `.onnx` file: what a runtime is told by it."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from cnnlab.exports.formats.onnx import FORMAT, OPSET

pytestmark = pytest.mark.filterwarnings("ignore")  # converters warn of themselves


@pytest.fixture(scope="module")
def path(given, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    FORMAT.save(given.source, path)
    return path


def test_it_says_what_its_classes_and_images_are(path, given):
    session = onnxruntime.InferenceSession(path)
    said = session.get_modelmeta().custom_metadata_map
    assert json.loads(said["class_names"]) == list(given.about.class_names)
    assert json.loads(said["image"]) == {"size": 12, "color": "rgb", "resize": "crop"}


def test_it_takes_batches_of_any_size_in_float32(path, given):
    session = onnxruntime.InferenceSession(path)
    (image,) = session.get_inputs()
    assert (image.name, image.type, image.shape[1:]) == ("image", "tensor(float)", [12, 12, 3])
    for count in (1, 3, 70):
        (said,) = session.run(None, {"image": given.images[:count].astype(np.float32)})
        np.testing.assert_allclose(said, given.expected[:count], atol=1e-5)
    onnx.checker.check_model(onnx.load(path))
    assert {each.version for each in onnx.load(path).opset_import if not each.domain} == {OPSET}
