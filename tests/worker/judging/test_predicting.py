"""A real run's model asked about new pictures: one by one over the socket, and many as a job."""

import contextlib
import io
import socket
import threading
import time
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.config.run_config import Image as ImageRule
from cnnlab.domain.errors import CancelledError, StorageError, UploadError
from cnnlab.files import write_json
from cnnlab.jobs.kinds.answer_pictures import SOCKET, AnswerRequest
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.jobs.kinds.predict import PredictRequest
from cnnlab.jobs.messages import connect, receive_message, send_message
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.picture_table import read_table, read_thumbnail
from cnnlab.worker.judging.predicting import predict_pictures
from cnnlab.worker.process import answering
from cnnlab.worker.process.answering import answer_pictures
from tests.datasets.uploads import encoded
from tests.exports.odd_pictures import odd_files
from tests.waiting import wait_until
from tests.worker.conftest import do

_STRIPES = np.zeros((64, 64, 3), np.uint8)
_STRIPES[:, 0::2], _STRIPES[:, 1::2] = (255, 0, 0), (0, 0, 255)
UNLIKE = encoded(Image.fromarray(_STRIPES).resize((512, 512), 0), "PNG")
"""The training images are grey."""


@pytest.fixture(scope="module")
def index(run):
    """Of the run's dataset: its images as they were uploaded."""
    return ImageIndex(next(open_home().datasets.glob("*/")))


@pytest.fixture
def served(run, tmp_path):
    """The job that answers, in a thread; ended like one that nobody wants any more."""
    files, ended = JobFolder(tmp_path), []

    def serve():
        try:
            ended.append(do(answer_pictures, AnswerRequest(idle_seconds=30), files))
        except CancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    wait_until((tmp_path / SOCKET).exists)
    yield files
    files.ask_to_stop()
    thread.join(20)
    assert len(ended) == 1
    assert not (tmp_path / SOCKET).exists()


def said(files, content, runs=(("a", 1),), name="x.png"):
    """What the job answers once all models are loaded."""
    asked = [{"run": run, "run_name": run, "attempt": attempt} for run, attempt in runs]

    def answer():
        with contextlib.closing(connect(files.folder / SOCKET, seconds=5)) as client:
            send_message(client, {"runs": asked, "name": name}, content, seconds=5)
            got, _ = receive_message(client, most_bytes=0, seconds=20)
        return None if "phase" in got else got

    return wait_until(answer)


def expected(run, rows):
    return run.model.predict(run.images[rows], verbose=0)


def test_a_picture_gets_the_exported_models_own_probabilities(run, served, index):
    for row in (0, 50, 119):
        (one,) = said(served, index.read_bytes(row), name="y.png")["predictions"]
        own = dict(zip(index.class_names, expected(run, [row])[0], strict=True))
        assert {guess["class"] for guess in one["top"]} == set(own)
        for guess in one["top"]:
            assert guess["probability"] == pytest.approx(float(own[guess["class"]]), abs=1e-6)
        assert one["class"] == max(own, key=own.get)
        assert (one["file"], one["run"]) == ("y.png", "a")


def test_it_learns_in_the_background_what_is_unlike_the_training_images(run, served, index):
    said(served, UNLIKE)
    known = wait_until(lambda: said(served, UNLIKE)["predictions"][0]["familiarity"])
    assert known["is_unlike"]
    assert known["distance"] > known["limit"]
    assert known["false_alarms"] <= 0.05 <= known["high"]
    assert (run.attempt.folder / "familiarity.npz").exists()
    rows = range(0, 120, 10)
    alarms = [
        said(served, index.read_bytes(row))["predictions"][0]["familiarity"]["is_unlike"]
        for row in rows
    ]
    assert sum(alarms) <= 2


def test_probabilities_are_calibrated_as_soon_as_an_evaluation_finds_what_helps(run, served, index):
    content = index.read_bytes(3)
    (before,) = said(served, content)["predictions"]
    assert before["top"][0]["calibrated"] is None
    files = evaluation_folder(run.attempt, "validation")
    files.folder.mkdir(parents=True)
    calibration = {"temperature": 2.0, "helps": False}
    answer = {"calibration": calibration}
    write_json(files.result, {"status": "finished", "answer": answer})
    (useless,) = said(served, content)["predictions"]
    assert useless["top"][0]["calibrated"] is None
    calibration["helps"] = True
    write_json(files.result, {"status": "finished", "answer": answer})
    (after,) = said(served, content)["predictions"]
    files.result.unlink()
    own = np.array([one["probability"] for one in after["top"]])
    scaled = [one["calibrated"] for one in after["top"]]
    assert scaled == pytest.approx(list(np.sqrt(own) / np.sqrt(own).sum()), abs=1e-6)
    assert after["probability"] == before["probability"]


def test_what_is_wrong_with_a_run_or_a_picture_is_a_sentence_and_others_are_answered(
    run, served, index
):
    runs = (("gone", 1), ("a", 1))
    got = said(served, index.read_bytes(0), runs)
    assert [one["run"] for one in got["predictions"]] == ["a"]
    assert "gone" in got["problems"]["gone"]
    assert said(served, b"no picture")["problem"].startswith("not an image that can be read")
    assert "megapixels" in said(served, _huge())["problem"]
    animated = encoded(Image.new("RGB", (9, 9), "red"), "GIF", save_all=True, append_images=[
        Image.new("RGB", (9, 9), "blue")
    ])  # fmt: skip
    still = encoded(Image.new("RGB", (9, 9), "red"), "GIF")
    (first,), (one,) = (said(served, each)["predictions"] for each in (animated, still))
    assert first["top"] == one["top"]


def _huge():
    """A PNG that says it has 10^10 pixels."""
    content = bytearray(encoded(Image.new("L", (8, 8)), "PNG"))
    content[16:24] = (100_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def test_who_hangs_lies_or_vanishes_is_in_nobodys_way(run, served, index, monkeypatch):
    monkeypatch.setattr(answering, "CLIENT_SECONDS", 1.0)
    clients = [connect(served.folder / SOCKET, seconds=5) for _ in range(6)]
    clients[0].sendall(b"\xff" * 8)  # 4 GB follow, it says
    clients[1].sendall(b"\0\0")
    clients[2].close()
    send_message(clients[3], ["no", "request"], seconds=5)
    send_message(clients[4], {"runs": [], "name": "x"}, seconds=5)
    clients[4].shutdown(socket.SHUT_RDWR)
    began = time.monotonic()
    assert said(served, index.read_bytes(0))["predictions"]
    assert time.monotonic() - began < 5
    for client in clients:
        client.close()


def test_the_socket_is_the_users_own_however_long_its_path(run, tmp_path):
    files = JobFolder(tmp_path / ("deep" * 20) / ("deeper" * 20))
    files.folder.mkdir(parents=True)
    assert len(str(files.folder / SOCKET)) > 200
    do(answer_pictures, AnswerRequest(idle_seconds=0), files)
    modes = []
    thread = threading.Thread(
        target=lambda: do(answer_pictures, AnswerRequest(idle_seconds=1.0), files)
    )
    thread.start()
    wait_until((files.folder / SOCKET).exists)
    modes.append((files.folder / SOCKET).stat().st_mode & 0o777)
    thread.join(20)
    assert modes == [0o600]
    assert not (files.folder / SOCKET).exists()  # it left, for nobody came


def test_it_leaves_when_the_memory_is_needed_and_no_model_holds_it(run, tmp_path, monkeypatch):
    sizes = iter([0])
    monkeypatch.setattr(answering, "resident_bytes", lambda: next(sizes, 2**40))
    assert do(answer_pictures, AnswerRequest(idle_seconds=1000), JobFolder(tmp_path)).pictures == 0


def held_models(learn=None, check=None):
    """Models that are nothing but names."""
    from cnnlab.worker.judging.held_models import HeldModels  # noqa: PLC0415 - TensorFlow

    def load(home, name, attempt):
        return SimpleNamespace(name=name, familiar=None, attempt=None, config=None, model=None)

    return HeldModels(open_home(), load, learn or (lambda *_: None), check or (lambda *_: None))


def test_models_go_for_their_memory_and_one_that_is_too_large_alone_says_so(run):
    models = held_models()
    for name in ("a", "b"):
        wait_until(lambda name=name: models.find(name, 1))
    assert models.drop_oldest()
    assert models.find("b", 1).name == "b"
    assert models.drop_oldest()
    assert "takes more memory than this machine has" in models.find("b", 1)
    assert not models.drop_oldest()
    assert models.find("a", 1) is None  # it comes again
    models.close()


def test_a_learning_that_failed_is_tried_again_later(run, monkeypatch):
    tries = []

    def learn(*_):
        tries.append(1)
        if len(tries) == 1:
            raise StorageError("the disk is full")
        return "familiar"

    models = held_models(learn)
    held = wait_until(lambda: models.find("a", 1))
    models.become_familiar("a", 1)
    for thread in models._threads:
        thread.join(10)
    models.become_familiar("a", 1)
    assert len(tries) == 1  # not at every picture
    monkeypatch.setattr("cnnlab.worker.judging.held_models.time.monotonic", lambda: 1e12)
    models.become_familiar("a", 1)
    models.close()
    models.become_familiar("a", 1)
    assert (len(tries), held.familiar) == (2, "familiar")


def test_a_model_that_goes_before_it_is_learnt_is_no_error(run, monkeypatch):
    models = held_models()
    wait_until(lambda: models.find("a", 1))
    begun = []
    monkeypatch.setattr(models, "_start", lambda work, key: begun.append((work, key)))
    models.become_familiar("a", 1)
    models.drop_oldest()
    for work, key in begun:
        work(key)
    assert len(begun) == 1
    models.close()


def test_maps_of_a_model_that_went_before_its_check_are_checked_when_it_is_back(run, monkeypatch):
    checks = []
    models = held_models(check=lambda home, held, method, rest: checks.append((held.name, method)))
    wait_until(lambda: models.find("a", 1))
    with monkeypatch.context() as meanwhile:
        begun = []
        meanwhile.setattr(models, "_start", lambda work, key: begun.append((work, key)))
        models.have_checked("a", 1, "hirescam")
        [(work, key)] = begun
        models.drop_oldest()
        work(key)
    models._problems.clear()  # it was alone: too large, otherwise
    wait_until(lambda: models.find("a", 1))
    for _ in range(2):  # once for each method
        models.have_checked("a", 1, "hirescam")
    models.have_checked("a", 1, "occlusion")
    for thread in models._threads:
        thread.join(10)
    models.close()
    assert sorted(checks) == [("a", "hirescam"), ("a", "occlusion")]


def test_a_few_models_are_held_and_the_one_that_waits_longest_goes(run, monkeypatch):
    from cnnlab.worker.judging.held_models import MOST_HELD, HeldModels  # noqa: PLC0415 - TensorFlow

    loaded = []

    def load(home, name, attempt):
        loaded.append(name)
        if name == "broken":
            raise StorageError("its states are gone")
        return SimpleNamespace(name=name, familiar=None)

    models = HeldModels(open_home(), load)
    names = [str(number) for number in range(MOST_HELD + 1)]
    for name in names:
        assert models.find(name, 1) is None
        assert wait_until(lambda name=name: models.find(name, 1)).name == name
        models.find("0", 1)  # it is asked all the time
    assert loaded == names
    assert models.find("1", 1) is None
    wait_until(lambda: models.find("1", 1))
    assert loaded == [*names, "1"]
    assert models.find("broken", 1) is None
    assert wait_until(lambda: models.find("broken", 1)) == "its states are gone"
    models.find("broken", 1)
    assert loaded.count("broken") == 1  # it isn't tried again at every picture
    monkeypatch.setattr("cnnlab.worker.judging.held_models.time.monotonic", lambda: 1e12)
    assert models.find("broken", 1) is None
    models.close()
    assert loaded.count("broken") == 2


def request(*paths, run="a", attempt=1):
    return PredictRequest([(run, "First", attempt)], [(str(path), "") for path in paths])


@pytest.fixture
def archive(tmp_path, index):
    path = tmp_path / "pics.zip"
    with zipfile.ZipFile(path, "w") as file:
        for row in range(40):
            file.writestr(f"own/{row}.png", index.read_bytes(row))
        file.writestr("unlike.png", UNLIKE)
        file.writestr("broken.png", index.read_bytes(0)[:60])
        file.writestr("note.txt", "hello")
    return path


def test_many_pictures_become_a_table(run, archive, tmp_path, index, monkeypatch):
    files, written = JobFolder(tmp_path / "job"), []
    files.folder.mkdir()
    progress = JobRecorder.progress

    def look(self, done, total):
        if "Predicting" in files.steps.read_text():
            written.append(sum(one.stat().st_size for one in files.folder.glob(".*.part")))
        progress(self, done, total)

    monkeypatch.setattr(JobRecorder, "progress", look)
    answer = do(predict_pictures, request(archive), files)
    assert max(written) > 0  # small pictures aren't held until the end
    assert not list(files.folder.glob(".*"))
    assert (answer.pictures, answer.refused, answer.problems) == (41, 2, {})
    assert "Loading the model for 42 pictures" in files.steps.read_text()
    table = read_table(files.folder)
    rows = {row["file"]: row for row in table.rows()}
    assert rows["note.txt"]["reason"] == "not an image"
    assert "damaged" in rows["broken.png"]["reason"]
    for number in (0, 17, 39):
        (one,) = rows[f"own/{number}.png"]["predictions"]
        own = dict(zip(index.class_names, expected(run, [number])[0], strict=True))
        for guess in one["top"]:
            assert guess["probability"] == pytest.approx(float(own[guess["class"]]), abs=1e-6)
    assert rows["unlike.png"]["predictions"][0]["familiarity"]["is_unlike"]
    own = [rows[f"own/{n}.png"]["predictions"][0]["familiarity"]["is_unlike"] for n in range(40)]
    assert sum(own) <= 6
    small = Image.open(io.BytesIO(read_thumbnail(files.folder, table, rows["unlike.png"]["row"])))
    assert small.size == (128, 128)


def test_a_job_of_nothing_but_texts_says_so(run, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(UploadError, match=r"None of the files .*'a.txt': not an image"):
        do(predict_pictures, request(tmp_path / "a.txt"), JobFolder(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UploadError):
        do(predict_pictures, request(tmp_path / "empty"), JobFolder(tmp_path))


def test_a_run_whose_states_are_gone_says_so(run, archive, tmp_path):
    with pytest.raises(StorageError):
        do(predict_pictures, request(archive, attempt=7), JobFolder(tmp_path))


def test_who_cancels_is_obeyed_between_two_parts(run, archive, tmp_path):
    files = JobFolder(tmp_path)
    files.ask_to_stop()
    with pytest.raises(CancelledError):
        do(predict_pictures, request(archive), files)
    assert not (tmp_path / "table.npz").exists()


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
def test_every_odd_picture_is_prepared_to_the_pixel_as_it_was_for_training(
    resize, tmp_path, monkeypatch
):
    """By an import of all of them, with the range of values that it found."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    upload = tmp_path / "odd.zip"
    with zipfile.ZipFile(upload, "w") as file:
        for number, (name, content) in enumerate(odd_files().items()):
            file.writestr(f"class {number % 2}/{number:03} {name.replace('/', ' ')}.png", content)
    dataset = lab.import_dataset(upload, name="odd")
    index = ImageIndex(open_home().dataset(dataset.id))
    assert len(index) >= 55
    assert index.value_range is not None
    for color in ("rgb", "grayscale"):
        rule = ImageRule(size=17, color=color, resize=resize)
        prepared = np.load(prepare_images(index.folder, rule))
        held = _held(rule, index)
        seen = np.stack([held.prepared(index.read_bytes(row)) for row in range(len(index))])
        np.testing.assert_array_equal(seen, prepared)


def _held(rule, index):
    from cnnlab.worker.judging.held_models import HeldModel  # noqa: PLC0415

    config = SimpleNamespace(image=rule)
    return HeldModel(None, config, index.class_names, index.value_range, None)
