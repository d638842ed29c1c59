"""A browser of this machine says what a page says, or it is known why not."""

import numpy as np
import pytest

from cnnlab.domain.errors import ExportError
from cnnlab.exports.agreement import compare, require_agreement
from cnnlab.exports.web_page import chromium
from cnnlab.exports.web_page.chromium import NoBrowserError, run_in_browser
from cnnlab.exports.web_page.kinds import opens
from cnnlab.exports.web_page.limits import LIMITS
from tests.datasets.uploads import encoded
from tests.exports.odd_pictures import odd_files
from tests.exports.web_page.pages import made, write_page
from tests.exports.web_page.test_pictures import noisy
from tests.made_pages import mean_page, mean_says

HOSTILE = (
    "</script><script>document.title='taken'</script>",
    "\"'`${1}&lt;" * 25,
    "🐟‮emoji\n<img src=x>",
)


def test_the_page_says_what_the_model_says(drawn, chromium_here, tmp_path):
    page = write_page(tmp_path / "page.html", drawn.source, in_halves=True, class_names=HOSTILE)
    compared = drawn.compared
    ran = run_in_browser(page, compared.files)
    check = compare(ran, compared, HOSTILE, page.stat().st_size)
    require_agreement("page", LIMITS, check)
    assert check["images"] == len(compared.files) and 0 < check["max_abs_difference"] < 2e-3
    assert 0 < check["milliseconds_per_image"] < 1000
    assert 2**20 < check["memory_bytes"] < 2**30


def test_files_of_all_kinds_give_the_same_pixels(chromium_here, tmp_path):
    files = [content for content in odd_files().values() if opens(content)]
    files += [encoded(noisy(97, 131), "WEBP", quality=quality) for quality in (30, 95)]
    turned = noisy(60, 40).convert("RGBA").rotate(30)
    files += [encoded(turned, "WEBP", quality=80), encoded(noisy(60, 40), "GIF")]
    page = tmp_path / "page.html"
    page.write_text(mean_page(["red", "green", "blue"]), encoding="utf-8")
    said = run_in_browser(page, files).predicted
    assert len(files) > 40
    assert np.abs(said - [mean_says(content, 3) for content in files]).max() < 1e-6


def test_a_page_that_says_something_else_is_refused(drawn, chromium_here, tmp_path):
    last = drawn.source.model.layers[-1]
    weights = last.get_weights()
    try:
        last.set_weights([weights[0][:, ::-1], weights[1]])
        page = write_page(tmp_path / "page.html", drawn.source)
    finally:
        last.set_weights(weights)
    compared = drawn.compared
    check = compare(
        run_in_browser(page, compared.files), compared, drawn.source.about.class_names, 1
    )
    with pytest.raises(ExportError, match="computes something else"):
        require_agreement("page", LIMITS, check)


def test_a_damaged_page_is_refused(drawn, chromium_here, tmp_path):
    page = write_page(tmp_path / "page.html", drawn.source)
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("H4sI", "H4sJ", 1), encoding="utf-8")
    with pytest.raises(ExportError, match="isn't ready in a browser.*isn't offered"):
        run_in_browser(page, drawn.compared.files)


def test_what_the_page_cannot_open_is_said(drawn, chromium_here, tmp_path):
    page = write_page(tmp_path / "page.html", drawn.source)
    with pytest.raises(ExportError, match="can't open one of the validation images.*save it as"):
        run_in_browser(page, [b"II*\0 a TIFF"])


def test_without_a_browser_it_is_known_why(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowserError, match="no Chromium or Chrome was found"):
        run_in_browser(tmp_path / "page.html", [])


def test_a_browser_that_does_not_start_counts_as_none(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(chromium, "find_browser", lambda: str(broken))
    with pytest.raises(NoBrowserError, match="chromium was found but doesn't start"):
        run_in_browser(tmp_path / "page.html", [])


@pytest.mark.exhaustive
@pytest.mark.parametrize("preset", ["tiny_cnn", "small_cnn", "vgg_small", "resnet_small"])
@pytest.mark.parametrize("color", ["rgb", "grayscale"])
@pytest.mark.parametrize("in_halves", [False, True])
def test_all_networks_say_it(preset, color, in_halves, chromium_here, tmp_path):
    drawn = made({"architecture": {"preset": preset}, "image": {"color": color}})
    page = write_page(tmp_path / "page.html", drawn.source, in_halves=in_halves)
    ran = run_in_browser(page, drawn.compared.files)
    difference = np.abs(ran.predicted - drawn.compared.expected).max()
    assert difference < (1e-2 if in_halves else 5e-6)  # drawn weights say more by less
