"""The laws of the searches' store."""

import os
from dataclasses import replace

import pytest

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.search import Decisions, SearchStatus
from cnnlab.storage.home import open_home
from cnnlab.storage.searches import SearchStore
from tests.domain.test_search import search


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


@pytest.fixture
def store(home):
    return SearchStore(home)


def _add(store, name, dataset="d"):
    store.create(replace(search(), id=name, dataset=dataset))


def test_a_home_without_a_search_has_none(store):
    assert store.list() == []
    assert store.due() == []


def test_a_search_comes_back_as_it_was(store):
    store.create(search())
    assert store.load("o1") == search()
    assert store.decisions("o1") == Decisions()


def test_an_id_is_never_used_twice(store):
    _add(store, "a")
    with pytest.raises(StorageError):
        _add(store, "a")


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "b"])
def test_what_is_not_there_is_not_found(store, name):
    _add(store, "a")
    with pytest.raises(NotFoundError):
        store.load(name)


def test_the_newest_comes_first(store):
    for name, dataset in (("a", "d"), ("c", "e"), ("b", "d")):
        _add(store, name, dataset)
    assert [one.id for one in store.list()] == ["c", "b", "a"]
    assert [one.id for one in store.list(dataset="d")] == ["b", "a"]


def test_what_another_process_decided_is_seen(store, home):
    _add(store, "a")
    _add(store, "b")
    assert store.due() == ["a", "b"]
    SearchStore(home).decide("a", Decisions(SearchStatus.STOPPED, pruned={3: "worse"}))
    assert store.due() == ["b"]
    SearchStore(home).decide("a", Decisions(SearchStatus.STOPPED, ends_runs=True))
    assert store.due() == ["a", "b"]
    SearchStore(home).decide("a", Decisions(SearchStatus.STOPPED, pruned={3: "worse"}))
    assert store.decisions("a").pruned == {3: "worse"}


def test_only_one_decides_at_a_time(store):
    _add(store, "a")
    with store.alone("a"):
        assert store.try_alone("a") is None
    lock = store.try_alone("a")
    assert lock is not None
    os.close(lock)


def test_a_new_name_is_taken_over(store):
    _add(store, "a")
    store.rename("a", "new")
    assert store.load("a").name == "new"


def test_what_was_deleted_is_gone(store, home):
    _add(store, "a")
    store.delete("a")
    assert store.list() == []
    assert list(home.searches.iterdir()) == []


def test_a_damaged_search_is_in_nobodys_way(store, home):
    _add(store, "a")
    _add(store, "b")
    _add(store, "c")
    (home.search("a") / "search.json").write_text("{}")
    (home.search("b") / "decisions.json").write_text('{"status": "lost"}')
    assert [one.id for one in store.list()] == ["c", "b"]
    assert store.due() == ["a", "c"]  # the supervisor has "a" fail
    with pytest.raises(StorageError, match="damaged"):
        store.load("a")
    with pytest.raises(StorageError, match="damaged"):
        store.decisions("b")


def test_a_damaged_search_can_be_held_and_deleted(store, home):
    _add(store, "a")
    (home.search("a") / "search.json").write_text("{}")
    (home.search("a") / "decisions.json").write_text("{")
    with store.alone("a"):
        pass
    store.delete("a")
    with pytest.raises(NotFoundError):
        store.load("a")
