import pytest

from tests.runner.executors.listed import EXECUTORS, PLAYED
from tests.runner.place import Place


@pytest.fixture(params=PLAYED)
def place(request, home, monkeypatch):
    """Like the supervisor tests' own, with each executor in turn; `kind` is its name."""
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    place = Place(home, EXECUTORS[request.param])
    place.kind = request.param
    yield place
    place.close()
