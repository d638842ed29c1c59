"""Does a GPU really compute? One step on it in a process of its own, with a time limit.

A GPU that TensorFlow lists may still be of no use: a chip newer than the installed TensorFlow is
compiled for during half an hour or fails, and a broken driver ends the whole process. So a step is
tried elsewhere first: `python -m cnnlab.training.devices.gpu_check GPU:0`.
"""

import contextlib
import ctypes
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

import cnnlab

TIME_LIMIT_SECONDS = 120.0
_DRIVER = Path("/proc/driver/nvidia/version")
_PR_SET_PDEATHSIG = 1


def gpu_problem(devices: Sequence[str], words: str) -> str | None:
    """Why these GPUs can't be used, as part of a sentence; None where a step on them worked.

    A success is remembered until the temporary files are cleared, as at a restart of the machine.

    Args:
        devices: TensorFlow's names, `GPU:0`.
        words: what else decides the outcome: the names of the chips.
    """
    shared = os.environ.get("TMPDIR", "/tmp")  # a worker's own folder is gone with it
    stamp = Path(shared, f"cnnlab-gpu-{_conditions_digest([*devices, words])}")
    if stamp.exists():
        return None
    problem = step_problem([sys.executable, "-m", __name__, *devices], TIME_LIMIT_SECONDS)
    if problem is None:
        with contextlib.suppress(OSError):  # then it is tried again next time
            stamp.touch()
    return problem


def step_problem(command: Sequence[str], seconds: float) -> str | None:
    """Run a command that tries a step; say as part of a sentence how it failed, or None.

    Args:
        command: must exit with 0 if the step worked.
        seconds: the command is killed after these.
    """
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            cwd=Path(cnnlab.__file__).parent.parent,
        )
    except subprocess.TimeoutExpired:
        return f"had not finished one step after {seconds:g} s"
    if answer.returncode == 0:
        return None
    cause = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
    return f"failed at one step ({cause:.200})"


def try_step(device: str) -> float:
    """One gradient step of a small convolution; return its loss.

    Raises:
        tf.errors.OpError: the device can't do it, or the result isn't finite.
    """
    with tf.device(device):
        images = tf.random.stateless_uniform((8, 16, 16, 3), (1, 2), alg="philox")
        kernel = tf.Variable(tf.random.stateless_normal((3, 3, 3, 8), (3, 4), alg="philox"))
        with tf.GradientTape() as tape:
            outputs = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "SAME"))
            loss = tf.reduce_mean(outputs**2)
        kernel.assign_sub(0.1 * tape.gradient(loss, kernel))
        tf.debugging.assert_all_finite(kernel, "the updated weights aren't finite")
        return float(loss)


def _conditions_digest(words: Sequence[str]) -> str:
    """Hex digest of everything that a success depends on."""
    driver = _DRIVER.read_text() if _DRIVER.exists() else ""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return hashlib.sha256("\n".join([tf.__version__, driver, visible, *words]).encode()).hexdigest()


def main(devices: Sequence[str]) -> None:
    """Try a step on each device; any error ends the process with its message and code 1."""
    if sys.platform == "linux":  # who asks may be killed: then nobody waits for the answer
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    tf.config.set_soft_device_placement(False)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    for device in devices:
        try_step(device)


if __name__ == "__main__":
    main(sys.argv[1:])
