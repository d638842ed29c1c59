import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlab.domain.errors import DamagedError, DiskFullError
from cnnlab.domain.metrics import accuracy, cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.storage.attempts import predictions as stored
from cnnlab.storage.attempts.predictions import (
    PredictionWriter,
    read_predictions,
    share_predictions,
)


def said(epoch, *, images=40, classes=5, sharpness=3.0):
    """Softmax outputs, right for most images; another draw for each epoch."""
    generator = np.random.default_rng([epoch, images, classes])
    labels = np.random.default_rng(images).integers(0, classes, images)
    logits = generator.normal(size=(images, classes)) * sharpness
    logits[np.arange(images), labels] += sharpness
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return Predictions(np.arange(images) * 3 + 7, labels, probabilities)


def write(folder, epochs, *, asked=10, **options):
    writer = PredictionWriter(folder, asked)
    for epoch in epochs:
        writer.append(epoch, said(epoch, **options))
    writer.close()


def contents(folder):
    """The bytes of each epoch, whatever file they lie in."""
    found = read_predictions(folder, 10_000)
    pieces = {**found._judged_at}, {**found._others_at}
    return {epoch: [part[epoch].read() for part in pieces] for epoch in found.epochs}


def test_what_was_said_is_read_back(tmp_path):
    write(tmp_path / "said", range(4))
    found = read_predictions(tmp_path / "said", 4)
    assert found.epochs == [0, 1, 2, 3]
    assert found.classes == 5
    for epoch in found.epochs:
        expected = said(epoch)
        np.testing.assert_array_equal(found.positions, expected.positions)
        np.testing.assert_array_equal(found.labels, expected.labels)
        read = found.probabilities(epoch)
        assert read.dtype == np.float32
        np.testing.assert_allclose(read, expected.probabilities, rtol=5e-3, atol=2e-7)
        np.testing.assert_array_equal(read.argmax(axis=1), expected.probabilities.argmax(axis=1))
        assert found.kept_classes(epoch) == 5
    through = found.of_image(3)
    assert through.shape == (4, 5)
    np.testing.assert_array_equal(through[2], found.probabilities(2)[3])


@pytest.mark.parametrize("sharpness", [0.01, 1.0, 5.0, 20.0])
def test_accuracy_is_exact_and_cross_entropy_to_four_digits(tmp_path, sharpness):
    """From a net that knows nothing to one that is sure of everything."""
    write(tmp_path / "said", range(3), images=300, classes=10, sharpness=sharpness)
    found = read_predictions(tmp_path / "said", 3)
    for epoch in range(3):
        expected = said(epoch, images=300, classes=10, sharpness=sharpness)
        losses = cross_entropies(expected.probabilities, expected.labels)
        assert found.right[epoch].mean() == accuracy(expected.probabilities, expected.labels)
        np.testing.assert_allclose(found.cross_entropies[epoch], losses, rtol=5e-4, atol=6e-8)
        assert found.cross_entropies[epoch].mean() == pytest.approx(losses.mean(), rel=1e-4)
        again = cross_entropies(found.probabilities(epoch), found.labels)
        assert again.mean() == pytest.approx(losses.mean(), rel=1e-3)


def test_a_tie_by_rounding_keeps_the_predicted_class(tmp_path):
    probabilities = np.array([[0.49999, 0.50001], [0.50001, 0.49999]], np.float32)
    writer = PredictionWriter(tmp_path / "said", 1)
    writer.append(0, Predictions(np.arange(2), np.array([1, 1]), probabilities))
    writer.close()
    found = read_predictions(tmp_path / "said", 1)
    assert found.probabilities(0).argmax(axis=1).tolist() == [1, 0]
    assert found.right.tolist() == [[True, False]]


def test_where_nothing_is_kept_there_is_none(tmp_path):
    assert read_predictions(tmp_path / "missing", 5) is None
    (tmp_path / "empty").mkdir()
    assert read_predictions(tmp_path / "empty", 5) is None
    write(tmp_path / "said", range(2))
    assert read_predictions(tmp_path / "said", 0) is None


def test_an_epoch_without_a_record_does_not_count(tmp_path):
    write(tmp_path / "said", range(4))
    assert read_predictions(tmp_path / "said", 3).epochs == [0, 1, 2]


def test_beyond_the_limit_the_most_probable_classes_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "LIMIT_BYTES", 60_000)
    options = {"images": 200, "classes": 300}
    write(tmp_path / "said", range(10), **options)
    files = list((tmp_path / "said").iterdir())
    assert sum(file.stat().st_size for file in files) < 60_000 + 1000  # the list of images
    found = read_predictions(tmp_path / "said", 10)
    assert found.epochs == list(range(10))
    expected = said(4, **options)
    kept = found.kept_classes(4)
    assert 2 <= kept < 300
    read, rows = found.probabilities(4), np.arange(200)
    order = np.argsort(-expected.probabilities, axis=1)
    for place in range(kept):
        classes = order[:, place]
        np.testing.assert_allclose(
            read[rows, classes], expected.probabilities[rows, classes], rtol=5e-3, atol=2e-7
        )
    assert read.sum(axis=1) == pytest.approx(1, abs=5e-3)
    losses = cross_entropies(expected.probabilities, expected.labels)
    np.testing.assert_allclose(found.cross_entropies[4], losses, rtol=5e-4)
    np.testing.assert_allclose(
        cross_entropies(read, found.labels), losses, rtol=5e-3
    )  # the true class is never lost
    assert found.right[4].mean() == accuracy(expected.probabilities, expected.labels)


def test_what_verdicts_need_is_kept_even_beyond_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "LIMIT_BYTES", 100)
    write(tmp_path / "said", range(3), images=500, classes=20)
    found = read_predictions(tmp_path / "said", 3)
    assert found.kept_classes(0) == 1
    assert found.stored_bytes < 3 * 500 * 6 + 2000
    expected = said(2, images=500, classes=20)
    assert found.right[2].mean() == accuracy(expected.probabilities, expected.labels)
    losses = cross_entropies(expected.probabilities, expected.labels)
    assert found.cross_entropies[2].mean() == pytest.approx(losses.mean(), rel=1e-4)
    read = found.probabilities(2)
    np.testing.assert_array_equal(read.argmax(axis=1), expected.probabilities.argmax(axis=1))
    assert read.sum(axis=1) == pytest.approx(1, abs=5e-3)


def test_ten_thousand_images_of_a_thousand_classes_stay_within_the_limit(tmp_path):
    """One epoch of 500 in 64 MiB: its part is 134,217 bytes, where all classes would take 20 MB."""
    write(tmp_path / "said", [0], asked=500, images=10_000, classes=1000)
    found = read_predictions(tmp_path / "said", 1)
    images = (tmp_path / "said" / "from-00001.predictions").stat().st_size - found.stored_bytes
    assert 0 < images < 1000  # the heads
    pieces = found._judged_at[0].length + found._others_at[0].length
    assert pieces <= stored.LIMIT_BYTES / 500
    assert found.kept_classes(0) >= 2


def test_a_cut_at_any_byte_leaves_whole_epochs(tmp_path):
    folder = tmp_path / "said"
    write(folder, range(3), images=6)
    (path,) = folder.iterdir()
    content, expected = path.read_bytes(), contents(folder)
    seen = set()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        found = read_predictions(folder, 3)
        epochs = [] if found is None else found.epochs
        assert epochs == list(range(len(epochs)))
        seen.add(len(epochs))
        if epochs:
            assert contents(folder) == {epoch: expected[epoch] for epoch in epochs}
    assert seen == {0, 1, 2}


def test_the_next_writer_goes_on_behind_what_a_kill_has_left(tmp_path):
    folder = tmp_path / "said"
    write(folder, range(5))
    expected = contents(folder)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    write(folder, [3, 4])  # trained again from the state after epoch 2
    assert contents(folder) == expected
    write(folder, [2, 3])
    assert read_predictions(folder, 5).epochs == [0, 1, 2, 3]
    assert [file.name for file in sorted(folder.iterdir())] == [
        "from-00001.predictions",
        "from-00003.predictions",
    ]


def test_a_kill_at_any_moment_of_writing_loses_no_earlier_epoch(tmp_path):
    """Before every sixth call of a function written in C: the disk is reached by such calls."""
    before = tmp_path / "before"
    write(before, range(3))
    expected, seen, moment = contents(before), set(), 0
    while _killed_at(moment, folder := Path(shutil.copytree(before, tmp_path / str(moment)))):
        found = contents(folder)
        assert set(expected) <= set(found) <= {*expected, 3}
        assert {epoch: found[epoch] for epoch in expected} == expected
        seen.add((len(found), len(list(folder.iterdir()))))
        write(folder, [3])
        assert list(contents(folder)) == [0, 1, 2, 3]
        moment += 6
    assert seen == {(3, 1), (3, 2), (4, 2)}  # the moments differed


def _killed_at(moment, folder):
    """Write the next epoch in a process that is killed at this moment; whether it lived that long.

    Returns:
        False where it was done before.
    """
    child = os.fork()
    if child == 0:
        left = moment

        def count(_, kind, __):
            nonlocal left
            left -= kind == "c_call"
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        write(folder, [3])
        sys.setprofile(None)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def test_a_damaged_epoch_is_an_error_and_the_others_are_read(tmp_path):
    folder = tmp_path / "said"
    write(folder, range(3))
    piece = read_predictions(folder, 3)._others_at[1]
    content = bytearray(piece.path.read_bytes())
    content[piece.start] ^= 1
    piece.path.write_bytes(content)
    found = read_predictions(folder, 3)
    with pytest.raises(DamagedError, match="damaged"):
        found.probabilities(1)
    assert found.probabilities(2).shape == (40, 5)
    assert found.right.shape == (3, 40)


def test_a_damaged_head_is_an_error_and_an_end_that_was_never_filled_is_not(tmp_path):
    folder = tmp_path / "said"
    write(folder, range(3))
    (path,) = folder.iterdir()
    content = path.read_bytes()
    ends = read_predictions(folder, 3)._judged_at[1].start
    for place in (0, ends - 1, ends - 20):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DamagedError, match="Delete the run or bring the file back"):
            read_predictions(folder, 3)
    path.write_bytes(content + bytes(5000))  # as some disks leave it where the power failed
    assert read_predictions(folder, 3).epochs == [0, 1, 2]


@pytest.mark.parametrize("links", [True, False])
def test_another_attempt_shares_the_epochs_before_it(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr("os.link", _no_links)
    source, target = tmp_path / "source", tmp_path / "target"
    write(source, range(4))
    write(source, [4, 5, 6, 7])
    expected = contents(source)
    for _ in range(2):
        share_predictions(source, 3, target)
    assert [path.name for path in target.iterdir()] == ["from-00001.predictions"]
    assert read_predictions(target, 3).epochs == [0, 1, 2]
    write(target, [3, 4])
    assert contents(target) == {epoch: expected[epoch] for epoch in range(5)}
    assert contents(source) == expected  # nobody wrote into what is shared


def test_what_a_late_worker_adds_to_a_shared_file_counts_for_nobody(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    late = PredictionWriter(source, 10)
    late.append(0, said(0))
    share_predictions(source, 1, target)
    late.append(1, said(7))
    late.close()
    assert read_predictions(target, 1).epochs == [0]
    write(target, [1])
    found = read_predictions(target, 2)
    np.testing.assert_allclose(found.probabilities(1), said(1).probabilities, rtol=5e-3, atol=2e-7)


def test_nothing_is_shared_where_there_is_nothing(tmp_path):
    share_predictions(tmp_path / "missing", 3, tmp_path / "target")
    assert not (tmp_path / "target").exists()
    write(tmp_path / "target", range(2))
    share_predictions(tmp_path / "missing", 3, tmp_path / "target")
    assert read_predictions(tmp_path / "target", 9) is None


def test_on_a_full_disk_the_epochs_before_stay(small_disk):
    folder = small_disk / "said"
    writer = PredictionWriter(folder, 1)
    writer.append(0, said(0))
    expected = contents(folder)
    with pytest.raises(DiskFullError, match="disk is full"):
        for epoch in range(1, 100):
            writer.append(epoch, said(epoch, images=20_000, classes=10))
            expected[epoch] = None
    writer.close()
    found = contents(folder)
    assert found[0] == expected[0]
    assert list(found) == list(expected)


def _no_links(*_):
    raise OSError("no hard links here")
