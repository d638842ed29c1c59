"""Streamlit's own files, before an application that says that it was asked."""

from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cnnlab.server.scripts import Scripts

FOLDER = Path(streamlit.__path__[0]) / "static"
NAMES = [path.relative_to(FOLDER).as_posix() for path in (FOLDER / "static").rglob("*.*")]
SCRIPT = next(name for name in NAMES if name.endswith(".js"))


@pytest.fixture(params=["", "/lab"])
def base_path(request):
    return request.param


@pytest.fixture
def client(base_path):
    asked = Route("/{path:path}", lambda _: PlainTextResponse("asked"), methods=["GET", "POST"])
    scripts = Middleware(Scripts, base_path=base_path)
    with TestClient(Starlette(routes=[asked], middleware=[scripts])) as client:
        yield client


@pytest.mark.parametrize(
    ("ending", "kind"), [("js", "text/javascript"), ("css", "text/css"), ("woff2", "font/woff2")]
)
def test_a_file_is_sent_whole_and_kept_for_good(client, base_path, ending, kind):
    name = next(name for name in NAMES if name.endswith(f".{ending}"))
    answer = client.get(f"{base_path}/{name}")
    assert answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"


def test_what_else_is_asked_comes_to_streamlit(client, base_path):
    for name in ("index.html", "static/js/none.js", "static/js/../../index.html", "static/js", ""):
        assert client.get(f"{base_path}/{name}").text == "asked"
    assert client.get(f"{base_path}/{SCRIPT}", headers={"Range": "bytes=0-1"}).text == "asked"
    assert client.post(f"{base_path}/{SCRIPT}").text == "asked"


def test_a_file_that_went_with_an_upgrade_is_asked_of_streamlit(tmp_path, monkeypatch):
    script = tmp_path / "static" / "static" / "js" / "old.js"
    script.parent.mkdir(parents=True)
    script.write_text("old")
    monkeypatch.setattr("cnnlab.server.scripts.importlib.resources.files", lambda _: tmp_path)
    asked = Route("/{path:path}", lambda _: PlainTextResponse("asked"))
    scripts = Middleware(Scripts, base_path="")
    with TestClient(Starlette(routes=[asked], middleware=[scripts])) as client:
        assert client.get("/static/js/old.js").text == "old"
        script.unlink()
        assert client.get("/static/js/old.js").text == "asked"
