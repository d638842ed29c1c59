"""Our own routes: who may call them, uploads in chunks, downloads."""

import io
import re
import zipfile
from urllib.parse import urljoin

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER
from cnnlab.server.assets import module_address, plotly_address
from cnnlab.server.downloads import (
    card_address,
    dataset_address,
    exports_address,
    model_address,
    study_report_address,
    tables_address,
)
from cnnlab.server.uploads import CHUNK_BYTES
from tests.made_exports import finish
from tests.made_runs import FACTS, epoch_record, made_run, no_supervisor
from tests.made_studies import made_study, study_base


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/api/uploads?size=0"),
        ("PUT", "/api/uploads/x"),
        ("PUT", "/api/drafts/x/y/z"),
    ],
)
def test_what_changes_something_wants_the_pages_token_too(allowed, method, address):
    assert allowed.request(method, address).status_code in (400, 404)
    allowed.headers[TOKEN_HEADER] = "wrong"
    assert allowed.request(method, address).status_code == 403
    allowed.headers.pop(TOKEN_HEADER)
    assert allowed.request(method, address).status_code == 403


def test_every_answer_keeps_the_browser_at_home(allowed):
    headers = allowed.get(plotly_address()).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "connect-src 'self' data:;" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_plotly_comes_compressed_and_for_good(allowed):
    answer = allowed.get(plotly_address())
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "plotly.js" in answer.text[:200]


def test_a_module_comes_compressed_and_for_good_and_finds_the_others_beside_it(allowed):
    answer = allowed.get(module_address("live/live.mjs"))
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    imported = re.findall(r'^import .* from "(.+)"$', answer.text, re.MULTILINE)
    assert "../shared/dom.mjs" in imported
    for name in imported:
        beside = urljoin(module_address("live/live.mjs"), name)
        assert allowed.get(beside).status_code == 200, name


@pytest.mark.parametrize(
    "name",
    [
        "live/live.css",
        "live/live.py",
        "live/history.test.mjs",
        "shared/records.d.ts",
        "live",
        "../form/form.py",
        "%2e%2e/%2e%2e/text.py",
        "..%2fform%2fform.py",
        "live/../live.mjs",
        "/etc/passwd",
        "live/live.mjs%00.css",
        "",
    ],
)
def test_of_the_components_only_modules_are_served(allowed, name):
    assert allowed.get(module_address(name)).status_code == 404


def test_a_module_of_another_version_is_unknown(allowed):
    address = module_address("live/live.mjs").replace("/api/assets/", "/api/assets/0")
    assert allowed.get(address).status_code == 404


def test_an_upload_grows_chunk_by_chunk(allowed):
    token = allowed.post("/api/uploads?name=a.zip&size=6").json()["token"]
    address = f"/api/uploads/{token}?offset="
    assert allowed.put(address + "0", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "0", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "nonsense", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "3", content=b"def").json() == {"have": 6}
    (file,) = workplace().home.uploads.glob(f"{token}/file/*")
    assert file.read_bytes() == b"abcdef"


def test_uploads_out_of_bounds_are_refused_in_a_sentence(allowed):
    empty, large = "The file is empty", "the limit is 2\u00a0GiB"
    for size, words in {"0": empty, "9999999999999": large, "x": empty, "": empty}.items():
        answer = allowed.post(f"/api/uploads?name=a.zip&size={size}")
        assert answer.status_code == 400
        assert words in answer.json()["error"]
    token = allowed.post("/api/uploads?name=a.zip&size=6").json()["token"]
    answer = allowed.put(f"/api/uploads/{token}?offset=0", content=b"x" * (CHUNK_BYTES + 1))
    assert answer.status_code == 413


def test_a_model_is_an_attachment_named_after_its_run(allowed, run, recorder):
    address = model_address(run.id, "keras")
    assert "has no model" in allowed.get(address).text
    package = workplace().home.attempt(run.id, 1) / "model.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("model.keras", b"weights")
    answer = allowed.get(address)
    assert answer.content == package.read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="cnnlab-{run.id}.zip"'
    assert "has no model" in allowed.get(model_address(run.id, "onnx")).text
    assert "has no model" in allowed.get(model_address(run.id, "keras", calibrated=True)).text
    assert "must be one of keras" in allowed.get(model_address(run.id, "tflite")).text


def test_several_formats_come_as_one_attachment_or_why_not(allowed, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    for name in ("keras", "onnx"):
        finish(run, name, f"model.{name}")
    answer = allowed.get(exports_address(run.id, ["onnx", "keras"]))
    assert answer.headers["Content-Disposition"].endswith(f'"cnnlab-{run.id}-formats.zip"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None and "onnx/model.onnx" in archive.namelist()
    for formats, why in [
        (["onnx", "litert"], "not ready"),
        (["../x"], "must be one of"),
        ([], "at least"),
    ]:
        answer = allowed.get(exports_address(run.id, formats))
        assert answer.status_code == 404 and why in answer.text
    assert "no run" in allowed.get(exports_address("nobody", ["onnx"])).text


def test_a_dataset_is_downloaded_as_card_zip_and_thumbnails(allowed, dataset):
    base = f"/api/datasets/{dataset.id}"
    card = allowed.get(f"{base}/card.html")
    assert card.headers["content-disposition"] == f'attachment; filename="{dataset.id}-report.html"'
    assert "48 images in 2 classes" in card.text
    images = allowed.get(f"{base}/images.zip")
    assert len(zipfile.ZipFile(io.BytesIO(images.content)).namelist()) == 48
    thumbnail = allowed.get(f"{base}/images/3?px=12")
    assert Image.open(io.BytesIO(thumbnail.content)).size == (12, 12)
    assert "immutable" in thumbnail.headers["cache-control"]
    assert allowed.get(f"{base}/images/48").status_code == 404
    for address in ("card.html", "images.zip", "images/3"):
        assert allowed.get(f"/api/datasets/nothing/{address}").status_code == 404
    allowed.cookies.clear()
    for address in ("card.html", "images.zip", "images/3"):
        assert allowed.get(f"{base}/{address}").status_code == 401


def test_downloads_come_by_cookie_and_have_no_token_in_their_address(allowed, dataset):
    allowed.headers.pop(TOKEN_HEADER)
    for address in (dataset_address(dataset.id, "card.html"), model_address("x", "keras")):
        assert "?" not in address
    assert allowed.get(dataset_address(dataset.id, "card.html")).status_code == 200


@pytest.mark.parametrize("number", ["-1", "1.5", "x", "", "9" * 19, "9" * 40, "٣"])
def test_a_row_or_a_size_that_is_no_number_is_said(allowed, dataset, number):
    base = f"/api/datasets/{dataset.id}/images"
    expected = 404 if number == "" else 400  # no row is another address
    assert allowed.get(f"{base}/{number}").status_code == expected
    assert allowed.get(f"{base}/3?px={number}").status_code == 400


def test_a_card_and_tables_are_attachments_named_after_their_run(allowed, run, recorder):
    recorder.started(FACTS)
    recorder.epoch(epoch_record(0))
    known = {"last": epoch_record(0), "best": epoch_record(0), "best_epoch": 0}
    workplace().runs.update(run.id, status=Status.FINISHED, **known)
    for ending, kind in (("html", "text/html"), ("md", "text/markdown")):
        card = allowed.get(card_address(run.id, ending))
        name = f"cnnlab-{run.id}-card.{ending}"
        assert card.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert card.headers["content-type"].startswith(kind) and "To be filled in" in card.text
    refused = allowed.get(card_address(run.id, "exe"))
    assert (refused.status_code, "markdown, html" in refused.text) == (404, True)
    for ids, form in (([run.id], "csv"), ([], "parquet")):
        tables = allowed.get(tables_address(ids, form, has_steps=True))
        with zipfile.ZipFile(io.BytesIO(tables.content)) as archive:
            assert f"steps.{form}" in archive.namelist()
    assert tables.headers["content-disposition"] == 'attachment; filename="cnnlab-tables.zip"'
    for address in (tables_address(["x"], "csv"), tables_address([], "x"), card_address("x")):
        assert allowed.get(address).status_code == 404
    allowed.cookies.clear()
    for address in (tables_address([], "csv"), card_address(run.id)):
        assert allowed.get(address).status_code == 401


def test_a_studys_report_is_an_attachment_named_after_it(allowed, dataset):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(dataset.id, epochs=2), arms, seeds=1, name="One & two")
    made_study(study, {"baseline": 0.6, "dropout": 0.7})
    answer = allowed.get(study_report_address(study.id))
    name = f"{study.id}-report.html"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "<h1>One &amp; two</h1>" in answer.text
    missing = allowed.get(study_report_address("s20260101-000000-0000"))
    assert (missing.status_code, "no study" in missing.text) == (404, True)
