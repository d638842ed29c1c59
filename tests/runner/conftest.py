import pytest

from tests.runner.place import Place


@pytest.fixture
def place(home):
    place = Place(home)
    yield place
    place.engine.dispose()
