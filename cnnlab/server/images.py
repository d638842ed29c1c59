"""Thumbnails: one image of a dataset, small; a dataset never changes, so browsers keep them."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import require_access

LARGEST_PX = 512
_YEAR_SECONDS = 365 * 24 * 3600


async def thumbnail(request: Request) -> Response:
    """`GET /api/datasets/DATASET/images/ROW?px=SIZE`: a JPEG that fits a square of so many px."""
    require_access(request)
    row, px = request.path_params["row"], request.query_params.get("px", "")
    size_px = min(int(px) if px.isdecimal() and px != "0" else 128, LARGEST_PX)
    try:
        content = await asyncio.to_thread(
            lab.thumbnail, request.path_params["dataset"], row, size_px
        )
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {
        "Cache-Control": f"private, max-age={_YEAR_SECONDS}, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="image/jpeg", headers=headers)
