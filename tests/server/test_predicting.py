"""The route that pages send pictures to: who may, how much, and that it always answers JSON."""

from dataclasses import replace

import pytest

from cnnlab.lab.access.acting import LOCAL, acting
from cnnlab.server import predicting
from cnnlab.server.access import TOKEN_HEADER
from cnnlab.server.door import door
from cnnlab.server.downloads import predictions_address
from cnnlab.server.images import predicted_address
from cnnlab.server.predicting import NAME_HEADER, predict_address


@pytest.fixture
def asked(monkeypatch):
    """What the route asks for, in place of the models."""
    asked = []

    def predict_picture(runs, content, name, *, with_seen, explained):
        asked.append((runs, content, name, with_seen, explained))
        return {"predictions": [], "milliseconds": 0.0, "phase": "Loading the model"}

    monkeypatch.setattr(predicting.lab, "predict_picture", predict_picture)
    return asked


def test_a_picture_is_passed_on_with_its_name_and_the_runs(allowed, asked):
    answer = allowed.post(
        f"{predict_address()}?runs=A,B", content=b"bytes", headers={NAME_HEADER: "K%C3%A4fer 1.png"}
    )
    assert answer.status_code == 200
    assert answer.json()["phase"] == "Loading the model"
    assert answer.headers["Cache-Control"] == "no-store"
    allowed.post(f"{predict_address()}?runs=A&seen=1", content=b"x")
    about = {"runs": "A", "explain": "occlusion", "class": "a & b"}
    allowed.post(predict_address(), params=about, content=b"x")
    assert asked == [
        (["A", "B"], b"bytes", "Käfer 1.png", False, None),
        (["A"], b"x", "picture", True, None),
        (["A"], b"x", "picture", False, ("occlusion", "a & b")),
    ]


def test_models_are_asked_in_the_name_of_whoever_sends_the_picture(allowed, monkeypatch):
    """Threads that wait for a worker know who it was."""
    who = replace(LOCAL, workspace="a" * 12)
    monkeypatch.setattr(door, "LOCAL", who)  # as whom the door lets somebody act
    seen = []
    monkeypatch.setattr(
        predicting.lab, "predict_picture", lambda *given, **named: seen.append(acting()) or {}
    )
    allowed.post(f"{predict_address()}?runs=A", content=b"x")
    assert seen == [who]


def test_only_a_page_of_ours_sends_pictures(allowed, client, asked):
    allowed.headers[TOKEN_HEADER] = "wrong"
    assert allowed.post(f"{predict_address()}?runs=A", content=b"x").status_code == 403
    client.cookies.clear()
    assert client.post(f"{predict_address()}?runs=A", content=b"x").status_code in (401, 403)
    assert asked == []


def test_a_body_beyond_the_limit_is_answered_and_not_kept(allowed, asked, monkeypatch):
    monkeypatch.setattr(predicting, "MAX_IMAGE_BYTES", 10)
    pieces = (b"x" * 8 for _ in range(15))
    assert allowed.post(f"{predict_address()}?runs=A", content=pieces).status_code == 200
    assert len(asked[0][1]) == 11  # enough to see that it is too large


def test_what_is_wrong_is_one_sentence(allowed, monkeypatch):
    answer = allowed.post(f"{predict_address()}?runs=nobody", content=b"x").json()
    assert answer["predictions"] == []
    assert answer["problem"] == "There is no run 'nobody': see the runs page for those there are."
    for runs in ("", "A,B,C,D,E", "A,A"):
        answer = allowed.post(f"{predict_address()}?runs={runs}", content=b"x").json()
        assert answer["problem"].startswith("Name 1 to 4 different runs to ask.")
    answer = allowed.post(f"{predict_address()}?runs=A&explain=guess", content=b"x").json()
    assert answer["problem"].startswith("method must be one of hirescam, ")


def test_a_table_of_many_pictures_is_downloaded_and_its_pictures_are_shown(allowed, monkeypatch):
    monkeypatch.setattr(predicting.lab, "predictions_csv", lambda key: f"file\r\n{key}".encode())
    monkeypatch.setattr(predicting.lab, "predictions_thumbnail", lambda key, row: b"%d" % row)
    monkeypatch.setattr(predicting.lab, "predictions_file_name", lambda key: "cnnlab-a.csv")
    answer = allowed.get(predictions_address("0123456789abcdef"))
    assert answer.text == "file\r\n0123456789abcdef"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cnnlab-a.csv"'
    picture = allowed.get(predicted_address("0123456789abcdef", 7))
    assert (picture.content, picture.headers["Content-Type"]) == (b"7", "image/jpeg")
    assert allowed.get(predicted_address("0123456789abcdef", 7) + "x").status_code == 400


def test_predictions_that_are_gone_are_not_found(allowed):
    for address in (predictions_address("0123456789abcdef"), predicted_address("x", 0)):
        answer = allowed.get(address)
        assert answer.status_code == 404
        assert "These predictions are no longer there" in answer.text
