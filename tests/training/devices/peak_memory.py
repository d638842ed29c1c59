"""A training in a process of its own: prints the estimate and the real peak, in bytes, as JSON."""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.course.phases import spans_of
from cnnlab.training.devices.device import choose_device
from cnnlab.training.devices.memory_estimate import discard_sketches, largest_estimate, sketched
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.feed import plan_cache
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from tests.training.conftest import MemoryRecorder


def peak_bytes():
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) * 1024 for row in rows if row.startswith("VmHWM"))


def main(values):
    config = load_config(values)
    side = config.image.size
    images = np.random.default_rng(0).integers(0, 255, (160, side, side, 3), np.uint8)
    labels = np.arange(160, dtype=np.int32) % 3
    data = TrainingData(images, labels, np.arange(128), np.arange(128, 160), ("a", "b", "c"))
    model = sketched(lambda: build_model(config, data.image_shape, 3))
    plans = [plan_cache(config, data, [span]) for span in spans_of(config)]
    estimate = largest_estimate(model, config, choose_device("cpu"), plans)
    discard_sketches()
    fit(config, data, MemoryRecorder(None))
    sys.stdout.write(
        json.dumps({"estimate": estimate.total, "peak": peak_bytes(), **estimate.to_json()})
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
