"""Every route and page: what it says without a session, with an ended one, to a foreigner."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.lab.access import sessions
from cnnlab.lab.access.acting import LOCAL, acting, acting_as, acting_in
from cnnlab.server import addresses
from cnnlab.server.addresses import API
from cnnlab.server.routes import ROUTES, mounted
from cnnlab.server.streams import live
from cnnlab.ui.navigation import page_names
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor
from tests.server.signing.conftest import sign_in
from tests.server.signing.test_sign_in import key_of

OPEN = {addresses.SIGN_IN, addresses.SIGN_IN_OIDC, addresses.SIGN_IN_BACK}
"""Where people come who aren't known yet."""

OF_NOBODY = {
    addresses.AUDIT,
    addresses.OWN,
    addresses.PREDICT,
    addresses.SIGN_OUT,
    addresses.UPLOADS,
    addresses.DRAFTS,
    addresses.WORKSPACE,
}
"""They name no stored thing in their path; `tests/server/` tests what their queries may name."""

SOCKETS_AT = "ws://127.0.0.1:8501"

WAYS = [
    (route, method)
    for route in ROUTES
    for method in (
        sorted(route.methods - {"HEAD"}) if isinstance(route, Route) and route.methods else ["GET"]
    )
]
HTTP = [(route, method) for route, method in WAYS if isinstance(route, Route)]
SOCKETS = [route for route in ROUTES if isinstance(route, WebSocketRoute)]


def named(way):
    route, method = way
    return f"{method} {route.path}"


def filled(path, **ids):
    """The path with ids in it, and something for what isn't one."""
    known = {"ending": "html", "export_format": "keras", "version": "x", "name": "x"} | ids
    for placeholder, value in known.items():
        path = path.replace(f"{{{placeholder}}}", value).replace(f"{{{placeholder}:path}}", value)
    while "{" in path:
        start, _, rest = path.partition("{")
        path = f"{start}0{rest.partition('}')[2]}"
    return API + path


@pytest.fixture
def ended(people, browser):
    """A browser whose session was revoked."""
    client = browser()
    sign_in(client, "Ada")
    sessions.end_session(key_of(client))
    return client


@pytest.fixture(params=["without", "ended"])
def stranger(request, browser, people):
    return browser() if request.param == "without" else request.getfixturevalue("ended")


def test_no_route_but_those_of_signing_in_answers_strangers(stranger):
    told = {
        f"{method} {route.path}": stranger.request(method, filled(route.path)).status_code
        for route, method in HTTP
        if route.path not in OPEN
    }
    assert len(told) > 30 and set(told.values()) == {401}


def test_beside_them_strangers_are_told_that_it_is_well_and_of_links_that_end_nowhere(stranger):
    beside = {route.path: route for route in mounted() if not isinstance(route, Mount)}
    told = {path: stranger.get(path).status_code for path in beside}
    no_link = f"{addresses.SHARED}/{{secret}}"
    assert told == {addresses.HEALTH: 200, addresses.METRICS: 401, no_link: 404}


def test_no_page_file_or_socket_answers_strangers(stranger):
    pages = ["/", *(f"/{name}" for name in page_names())]
    others = ["/media/x", "/static/x", "/component/x", "/_stcore/metrics", "/_stcore/host-config"]
    assert {stranger.get(path).status_code for path in pages + others} == {401}
    assert stranger.put("/_stcore/upload_file/x/y").status_code == 401
    for path in ("/_stcore/stream", *(filled(route.path) for route in SOCKETS)):
        with pytest.raises(WebSocketDisconnect), stranger.websocket_connect(f"{SOCKETS_AT}{path}"):
            pass


@pytest.fixture
def owned(people, tmp_path, monkeypatch):
    """What Ada has in her workspace, by the placeholders of our routes."""
    no_supervisor(monkeypatch)
    with acting_as(LOCAL):
        dataset = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=6), name="Hers")
        run = lab.launch_run(RunConfig(dataset=dataset.id), name="her run")
        token = lab.begin_upload("few.zip", 1000)
    ids = {"dataset": dataset.id, "run": run.id, "study": run.id, "subject": run.id}
    return ids | {"token": token, "ids": run.id, "choice": run.id, "key": run.id}


@pytest.mark.parametrize("way", HTTP, ids=named)
def test_to_a_foreigner_a_thing_is_missing(owned, browser, way):
    """Ben is signed in, and asks for what is Ada's as for what never was: same answer."""
    route, method = way
    if route.path in OPEN | OF_NOBODY or route.path.startswith(addresses.ASSETS):
        return
    assert "{" in route.path, "say in OF_NOBODY that it names no stored thing"
    ben = browser()
    sign_in(ben, "Ben")
    answers = []
    for ids in (owned, {name: "m" * len(value) for name, value in owned.items()}):
        answer = ben.request(method, filled(route.path, **ids), content=b"[]")
        body = answer.text
        for value in sorted(ids.values(), key=len, reverse=True):
            body = body.replace(value, "ID")
        answers.append((answer.status_code, body))
    assert answers[0] == answers[1]
    assert "her run" not in answers[0][1] and "Hers" not in answers[0][1]


def test_to_a_foreigner_a_live_stream_is_missing(owned, browser):
    ben = browser()
    sign_in(ben, "Ben")
    for run in (owned["run"], "m" * 32):
        with ben.websocket_connect(SOCKETS_AT + filled(addresses.RUN_LIVE, run=run)) as socket:
            assert "There is no run" in socket.receive_json()["error"]


def test_the_same_id_in_two_workspaces_is_two_streams(people, monkeypatch):
    broadcaster = live.Broadcaster()
    monkeypatch.setattr(live.lab, "load_run", lambda run: (acting().workspace, run))
    monkeypatch.setattr(live, "Channel", lambda row: SimpleNamespace(row=row, is_complete=False))
    monkeypatch.setattr(live.Broadcaster, "_poll", staticmethod(_never))

    async def watched(person):
        with acting_as(acting_in(person)):
            async with broadcaster.watch("one") as mine, broadcaster.watch("one") as again:
                assert mine is again
                return mine.row

    async def both():
        return await asyncio.gather(watched(people.ada), watched(people.ben))

    assert asyncio.run(both()) == [("default", "one"), (people.workspace, "one")]


async def _never(_):
    await asyncio.sleep(3600)


def test_she_herself_gets_it(owned, browser):
    ada = browser()
    sign_in(ada, "Ada")
    assert ada.get(filled(addresses.TABLES, **owned)).status_code == 200
    assert ada.get(filled(addresses.IMAGES + "/{row}", **owned)).status_code == 200
