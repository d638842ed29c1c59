"""What computes: LiteRT or ONNX Runtime, on the CPU, one thread for each picture."""

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
"""Of images (N, H, W, C) uint8 the probabilities (N, classes) float32; from any thread."""

PACKAGES = {".tflite": "ai-edge-litert", ".onnx": "onnxruntime"}
"""What pip calls the runtime of a file, by its suffix."""


class RuntimeMissingError(Exception):
    """A file can't be loaded here; the message is one sentence."""


def load_model(path: Path) -> Predict:
    """Load a model's file.

    Args:
        path: ends in `.tflite` or `.onnx`.

    Raises:
        RuntimeMissingError: its runtime isn't installed, or can't load the file.
    """
    loaders: dict[str, Callable[[Path], Predict]] = {".tflite": _LiteRt, ".onnx": _onnx}
    if path.suffix not in loaders:
        raise RuntimeMissingError(
            f"A server has a model in {' or '.join(loaders)}. Received: {path.name}"
        )
    try:
        return loaders[path.suffix](path)
    except ImportError as error:
        package = PACKAGES[path.suffix]
        raise RuntimeMissingError(
            f"{path.name} needs the package {package}: run `pip install {package}` ({error})."
        ) from error
    except Exception as error:  # a runtime raises almost anything on a damaged file
        raise RuntimeMissingError(
            f"{path.name} can't be loaded: {type(error).__name__}: {error!s:.200}"
        ) from error


def _onnx(path: Path) -> Predict:
    runtime: Any = importlib.import_module("onnxruntime")
    settings = runtime.SessionOptions()
    # Pictures are computed side by side: threads for one picture would only be in their way.
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    session = runtime.InferenceSession(
        str(path), sess_options=settings, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name

    def predict(images: np.ndarray) -> np.ndarray:
        predicted: np.ndarray = session.run(None, {name: images.astype(np.float32)})[0]
        return predicted

    return predict


class _LiteRt:
    """An interpreter for each thread: one isn't made to be used by several."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._interpreter: Any = importlib.import_module("ai_edge_litert.interpreter").Interpreter
        self._own = threading.local()
        self._make()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        if not hasattr(self._own, "interpreter"):
            self._make()
        interpreter, given, told = self._own.interpreter, self._own.given, self._own.told
        predicted = []
        for image in images:
            interpreter.set_tensor(given["index"], _as_given(image[np.newaxis], given))
            interpreter.invoke()
            predicted.append(_as_probabilities(interpreter.get_tensor(told["index"]), told)[0])
        return np.stack(predicted)

    def _make(self) -> None:
        interpreter = self._interpreter(self._path, num_threads=1)
        interpreter.allocate_tensors()
        self._own.interpreter = interpreter
        self._own.given = interpreter.get_input_details()[0]
        self._own.told = interpreter.get_output_details()[0]


def _as_given(images: np.ndarray, given: dict[str, Any]) -> np.ndarray:
    """Values 0 to 255 as a model reads them: as floats, or as whole numbers with a scale."""
    if given["dtype"] == np.float32:
        return images.astype(np.float32)
    scale, zero = given["quantization"]
    limits = np.iinfo(given["dtype"])
    levels = np.round(images / scale + zero).clip(limits.min, limits.max)
    quantized: np.ndarray = levels.astype(given["dtype"])
    return quantized


def _as_probabilities(told_values: np.ndarray, told: dict[str, Any]) -> np.ndarray:
    if told["dtype"] == np.float32:
        return told_values
    scale, zero = told["quantization"]
    return ((told_values.astype(np.float32) - zero) * scale).astype(np.float32)
