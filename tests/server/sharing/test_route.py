"""What a link shows over HTTP: one document, to whoever has its secret, and nothing else."""

import gzip
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.sharing.links import Lasts, make_link, revoke_link
from cnnlab.server.door.place import Place
from cnnlab.server.routes import middleware, mounted
from cnnlab.server.sharing import kept, route
from tests.made_runs import made_run, no_supervisor
from tests.made_studies import made_study, study_base, with_id

HOST = "http://127.0.0.1:8501"


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch):
    monkeypatch.setattr(kept, "KEPT_SECONDS", 0.0)


@pytest.fixture
def base_path():
    return ""


@pytest.fixture
def visitor(home, base_path):
    """Somebody without cookie or account, before the whole app: behind our routes is a page."""
    home_page = Route(
        f"{base_path}/{{path:path}}", lambda _: HTMLResponse("<html>behind the door</html>")
    )
    place = Place("127.0.0.1", 8501, base_path)
    app = Starlette(routes=[*mounted(base_path), home_page], middleware=middleware(place, []))
    with TestClient(app, base_url=HOST, follow_redirects=False) as client:
        yield client


@pytest.fixture
def study(dataset):
    found = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=4)
    return made_study(with_id(found, "s1"), {"baseline": 0.8, "dropout": 0.9})


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED)


def shared(visitor, secret, base_path="", **headers):
    return visitor.get(f"{base_path}/shared/{secret}", headers=headers)


def assert_leads_nowhere(answer, visitor):
    """The very answer that a secret gets which never was one."""
    never = shared(visitor, "A" * 43)
    assert (answer.status_code, answer.text) == (404, never.text)
    assert {**answer.headers} == {**never.headers}


def assert_asks_for_nothing(page):
    """No address in a document leads out of it."""
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    led = re.findall(r"""(?:src|href|action|srcset)\s*=\s*["']([^"']*)""", text)
    assert [one for one in led if not one.startswith(("#", "data:"))] == []
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("kind", ["study", "presentation"])
def test_a_link_shows_a_study_without_key_or_account(visitor, study, kind):
    secret, _ = make_link("s1", kind)
    answer = shared(visitor, secret)
    assert answer.status_code == 200
    assert study.name in answer.text
    assert_asks_for_nothing(answer.text)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("mode", ["none", "password", "oidc"])
def test_it_needs_no_account_in_any_mode(visitor, study, mode, monkeypatch):
    secret, _ = make_link("s1", "study")
    monkeypatch.setenv("CNNLAB_AUTH", mode)
    assert study.name in shared(visitor, secret).text
    assert shared(visitor, "A" * 43).status_code == 404
    if mode != "none":
        assert visitor.get("/data").status_code == 401


def test_a_link_shows_a_run(visitor, run):
    secret, _ = make_link(run.id, "run")
    answer = shared(visitor, secret)
    assert answer.status_code == 200
    assert run.name in answer.text
    assert_asks_for_nothing(answer.text)


def test_what_it_shows_may_do_nothing_and_tells_nobody_its_address(visitor, study):
    secret, _ = make_link("s1", "presentation")
    headers = shared(visitor, secret).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert {"frame-ancestors 'none'", "sandbox allow-scripts allow-downloads"} <= {
        *policy.split("; ")
    }
    assert "'self'" not in policy
    assert "connect-src" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"].startswith("noindex")


def test_hidden_slides_and_notes_are_not_in_it(visitor, study):
    kept_deck = [
        {"slide": "question", "is_hidden": False, "note": "whisper this"},
        {"slide": "gap", "is_hidden": True, "note": ""},
    ]
    lab.save_deck("s1", kept_deck)
    secret, _ = make_link("s1", "presentation")
    page = shared(visitor, secret).text
    told = re.search('<script type="application/json" id="told">(.*?)</script>', page)[1]
    assert '"question"' in told
    assert '"slide": "gap"' not in told
    assert "whisper" not in page


def test_pictures_stand_in_the_document(visitor, study):
    secret, _ = make_link("s1", "presentation")
    assert shared(visitor, secret).text.count('"data:image/jpeg;base64,') == 6


@pytest.mark.parametrize(
    "secret", ["no-such", "A" * 44, "A" * 42 + "%00", "ä" * 43, "..%5c..", "%00", "%0a", " "]
)
def test_a_wrong_secret_leads_where_one_leads_that_never_was(visitor, home, secret):
    assert_leads_nowhere(shared(visitor, secret), visitor)
    assert not (home / "people.db").exists()


@pytest.mark.parametrize("secret", ["", "A" * 201, "..%2f..%2fdata", "a/b", "%2f"])
def test_what_can_be_no_secret_stays_before_the_door(visitor, secret):
    answer = shared(visitor, secret)
    assert answer.status_code == 401
    assert "behind the door" not in answer.text


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "workspace"])
def test_a_link_that_has_ended_leads_where_one_leads_that_never_was(visitor, study, end):
    secret, link = make_link("s1", "study", Lasts.EVER)
    assert shared(visitor, secret).status_code == 200
    if end == "revoked":
        revoke_link("s1", link.key_hash)
    elif end == "deleted":
        lab.delete_study("s1")
    else:
        past = datetime.now(UTC) - timedelta(seconds=1)
        place = register().workspaces.add("Gone").id if end == "workspace" else "default"
        ends = past if end == "expired" else None
        secret, _ = register().links.add(place, "study", "s1", made_by="x", expires_at=ends)
        if end == "workspace":
            register().workspaces.delete(place)
    assert_leads_nowhere(shared(visitor, secret), visitor)


def test_a_link_shows_the_workspace_in_which_it_was_made_and_no_other(visitor, study):
    other = register().workspaces.add("Other").id
    secret, _ = register().links.add(other, "study", "s1", made_by="x")  # there is no s1 there
    assert_leads_nowhere(shared(visitor, secret), visitor)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/shared/{0}/"),
        ("GET", "/shared/{0}/more"),
        ("GET", "/shared/{0}/../../runs"),
        ("GET", "/runs?link={0}"),
        ("GET", "/api/studies/s1/report.html?link={0}"),
        ("GET", "/x/shared/{0}"),
        ("POST", "/shared/{0}"),
        ("PUT", "/shared/{0}"),
    ],
)
def test_a_secret_opens_no_other_address(visitor, study, method, path):
    secret, _ = make_link("s1", "study")
    answer = visitor.request(method, path.format(secret))
    assert answer.status_code == 401
    assert "behind the door" not in answer.text


@pytest.mark.parametrize("base_path", ["/lab"])
def test_it_is_below_the_base_path_only(visitor, study, base_path):
    secret, _ = make_link("s1", "study")
    assert shared(visitor, secret, "/lab").status_code == 200
    assert shared(visitor, secret).status_code == 401
    assert shared(visitor, secret, "/lab/lab").status_code == 401


def test_a_foreign_name_is_refused_with_a_secret_as_well(visitor, study):
    secret, _ = make_link("s1", "study")
    assert shared(visitor, secret, host="evil.example").status_code == 403


def test_a_link_with_a_token_in_it_stays_as_it_is(visitor, study):
    secret, _ = make_link("s1", "study")
    answer = visitor.get(f"/shared/{secret}?token=wrong")
    assert answer.status_code == 200


def test_it_is_sent_in_few_bytes_where_the_browser_takes_them(visitor, study):
    secret, _ = make_link("s1", "study")
    plain = shared(visitor, secret, **{"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = shared(visitor, secret, **{"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 0.5 * len(plain.content)
    assert len(gzip.compress(plain.content)) < 0.5 * len(plain.content)


def test_it_is_made_once_for_a_room_and_a_revoked_one_ends_at_once(visitor, study, monkeypatch):
    monkeypatch.setattr(kept, "KEPT_SECONDS", 3600.0)
    monkeypatch.setattr(kept, "_kept", type(kept._kept)())
    made = []
    monkeypatch.setattr(
        kept, "shared_document", lambda *given: made.append(given) or "\n".join(_a_document())
    )
    secret, link = make_link("s1", "study")
    assert [shared(visitor, secret).status_code for _ in range(3)] == [200] * 3
    assert len(made) == 1
    revoke_link("s1", link.key_hash)
    assert_leads_nowhere(shared(visitor, secret), visitor)


def _a_document():
    yield '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'


def test_a_run_that_trains_still_is_told_so(visitor, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(RunConfig(dataset=dataset.id), status=Status.RUNNING)
    secret, _ = make_link(run.id, "run")
    answer = shared(visitor, secret)
    assert (answer.status_code, "Reload this page later" in answer.text) == (409, True)
    assert run.name not in answer.text


def test_no_secret_stands_in_a_log_or_in_the_register(visitor, study, home, caplog, monkeypatch):
    secret, _ = make_link("s1", "study")

    def broken(*_):
        raise StorageError("The study's file can't be read.")

    monkeypatch.setattr(route, "shown_by", broken)
    with caplog.at_level(logging.DEBUG):
        answer = shared(visitor, secret)
    assert (answer.status_code, "file" in answer.text) == (503, False)
    assert "The study's file can't be read." in caplog.text
    assert secret not in "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith("httpx")  # the visitor's
    )
    for file in home.rglob("people.db*"):
        assert secret.encode() not in file.read_bytes()


def test_where_people_have_accounts_the_audit_tells_who_came_by_a_link(visitor, study, monkeypatch):
    secret, link = make_link("s1", "study", Lasts.EVER)
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    for _ in range(2):
        shared(visitor, secret)
    with acting_as(LOCAL):
        revoke_link("s1", link.key_hash)
    shared(visitor, secret)
    told = [
        (entry.person, entry.what, entry.object, entry.workspace, entry.outcome)
        for entry in register().audit.all()
    ]
    opened = ("guest", "open_link", "study s1", "default")
    revoked = ("local", "revoke_link", "s1", "default", "done")
    assert told == [(*opened, "done"), revoked, (*opened, "refused")]
