"""The laws of a study store, on every database."""

import dataclasses

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.study import Arm, Study, add_seeds
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.studies import StudyStore, read_study

ARMS = (Arm("a", {}), Arm("é <b>", {"regularization.l2": 0.1}))


def _study(name, created_at="2026", dataset="d"):
    base = RunConfig(dataset=dataset).model_dump(mode="json")
    return Study(name, name, dataset, base, ARMS, (0, 1), created_at=created_at)


class StudyStoreContract:
    """What every store must keep; a subclass gives a `database` fixture."""

    @pytest.fixture
    def home(self, tmp_path):
        return open_home(tmp_path / "home")

    @pytest.fixture
    def store(self, database, home):
        engine = open_database(*database)
        yield StudyStore(home, engine)
        engine.dispose()

    def test_a_study_comes_back_as_it_was(self, store, home):
        store.create(_study("a"))
        assert store.load("a") == _study("a")
        assert read_study(home.study("a")) == _study("a")

    def test_an_id_is_never_used_twice(self, store):
        store.create(_study("a"))
        with pytest.raises(StorageError):
            store.create(_study("a"))
        assert len(store.list()) == 1

    def test_the_newest_comes_first(self, store):
        for name, created_at, dataset in (("a", "1", "d"), ("b", "3", "e"), ("c", "2", "d")):
            store.create(_study(name, created_at, dataset))
        assert [study.id for study in store.list()] == ["b", "c", "a"]
        assert [study.id for study in store.list(dataset="d")] == ["c", "a"]

    def test_seeds_and_name_are_taken_over(self, store, home):
        store.create(_study("a"))
        changed = dataclasses.replace(add_seeds(_study("a"), 2), name="new")
        store.save(changed)
        assert store.load("a") == read_study(home.study("a")) == changed

    def test_what_was_deleted_is_gone(self, store, home):
        store.create(_study("a"))
        store.delete("a")
        assert store.list() == []
        assert not home.study("a").exists()
        for act in (store.load, store.delete, lambda name: store.save(_study(name))):
            with pytest.raises(NotFoundError, match="no study 'a'"):
                act("a")


class TestSqliteStudyStore(StudyStoreContract):
    @pytest.fixture
    def database(self, sqlite):
        return sqlite


class TestPostgresqlStudyStore(StudyStoreContract):
    @pytest.fixture
    def database(self, postgresql):
        return postgresql


def test_a_damaged_file_is_named(tmp_path):
    home = open_home(tmp_path)
    folder = home.study("a")
    folder.mkdir()
    (folder / "study.json").write_text('{"id": "a"}')
    with pytest.raises(StorageError, match=r"study\.json is damaged"):
        read_study(folder)
