"""The offline page: from disk without a network, and checked by the user's browser on our page."""

import base64
import contextlib
import os
import shutil

import pytest
from PIL import Image
from playwright.sync_api import expect

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.conftest import draw_zip
from tests.datasets.uploads import encoded
from tests.e2e.axe import findings
from tests.made_pages import leave_page, mean_page
from tests.made_runs import made_run

TRAINS = False

HOSTILE = [
    "</script><script>document.title = 'taken'</script>",
    "\"quoted' <img src=x onerror=alert(1)> 🐟",
    "blue " * 60,
    "{script} &lt; a fourth",
    *(f"class {number}" for number in range(5, 9)),
]
RED, BLUE = ((230, 20, 30), HOSTILE[0]), ((20, 30, 230), HOSTILE[2])


_FOCUSED = """() => {
  const { labels, textContent } = document.activeElement
  return (labels?.[0]?.textContent || textContent).trim()
}"""


@pytest.fixture(scope="module")
def offline(browser):
    """A browser without a network that has a camera, which shows a green picture."""
    path = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    started = browser.browser_type.launch(
        executable_path=path, args=["--no-sandbox", "--disable-gpu", *camera]
    )
    yield started
    started.close()


@contextlib.contextmanager
def opened(browser, path, *, width=1440, scheme="light"):
    """The page as somebody opens it from disk; errors in it and any request fail the test."""
    context = browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: problems.append(asked.url) if ":" in asked.url[:6] and
            not asked.url.startswith(("file:", "blob:", "data:")) else None)  # fmt: skip
    page.goto(path.as_uri())
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    yield page
    context.close()
    assert not problems


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("mailed") / "a page.html"
    path.write_text(mean_page(HOSTILE, threshold=0.9, dataset="<b>mail'ed</b>"), encoding="utf-8")
    return path


def picture(color, kind="PNG"):
    content = encoded(Image.new("RGB", (60, 40), color), kind)
    return {"name": f"a.{kind.lower()}", "mimeType": f"image/{kind.lower()}", "buffer": content}


def drop(page, given):
    """Let a file fall on the page, or paste it."""
    page.evaluate(
        """([content, type, how]) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
          const data = new DataTransfer()
          data.items.add(new File([bytes], "dropped", { type }))
          document.dispatchEvent(how === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data })
            : new DragEvent("drop", { dataTransfer: data, cancelable: true }))
        }""",
        given,
    )


def headline(page):
    return page.locator("[data-show=headline]")


def test_it_classifies_from_disk_without_a_network(offline, path):
    with opened(offline, path) as page:
        assert page.title() == "<b>mail'ed</b>: what does the picture show?"
        for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
            color, name = RED if kind in ("PNG", "WEBP", "BMP") else BLUE
            page.set_input_files("input", picture(color, kind))
            expect(headline(page)).to_have_text(name.strip())
        assert page.locator("ol li").count() == 5
        page.get_by_role("button", name="Show all 8 classes").click()
        assert page.locator("ol li").count() == 8
        content = base64.b64encode(picture(RED[0])["buffer"]).decode()
        for how in ("drop", "paste"):
            drop(page, [base64.b64encode(picture(BLUE[0])["buffer"]).decode(), "image/png", "drop"])
            expect(headline(page)).to_have_text(BLUE[1].strip())
            drop(page, [content, "image/png", how])
            expect(headline(page)).to_have_text(RED[1])


def test_it_says_what_it_is_not_sure_of_and_what_it_cannot_open(offline, path):
    with opened(offline, path) as page:
        page.set_input_files("input", picture((128, 128, 128)))
        expect(headline(page)).to_have_text("Not sure")
        expect(page.locator("[data-show=words]")).to_contain_text("below 90.0 %")
        tiff = {**picture(RED[0], "TIFF"), "mimeType": "image/jpeg"}
        page.set_input_files("input", tiff)
        expect(page.locator("[data-show=problem]")).to_have_text(
            "This kind of file can't be opened here: save it as JPEG or PNG."
        )
        cut = picture(RED[0], "JPEG")
        page.set_input_files("input", {**cut, "buffer": cut["buffer"][:400]})
        expect(page.locator("[data-show=problem]")).to_contain_text("damaged or cut off")
        page.set_input_files("input", picture(RED[0]))
        expect(headline(page)).to_have_text(RED[1])


def test_the_camera_is_answered_live_and_turned_off_by_a_picture(offline, path):
    with opened(offline, path) as page:
        page.get_by_role("button", name="Use the camera").click()
        expect(headline(page)).to_have_text(HOSTILE[1])  # the fake camera shows green
        assert page.evaluate("document.querySelector('video').srcObject.active")
        page.set_input_files("input", picture(BLUE[0]))
        expect(headline(page)).to_have_text(BLUE[1].strip())
        assert page.evaluate("document.querySelector('video').srcObject") is None
        expect(page.get_by_role("button", name="Use the camera")).to_be_visible()


def test_a_camera_that_is_refused_is_said(browser, path):
    with opened(browser, path) as page:
        page.get_by_role("button", name="Use the camera").click()
        expect(page.locator("[data-show=problem]")).to_contain_text("camera")
        page.set_input_files("input", picture(RED[0]))
        expect(headline(page)).to_have_text(RED[1])


@pytest.mark.parametrize(
    ("width", "scheme"), [pytest.param(1440, "light", marks=pytest.mark.exhaustive), (390, "dark")]
)
def test_nobody_is_left_out(offline, path, width, scheme):
    with opened(offline, path, width=width, scheme=scheme) as page:
        assert findings(page) == []
        page.set_input_files("input", picture(RED[0]))
        expect(headline(page)).to_have_text(RED[1])
        page.locator("summary").click()
        assert findings(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


def test_all_is_reached_by_keys_alone(offline, path):
    with opened(offline, path) as page:
        reached = []
        for _ in range(4):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(_FOCUSED))
        assert reached[:2] == ["Choose a picture", "Use the camera"]
        assert any("All 8 classes" in each for each in reached)


def test_the_users_browser_checks_a_page_before_it_is_offered(page, server, tmp_path, monkeypatch):
    dataset = server.import_dataset(draw_zip(tmp_path / "few.zip", each=6), "Few")
    monkeypatch.setenv("CNNLAB_HOME", str(server.home))
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    leave_page(run)
    page.goto(f"{server.address}/models?run={run.id}")
    link = page.get_by_role("link", name="Download: Offline page")
    expect(link).to_be_visible()
    expect(page.get_by_text("Not verified: No browser")).to_have_count(0)
    with page.expect_download() as downloaded:
        link.click()
    assert downloaded.value.suggested_filename == f"cnnlab-{run.id}-web_page.html"
