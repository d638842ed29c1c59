"""A download in a Python of its own, which sees neither cnnlab nor a GPU."""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.exports.fresh_python import begun_fresh, end_fresh, lay_pictures

_LEAST_IMAGES, _READING_SECONDS = 32, 8.0
"""Of very large pictures fewer are read: as many as this time allows, and this many at least."""

_NOT_BROUGHT = ("pandas", "scipy", "sklearn")
"""Packages of this environment that no download asks for: Keras loads what it finds of them."""

# Imports come first, while the file is written. One CPU then, so that what is measured is the same
# on every machine. What is loaded and prepared by is what a user has: the download's own example.
_SCRIPT = """
import importlib.util, json, os, resource, sys, time
from pathlib import Path
load, hidden = sys.argv[1:]
sys.modules.update(dict.fromkeys(json.loads(hidden)))
import numpy as np
exec(load, {})
told = sys.stdin.read()
if not told:  # whoever was to tell it has ended
    sys.exit()
folder, pictures, answer, least, reading = json.loads(told)
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


Run = Callable[[Path, Mapping[str, str], Sequence[bytes]], Ran]
"""Has an unzipped download say what picture files show: the model, a file or folder; what lies
beside it by its name, of which `predict.py` is one; the contents of the pictures. An `ExportError`
says that the file can't be loaded, or not in time."""


@contextlib.contextmanager
def begun_alone(load: str, *, runtime: str, without: Sequence[str] = ()) -> Iterator[Run]:
    """A Python where nothing but a runtime is known, which is loaded there meanwhile.

    Args:
        load: source of `load`, as a format has it; its imports are done at once.
        runtime: what loads the file, in words.
        without: modules that are hidden there.
    """
    hidden = json.dumps([*_NOT_BROUGHT, *without])
    with (
        tempfile.TemporaryDirectory(prefix="cnnlab-verify-") as place,
        begun_fresh(_SCRIPT, [load, hidden]) as begun,
    ):

        def run(file: Path, texts: Mapping[str, str], pictures: Sequence[bytes]) -> Ran:
            names = ("download", "files", "answer.npz")
            folder, given, answer = (Path(place, name) for name in names)
            folder.mkdir()
            lay_pictures(given, pictures)
            (folder / file.name).symlink_to(file.absolute())
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8")
            told = [str(folder), str(given), str(answer), _LEAST_IMAGES, _READING_SECONDS]
            end_fresh(
                begun,
                json.dumps(told),
                late="The exported model wasn't loaded",
                failed=f"The exported model can't be loaded by {runtime}",
            )
            with np.load(answer) as answered:
                return Ran(answered["predicted"], answered["seconds"], int(answered["memory"]))

        yield run
