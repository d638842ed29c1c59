"""What a process that trains one run after another does between them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import load_config
from cnnlab.machine import resident_bytes
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit

MOST_LEFT_BYTES = 2**30
"""A process that is larger after a run, when it should be back at 0.8 GB, is not used again."""

GPU_FILES = tuple(map(Path, ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")))
"""One of them is there where a GPU may be: of NVIDIA, of Windows below Linux, of AMD."""


def may_have_gpu() -> bool:
    """Whether there may be a GPU: while no run trains, none of its memory may be taken."""
    return any(file.exists() for file in GPU_FILES)


def rehearse() -> None:
    """Train a tiny network, because TensorFlow does many things for the first time only.

    It takes 0.3 s off the first run, measured. Not where there may be a GPU.
    """
    if may_have_gpu():
        return
    config = load_config(
        {
            "architecture": {"preset": "small_cnn"},
            "augmentation": {"flip": "horizontal", "rotation_degrees": 10},
            "training": {"epochs": 1, "batch_size": 2, "device": "cpu"},
        }
    )
    images = np.zeros((4, 16, 16, 3), np.uint8)
    labels = np.array([0, 1, 0, 1], np.int32)
    halves = np.arange(2), np.arange(2, 4)
    fit(config, TrainingData(images, labels, *halves, class_names=("a", "b")), _Silence())
    end_session()


def end_session() -> bool:
    """Forget the run that has ended; say whether this process may train another one.

    It may not where there is a GPU: TensorFlow gives its memory back, and takes other visible
    devices or deterministic kernels, only in a new process.
    """
    if tf.config.list_physical_devices("GPU"):
        return False
    # TensorFlow never lets go of the graph of a training step, nor of the graph around it, which
    # has this list of the Python functions that read images, and so would keep their file open.
    graph = tf.compat.v1.get_default_graph()
    getattr(graph, "_py_funcs_used_in_graph", []).clear()
    keras.utils.clear_session()
    return resident_bytes() <= MOST_LEFT_BYTES


class _Silence:
    """A recorder that keeps nothing and answers every question with nothing."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of a RunRecorder
        return lambda *_: ()
