"""How fast a served model answers, how evenly, with how much memory, how soon after its start.

    python tests/benchmarks/serve.py [--smoke]

A small_cnn of 48 px is written for LiteRT and ONNX Runtime, untrained: that computes as fast. Each
is served by the process that `serve` becomes, and photos of 640 x 480 px are sent to it, by turns
with a bare loop in this process, which decodes, prepares and computes the same photos with one
thread of the same runtime. Goals: a batch of 32 takes at most 1.25 times as long as in the loop (.8
of its speed), with as many threads as there are CPUs; one picture at most 2 ms longer than in the
loop; of 16 clients, who each ask when they were answered, the slowest in a hundred wait 3 times the
median; memory 150 MB with LiteRT, 250 with ONNX Runtime; from the start of `python -m cnnlab serve`
to the first answer 1.5 s. Where others
compute too, the CPU seconds of a batch over those of the loop tell more. `--smoke` takes one
round.
"""

import http.client
import io
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab.datasets.pictures.pixels import FORMATS, decoded, to_square
from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.about import About
from cnnlab.exports.model_format import Source
from cnnlab.exports.serving.answering import MOST_TOGETHER
from cnnlab.exports.serving.runtimes import Predict, load_model
from cnnlab.exports.table import find_model_format
from cnnlab.training.network.model import build_model
from tests.benchmarks.app_process import Figure, print_figures
from tests.benchmarks.options import option_parser
from tests.benchmarks.predict_speed import CAMERA_PX, photo

ROOT = Path(__file__).resolve().parents[2]
SIZE, BATCH, CLIENTS = 48, 32, 16
BOUNDARY = b"------------------------d74496d66958873e"  # of a form, as curl makes them
NAMES = tuple(f"class {number}" for number in range(10))
MOST_MB = {"litert": 150, "onnx": 250}


def write_home(home: Path) -> None:
    """Leave what the preparation of a run's model leaves, in both formats."""
    config = load_config({"image": {"size": SIZE}, "architecture": {"preset": "small_cnn"}})
    model = build_model(config, (SIZE, SIZE, 3), len(NAMES))
    about = About(NAMES, config.image)
    source = Source(model, about, lambda: np.zeros((1, SIZE, SIZE, 3), np.uint8))
    for name in MOST_MB:
        chosen = find_model_format(name)
        folder = home / "runs" / "r" / "attempt-1" / "exports" / name
        folder.mkdir(parents=True)
        chosen.save(source, folder / chosen.file)
        with zipfile.ZipFile(folder / "model.zip", "w") as package:
            package.writestr("model.json", chosen.texts(about)["model.json"])
        (folder / "result.json").write_text('{"status": "finished"}')


class Server:
    """A process that serves, from its start on."""

    def __init__(self, home: Path, runtime: str) -> None:
        words = ["-m", "cnnlab", "serve", "r", "--runtime", runtime, "--port", "0", "--json"]
        environment = os.environ | {"CNNLAB_HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout
        told = json.loads(self.process.stdout.readline())
        self.place = urlsplit(told["address"]).netloc
        self.headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "image/jpeg"}

    def connect(self) -> http.client.HTTPConnection:
        """A connection that stays."""
        return http.client.HTTPConnection(self.place, timeout=60)

    def ask(self, to: http.client.HTTPConnection, path: str, body: bytes, **headers: str) -> None:
        """Send, and read the answer."""
        to.request("POST", path, body, self.headers | headers)
        answer = to.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()

    @property
    def most_megabytes(self) -> float:
        """Memory that it has taken at most."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))

    @property
    def cpu_seconds(self) -> float:
        """That it has computed."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def form(contents: list[bytes]) -> bytes:
    """The body of a form with these files."""
    disposition = b'Content-Disposition: form-data; name="p"; filename="a.jpg"'
    head = b"--" + BOUNDARY + b"\r\n" + disposition + b"\r\n\r\n"
    parts = [head + content + b"\r\n" for content in contents]
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def prepared(content: bytes) -> np.ndarray:
    """As a script of one's own would."""
    image = decoded(Image.open(io.BytesIO(content), formats=FORMATS), content, SIZE)
    return to_square(image, SIZE, "rgb", "crop")


def seconds_of(work: Callable[[], object]) -> float:
    """Wall time."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def latencies(server: Server, pictures: list[bytes], each: int) -> list[float]:
    """Seconds of every answer of so many clients who ask at once, each so often."""
    found: list[float] = []

    def client(number: int) -> None:
        to = server.connect()
        for turn in range(each):
            content = pictures[(number + turn) % len(pictures)]
            found.append(seconds_of(lambda: server.ask(to, "/predict", content)))  # noqa: B023
        to.close()

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return found


def measure(home: Path, runtime: str, rounds: int) -> list[Figure]:
    pictures = [photo(CAMERA_PX, seed) for seed in range(BATCH)]
    model = find_model_format(runtime)
    predict: Predict = load_model(
        home / "runs" / "r" / "attempt-1" / "exports" / runtime / model.file
    )
    starts = []
    for _ in range(3):
        began = time.perf_counter()
        server = Server(home, runtime)
        to = server.connect()
        server.ask(to, "/predict", pictures[0])
        starts.append(time.perf_counter() - began)
        if len(starts) < 3:
            server.end()
    body = form(pictures)
    as_form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}

    def bare_one(content: bytes) -> None:
        predict(prepared(content)[np.newaxis])

    def bare_batch() -> None:
        predict(np.stack([prepared(content) for content in pictures]))

    ratios, added, bare_cpu, served_cpu = [], [], 0.0, 0.0
    bare_batch()
    server.ask(to, "/batch", body, **as_form)
    for turn in range(rounds):
        bare_cpu -= time.process_time()
        bare = seconds_of(bare_batch)
        bare_cpu += time.process_time()
        served_cpu -= server.cpu_seconds
        ratios.append(seconds_of(lambda: server.ask(to, "/batch", body, **as_form)) / bare)
        served_cpu += server.cpu_seconds
        for content in pictures[turn % 4 :: 4]:
            alone = seconds_of(lambda: bare_one(content))  # noqa: B023
            asked = seconds_of(lambda: server.ask(to, "/predict", content))  # noqa: B023
            added.append(1000 * (asked - alone))
    waits = sorted(latencies(server, pictures, 4 * rounds))
    middle, late = statistics.median(waits), waits[int(0.99 * len(waits))]
    memory = server.most_megabytes
    server.end()
    name = model.title
    return [
        Figure(
            f"{name}: batch of {BATCH}, times a bare loop's", statistics.median(ratios), "", 1.25
        ),
        Figure(f"{name}: the same in CPU seconds", served_cpu / bare_cpu, ""),
        Figure(f"{name}: one picture, above a bare loop", statistics.median(added), "ms", 2),
        Figure(f"{name}: {CLIENTS} clients, median", 1000 * middle, "ms"),
        Figure(f"{name}: {CLIENTS} clients, p99 over median", late / middle, "", 3),
        Figure(f"{name}: memory at most", memory, "MB", MOST_MB[runtime]),
        Figure(f"{name}: start to first answer, median", statistics.median(starts), "s", 1.5),
    ]


def main(rounds: int) -> None:
    print(f"Up to {MOST_TOGETHER} pictures are computed together where many wait.")
    with tempfile.TemporaryDirectory() as place:
        write_home(Path(place))
        print_figures([figure for name in MOST_MB for figure in measure(Path(place), name, rounds)])


if __name__ == "__main__":
    main(1 if option_parser(__doc__).parse_args().smoke else 15)
