"""Scripts for the browser, cached there for good: our modules, and Plotly.js from its package.

The style of all pages comes within them.
"""

import functools
import gzip
import hashlib
import importlib.metadata
import importlib.resources
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cnnlab.server.addresses import ASSETS, address

_AT_HOME = {"Button", "ImageList", "PageLink"}
_ELSEWHERE = _AT_HOME | {
    *("BidiComponent", "ButtonGroup", "Checkbox", "Metric", "Multiselect", "NumberInput"),
    *("Selectbox", "Slider", "TextInput"),
}
"""Streamlit's scripts of what Home shows, and of what nearly every other page does, by the
beginnings of their names."""

PLOTLY = f"{ASSETS}/plotly-{importlib.metadata.version('plotly')}.js"
MODULES = ASSETS + "/{version}/{name:path}"

_UI = Path(__file__).parents[1] / "ui"
COMPONENTS = _UI / "components"
_TEST = ".test"


def plotly_address() -> str:
    """Where the browser gets Plotly.js; the version in it makes it immutable."""
    return address(PLOTLY)


def module_address(name: str) -> str:
    """Where the browser gets one of our modules.

    Modules import each other by relative addresses, so all have one version: that of their text.

    Args:
        name: folder and file, such as `live/live.mjs`.
    """
    return f"{address(ASSETS)}/{_version()}/{name}"


@functools.cache
def page_style() -> str:
    """Our style of all pages."""
    return (_UI / "assets" / "app.css").read_text(encoding="utf-8")


@functools.cache
def early_scripts(*, at_home: bool) -> list[str]:
    """Names of Streamlit's scripts that a page loads before it knows that it needs them.

    Streamlit asks for them when a page's script has said what to show, and until they are there it
    shows boxes of another height: all below would move.

    Args:
        at_home: only those that Home shows: the others would double what is run before anything is
            seen of the first page, and can come once it rests.
    """
    folder = importlib.resources.files("streamlit") / "static" / "static" / "js"
    wanted = _AT_HOME if at_home else _ELSEWHERE
    return sorted(one.name for one in folder.iterdir() if one.name.partition(".")[0] in wanted)


def plotly_script(_: Request) -> Response:
    """`GET PLOTLY`: the script."""
    return _for_good(_compressed_plotly())


def module_script(request: Request) -> Response:
    """`GET MODULES`: a module of the components; another version than the present is unknown."""
    known = _modules() if request.path_params["version"] == _version() else {}
    script = known.get(request.path_params["name"])
    if script is None:
        raise HTTPException(404, "There is no such script: reload the page.")
    return _for_good(script)


@functools.cache
def _modules() -> dict[str, bytes]:
    """All modules by folder and file, compressed; nothing else of the folder is ever served."""
    return {
        path.relative_to(COMPONENTS).as_posix(): _compressed(path.read_bytes())
        for path in sorted(COMPONENTS.rglob("*.mjs"))
        if _TEST not in path.suffixes
    }


@functools.cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, script in _modules().items():
        digest.update(name.encode() + b"\0" + script)
    return digest.hexdigest()[:16]


@functools.cache
def _compressed_plotly() -> bytes:
    script = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return _compressed(script.read_bytes())


def _compressed(script: bytes) -> bytes:
    return gzip.compress(script, compresslevel=6, mtime=0)


def _for_good(compressed: bytes) -> Response:
    return Response(
        compressed,
        media_type="text/javascript",
        headers={
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        },
    )
