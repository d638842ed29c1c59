"""The routes by which a browser checks an offline page."""

import json

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.server import page_check
from cnnlab.server.access import TOKEN_HEADER
from cnnlab.server.page_check import page_check_addresses
from tests.made_pages import leave_page
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def finished(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)


@pytest.fixture
def at(finished):
    return page_check_addresses(finished.id)


def test_the_page_has_no_right_wherever_it_is_shown(allowed, finished, at):
    leave_page(finished)
    answer = allowed.get(at["page"])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy and "connect-src" not in policy
    assert "<!doctype html>" in answer.text


def test_a_browser_gets_the_images_and_says_what_the_page_said(allowed, finished, at):
    said = leave_page(finished)
    image = allowed.get(at["image"].replace("NUMBER", "5"))
    assert image.content.startswith(b"\x89PNG")
    assert image.headers["content-type"] == "application/octet-stream"
    told = {
        "sha256": lab.page_sha256(finished.id),
        "probabilities": said.tolist(),
        "milliseconds": [2] * len(said),
    }
    assert allowed.post(at["told"], json=told).json() == {}
    wrong = {**told, "probabilities": said[:, ::-1].tolist()}
    assert allowed.post(at["told"], json=wrong).json() == {}  # of a second tab, too late
    leave_page(finished)
    assert "isn't offered" in allowed.post(at["told"], json=wrong).json()["problem"]


def test_only_a_page_of_ours_gets_images_and_tells(allowed, finished, at):
    leave_page(finished)
    del allowed.headers[TOKEN_HEADER]
    assert allowed.get(at["image"].replace("NUMBER", "0")).status_code == 403
    assert allowed.post(at["told"], json={}).status_code == 403


def test_what_is_not_there_is_a_404_with_a_sentence(allowed, finished, at):
    assert allowed.get(at["page"]).status_code == 404
    leave_page(finished)
    for number in ("6", "-1", "x", "1" * 30):
        answer = allowed.get(at["image"].replace("NUMBER", number))
        assert answer.status_code == 404 and "to check the page" in answer.text


@pytest.mark.parametrize("body", ["", "[]", "{", "{}", "[" * 100_000, '{"probabilities": 1}'])
def test_what_is_no_answer_is_refused(allowed, finished, at, body):
    leave_page(finished)
    answer = allowed.post(at["told"], content=body.encode())
    assert answer.status_code == 400 and "must be JSON" in answer.json()["problem"]


def test_numbers_that_no_page_says_are_refused(allowed, finished, at):
    leave_page(finished)
    for numbers in ({"a": 1}, [[10**400]]):
        told = {
            "sha256": lab.page_sha256(finished.id),
            "probabilities": numbers,
            "milliseconds": "x",
        }
        answer = allowed.post(at["told"], content=json.dumps(told))
        assert answer.status_code == 200 and "`probabilities` must be" in answer.json()["problem"]


def test_an_answer_that_is_too_long_is_refused(allowed, finished, at, monkeypatch):
    monkeypatch.setattr(page_check, "_MOST_BYTES", 10)
    assert allowed.post(at["told"], content=b"x" * 11).status_code == 413
