"""Plotly.js from the installed plotly package, compressed once, cached by browsers for good."""

import functools
import gzip
import importlib.metadata
import importlib.resources

from starlette.requests import Request
from starlette.responses import Response

PLOTLY_ADDRESS = f"/api/assets/plotly-{importlib.metadata.version('plotly')}.js"


@functools.cache
def _compressed_plotly() -> bytes:
    script = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), compresslevel=6, mtime=0)


def plotly_script(_: Request) -> Response:
    """`GET PLOTLY_ADDRESS`: the script; the version in the address makes it immutable."""
    return Response(
        _compressed_plotly(),
        media_type="text/javascript",
        headers={
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        },
    )
