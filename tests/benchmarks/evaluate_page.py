"""The Evaluate page of a run with many images: until it is complete, and from a click to pictures.

    python tests/benchmarks/evaluate_page.py [IMAGES]

Images are drawn and imported, and an evaluation is left as a worker leaves it; its predictions are
those of a made model that mixes up neighbours. Then a browser opens the page of a running server,
until the matrix, the last chart and the worst pictures are there; in the open page it chooses cells
of the matrix, until the first picture of each is drawn. A first visit, for which the server loads
its modules and the browser the chart library, is told apart.
Goals for 10,000 images: the page is complete after 2 s, pictures are there 0.5 s after the click.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run, Status
from cnnlab.files import write_json
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.judging.judge import judge
from cnnlab.lab.gallery import open_index
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import newest_attempt
from tests.benchmarks.app_process import Figure, print_figures, started_app, started_browser
from tests.benchmarks.large_dataset import draw_images
from tests.benchmarks.options import read_options
from tests.made_judgements import made_predictions
from tests.made_runs import made_run

VISITS, CLICKS, PAGE_SECONDS, CLICK_SECONDS = 5, 12, 2.0, 0.5
COMPLETE = (
    ".st-key-confusion_matrix td",
    ".st-key-per_class_table canvas",
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


def judged_run(images: int) -> Run:
    """A run whose validation images, so many, were judged."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.zip"
        draw_images(path, images * 5 // 4)
        dataset = lab.import_dataset(path, name="Many images")
    split = {"validation": 0.8}
    config = RunConfig.model_validate({"dataset": dataset.id, "split": split})
    run = made_run(config, status=Status.FINISHED)
    index, positions = open_index(run.dataset), part_of(run, "validation")
    labels, made = index.labels[positions], made_predictions(len(positions), len(dataset.classes))
    order = labels.argsort(kind="stable")
    probabilities = made.probabilities.copy()
    probabilities[order] = made.probabilities[made.labels.argsort(kind="stable")]
    files = evaluation_folder(newest_attempt(run), "validation")
    files.folder.mkdir(parents=True)
    write_json(files.request, {"run": run.id, "attempt": 1, "split": "validation"})
    said = Predictions(positions, labels, probabilities)
    files.write_predictions(said)
    answer = judge(said, index.class_names, split="validation", model_epoch=2)
    write_json(files.result, {"status": "finished", "answer": answer, "seconds": 1.0})
    return run


def visit(page: Page, address: str) -> float:
    """Seconds from navigation until everything on the page is drawn."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    for part in COMPLETE:
        page.wait_for_selector(part, state="attached")
    page.wait_for_function(CHARTS_DRAWN)
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


def main(images: int) -> None:
    with started_app() as app, started_browser() as browser:
        run = judged_run(images)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        address = f"{app.address}/evaluate?run={run.id}"
        first = visit(page, address)
        visits = [visit(page, address) for _ in range(VISITS)]
        classes = len(lab.load_dataset(run.dataset).classes)
        cells = [(label * classes) + (label ^ 1) for label in range(min(CLICKS, classes))]
        clicks = [choose(page, cell) for cell in cells]
        context.close()
    print_figures(
        [
            Figure("first visit: the page is complete", first, "s"),
            Figure("the page is complete, median", statistics.median(visits), "s", PAGE_SECONDS),
            Figure("the page is complete, slowest", max(visits), "s"),
            Figure(
                "from a click to pictures, median", statistics.median(clicks), "s", CLICK_SECONDS
            ),
            Figure("from a click to pictures, slowest", max(clicks), "s"),
        ]
    )


if __name__ == "__main__":
    main(*read_options(__doc__, images=10_000))
