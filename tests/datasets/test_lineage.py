"""Parts through chains of versions: what was drawn once stays, whatever becomes of the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.datasets.lineage import descend, lineage_hash, read_lineage, write_lineage
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import NOT_GIVEN, Generation, draw_lineage
from cnnlab.domain.data.split import assign_lineage
from cnnlab.domain.errors import DatasetError, StorageError

TRAINS, VALIDATES, TESTS = 0, 1, 2
SHARES = {VALIDATES: 0.2, TESTS: 0.15}


def first(count=60, classes=3, copies=()):
    """Images of a few classes, drawn; `copies` are groups of rows."""
    pictures = np.full(count, -1)
    for number, rows in enumerate(copies):
        pictures[list(rows)] = number
    return Generation.first(np.arange(count) % classes, np.full(count, NOT_GIVEN), pictures)


def made(generations, rows=None, *, labels=None, moved=None, added=(), copies=None):
    """The generations of a version.

    Args:
        generations: of the version before.
        rows: its images that are kept; None keeps all.
        labels: changed classes, by row of the new version.
        moved: parts, by row of the new version.
        added: classes of new images.
        copies: pictures of all images of the new version.
    """
    before = generations[-1]
    rows = np.arange(len(before)) if rows is None else np.asarray(rows)
    new = [-1] * len(added)
    version = Generation(
        np.concatenate([before.labels[rows], np.array(added, int)]),
        np.concatenate([before.given[rows], np.full(len(added), NOT_GIVEN)]),
        np.concatenate([before.copies[rows], new]).astype(int),
        np.concatenate([rows, new]).astype(int),
    )
    for row, label in (labels or {}).items():
        version.labels[row] = label
    for row, part in (moved or {}).items():
        version.given[row] = part
    if copies is not None:
        version.copies[:] = copies
    return descend(generations, version)


def parts(generations, seed=0, shares=SHARES):
    return draw_lineage(generations, shares, seed)


def changed(generations, kind, number, drawn):
    """A version by one change that `number` draws, the rows kept, and those moved by hand.

    `drawn` are the parts before it.
    """
    old, draws = generations[-1], np.random.default_rng(number)
    count = len(old)
    chosen = draws.choice(count, draws.integers(1, max(2, count // 3)), replace=False)
    rows = np.arange(count)
    if kind == "relabel":
        labels = dict.fromkeys(chosen.tolist(), number % 4)
        return made(generations, labels=labels), rows, []
    if kind == "exclude":
        kept = np.setdiff1d(rows, chosen) if count > len(chosen) else rows
        return made(generations, kept), kept, []
    if kind == "exclude_validation":
        kept = rows[drawn != VALIDATES]
        return made(generations, kept), kept, []
    if kind == "move_validation":
        moved = np.flatnonzero(drawn == VALIDATES)
        return made(generations, moved=dict.fromkeys(moved.tolist(), TRAINS)), rows, moved
    if kind == "move":
        moved = dict.fromkeys(chosen.tolist(), number % 3)
        return made(generations, moved=moved), rows, chosen
    if kind == "add":
        return made(generations, added=draws.integers(0, 4, number % 20 + 1)), rows, []
    pictures = np.append(old.copies, -1)
    if pictures[chosen[0]] < 0:
        pictures[chosen[0]] = pictures.max() + 1
    pictures[-1] = pictures[chosen[0]]
    return made(generations, added=[0], copies=pictures), rows, []


KINDS = ["relabel", "exclude", "move", "add", "copy", "exclude_validation", "move_validation"]
CHANGES = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9999)), min_size=1, max_size=7)


@given(
    changes=CHANGES,
    seed=st.integers(0, 2**31 - 1),
    validation=st.floats(0.02, 0.5),
    test=st.sampled_from([0, 0.05, 0.2, 0.4]),
    own=st.sampled_from([(), (TESTS,), (VALIDATES,), (VALIDATES, TESTS)]),
)
def test_through_any_chain_of_versions_each_image_keeps_its_part(
    changes, seed, validation, test, own
):
    shares = {VALIDATES: validation, TESTS: test}
    start = first(copies=[(0, 3), (9, 12, 15)])
    for part in own:
        start.given[:] = np.where(np.arange(60) % 5 == part, part, np.maximum(start.given, TRAINS))
    generations = [start]
    for kind, number in changes:
        before = parts(generations, seed, shares)
        old, (generations, kept, by_hand) = (
            generations[-1],
            changed(generations, kind, number, before),
        )
        everything = parts(generations, seed, shares)
        now, was, unmoved = everything[: len(kept)], before[kept], np.ones(len(kept), bool)
        unmoved[by_hand] = False
        judges = np.any(was[unmoved] == VALIDATES)
        lasting = unmoved if judges else unmoved & (now != VALIDATES)
        assert (now[lasting] == was[lasting]).all()
        assert not np.any((was == TESTS) & (now != TESTS) & unmoved)
        if kind == "copy":
            picture = generations[-1].copies[-1]
            shown = (generations[-1].copies == picture)[:-1]
            assert everything[-1] == now[shown].max()
            assert len(old) == len(now)


def test_a_relabel_moved_test_images_into_training_before():
    """As long as each version was drawn anew; it keeps them now."""
    start = [first()]
    relabelled = made(start, labels=dict.fromkeys(range(0, 30, 3), 1))
    anew = [Generation.first(relabelled[-1].labels, relabelled[-1].given)]
    assert np.any((parts(start) == TESTS) & (parts(anew) == TRAINS))
    assert (parts(relabelled) == parts(start)).all()


def test_added_images_bring_each_class_to_its_share():
    start = [first(60)]
    kept = np.flatnonzero((parts(start) != VALIDATES) | (np.arange(60) % 3 > 0))  # class 0 lost its
    version = made(start, kept, added=[0] * 40 + [1] * 7 + [3] * 20)
    drawn, labels = parts(version), version[-1].labels
    for label in range(4):
        counts = np.bincount(drawn[labels == label], minlength=3)
        total = counts.sum()
        assert counts[VALIDATES] == pytest.approx(0.2 * total, abs=1)
        assert counts[TESTS] == pytest.approx(0.15 * total, abs=1)


def test_a_copy_of_images_in_two_parts_goes_where_it_is_judged():
    start = [first(60)]
    drawn = parts(start)
    trains, tests = (int(np.flatnonzero(drawn == part)[0]) for part in (TRAINS, TESTS))
    pictures = np.full(61, -1)
    pictures[[trains, tests, 60]] = 0
    assert parts(made(start, added=[0], copies=pictures))[60] == TESTS


def test_without_validation_images_training_gives_some_and_test_none():
    start = [first(60, copies=[(0, 3, 6)])]
    seed = next(seed for seed in range(99) if parts(start, seed)[0] == TRAINS)
    before = parts(start, seed)
    kept = np.flatnonzero(before != VALIDATES)
    version = made(start, kept)
    now = parts(version, seed)
    assert 1 <= np.count_nonzero(now == VALIDATES) <= 20
    assert ((now == TESTS) == (before[kept] == TESTS)).all()
    assert len(set(now[version[-1].copies == 0])) == 1
    fewer = made(version, np.arange(3, len(kept)))
    assert (parts(fewer, seed) == now[3:]).all()
    one = made(start, np.flatnonzero(before == TRAINS)[:1])
    with pytest.raises(DatasetError, match="No validation image is left"):
        assign_lineage(one, SplitFractions(validation=0.2, test=0.15, seed=seed))


def own_validation(count=60, classes=3):
    """As `first`, of an upload that brought every fifth image as validation."""
    one = first(count, classes)
    one.given[:] = np.where(np.arange(count) % 5 == 0, VALIDATES, TRAINS)
    return one


def test_who_validates_in_the_place_of_others_goes_on_doing_so():
    start = [own_validation()]
    version = made(start, np.flatnonzero(start[0].given != VALIDATES))
    for seed in range(20):
        now = parts(version, seed)
        validates = np.flatnonzero(now == VALIDATES)
        assert len(validates) > 3
        moved = int(np.flatnonzero(now == TRAINS)[0])
        later = made(version, moved={moved: VALIDATES})
        for chain in (later, made(later, range(1, 48)), made(later, added=[0, 1])):
            kept = chain[-1].origin[chain[-1].origin >= 0]
            assert (
                parts(chain, seed)[: len(kept)][kept != moved] == now[kept][kept != moved]
            ).all()


def test_what_was_moved_to_training_by_hand_is_not_put_back_while_others_are_left():
    start = [own_validation()]
    own = np.flatnonzero(start[0].given == VALIDATES)
    half, rest = own[::2], own[1::2]
    version = made(start, moved=dict.fromkeys(half.tolist(), TRAINS))
    version = made(version, np.setdiff1d(np.arange(60), rest))
    files = np.setdiff1d(np.arange(60), rest)
    for seed in range(20):
        now = parts(version, seed)
        assert (now[np.isin(files, half)] == TRAINS).all()
        assert np.any(now == VALIDATES)
    few = [first(9)]
    everything = made(few, moved=dict.fromkeys(range(9), TRAINS))
    assert np.any(parts(everything) == VALIDATES), "all were moved: there are no others"


@pytest.mark.parametrize("seed", range(30))
def test_those_that_take_the_place_are_as_many_of_each_class_as_if_drawn(seed):
    labels = np.repeat([0, 1, 0, 1], [10, 3, 4, 2])
    start = Generation.first(labels, np.repeat([TRAINS, VALIDATES], [13, 6]))
    now = parts(made([start], range(13)), seed, {VALIDATES: 0.2})
    assert np.bincount(labels[:13][now == VALIDATES]).tolist() == [2, 1]


def test_the_way_to_a_version_leaves_no_trace():
    start = [first(20)]
    there = made(start, labels={3: 2})
    assert len(made(there, labels={3: 0})) == 1
    one_by_one = made(made(start, range(1, 20)), range(1, 19))
    assert len(one_by_one) == 2
    assert lineage_hash(one_by_one) == lineage_hash(made(start, range(2, 20)))
    assert lineage_hash(one_by_one) != lineage_hash(made(start, range(2, 19)))
    assert lineage_hash(start) == b""
    grown = made(start, added=[0, 1])
    assert len(made(made(grown, range(1, 22)), added=[2])) == 3
    assert lineage_hash(made(made(grown, moved={0: TESTS}), moved={0: NOT_GIVEN})) == lineage_hash(
        grown
    )


def test_dropped_splits_are_drawn_as_if_the_upload_had_brought_none():
    own = first(40)
    own.given[:] = np.where(np.arange(40) % 4 == 0, VALIDATES, TRAINS)
    fewer = made([own], range(1, 40))
    last = fewer[-1]
    dropped = Generation(last.labels, np.full(39, NOT_GIVEN), last.copies, np.arange(39))
    drawn = descend(fewer, dropped, drops_given=True)
    assert (parts(drawn) == parts([first(40)])[1:]).all()


def test_what_was_written_is_read_and_damage_is_told(tmp_path):
    generations = made([first(30, copies=[(0, 3)])], range(2, 30), added=[1, 1])
    write_lineage(tmp_path, generations)
    assert lineage_hash(read_lineage(tmp_path)) == lineage_hash(generations)
    path = tmp_path / "lineage.npz"
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"no zip"):
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match="missing or damaged"):
            read_lineage(tmp_path)
    path.unlink()
    with pytest.raises(StorageError, match="missing or damaged"):
        read_lineage(tmp_path)
