"""Two people, one of them with a phone: passwords, below a path, behind nginx with TLS."""

import contextlib

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.lab.access.register import register
from tests.conftest import draw_zip, end_processes_of
from tests.e2e.conftest import Server
from tests.e2e.nginx import PROGRAM, nginx
from tests.e2e.test_main_job import import_upload
from tests.made_pairs import judged_run
from tests.made_runs import no_supervisor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PROGRAM, reason="nginx isn't installed"),
]
PASSWORD = "correct horse"
SCREENS = {"Ada": {"width": 1440, "height": 900}, "Ben": {"width": 390, "height": 844}}

FIRST_WORD = """address => new Promise((done, fail) => {
  const stream = new WebSocket(address.replace("https", "wss"))
  stream.onmessage = ({ data }) => done(JSON.parse(data))
  stream.onclose = ({ code }) => fail(new Error(`closed with ${code}`))
})"""


@pytest.fixture(scope="module")
def offered(tmp_path_factory):
    """The app with a run of Ada's, which nobody had to train, and Ben, who is elsewhere."""
    folder = tmp_path_factory.mktemp("people")
    home = folder / "home"
    with contextlib.ExitStack() as ends:
        server = Server(home, trains=False, auth="password", base_path="/lab")
        server.offer_by(ends.enter_context(nginx(folder / "nginx", server.port, tls=True)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CNNLAB_HOME", str(home))
            no_supervisor(patch)
            dataset = lab.import_dataset(draw_zip(folder / "hers.zip"), name="Hers")
            run = judged_run(load_config({"dataset": dataset.id}), name="Her run")
            known = register()
            known.accounts.add("Ada", password=PASSWORD)
            ben = known.accounts.add("Ben", password=PASSWORD).person
            known.workspaces.add("Ben's lab", owner=ben.id)
        ends.callback(end_processes_of, home)
        ends.callback(server.kill)
        server.start()
        yield server, run.id


@contextlib.contextmanager
def person(browser, server, name, path):
    """Somebody who opens a page, signs in and is on it."""
    context = browser.new_context(viewport=SCREENS[name], ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{server.address}{path}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.address}{path}")
    yield page
    context.close()


def test_who_signs_in_brings_images_watches_a_run_and_takes_along_a_report(
    browser, offered, tmp_path
):
    server, run = offered
    with person(browser, server, "Ada", "/data") as page:
        (cookie,) = [one for one in page.context.cookies() if "session" in one["name"]]
        assert cookie["secure"] and cookie["httpOnly"] and cookie["path"] == "/lab"
        upload = draw_zip(tmp_path / "few.zip", each=6)
        import_upload(page, server, upload, "Few", images=12)
        page.goto(f"{server.address}/runs?run={run}")
        expect(page.locator(".st-key-live_status")).to_contain_text("Finished")
        told = page.evaluate(FIRST_WORD, f"{server.address}/api/runs/{run}/live")
        assert told["status"] == "finished"
        answer = page.request.get(f"{server.address}/api/runs/{run}/card.html")
        assert answer.ok and "attachment" in answer.headers["content-disposition"]


def test_a_foreign_run_is_missing_and_the_phone_has_the_account_behind_more(browser, offered):
    server, run = offered
    with person(browser, server, "Ben", f"/runs?run={run}") as page:
        expect(page.get_by_text(f"There is no run '{run}'")).to_be_visible()
        page.get_by_role("button", name="More").click()
        bar = page.get_by_role("navigation", name="Pages")
        expect(bar.get_by_text("Signed in as Ben")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_ends_all_tabs_by_themselves(browser, offered):
    server, _ = offered
    with person(browser, server, "Ada", "/runs") as page:
        other = page.context.new_page()
        other.goto(f"{server.address}/lessons")
        expect(other.get_by_role("heading", name="Lessons", exact=True)).to_be_visible()
        page.get_by_role("button", name="Account of Ada").click()
        page.get_by_role("button", name="Sign out").click()
        for tab in (page, other):
            expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        assert other.url == f"{server.address}/lessons"  # and there it goes on
