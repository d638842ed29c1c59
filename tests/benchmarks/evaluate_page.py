"""The Evaluate page of a run with many images: from the job's end to a whole page, and from
a click to pictures.

    python tests/benchmarks/evaluate_page.py [IMAGES] [VISITS] [--smoke]

Images are drawn and imported; what a worker leaves of an evaluation is left by hand, with the
predictions of a made model that mixes up neighbours. A browser opens the page while the job seems
to run, then its result is written: until the matrix, the table, the last chart and the worst
pictures are drawn. In the open page cells of the matrix are chosen, until the first picture of each
is drawn. Loading the page anew is told for comparison. The first time counts for nothing: the
server and the browser load what they keep.
Goals for 10,000 images: a whole page 2 s after the job, pictures 0.5 s after the click. `--smoke`
takes 200 images, and does each once.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from cnnlab.files import take_lock, write_json
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.judging.judge import judge
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import newest_attempt
from tests.benchmarks.app_process import (
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.large_dataset import draw_images
from tests.benchmarks.options import read_options
from tests.made_judgements import made_predictions
from tests.made_runs import made_run

VISITS, CLICKS, PAGE_SECONDS, CLICK_SECONDS = 5, 12, 2.0, 0.5
COMPLETE = (
    ".st-key-confusion_matrix td",
    ".st-key-per_class_table tbody tr",
    ".st-key-top_losses .cnnlab-picture",
    ".st-key-test_vault",
)
CHARTS_DRAWN = """() => {
  const places = [...document.querySelectorAll('.cnnlab-figure')]
  return places.length > 2 && places.every((place) => place.querySelector('.main-svg'))
}"""
PICTURE_DRAWN = """version => {
  const image = document.querySelector('.st-key-cell .cnnlab-picture img')
  return image && image.complete && image.naturalWidth > 0 && image.src !== version
}"""


class Job:
    """The evaluation of a run's validation images, so many: what a worker would do, at once.

    Args:
        images: how many.
    """

    def __init__(self, images: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "images.zip"
            draw_images(path, images * 5 // 4)
            self.dataset = lab.import_dataset(path, name="Many images")
        split = {"validation": 0.8}
        config = RunConfig.model_validate({"dataset": self.dataset.id, "split": split})
        self.run = made_run(config, status=Status.FINISHED)
        self._files = evaluation_folder(newest_attempt(self.run), "validation")
        self._files.folder.mkdir(parents=True)
        if take_lock(self._files.lock) is None:
            raise RuntimeError("the job's lock is taken")
        self._files.mark_started()
        write_json(self._files.request, {"run": self.run.id, "attempt": 1, "split": "validation"})
        said = self._said()
        self._files.write_predictions(said)
        names = list(self.dataset.classes)
        self._answer = judge(said, names, split="validation", model_epoch=2)

    def _said(self) -> Predictions:
        positions = part_of(self.run, "validation")
        labels = open_index(self.run.dataset).labels[positions]
        made = made_predictions(len(positions), len(self.dataset.classes))
        probabilities = made.probabilities.copy()
        order = made.labels.argsort(kind="stable")
        probabilities[labels.argsort(kind="stable")] = made.probabilities[order]
        return Predictions(positions, labels, probabilities)

    def cells(self) -> list[int]:
        """Places of cells that have pictures: of each row the fullest one with mistakes."""
        mistakes = np.array(self._answer["confusion"])
        np.fill_diagonal(mistakes, 0)
        return [
            row * len(mistakes) + int(counts.argmax())
            for row, counts in enumerate(mistakes)
            if counts.any()
        ]

    def end(self) -> None:
        """Have it finished."""
        answer = {"status": "finished", "answer": self._answer, "seconds": 1.0}
        write_json(self._files.result, answer)

    def begin_again(self) -> None:
        """Have it run."""
        self._files.result.unlink(missing_ok=True)


def wait_for_all(page: Page) -> None:
    for part in COMPLETE:
        page.wait_for_selector(part, state="attached")
    page.wait_for_function(CHARTS_DRAWN, polling="raf")


def load(page: Page, address: str) -> float:
    """Seconds from navigation until everything of an evaluation that has ended is drawn."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    wait_for_all(page)
    return time.perf_counter() - began


def follow(page: Page, address: str, job: Job) -> float:
    """Seconds from the end of a job that is watched until everything is drawn."""
    job.begin_again()
    page.goto(address)
    page.wait_for_selector(".st-key-cancel_evaluation button")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    began = time.perf_counter()
    job.end()
    wait_for_all(page)
    return time.perf_counter() - began


def choose(page: Page, cell: int) -> float:
    """Seconds from the click on a cell until its first picture is drawn."""
    place = page.locator(".st-key-confusion_matrix td").nth(cell)
    place.scroll_into_view_if_needed()
    shown = page.locator(".st-key-cell .cnnlab-picture img")
    before = shown.first.get_attribute("src") if shown.count() else ""
    before = f"{page.evaluate('location.origin')}{before}" if before else ""
    began = time.perf_counter()
    place.click()
    page.wait_for_function(PICTURE_DRAWN, arg=before, polling="raf")
    return time.perf_counter() - began


def main(images: int, visits: int) -> None:
    with started_app() as app, started_browser() as browser:
        job = Job(images)
        page = new_page(browser)
        address = f"{app.address}/evaluate?run={job.run.id}"
        first = follow(page, address, job)
        follows = [follow(page, address, job) for _ in range(visits)]
        loads = [load(page, address) for _ in range(visits)]
        *cells, last = job.cells()
        choose(page, last)
        clicks = [choose(page, cell) for cell in cells[:CLICKS]]
    told = [
        Figure("whole page after the job, the first time", first, "s"),
        Figure("whole page after the job, median", median(follows), "s", PAGE_SECONDS),
        Figure("whole page after the job, slowest", max(follows), "s"),
        Figure("page loaded anew, median", median(loads), "s"),
        Figure("from a click to pictures, median", median(clicks), "s", CLICK_SECONDS),
        Figure("from a click to pictures, slowest", max(clicks), "s"),
    ]
    print_figures(told)


if __name__ == "__main__":
    main(*read_options(__doc__, images=(10_000, 200), visits=(VISITS, 1)))
