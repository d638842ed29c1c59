"""How soon a new picture is answered, and how many a second: by the route, as a page sends them.

    python tests/benchmarks/predict_speed.py [--smoke]

A run of small_cnn with 64 px trains for an epoch on the bundled sample. Then pictures are posted to
the app's own route over one connection, the next one when the last is answered, as a camera does:
photos of 640 x 480 px as a camera gives them, and of 12 megapixels as a phone does. One worker is
killed in mid-answer; what counts then is when an answer comes again. Last, a zip of 1,000 pictures
becomes a table. Everything computes on two cores at most.
Goals: warm, an answer takes at most 0.3 s, of a phone's photo as well; at least 5 pictures a
second. `--smoke` takes fewer pictures.
"""

import http.client
import io
import json
import os
import signal
import statistics
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.jobs.asking import cancel, job_folder
from cnnlab.jobs.kinds.answer_pictures import KEY, KIND
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER, access_token
from cnnlab.server.predicting import predict_address
from tests.benchmarks.app_process import App, Figure, print_figures, started_app
from tests.benchmarks.options import option_parser
from tests.waiting import wait_until

CORES = 2
CAMERA_PX, PHONE_PX = (640, 480), (4000, 3000)


def photo(size: tuple[int, int], seed: int) -> bytes:
    """A JPEG with as much detail as a photo has."""
    noise = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


class Page:
    """What a page does: it posts pictures and asks again while there is a phase."""

    def __init__(self, app: App, run: str) -> None:
        host = app.address.removeprefix("http://")
        self._connection = http.client.HTTPConnection(host, timeout=60)
        self._address = f"{predict_address()}?runs={run}"
        self._headers = {TOKEN_HEADER: access_token(), "Origin": app.address}

    def post(self, content: bytes) -> dict:
        self._connection.request("POST", self._address, content, self._headers)
        answer = json.loads(self._connection.getresponse().read())
        assert "problem" not in answer, answer["problem"]
        return answer

    def seconds(self, content: bytes) -> float:
        """From sending to the predictions."""
        began = time.perf_counter()
        while "phase" in self.post(content):
            time.sleep(0.1)
        return time.perf_counter() - began


def trained() -> str:
    """Id of a finished run."""
    config = load_config(
        {
            "dataset": lab.list_datasets()[0].id,
            "image": {"size": 64},
            "architecture": {"preset": "small_cnn"},
            "training": {"epochs": 1, "device": "cpu"},
        }
    )
    run = lab.launch_run(config)
    wait_until(lambda: lab.load_run(run.id).status.is_ended, seconds=300)
    return run.id


def killed_seconds(page: Page, content: bytes) -> float:
    """From the death of the worker until a picture is answered."""
    lock = job_folder(workplace().home, KIND, KEY).lock
    os.kill(int(lock.read_text()), signal.SIGKILL)
    return page.seconds(content)


def end_worker() -> None:
    """Have the models let go, so that nobody writes into a folder that is deleted."""
    files = job_folder(workplace().home, KIND, KEY)
    cancel(files)
    wait_until(lambda: not files.is_alive())


def table_seconds(run: str, count: int) -> float:
    """A zip with so many pictures, from the request to the table."""
    buffer = io.BytesIO()
    pictures = [photo((320, 240), seed) for seed in range(20)]
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.jpg", pictures[number % 20])
    token = lab.begin_upload("many.zip", len(buffer.getvalue()))
    for start in range(0, len(buffer.getvalue()), 2**23):
        lab.append_chunk(token, start, buffer.getvalue()[start : start + 2**23])
    began = time.perf_counter()
    key = lab.start_predictions([run], token)
    wait_until(lambda: lab.predictions_state(key).is_ended, seconds=300)
    assert len(lab.predictions_table(key)) == count
    return time.perf_counter() - began


def main(count: int, many: int) -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    # Drawn before: a connection that is silent for long is closed.
    camera = [photo(CAMERA_PX, seed) for seed in range(count)]
    phones = [photo(PHONE_PX, seed) for seed in range(5)]
    with started_app() as app:
        run = trained()
        page = Page(app, run)
        cold = page.seconds(camera[0])
        first = [page.seconds(content) for content in camera[:5]]  # while it learns what is unlike
        wait_until(lambda: page.post(camera[0])["predictions"][0]["familiarity"], seconds=60)
        began = time.perf_counter()
        seconds = [page.seconds(content) for content in camera]
        a_second = len(camera) / (time.perf_counter() - began)
        phone = [page.seconds(content) for content in phones]
        killed = killed_seconds(page, camera[0])
        table = table_seconds(run, many)
        end_worker()
    print_figures(
        [
            Figure("first picture, no worker there", cold, "s"),
            Figure("pictures 2 to 6, slowest", max(first), "s", 0.3),
            Figure("camera's picture, warm, median", statistics.median(seconds), "s", 0.3),
            Figure("camera's picture, warm, slowest", max(seconds), "s", 0.3),
            Figure("seconds a picture, one after the other", 1 / a_second, "s", 0.2),
            Figure("phone's photo of 12 megapixels, slowest", max(phone), "s", 0.3),
            Figure("answer after the worker was killed", killed, "s"),
            Figure(f"a table of {many} pictures of 320 px", table, "s"),
        ]
    )


if __name__ == "__main__":
    is_short = option_parser(__doc__).parse_args().smoke
    main(*((10, 50) if is_short else (100, 1000)))
