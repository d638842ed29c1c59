"""A download in a Python of its own, which sees neither cnnlab nor a GPU."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.exports.fresh_python import lay_pictures, run_fresh

_LEAST_IMAGES, _READING_SECONDS = 32, 8.0
"""Of very large pictures fewer are read: as many as this time allows, and this many at least."""

# One CPU, so that what is measured is the same on every machine. What is loaded and prepared by is
# what a user has: the download's own example.
_SCRIPT = """
import importlib.util, os, resource, sys, time
from pathlib import Path
import numpy as np
folder, pictures, answer, least, reading = sys.argv[1:]
if hasattr(os, "sched_setaffinity"):
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
spec = importlib.util.spec_from_file_location("predict", Path(folder, "predict.py"))
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)
predict = example.load(str(example.MODEL))
files = sorted(Path(pictures).iterdir())
predict(example.prepare(files[0].read_bytes())[np.newaxis])
status = Path("/proc/self/status")  # now, as of one picture: what follows holds all of them
if status.exists():
    memory = 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
else:  # Linux counts here what the process was forked from, a worker with all of TensorFlow
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
images, began = [], time.perf_counter()
for picture in files:
    images.append(example.prepare(picture.read_bytes()))
    if len(images) >= int(least) and time.perf_counter() - began > float(reading):
        break
images = np.stack(images)
predicted = [predict(images[start : start + 16]) for start in range(0, len(images), 16)]
predict(images[:1])
seconds = []
for image in images[:16]:
    began = time.perf_counter()
    predict(image[np.newaxis])
    seconds.append(time.perf_counter() - began)
np.savez(answer, predicted=np.concatenate(predicted), seconds=seconds, memory=memory)
"""


@dataclass(frozen=True)
class Ran:
    """What a file said.

    Attributes:
        predicted: (N, classes) float32, of the first N images.
        seconds: (some,) that single images took.
        memory_bytes: that the process took at most until it had said something of one image.
    """

    predicted: np.ndarray
    seconds: np.ndarray
    memory_bytes: int


def run_alone(
    file: Path, texts: Mapping[str, str], pictures: Sequence[bytes], *, runtime: str
) -> Ran:
    """What an unzipped download says of picture files where nothing but its runtime is known.

    Args:
        file: the model, a file or folder.
        texts: what lies beside it by its name; `predict.py` is one of them.
        pictures: contents of image files.
        runtime: what loads the file, in words.

    Raises:
        ExportError: the file can't be loaded, or not in time.
    """
    with tempfile.TemporaryDirectory(prefix="cnnlab-verify-") as place:
        folder, given, answer = (Path(place, name) for name in ("download", "files", "answer.npz"))
        folder.mkdir()
        lay_pictures(given, pictures)
        (folder / file.name).symlink_to(file.absolute())
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        run_fresh(
            _SCRIPT,
            [folder, given, answer, _LEAST_IMAGES, _READING_SECONDS],
            late="The exported model wasn't loaded",
            failed=f"The exported model can't be loaded by {runtime}",
        )
        with np.load(answer) as answered:
            return Ran(answered["predicted"], answered["seconds"], int(answered["memory"]))
