"""A served model says of a file what the product says, however odd the file is."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab.datasets.pictures.decode import without_decoder_warnings
from cnnlab.datasets.pictures.squares import square_of
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.exports.serving.ready import RUNTIMES
from cnnlab.exports.table import find_model_format
from cnnlab.training.judging.reference import reference_probabilities
from tests.exports.conftest import CLASSES
from tests.exports.odd_pictures import odd_files
from tests.exports.serving.made_server import Server, form

MOST_MB = {"litert": 150, "onnx": 250}

# Converters are programs of others, and warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_probabilities_of_odd_files_are_the_products(given, tmp_path, runtime):
    chosen = find_model_format(runtime)
    image, value_range = Image(size=12, resize="pad"), ValueRange(0.0, 4095.0)
    about = replace(given.about, image=image, value_range=value_range)
    chosen.save(replace(given.source, about=about), tmp_path / chosen.file)
    (tmp_path / "model.json").write_text(chosen.texts(about)["model.json"], encoding="utf-8")
    files = list(odd_files().values())
    assert len(files) >= 60
    with without_decoder_warnings():
        squares = [square_of(file, 12, image.color, image.resize, value_range) for file in files]
    expected = reference_probabilities(given.clone, np.stack(squares), lambda: None)

    server = Server(["-m", "cnnlab.exports.serving", tmp_path, "--max-images", "100"])
    body, headers = form([(str(number), file) for number, file in enumerate(files)])
    told = server.json("POST", "/batch", body, headers)["predictions"]
    assert [one["name"] for one in told] == [str(number) for number in range(len(files))]
    assert list(told[0]["probabilities"]) == list(CLASSES)
    served = np.array([list(one["probabilities"].values()) for one in told])
    assert np.abs(served - expected).max() < chosen.limits.max_abs_difference
    # Else any picture would have been right. How far a short training gets is the processor's.
    assert np.ptp(expected, axis=0).max() > 100 * chosen.limits.max_abs_difference
    single = server.json("POST", "/predict", files[0])
    assert single["probabilities"] == pytest.approx(told[0]["probabilities"], abs=1e-6)
    assert server.memory_bytes("VmHWM") < MOST_MB[runtime] * 1e6
    assert server.end()[0] == 0
