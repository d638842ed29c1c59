"""The route on which pictures are gathered class by class."""

import io

import pytest
from PIL import Image

from cnnlab.server import drafts
from tests.datasets.uploads import jpeg

CUP, FIRST = "a" * 8, "0" * 8


@pytest.fixture
def draft(allowed):
    """The address of a draft with one class, whose name has letters of its own."""
    address = f"/api/drafts/{allowed.post('/api/drafts').json()['token']}"
    named = allowed.put(f"{address}/{CUP}", headers={drafts.NAME_HEADER: "Gr%C3%B6%C3%9Fe%20S"})
    assert named.status_code == 200
    return address


def test_a_picture_goes_there_and_back_and_is_taken_out(allowed, draft):
    picture = f"{draft}/{CUP}/{FIRST}"
    for _ in range(2):  # the answer to the first was lost
        sent = allowed.put(picture, content=jpeg(), headers={drafts.NAME_HEADER: "a.jpg"})
        assert sent.status_code == 200
    told = [{"id": CUP, "name": "Größe S", "pictures": [FIRST]}]
    assert allowed.get(draft).json() == {"classes": told}
    shown = allowed.get(f"{picture}?px=16")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert max(Image.open(io.BytesIO(shown.content)).size) == 16
    assert allowed.delete(picture).status_code == 200
    assert allowed.get(picture).status_code == 404
    assert allowed.delete(f"{draft}/{CUP}").status_code == 200
    assert allowed.get(draft).json() == {"classes": []}


def test_what_can_not_be_kept_is_refused_in_a_sentence(allowed, draft, monkeypatch):
    refused = allowed.put(f"{draft}/{CUP}/{FIRST}", content=b"no picture")
    assert (refused.status_code, "error" in refused.json()) == (400, True)
    monkeypatch.setattr(drafts, "MAX_IMAGE_BYTES", 2**20)
    large = allowed.put(f"{draft}/{CUP}/{FIRST}", content=b"x" * (2**20 + 1))
    assert (large.status_code, "larger than 1\u00a0MiB" in large.json()["error"]) == (400, True)
    gone = allowed.get(f"/api/drafts/{'0' * 32}")
    assert (gone.status_code, "no longer there" in gone.json()["error"]) == (404, True)
    assert allowed.get(f"{draft}/{CUP}/{FIRST}?px=x").status_code == 400


def test_nobody_but_a_page_of_ours_changes_anything(allowed, draft):
    allowed.headers.pop("x-cnnlab-token")
    for method, address in (
        ("POST", "/api/drafts"),
        ("GET", draft),
        ("PUT", f"{draft}/{CUP}"),
        ("PUT", f"{draft}/{CUP}/{FIRST}"),
        ("DELETE", f"{draft}/{CUP}"),
        ("DELETE", f"{draft}/{CUP}/{FIRST}"),
    ):
        assert allowed.request(method, address).status_code == 403
