"""A study's story for those who watch it, and how its slides are shown, from who presents it."""

import asyncio
import json

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from cnnlab import lab
from cnnlab.documents.story.deck import MOST_NOTE_CHARACTERS, TITLES
from cnnlab.documents.story.slides import SlideChoice
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.server.access import require_access
from cnnlab.server.streams.story_feed import feed_of

_UNSTORED = {"Cache-Control": "no-store"}
_LARGEST_BYTES = 8 * MOST_NOTE_CHARACTERS * len(TITLES)
"""Of a deck: JSON writes a character in up to six bytes, twelve where it takes two of them."""


async def story(request: Request) -> Response:
    """`GET /api/studies/STUDY/story?since=VERSION` -> `StoryNews`.

    With `notes=1` everything that whoever presents may know; that wants the page's token.
    """
    is_audience = request.query_params.get("notes") != "1"
    if not is_audience:
        require_access(request)
    feed = feed_of(request.path_params["study"])
    since = request.query_params.get("since", "")
    try:
        news = await asyncio.to_thread(feed.news, since, is_audience=is_audience)
    except CnnlabError as error:
        return _refused(error)
    return JSONResponse(news, headers=_UNSTORED)


async def keep_deck(request: Request) -> Response:
    """`PUT /api/studies/STUDY/deck` with a list of `SlideChoice` -> all, as they are kept."""
    require_access(request)
    try:
        content = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if content is None:
        words = f"Notes may have up to {MOST_NOTE_CHARACTERS:,} characters a slide."
        return JSONResponse({"error": words}, 413)
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        return JSONResponse({"error": "The slides aren't JSON: reload the page."}, 400)
    study = request.path_params["study"]
    try:
        deck: list[SlideChoice] = await asyncio.to_thread(lab.save_deck, study, raw)
    except CnnlabError as error:
        return _refused(error)
    feed_of(study).expire()
    return JSONResponse(deck, headers=_UNSTORED)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too large to be a deck."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _LARGEST_BYTES:
            return None
    return bytes(content)


def _refused(error: CnnlabError) -> Response:
    status = 404 if isinstance(error, NotFoundError) else 503
    return JSONResponse({"error": str(error)}, status, headers=_UNSTORED)
