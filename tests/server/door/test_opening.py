"""The app's start: where it is refused, what is printed, what a browser is given."""

import asyncio
import stat
import webbrowser

import pytest

from cnnlab import lab
from cnnlab.domain.errors import BadInputError
from cnnlab.environment import start
from cnnlab.server.door import slow
from cnnlab.server.door.opening import check_place, has_desktop, open_door, open_in_browser
from cnnlab.server.door.place import Place

LOCAL = Place("127.0.0.1", 8501)


@pytest.fixture(autouse=True)
def _connections_stay_as_they_are(monkeypatch):
    monkeypatch.setattr("cnnlab.server.door.opening.close_slow_connections", lambda: None)
    monkeypatch.setattr("cnnlab.server.door.opening.send_at_once", lambda: None)


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "10.1.2.3"])
def test_where_others_reach_it_the_app_asks_for_the_token(monkeypatch, address):
    check_place(Place(address, 8501))
    monkeypatch.setenv("CNNLAB_AUTH", "none")
    check_place(LOCAL)
    with pytest.raises(BadInputError, match="CNNLAB_AUTH=none everybody who reaches"):
        check_place(Place(address, 8501))


@pytest.mark.parametrize(
    ("public", "base_path", "remedy"),
    [
        ("https://lab.example.org/lab", "", "--server.baseUrlPath lab"),
        ("https://lab.example.org/a/b", "/lab", "--server.baseUrlPath a/b"),
        ("https://lab.example.org", "/lab", "add /lab to the address"),
    ],
)
def test_a_public_path_that_leads_nowhere_is_refused(public, base_path, remedy):
    with pytest.raises(BadInputError, match=remedy):
        check_place(Place("127.0.0.1", 8501, base_path, public=(public,)))
    path = public.removeprefix("https://lab.example.org")
    check_place(Place("127.0.0.1", 8501, path, public=(public,)))


def test_what_is_no_mode_is_refused(monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "off")
    with pytest.raises(
        BadInputError, match="must be token, none, password, oidc or proxy. Received: off"
    ):
        check_place(LOCAL)


def opened(place, *, with_browser=False):
    """What `link` says while the app runs, and afterwards."""

    async def look():
        async with open_door(place, with_browser=with_browser):
            return lab.app_addresses()

    return asyncio.run(look()), lab.app_addresses()


def test_the_link_is_printed_alone_on_its_line_and_found_again_while_the_app_runs(home, capsys):
    running, ended = opened(LOCAL)
    assert f"http://127.0.0.1:8501/?token={lab.token()}" in capsys.readouterr().out.splitlines()
    assert (running, ended) == (["http://127.0.0.1:8501"], [])


def test_without_asking_no_token_is_printed(home, capsys, monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "none")
    opened(LOCAL)
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8501/" in said.splitlines() and "token" not in said


def test_a_home_that_cant_be_written_has_a_token_of_its_process(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file" / "home"))

    async def start():
        async with open_door(LOCAL, with_browser=False):
            pass

    asyncio.run(start())
    assert f"/?token={lab.token()}" in capsys.readouterr().out
    assert len(lab.token()) == 43


def test_the_token_is_readable_by_its_owner_only(home):
    lab.token()
    assert stat.S_IMODE((home / "token").stat().st_mode) == 0o600


class Browser(webbrowser.BaseBrowser):
    def __init__(self):
        super().__init__()
        self.opened = []

    def open(self, url, new=0, autoraise=True):
        self.opened.append(url)
        return True


def test_the_browser_is_given_a_page_for_its_owner_alone(home, tmp_path, monkeypatch):
    browser, page = Browser(), tmp_path / "open.html"
    monkeypatch.setattr("webbrowser.get", lambda: browser)
    page.write_text("an old one")
    page.chmod(0o644)
    open_in_browser("http://127.0.0.1:8501/?token=abc", page)
    assert browser.opened == [page.as_uri()]
    assert "url=http://127.0.0.1:8501/?token=abc" in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", [webbrowser.GenericBrowser("lynx"), webbrowser.Error("none")])
def test_where_there_is_no_browser_nothing_happens(tmp_path, monkeypatch, broken):
    def get():
        if isinstance(broken, Exception):
            raise broken
        return broken

    monkeypatch.setattr("webbrowser.get", get)
    open_in_browser("http://127.0.0.1:8501/", tmp_path / "open.html")
    assert not (tmp_path / "open.html").exists()


def test_a_desktop_is_a_screen_before_which_somebody_sits(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not has_desktop()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_desktop()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 1 10.0.0.1 22")
    assert not has_desktop()


def test_uvicorns_connections_have_what_is_watched(monkeypatch):
    for name in ("connection_made", "data_received"):  # put back afterwards
        monkeypatch.setattr(slow.AutoHTTPProtocol, name, getattr(slow.AutoHTTPProtocol, name))
    before = slow.AutoHTTPProtocol.data_received
    slow.close_slow_connections()
    assert slow.AutoHTTPProtocol.data_received is not before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["--", "--open-browser"]),
        (["--no-browser"], []),
        (["--server.port", "8600"], ["--server.port", "8600", "--", "--open-browser"]),
    ],
)
def test_start_has_the_app_open_a_browser_unless_told_otherwise(monkeypatch, options, expected):
    begun = []
    monkeypatch.setattr("cnnlab.environment.ensure_environment", lambda pinned: None)
    monkeypatch.setattr("cnnlab.environment.nvidia_gpus", list)
    monkeypatch.setattr("os.chdir", lambda folder: None)
    monkeypatch.setattr("os.execv", lambda program, words: begun.extend(words))
    start(options)
    assert begun[1:5] == ["-m", "streamlit", "run", "app.py"]
    assert begun[5:] == expected
