"""Weights are kept once, by their content, and what isn't what was kept is noticed."""

import json

import numpy as np
import pytest

from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.storage.home import open_home
from cnnlab.storage.pretrained.start import (
    StartWeights,
    keep_start,
    keep_start_weights,
    read_start,
    share_start,
)
from cnnlab.storage.pretrained.store import PretrainedStore, Source
from tests.made_weights import WEIGHTS

SOURCE = Source("mine.npz", "the file mine.npz")
OTHER = {name: values + 1 for name, values in WEIGHTS.items()}


@pytest.fixture
def store(home):
    return PretrainedStore(open_home())


def test_the_same_weights_are_kept_once(store):
    first = store.keep(WEIGHTS, SOURCE)
    again = store.keep(dict(reversed(WEIGHTS.items())), Source("other.npz", "another file"))
    assert again == first
    assert store.list() == [first]
    assert first.id == f"w-{first.sha256[:12]}"
    assert (first.parameters, first.layers["block1_conv/kernel"]) == (26, [2, 2, 3, 2])
    assert first.bytes == store.file(first.id).stat().st_size


def test_none_are_there_before_the_first(store):
    assert store.list() == []
    with pytest.raises(NotFoundError, match="w-0123456789ab"):
        store.find("w-0123456789ab")
    with pytest.raises(NotFoundError):
        store.find("../runs")


def test_those_of_imagenet_are_found_by_their_network(store):
    store.keep(WEIGHTS, SOURCE)
    entry = store.keep(OTHER, Source("a", "a", "efficientnet_lite0", "imagenet", "Apache-2.0"))
    assert store.of_imagenet("efficientnet_lite0") == entry
    assert store.of_imagenet("mobilenet_v3_small") is None


def test_damage_is_noticed(store):
    entry, whole = store.keep(WEIGHTS, SOURCE), store.keep(OTHER, SOURCE)
    store.check(entry)
    content = bytearray(store.file(entry.id).read_bytes())
    content[300] ^= 1
    store.file(entry.id).write_bytes(content)
    with pytest.raises(DamagedError, match=rf"damaged: delete .*{entry.id}\W+ and add them again"):
        store.check(entry)
    store.file(whole.id).with_name("about.json").write_text("{}")
    assert store.list() == [entry]
    with pytest.raises(DamagedError, match="add them again"):
        store.find(whole.id)
    store.check(store.keep(WEIGHTS, SOURCE))  # which mends them
    store.delete(whole.id)
    assert [kept.id for kept in store.list()] == [entry.id]


@pytest.mark.parametrize(
    "odd", [{"id": "w-0123456789ab"}, {"layers": 7}, {"layers": {"a/b": ["2"]}}, {"added_at": 1}, 7]
)
def test_a_note_of_odd_values_is_damaged_and_hides_no_others(store, odd):
    entry, other = store.keep(WEIGHTS, SOURCE), store.keep(OTHER, SOURCE)
    note = store.file(entry.id).with_name("about.json")
    values = entry.to_json() | odd if isinstance(odd, dict) else odd
    note.write_text(json.dumps(values))
    with pytest.raises(DamagedError, match=entry.id):
        store.find(entry.id)
    assert store.list() == [other]


def test_a_note_may_say_more_than_is_known_here(store):
    entry = store.keep(WEIGHTS, SOURCE)
    note = store.file(entry.id).with_name("about.json")
    note.write_text(json.dumps(entry.to_json() | {"of_a_later_version": 1}))
    assert store.find(entry.id) == entry


def test_a_full_disk_keeps_nothing(small_disk):
    store = PretrainedStore(open_home(small_disk))
    with pytest.raises(StorageError, match="disk is full"):
        store.keep({"a/b": np.zeros(2**20, np.float32)}, SOURCE)
    assert list((small_disk / "pretrained").iterdir()) == []


def test_a_run_keeps_what_it_began_with(store, tmp_path):
    entry = store.keep(WEIGHTS, SOURCE)
    run, fork = tmp_path / "run", tmp_path / "fork"
    assert read_start(run) is None
    keep_start(run, store.file(entry.id), StartWeights(entry.words, entry.id))
    assert (run / "pretrained.npz").samefile(store.file(entry.id))
    share_start(run, fork)
    store.delete(entry.id)
    assert store.list() == []
    for folder in (run, fork):
        kept = read_start(folder)
        assert (kept.words, kept.asked, kept.sha256) == (entry.words, entry.id, entry.sha256)
        np.testing.assert_array_equal(kept.arrays["block1_conv/bias"], [0.5, -0.5])


def test_a_damaged_start_is_noticed(tmp_path):
    keep_start_weights(tmp_path, WEIGHTS, StartWeights("a run", "a"))
    path = tmp_path / "pretrained.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedError, match="start a new run"):
        read_start(tmp_path)
    share_start(tmp_path / "another", tmp_path / "third")  # which began with none
    assert not (tmp_path / "third").exists()
