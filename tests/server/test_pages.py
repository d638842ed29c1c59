"""Pages that there are, and those that there aren't, before an application like Streamlit's."""

import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from cnnlab import ui
from cnnlab.server.addresses import serve_below
from cnnlab.server.assets import plotly_address
from cnnlab.server.pages import Pages
from cnnlab.server.routes import mounted

PAGE = "<html><head><title>x</title></head><body></body></html>"


@pytest.fixture(params=["", "/lab", "/a/b"])
def base_path(request):
    serve_below(request.param)
    yield request.param
    serve_below("")


@pytest.fixture
def client(base_path):
    """Whatever is asked for below the base path, but for the manifest, is answered with a page."""

    def page(_):
        return HTMLResponse(PAGE, headers={"ETag": "x"})

    streamlit = [
        Route("/manifest.json", lambda _: PlainTextResponse("{}")),
        Route("/{path:path}", page),
    ]
    routes = [*mounted(base_path), Mount(base_path or "/", routes=streamlit)]
    pages = Middleware(Pages, base_path=base_path, names=["data", "runs"])
    with TestClient(Starlette(routes=routes, middleware=[pages])) as client:
        yield client


@pytest.mark.parametrize("page", ["/", "/data", "/runs?run=x"])
def test_a_page_brings_the_script_that_asks_whether_it_is_ours(client, base_path, page):
    answer = client.get(base_path + page, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    told = r'data-ask="([^"]+)" data-who="" data-later="[^"]*"'
    tag = rf'<head><script defer src="([^"]+)" {told}></script>'  # before all of Streamlit's
    script, ask = re.search(tag, answer.text).groups()
    assert script.startswith(f"{base_path}/api/assets/")
    assert client.get(script).status_code == 200
    assert client.post(ask).status_code == 204


def test_a_page_brings_its_style_after_all_others(client, base_path):
    text = client.get(f"{base_path}/data").text
    style = (Path(ui.__path__[0]) / "assets" / "app.css").read_text(encoding="utf-8")
    assert text.endswith(f"<style>{style}</style></body></html>")


def test_a_page_brings_the_scripts_that_it_will_need(client, base_path):
    scripts = re.findall('src="./static/js/([^"]+)"', client.get(f"{base_path}/data").text)
    folder = Path(streamlit.__path__[0]) / "static" / "static" / "js"
    assert all((folder / name).is_file() for name in scripts)
    assert len({name.partition(".")[0] for name in scripts}) == len(scripts) == 12


def test_home_brings_what_it_shows_and_names_the_scripts_of_the_other_pages(client, base_path):
    home = client.get(f"{base_path}/").text
    brought = re.findall('src="./static/js/([^"]+)"', home)
    assert {name.partition(".")[0] for name in brought} == {"Button", "ImageList", "PageLink"}
    others = re.findall('src="./static/js/([^"]+)"', client.get(f"{base_path}/data").text)
    later = re.search('data-later="([^"]+)"', home)[1].split()
    assert sorted(brought + later) == sorted(others)
    assert 'data-later=""' in client.get(f"{base_path}/data").text


def test_a_page_with_charts_brings_their_library(client, base_path):
    brought = f'<script defer src="{plotly_address()}" data-plotly></script>'
    for address in ("data?run=a", "data?runs=a,b", "data?present=1&study=s"):
        assert brought in client.get(f"{base_path}/{address}").text
    for address in ("data", "data?overrun=1"):
        assert "data-plotly" not in client.get(f"{base_path}/{address}").text


@pytest.mark.parametrize("path", ["/nopage", "/data/x", "/home", "/index.html", "/<b>x</b>"])
def test_an_address_without_a_page_says_so_with_the_way_home(client, base_path, path):
    answer = client.get(base_path + path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert f'href="{base_path}/"' in answer.text
    assert "<b>" not in answer.text


def test_what_is_no_page_is_left_alone(client, base_path):
    assert client.get(f"{base_path}/manifest.json").text == "{}"
    assert client.get(f"{base_path}/api/nothing").status_code == 404
    assert "no such page" not in client.get(f"{base_path}/api/nothing").text


@pytest.mark.parametrize("base_path", ["/lab", "/a/b"], indirect=True)
def test_home_without_its_slash_is_a_path_away_under_whatever_name(client, base_path):
    answer = client.get(f"{base_path}?a=b", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{base_path}/?a=b")


@pytest.mark.parametrize("base_path", ["/lab", "/a/b"], indirect=True)
def test_outside_of_the_base_path_is_nothing_but_the_way_home(client, base_path):
    for path in ("/", "/data", "/labs", "/api/own"):
        answer = client.get(path)
        assert (answer.status_code, f'href="{base_path}/"' in answer.text) == (404, True), path
