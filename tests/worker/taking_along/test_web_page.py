"""The offline page of a run that was trained for real."""

import json
import os

import numpy as np
import pytest

from cnnlab.domain.errors import ExportError
from cnnlab.exports.agreement import Limits
from cnnlab.exports.alone import Ran
from cnnlab.exports.web_page import chromium
from cnnlab.exports.web_page.chromium import NoBrowserError
from cnnlab.files import write_json
from cnnlab.jobs.kinds.export import ExportRequest, export_folder
from cnnlab.storage.page_check import read_expected
from cnnlab.worker.taking_along import web_page
from cnnlab.worker.taking_along.export import export
from tests.worker.conftest import do

REQUEST = ExportRequest("a", 1, "web_page", threshold=0.7)


@pytest.fixture
def files(run, monkeypatch):
    """The folder of the job; a browser isn't looked for unless a test says so."""
    monkeypatch.setattr(web_page, "run_in_browser", _none)
    files = export_folder(run.attempt, "web_page")
    files.folder.mkdir(parents=True, exist_ok=True)
    yield files
    for path in files.folder.iterdir():
        path.unlink()


def _none(*_):
    raise NoBrowserError("none was found")


def test_the_page_has_what_is_known_of_the_run(run, files):
    write_json(run.attempt.result, run.result)
    check = do(export, REQUEST, files)
    run.attempt.result.unlink()
    page = (files.folder / "web_page.html").read_text(encoding="utf-8")
    told = json.loads(page.partition('id="about">')[2].partition("</script>")[0])
    assert told["classes"] == ["bright", "dark", "middle"] and told["threshold"] == 0.7
    assert told["preparation"]["size"] == 12
    assert (
        "Says so below 70\u00a0%" in page and "95 % interval" in page and "from the run a." in page
    )
    assert check["not_verified"] == "No browser of the server has checked it: none was found."
    assert check["max_abs_difference"] is None and check["bytes"] == len(page.encode())
    expected = read_expected(files.folder)
    assert expected.of_images == len(expected.labels) == len(expected.probabilities) > 20
    assert np.allclose(expected.probabilities.sum(1), 1, atol=1e-5)


def test_what_is_not_known_of_the_run_is_not_made_up(run, files):
    do(export, REQUEST, files)
    page = (files.folder / "web_page.html").read_text(encoding="utf-8")
    assert "Can&#x27;t tell" in page and "95 % interval" not in page


def test_a_browser_of_this_machine_says_what_the_model_says(run, files, monkeypatch):
    path = os.environ.get("CNNLAB_TEST_BROWSER") or chromium.find_browser()
    if path is None:
        pytest.skip("no Chromium is installed")
    monkeypatch.setattr(chromium, "find_browser", lambda: path)
    monkeypatch.setattr(web_page, "run_in_browser", chromium.run_in_browser)
    check = do(export, REQUEST, files)
    assert check["max_abs_difference"] < 1e-3 and check["top1_agreement"] == 1
    assert check["images"] == check["of_images"] and "not_verified" not in check


def test_a_page_that_says_something_else_is_not_kept(run, files, monkeypatch):
    def other(page, pictures):
        said = np.eye(3, dtype=np.float32)[np.arange(len(pictures)) % 3]
        return Ran(said, np.ones(len(pictures)), 1)

    monkeypatch.setattr(web_page, "run_in_browser", other)
    with pytest.raises(
        ExportError, match="Offline page isn't offered, for it computes something else"
    ):
        do(export, REQUEST, files)
    assert not (files.folder / "web_page.html").exists()


def test_weights_keep_all_bits_where_half_of_them_say_something_else(run, files, monkeypatch):
    half = do(export, REQUEST, files)["bytes"]
    monkeypatch.setattr(web_page, "MOST_HALVED_DIFFERENCE", 0.0)
    whole = do(export, REQUEST, files)["bytes"]
    assert whole > 1.3 * half


def test_limits_allow_what_float16_does_and_little_more():
    assert isinstance(web_page.LIMITS, Limits)
    assert web_page.MOST_HALVED_DIFFERENCE <= web_page.LIMITS.max_abs_difference <= 5e-3
