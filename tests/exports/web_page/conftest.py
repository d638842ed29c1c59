"""A small network, and the browser that the check has found, or else the one of this machine."""

import os

import pytest

from cnnlab.exports.web_page import chromium
from tests.exports.web_page.pages import made


@pytest.fixture
def chromium_here(monkeypatch):
    path = os.environ.get("CNNLAB_TEST_BROWSER") or chromium.find_browser()
    if path is None:
        pytest.skip("no Chromium is installed")
    monkeypatch.setattr(chromium, "find_browser", lambda: path)
    return path


@pytest.fixture(scope="session")
def drawn():
    """A network whose weights were drawn, with what it says of files."""
    return made({"architecture": {"preset": "resnet_small"}})
