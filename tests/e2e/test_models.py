"""A really trained model taken along: two formats prepared, found again, in one zip.

By hand (-m exhaustive): in the check each format is verified in `tests/exports/test_formats.py` and
`tests/exports/test_matrix.py`, what the page says of them in `tests/ui/models/`, their zip in
`tests/lab/exporting/`, and a really trained model is downloaded in `test_main_job.py`.
"""

import hashlib
import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.test_main_job import wait_for_script

pytestmark = [pytest.mark.e2e, pytest.mark.exhaustive]
TRAINED = True
TWO = ("LiteRT", "ONNX")


def test_two_formats_are_prepared_found_again_and_come_as_one_zip(page, server, run, tmp_path):
    page.goto(f"{server.address}/runs?run={run}")
    page.locator(".st-key-open_models button").click()
    page.wait_for_url(f"**/models?run={run}")
    folded = page.locator(".st-key-all_formats_table summary")
    folded.click()
    table = page.locator(".st-key-formats_table")
    lines = [table.locator("tbody tr", has=page.get_by_role("button", name=name, exact=True))
             for name in TWO]  # fmt: skip
    for name, line in zip(TWO, lines, strict=True):
        expect(line).to_have_attribute("data-stage", "none")
        line.get_by_label(f"Choose {name}").check()
    wait_for_script(page)
    table.get_by_role("button", name="Prepare them").click()
    expect(table.locator("tr[data-stage=under_way]").first).to_be_visible()
    for line in lines:
        expect(line).to_have_attribute("data-stage", "verified")
        expect(line).to_contain_text("on 10 of 10 validation images")
        expect(line).to_contain_text("as in float32")
    page.reload()
    folded.click()
    for name, line in zip(TWO, lines, strict=True):
        expect(line).to_have_attribute("data-stage", "verified")
        line.get_by_label(f"Choose {name}").check()
    expect(table.get_by_role("status")).to_contain_text("2 chosen: 2 ready")
    with page.expect_download() as download:
        table.get_by_role("link", name="Download as one zip").click()
    assert download.value.suggested_filename == f"cnnlab-{run}-formats.zip"
    check_zip(download.value.path())
    check_closely(page, table)


def check_zip(path):
    with zipfile.ZipFile(path) as archive:
        assert {"litert/model.tflite", "onnx/model.onnx"} <= set(archive.namelist())
        lines = archive.read("SHA256SUMS").decode().splitlines()
        assert len(lines) == len(archive.namelist()) - 1
        for digest, name in (line.split("  ") for line in lines):
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def check_closely(page, table):
    """A format's name leads to its example, checksum and classes; nothing overflows on a phone."""
    wait_for_script(page)
    table.get_by_role("button", name="ONNX", exact=True).click()
    expect(page.locator(".st-key-download_model")).to_contain_text("by ONNX Runtime")
    wait_for_script(page)
    page.locator(".st-key-export_inside summary").click()
    inside = page.locator(".st-key-export_inside")
    expect(inside).to_contain_text("import onnxruntime")
    expect(inside).to_contain_text(re.compile("[0-9a-f]{64}"))
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
