"""Our own routes and middleware, in one list each, and what happens when the server starts."""

import asyncio
import contextlib
import functools
import gc
import logging
from collections.abc import AsyncIterator, Sequence

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.tracking import hand_on_settings
from cnnlab.lab.upkeep.everywhere import in_all_workspaces, in_next_workspace
from cnnlab.server.addresses import (
    API,
    AUDIT,
    BUNDLE,
    COMPARISON,
    CURVES,
    DATASET,
    DECK,
    DRAFT,
    DRAFT_CLASS,
    DRAFT_PICTURE,
    DRAFTS,
    HEALTH,
    IMAGES,
    METRICS,
    OWN,
    PAGE_CHECK,
    PAGE_FILE,
    PAGE_IMAGE,
    PREDICT,
    PREDICTIONS,
    RUN_CARD,
    RUN_EXPORTS,
    RUN_LIVE,
    RUN_MODEL,
    RUNS_CSV,
    SHARED,
    SIGN_IN,
    SIGN_IN_BACK,
    SIGN_IN_OIDC,
    SIGN_OUT,
    STORY,
    STUDY_REPORT,
    TABLES,
    UPLOAD,
    UPLOADS,
    WORKSPACE,
)
from cnnlab.server.assets import MODULES, PLOTLY, module_script, plotly_script
from cnnlab.server.door.door import Door
from cnnlab.server.door.place import Place
from cnnlab.server.downloads import (
    download_audit,
    download_bundle,
    download_card,
    download_comparison,
    download_curves,
    download_exports,
    download_images,
    download_model,
    download_model_card,
    download_predictions,
    download_runs,
    download_study_report,
    download_tables,
)
from cnnlab.server.drafts import (
    add_picture,
    begin_draft,
    draft_picture,
    name_class,
    read_draft,
    remove_class,
    remove_picture,
)
from cnnlab.server.headers import SecureHeaders
from cnnlab.server.images import predicted_picture, thumbnail
from cnnlab.server.page_check import page_checked, page_file, page_image
from cnnlab.server.pages import Pages, own_page
from cnnlab.server.predicting import predict
from cnnlab.server.scripts import Scripts
from cnnlab.server.sharing.route import shared
from cnnlab.server.signing.oidc import OidcRoute, begin_oidc, end_oidc
from cnnlab.server.signing.routes import change_workspace, show_sign_in, sign_in, sign_out
from cnnlab.server.streams.live import live
from cnnlab.server.streams.story import keep_deck, story
from cnnlab.server.upkeep.garbage import collect_garbage
from cnnlab.server.upkeep.routes import healthz, metrics
from cnnlab.server.uploads import append_chunk, begin_upload

LOOK_AFTER_SECONDS = 2.0
_log = logging.getLogger(__name__)

ROUTES: list[BaseRoute] = [
    Route(PLOTLY, plotly_script),
    Route(MODULES, module_script),
    Route(UPLOADS, begin_upload, methods=["POST"]),
    Route(UPLOAD, append_chunk, methods=["PUT"]),
    Route(DRAFTS, begin_draft, methods=["POST"]),
    Route(DRAFT, read_draft),
    Route(DRAFT_CLASS, name_class, methods=["PUT"]),
    Route(DRAFT_CLASS, remove_class, methods=["DELETE"]),
    Route(DRAFT_PICTURE, draft_picture),
    Route(DRAFT_PICTURE, add_picture, methods=["PUT"]),
    Route(DRAFT_PICTURE, remove_picture, methods=["DELETE"]),
    Route(PREDICT, predict, methods=["POST"]),
    Route(RUN_MODEL, download_model),
    Route(PAGE_FILE, page_file),
    Route(PAGE_IMAGE, page_image),
    Route(PAGE_CHECK, page_checked, methods=["POST"]),
    Route(RUN_EXPORTS, download_exports),
    Route(RUN_CARD, download_model_card),
    Route(IMAGES + "/{row}", thumbnail),
    Route(DATASET + "/images.zip", download_images),
    Route(DATASET + "/card.html", download_card),
    Route(STUDY_REPORT, download_study_report),
    Route(STORY, story),
    Route(DECK, keep_deck, methods=["PUT"]),
    Route(BUNDLE, download_bundle),
    Route(CURVES, download_curves),
    Route(COMPARISON, download_comparison),
    Route(TABLES, download_tables),
    Route(RUNS_CSV, download_runs),
    Route(AUDIT, download_audit),
    Route(PREDICTIONS + "/predictions.csv", download_predictions),
    Route(PREDICTIONS + "/pictures/{row}", predicted_picture),
    WebSocketRoute(RUN_LIVE, live),
    Route(OWN, own_page, methods=["POST"]),
    Route(SIGN_IN, show_sign_in),
    Route(SIGN_IN, sign_in, methods=["POST"]),
    Route(SIGN_IN_OIDC, OidcRoute(begin_oidc)),
    Route(SIGN_IN_BACK, OidcRoute(end_oidc)),
    Route(SIGN_OUT, sign_out, methods=["POST"]),
    Route(WORKSPACE, change_workspace, methods=["POST"]),
]


def mounted(base_path: str = "") -> list[BaseRoute]:
    """Our own routes where a browser looks for them; what isn't there below theirs is a 404.

    Args:
        base_path: below which the app is served: empty, or such as `/lab`.
    """
    return [
        Mount(f"{base_path}{API}", routes=ROUTES),
        Route(f"{base_path}{HEALTH}", healthz),
        Route(f"{base_path}{METRICS}", metrics),
        Route(f"{base_path}{SHARED}/{{secret}}", shared),
        Mount(f"{base_path}{SHARED}", routes=[]),
    ]


def middleware(place: Place, pages: Sequence[str]) -> list[Middleware]:
    """What every request passes before any route, Streamlit's included.

    Args:
        place: where the app is.
        pages: names of its pages beside Home.
    """
    return [
        Middleware(SecureHeaders),
        Middleware(Door, place=place),
        Middleware(Scripts, base_path=place.base_path),
        Middleware(Pages, base_path=place.base_path, names=pages),
    ]


@contextlib.asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Bring the sample in and keep runs supervised, in all workspaces, as long as the server lives.

    A supervisor of an earlier start takes MLflow's variables of this one.
    """
    # All runs are read before anybody asks: of 10,000 that takes a second, and what is kept of them
    # needn't be looked through for garbage either.
    tasks = (
        functools.partial(in_all_workspaces, lab.bring_home_up_to_date),
        functools.partial(hand_on_settings, even_none=True),
        functools.partial(in_next_workspace, lab.import_sample),
        functools.partial(in_all_workspaces, lab.list_all_runs),
    )
    for task in tasks:
        try:
            await asyncio.to_thread(task)
        except (CnnlabError, OSError) as error:  # the pages say it too
            _log.error("The start isn't complete: %s", error)
    # What is loaded now needn't be looked through each time that garbage is collected.
    gc.collect()
    gc.freeze()
    with acting_as(LOCAL):  # the task takes it along
        keepers = [
            asyncio.create_task(_look_after_runs()),
            asyncio.create_task(collect_garbage()),
        ]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()


async def _look_after_runs() -> None:
    told = ""
    while True:
        problem = ""
        tasks = (
            lab.ensure_supervised,  # one supervisor serves all
            functools.partial(in_all_workspaces, lab.tidy_up),
            functools.partial(in_next_workspace, lab.import_sample),
        )
        for task in tasks:
            try:
                await asyncio.to_thread(task)
            except (CnnlabError, OSError) as error:  # such as a full disk: the next round tries
                problem = problem or str(error)
        if problem and problem != told:
            _log.error("Runs can't be looked after: %s", problem)
        told = problem
        await asyncio.sleep(LOOK_AFTER_SECONDS)
