import pytest

from tests.runner.executors.listed import EXECUTORS
from tests.runner.place import Place


@pytest.fixture(params=EXECUTORS)
def place(request, home, monkeypatch):
    """Like the supervisor tests' own, with each executor in turn; `kind` is its name."""
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    place = Place(home, EXECUTORS[request.param])
    place.kind = request.param
    yield place
    place.close()
