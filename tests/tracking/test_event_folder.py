"""Event files as TensorBoard itself reads them."""

import io
import logging
import os

import pytest
from PIL import Image
from tensorboard.backend.event_processing import io_wrapper
from tensorboard.backend.event_processing.event_accumulator import (
    SCALARS,
    TENSORS,
    EventAccumulator,
)
from tensorboard.plugins.hparams import metadata
from tensorboard.util.tensor_util import make_ndarray

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import FencedError
from cnnlab.domain.run import Status
from cnnlab.lab.tensorboard import write_event_files
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.tracking.event_folder import events_of
from tests.made_runs import epoch_record, made_run, no_supervisor

RESULT = {
    "status": "finished",
    "message": None,
    "model_epoch": 1,
    "report": {
        "accuracy": 0.75,
        "cross_entropy": 0.5,
        "macro": {"precision": 0.75, "recall": 0.7, "f1": 0.72},
        "per_class": [{"class": "bright", "images": 4}, {"class": "dark 🙂" * 9, "images": 4}],
        "confusion": [[3, 1], [1, 3]],
        "best_epoch": 1,
        "top_losses": [
            {"position": 0, "true": "bright", "predicted": "dark", "probability": 0.9,
             "cross_entropy": 3.0}
        ],
    },
}  # fmt: skip


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(RunConfig(dataset=dataset.id), epochs=2, name='../It\'s "🙂"/\n' + "x" * 180)


def read(folder):
    board = EventAccumulator(str(folder), size_guidance={SCALARS: 0, TENSORS: 0})
    return board.Reload()


def curve(board, tag):
    return [(event.step, round(event.value, 5)) for event in board.Scalars(tag)]


def plugin(board, name):
    content = board.SummaryMetadata(f"_hparams_/{name}").plugin_data.content
    return metadata.parse_session_start_info_plugin_data(content)


def folders(root=None):
    root = root or workplace().home.tensorboard
    return sorted({path.parent for path in root.rglob("*tfevents*")})


def attempt_of(run, number=1):
    return Attempt(workplace().home.attempt(run.id, number))


def train(run, *, number=1, epochs=range(2, 4), result=RESULT):
    """What a worker does, without the training."""
    attempt = attempt_of(run, number)
    recorder = AttemptRecorder(attempt)
    with events_of(workplace().home, attempt) as events:
        recorder.on_epoch = events.epoch
        for epoch in epochs:
            recorder.epoch(epoch_record(epoch))
        if result:
            events.end(result)
    recorder.close()


def test_a_run_is_one_of_tensorboards_with_curves_pictures_and_its_config(run):
    train(run)
    (folder,) = folders()
    home = workplace().home.tensorboard
    assert folder.parent.parent == home and folder.parent.name == run.dataset
    assert folder.name.startswith("-It's -🙂-") and folder.name.endswith(run.id)
    board = read(folder)
    assert curve(board, "accuracy/validation") == [(1, 0.5), (2, 0.51), (3, 0.52), (4, 0.53)]
    assert curve(board, "cross-entropy/clean train")[0] == (1, 0.5)
    assert curve(board, "kept model/f1 macro") == [(2, 0.72)]
    pictures = board.PluginTagToContent("images")
    assert pictures.keys() == {"validation/confusion", "validation/worst"}
    for tag in pictures:
        width, height, png = make_ndarray(board.Tensors(tag)[0].tensor_proto)
        image = Image.open(io.BytesIO(png))
        assert image.size == (int(width), int(height))
        assert len(image.convert("RGB").getcolors(1 << 20)) > 2
    start = plugin(board, "session_start_info")
    assert start.hparams["training.epochs"].number_value == 20
    assert start.hparams["optimizer.name"].string_value == "adam"
    assert start.group_name.endswith(run.id)
    end = metadata.parse_session_end_info_plugin_data(
        board.SummaryMetadata("_hparams_/session_end_info").plugin_data.content
    )
    assert end.status == 1
    assert make_ndarray(board.Tensors("_hparams_/session_end_info")[0].tensor_proto).size == 0


def test_the_homes_folder_itself_can_be_looked_at(run):
    train(run)
    found = list(io_wrapper.GetLogdirSubdirectories(str(workplace().home.root)))
    assert found == [str(folder) for folder in folders()]


def test_a_next_attempt_takes_the_place_of_the_one_before_in_a_board_that_is_open(run):
    train(run, result=None)
    (folder,) = folders()
    board = read(folder)
    assert [step for step, _ in curve(board, "accuracy/validation")] == [1, 2, 3, 4]
    second = attempt_of(run, 2)
    second.create(run.config)
    recorder = AttemptRecorder(second)
    recorder.epoch(epoch_record(0, val_accuracy=0.25))
    recorder.close()
    train(run, number=2, epochs=[1], result=None)
    assert len(list(folder.iterdir())) == 1
    assert curve(read(folder), "accuracy/validation") == [(1, 0.25), (2, 0.51)]
    board.Reload()
    assert curve(board, "accuracy/validation") == [(1, 0.25), (2, 0.51)]


def test_a_torn_tail_costs_the_last_epoch_alone(run):
    train(run, result=None)
    (folder,) = folders()
    (file,) = folder.iterdir()
    os.truncate(file, file.stat().st_size - 5)
    assert len(curve(read(folder), "accuracy/validation")) == 3


def test_a_training_that_fails_has_failed_there_and_a_fenced_one_says_nothing(run):
    with pytest.raises(FencedError), events_of(workplace().home, attempt_of(run)):
        raise FencedError("A newer attempt of this run has taken over.")
    (folder,) = folders()
    assert "_hparams_/session_end_info" not in read(folder).Tags()["tensors"]
    with pytest.raises(ValueError, match="odd"), events_of(workplace().home, attempt_of(run)):
        raise ValueError("odd")
    content = read(folder).SummaryMetadata("_hparams_/session_end_info").plugin_data.content
    assert metadata.parse_session_end_info_plugin_data(content).status == 2


def test_a_disk_that_is_full_takes_no_run_with_it(run, monkeypatch, small_disk, caplog):
    home = workplace().home
    home.tensorboard.symlink_to(small_disk)
    attempt = attempt_of(run)
    with caplog.at_level(logging.WARNING), events_of(home, attempt) as events:
        events.epoch(epoch_record(2))
        with (small_disk / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
        for epoch in range(3, 60):
            events.epoch(epoch_record(epoch))
        events.end(RESULT)
    assert len([row for row in caplog.records if "the run goes on" in row.message]) == 1
    (small_disk / "ballast").unlink()
    (folder,) = folders(small_disk)
    steps = [step for step, _ in curve(read(folder), "accuracy/validation")]
    assert steps == list(range(1, len(steps) + 1)) and len(steps) >= 3
    train(run)
    assert read(folder).Tensors("validation/worst")


def test_nothing_is_written_where_it_is_switched_off(run, monkeypatch):
    monkeypatch.setenv("CNNLAB_TENSORBOARD", "0")
    train(run)
    assert not workplace().home.tensorboard.exists()


def test_runs_of_earlier_versions_are_written_by_the_command(run, tmp_path):
    workplace().runs.update(run.id, status=Status.FINISHED, ended_at="2026-11-30T10:01:00+00:00")
    assert write_event_files() == (workplace().home.tensorboard, 1)
    assert write_event_files(run.id, tmp_path / "elsewhere") == (tmp_path / "elsewhere", 1)
    for folder in (*folders(), *folders(tmp_path / "elsewhere")):
        assert curve(read(folder), "accuracy/validation") == [(1, 0.5), (2, 0.51)]
    write_event_files()
    assert len(folders()) == 1 and len(list(folders()[0].iterdir())) == 1


def test_a_deleted_run_is_gone_there_too(run):
    train(run)
    workplace().runs.update(run.id, status=Status.FINISHED)
    lab.delete_run(run.id)
    assert not folders()


@pytest.mark.parametrize(
    "arms", [("l1/l2", "l1-l2"), ("größer " * 12 + "A", "größer " * 12 + "B")], ids=["sign", "end"]
)
def test_arms_whose_names_a_disk_cant_tell_apart_keep_a_folder_each(run, dataset, arms):
    other = made_run(RunConfig(dataset=dataset.id), epochs=2)
    for each, arm in zip((run, other), arms, strict=True):
        workplace().runs.update(each.id, study="s1", arm=arm, status=Status.FINISHED)
        train(each)
    assert len(folders()) == 2
    write_event_files()
    assert len(folders()) == 2
    for each, folder in ((each, folder) for each in (run, other) for folder in folders()):
        if folder.name.endswith(f", seed 0 {each.id}"):
            start = plugin(read(folder), "session_start_info")
            assert start.group_name == folder.name
    lab.delete_run(run.id)
    assert [folder.name.endswith(other.id) for folder in folders()] == [True]
