"""The Compare page with eight runs: from the address to all tables, and a click to another epoch.

    python tests/benchmarks/compare.py [--smoke]

Images are drawn and imported; each of eight runs has said something of all its validation images
(2,500, with `--smoke` 100) after each of its epochs, as a made model says it. The first figures are
those of the function behind page and command, in a process that has just begun and again. Then a
browser opens the page, until the tables, the pictures and all charts are drawn; the first time
counts for nothing, as the server and the browser load what they keep.
Goal: a page of eight runs in 1 s.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from tests.benchmarks.app_process import (
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.large_dataset import draw_images
from tests.benchmarks.options import option_parser
from tests.made_judgements import made_predictions
from tests.made_pairs import validation_of
from tests.made_runs import made_run, no_supervisor

RUNS, EPOCHS, VISITS, PAGE_SECONDS = 8, 10, 5, 1.0
COMPLETE = (
    ".st-key-section_costs tbody tr",
    ".st-key-compare_pairs tbody tr",
    ".st-key-section_pictures .cnnlab-picture",
)
TOLD = "() => document.querySelector('.st-key-compare_pairs tbody tr') !== null"
CHARTS_DRAWN = """() => {
  const places = [...document.querySelectorAll('.cnnlab-figure')]
  return places.length > 2 && places.every((place) => place.querySelector('.main-svg'))
}"""


def make_runs(images: int) -> list[str]:
    """Ids of eight runs on a drawn dataset of so many images."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.zip"
        draw_images(path, images)
        dataset = lab.import_dataset(path, name="Many images")
    made = []
    for number in range(RUNS):
        l2 = number / 1000
        config = RunConfig.model_validate({
            "dataset": dataset.id, "split": {"validation": 0.5},
            "regularization": {"l2": l2}, "training": {"epochs": EPOCHS},
        })  # fmt: skip
        said = {epoch: said_of(config, number * EPOCHS + epoch) for epoch in range(EPOCHS)}
        made.append(made_run(config, epochs=EPOCHS, status=Status.FINISHED, said=said).id)
    return made


def said_of(config: RunConfig, seed: int) -> Predictions:
    """What a made model says of the validation images."""
    rows, labels = validation_of(config)
    classes = len(lab.load_dataset(config.dataset).classes)
    made = made_predictions(len(rows), classes, seed=seed)
    probabilities = np.empty_like(made.probabilities)
    order = labels.argsort(kind="stable")
    probabilities[order] = made.probabilities[made.labels.argsort(kind="stable")]
    return Predictions(rows, labels, probabilities)


def visit(page: Page, address: str) -> tuple[float, float]:
    """Seconds from navigation until the pairs are told, and until everything is drawn."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(TOLD, polling="raf")
    told = time.perf_counter() - began
    for part in COMPLETE:
        page.wait_for_selector(part, state="attached")
    page.wait_for_function(CHARTS_DRAWN, polling="raf")
    return told, time.perf_counter() - began


def compared(runs: list[str]) -> float:
    """Seconds of the function."""
    began = time.perf_counter()
    found = lab.compare_runs(runs)
    assert len(found.pairs) == RUNS - 1
    return time.perf_counter() - began


def main(images: int, visits: int) -> None:
    with started_app() as app, started_browser() as browser:
        with pytest.MonkeyPatch.context() as patch:
            no_supervisor(patch)
            runs = make_runs(images)
        first, *again = [compared(runs) for _ in range(visits + 1)]
        page = new_page(browser)
        address = f"{app.address}/compare?runs={','.join(runs)}"
        visit(page, address)
        told, drawn = zip(*(visit(page, address) for _ in range(visits)), strict=True)
        cpu = app.cpu_seconds()
        visit(page, address)
        cpu = app.cpu_seconds() - cpu
        print(f"{RUNS} runs, {images // 2:,} validation images")
        print_figures([
            Figure("compared, the first time", first, "s", PAGE_SECONDS),
            Figure("compared again, median", median(again), "s"),
            Figure("pairs told in the browser, median", median(told), "s", PAGE_SECONDS),
            Figure("whole page drawn, median", median(drawn), "s"),
            Figure("CPU time of the server for a page", cpu, "s"),
        ])  # fmt: skip


if __name__ == "__main__":
    main(*((200, 1) if option_parser(__doc__).parse_args().smoke else (5_000, VISITS)))
