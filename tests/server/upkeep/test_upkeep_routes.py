"""What programs are told that watch the app, and who isn't told."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.lab.entry import metrics_token
from cnnlab.lab.upkeep import health
from cnnlab.server.door.place import Place
from cnnlab.server.routes import middleware, mounted
from cnnlab.server.upkeep import exposed


def bearer():
    return {"Authorization": f"Bearer {metrics_token(lab.token())}"}


def read(answer):
    samples = [
        sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    ]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


@pytest.fixture(autouse=True)
def _looked_at_anew():
    health._health_of.cache_clear()


def test_anybody_is_told_that_all_is_well(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"


def test_what_fails_is_told_by_its_name_alone(client, monkeypatch):
    monkeypatch.setattr(health, "why_unwritable", lambda home: f"The disk of {home.root} is full")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "failing: home\n")


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/x", "/metrics/"])
def test_what_only_begins_so_is_locked(client, path):
    assert client.get(path, headers=bearer(), follow_redirects=False).status_code == 401


def test_numbers_are_for_who_brings_their_token(client):
    assert client.get("/metrics").status_code == 401
    for wrong in ("", "Bearer", "Bearer x", f"Bearer {lab.token()}", "Bearer ä", "Basic x"):
        headers = {"Authorization": wrong.encode()}
        assert client.get("/metrics", headers=headers).status_code == 401
    answer = client.get("/metrics", headers=bearer())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_token_of_the_numbers_opens_nothing_else(client):
    for path in ("/", "/api/uploads", "/_stcore/metrics"):
        assert client.get(path, headers=bearer()).status_code == 401
    assert client.get(f"/?token={metrics_token(lab.token())}").status_code == 403


def test_whoever_has_the_key_reads_them_too(allowed):
    assert allowed.get("/metrics").status_code == 200


def test_the_numbers_say_what_is_so_and_name_nobody(client, run, dataset):
    exposed.PAGE_SECONDS.labels("Runs").observe(0.2)
    answer = client.get("/metrics", headers=bearer())
    numbers = read(answer)
    assert numbers["cnnlab_runs", "running"] == 1 and numbers["cnnlab_runs", "failed"] == 0
    assert numbers["cnnlab_queue_length",] == 0 and numbers["cnnlab_workers_alive",] == 0
    assert numbers["cnnlab_healthy", "database"] == 1
    assert numbers["cnnlab_free_disk_bytes",] > 0
    assert numbers["cnnlab_sign_ins_refused_total",] == 0
    assert numbers["cnnlab_page_seconds_count", "Runs"] >= 1
    assert numbers["cnnlab_process_resident_memory_bytes",] > 10**6
    for name in (run.id, run.name, dataset.id, dataset.name, "default"):
        assert name not in answer.text


def test_numbers_that_cannot_be_read_are_no_traceback(client, monkeypatch):
    def fail():
        raise StorageError("The database can't be read.")

    monkeypatch.setattr(exposed, "read_numbers", fail)
    answer = client.get("/metrics", headers=bearer())
    assert (answer.status_code, answer.text) == (503, "The database can't be read.\n")


def test_both_lie_below_the_base_path(home):
    place = Place("127.0.0.1", 8501, "/lab", public=("https://lab.example.org/lab",))
    app = Starlette(routes=mounted(place.base_path), middleware=middleware(place, []))
    with TestClient(app, base_url="https://lab.example.org") as client:
        assert client.get("/lab/healthz").text == "ok\n"
        assert client.get("/lab/metrics", headers=bearer()).status_code == 200
        assert client.get("/healthz").status_code == 401
        assert client.get("/lab/healthz", headers={"Host": "evil.example"}).status_code == 403


def test_a_new_token_of_the_home_makes_a_new_one_of_the_numbers(home, client):
    old = bearer()
    (home / "token").unlink()
    assert client.get("/metrics", headers=old).status_code == 401
    assert client.get("/metrics", headers=bearer()).status_code == 200
