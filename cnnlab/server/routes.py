"""Our own routes and middleware, in one list each, and what happens when the server starts."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.assets import PLOTLY_ADDRESS, plotly_script
from cnnlab.server.downloads import (
    download_card,
    download_images,
    download_model,
    download_study_report,
)
from cnnlab.server.headers import SecureHeaders
from cnnlab.server.images import thumbnail
from cnnlab.server.live import live
from cnnlab.server.uploads import append_chunk, begin_upload

LOOK_AFTER_SECONDS = 2.0
_log = logging.getLogger(__name__)

ROUTES: list[BaseRoute] = [
    Route(PLOTLY_ADDRESS, plotly_script),
    Route("/api/uploads", begin_upload, methods=["POST"]),
    Route("/api/uploads/{token}", append_chunk, methods=["PUT"]),
    Route("/api/runs/{run}/model.zip", download_model),
    Route("/api/datasets/{dataset}/images/{row:int}", thumbnail),
    Route("/api/datasets/{dataset}/images.zip", download_images),
    Route("/api/datasets/{dataset}/card.html", download_card),
    Route("/api/studies/{study}/report.html", download_study_report),
    WebSocketRoute("/api/runs/{run}/live", live),
]
MIDDLEWARE = [Middleware(SecureHeaders)]


@contextlib.asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Bring the sample in and keep runs supervised as long as the server lives."""
    for task in (lab.import_sample, lab.tidy_up):
        try:
            await asyncio.to_thread(task)
        except CnnlabError:  # the pages say what is wrong
            _log.exception("the start isn't complete")
    # Streamlit collects garbage after every script run; what is loaded now needn't be looked
    # through each time (measured: five to nine times less CPU for a rerun).
    gc.collect()
    gc.freeze()
    keeper = asyncio.create_task(_look_after_runs())
    try:
        yield
    finally:
        keeper.cancel()


async def _look_after_runs() -> None:
    while True:
        try:
            await asyncio.to_thread(lab.look_after_runs)
        except CnnlabError:  # such as a full disk: looked at again in the next round
            _log.exception("runs can't be looked after")
        await asyncio.sleep(LOOK_AFTER_SECONDS)
