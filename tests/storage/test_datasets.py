"""The laws of a dataset store, on every database."""

import functools

import pytest

from cnnlab.domain.data.dataset import Dataset, DatasetWarning, SkippedFile
from cnnlab.domain.errors import NotFoundError
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from tests.storage.together import in_processes, in_threads

SIGNS = Dataset(
    id="signs-1",
    name="Signs ä",
    classes={"b": 2, "a": 1},
    splits={"train": 2, "validation": 1, "test": 0},
    skipped=(SkippedFile("x.txt", "not an image"),),
    warnings=(DatasetWarning("few", "Few images", 3),),
    created_at="2026-01-01T00:00:00+00:00",
)


def _fill(home, name):
    folder = home.datasets / f".import-{name}"
    folder.mkdir()
    (folder / "pack").write_text(str(name))
    return folder


def _add(root, database, number, meet):
    home = open_home(root)
    engine = open_database(*database)
    folder = _fill(home, number)
    meet()
    added = DatasetStore(home, engine).add(SIGNS, folder)
    engine.dispose()
    return added


class DatasetStoreContract:
    """What every store must keep; a subclass gives a `database` fixture."""

    @pytest.fixture
    def home(self, tmp_path):
        return open_home(tmp_path / "home")

    @pytest.fixture
    def store(self, home, database):
        engine = open_database(*database)
        yield DatasetStore(home, engine)
        engine.dispose()

    def test_a_dataset_comes_back_as_it_was_with_its_files(self, store, home):
        assert store.add(SIGNS, _fill(home, "a")) == SIGNS
        assert store.load("signs-1") == SIGNS
        assert list(store.load("signs-1").classes) == ["b", "a"]  # the order of the labels
        assert (home.dataset("signs-1") / "pack").read_text() == "a"

    def test_an_unknown_dataset_is_named(self, store):
        assert store.find("nothing") is None
        for call in (store.load, store.delete):
            with pytest.raises(NotFoundError, match="'nothing'"):
                call("nothing")

    @pytest.mark.parametrize("together", [in_threads, in_processes])
    def test_the_same_dataset_added_at_once_is_stored_once(self, store, home, database, together):
        added = together(4, functools.partial(_add, home.root, database))
        assert added == [SIGNS] * 4
        assert store.list() == [SIGNS]
        assert (home.dataset("signs-1") / "pack").read_text() in "0123"

    def test_a_deleted_dataset_is_gone_and_can_come_again(self, store, home):
        store.add(SIGNS, _fill(home, "a"))
        store.delete("signs-1")
        assert store.list() == []
        assert list(home.datasets.iterdir()) == []
        store.add(SIGNS, _fill(home, "b"))
        assert store.list() == [SIGNS]


class TestSqliteDatasetStore(DatasetStoreContract):
    @pytest.fixture
    def database(self, sqlite):
        return sqlite


class TestPostgresqlDatasetStore(DatasetStoreContract):
    @pytest.fixture
    def database(self, postgresql):
        return postgresql
