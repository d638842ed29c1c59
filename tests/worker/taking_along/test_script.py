"""A run as a program: what it begins with, what it comes to, and what it is refused for."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ExportError
from cnnlab.exports.code.trial import Began
from cnnlab.files import write_json
from cnnlab.jobs.kinds.export import ExportRequest, export_folder
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.package import PACKAGE
from cnnlab.worker import begun
from cnnlab.worker.taking_along import script
from cnnlab.worker.taking_along.export import export
from tests.worker.conftest import do

# Jupyter brings the library that draws; whether cells run doesn't hang on what they draw.
_PLOTS = """
import sys, types
class Anything:
    def __getattr__(self, name): return Anything()
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter([Anything(), Anything()])
sys.modules["matplotlib"] = types.ModuleType("matplotlib")
sys.modules["matplotlib.pyplot"] = sys.modules["matplotlib"].pyplot = Anything()
"""

_RUN_BOTH = (
    """
import json, os, runpy, sys
folder, images, epochs = sys.argv[1:]
sys.argv = ["train.py", "--images", images, "--epochs", epochs]
sys.path.insert(0, folder)
assert not any("cnnlab" in name for name in sys.modules)
runpy.run_path(os.path.join(folder, "train.py"), run_name="__main__")
notebook = os.path.join(folder, "train.ipynb")
if os.path.exists(notebook):
"""
    + "".join(f"    {line}\n" for line in _PLOTS.strip().splitlines())
    + """
    os.chdir(folder)
    os.symlink(images, "images")
    known = {}
    for cell in json.load(open("train.ipynb"))["cells"]:
        if cell["cell_type"] == "code":
            text = cell["source"].replace("train(IMAGES)", f"train(IMAGES, {epochs})")
            exec(text, known)
    json.dump(known["history"], open("from_notebook.json", "w"))
assert "cnnlab" not in sys.modules
"""
)


def exported(attempt, name, export_format):
    """What the job of an export wrote: what was found, and the folder of the unzipped package."""
    job = export_folder(attempt, export_format)
    job.folder.mkdir(parents=True, exist_ok=True)
    check = do(export, ExportRequest(name, attempt.number, export_format), job)
    return check, job.folder


def unzipped(folder, into):
    with zipfile.ZipFile(folder / PACKAGE) as archive:
        archive.extractall(into)
    return into


def images_of(dataset, into):
    path = into / "images.zip"
    path.write_bytes(b"".join(lab.dataset_zip(dataset)))
    return path


def run_alone(folder, images, epochs):
    """Run an unzipped program, and the notebook beside it, where cnnlab can't be imported."""
    command = [sys.executable, "-I", "-c", _RUN_BOTH, folder, images, epochs]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "history.json").read_text())


def test_a_program_and_a_notebook_come_to_the_numbers_of_their_run(run, tmp_path):
    check, folder = exported(run.attempt, "a", "script")
    assert check["max_abs_difference"] < 1e-5 and check["top1_agreement"] == 1
    assert check["milliseconds_per_image"] is None and check["images"] == 36
    assert "36 validation images to the same pixels" in check["verified"]
    program = unzipped(folder, tmp_path / "program")
    assert (folder / "script.py").read_bytes() == (program / "train.py").read_bytes()
    assert check["bytes"] == (folder / "script.py").stat().st_size

    again = exported_notebook(run.attempt, tmp_path)
    (program / "train.ipynb").write_bytes((again / "train.ipynb").read_bytes())
    images = images_of(run.attempt.read_config()["dataset"], tmp_path)
    epochs = 1
    told = run_alone(program, images, epochs)
    by_notebook = json.loads((program / "from_notebook.json").read_text())
    for ours, theirs, others in zip(run.attempt.history(), told, by_notebook, strict=False):
        for name, value in theirs.items():
            assert abs(value - ours[name]) < 1e-3, (name, value, ours[name])
            assert abs(value - others[name]) < 1e-3
    assert len(told) == len(by_notebook) == epochs
    assert (program / "trained.keras").stat().st_size > 10_000


def exported_notebook(attempt, tmp_path):
    """A notebook, whose beginning is the one of the program that was tried before."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(script, "verified", lambda begun, _: (begun, {"bytes": 0}))
        _, folder = exported(attempt, "a", "notebook")
    notebook = unzipped(folder, tmp_path / "notebook")
    assert (folder / "notebook.ipynb").read_bytes() == (notebook / "train.ipynb").read_bytes()
    return notebook


@pytest.fixture
def tried(monkeypatch):
    """Programs are tried in this process, by what is set: nothing, or a change of what began."""
    changes = []

    def begin(members, pictures):
        images = np.stack([np.asarray(Picture.open(io.BytesIO(one))) for one in pictures])
        rows = csv.DictReader(io.StringIO(members["files.csv"], newline=""))
        files = [(row["file"], row["class"]) for row in rows]
        began = Began(images, tried.expected[: len(pictures)], files)
        return changes[-1](members, began) if changes else began

    def predict(model, images, rows):
        tried.expected = np.full((len(rows), 3), 1 / 3, np.float32)
        return tried.expected

    tried = changes
    monkeypatch.setattr(script, "begin_alone", begin)
    monkeypatch.setattr("cnnlab.training.judging.evaluate.predict", predict)

    class Tried:
        expected = None
        change = changes.append

    tried = Tried()
    return tried


@pytest.mark.parametrize("name", ["init_checksum", "batch_order_checksum"])
def test_a_run_that_cannot_be_begun_again_is_refused(run, name, monkeypatch):
    facts = run.attempt.started() | {name: "another"}
    monkeypatch.setattr(Attempt, "started", lambda _: facts)
    with pytest.raises(ExportError, match="can't be drawn again.*train a clone"):
        exported(run.attempt, "a", "script")


def test_a_program_with_another_network_is_refused(run, tried):
    def other(members, began):
        return replace(began, predicted=began.predicted + np.float32(0.01))

    tried.change(other)
    with pytest.raises(ExportError, match=r"difference of a probability is 0\.01 \(at most"):
        exported(run.attempt, "a", "notebook")


def test_pictures_that_turn_out_unusual_are_prepared_by_the_product_s_text(run, tried):
    def other(members, began):
        return began if "prepare.py" in members else replace(began, images=began.images + 1)

    tried.change(other)
    _, folder = exported(run.attempt, "a", "script")
    with zipfile.ZipFile(folder / PACKAGE) as archive:
        assert "prepare.py" in archive.namelist()
        assert b"from prepare import prepare" in archive.read("train.py")


def test_pictures_that_come_out_otherwise_either_way_are_refused(run, tried):
    tried.change(lambda _, began: replace(began, images=began.images + 1))
    with pytest.raises(ExportError, match="prepares pictures otherwise"):
        exported(run.attempt, "a", "script")


def test_a_program_that_reads_another_list_of_files_is_refused(run, tried):
    tried.change(lambda _, began: replace(began, rows=began.rows[:-1]))
    with pytest.raises(ExportError, match="reads another list of files"):
        exported(run.attempt, "a", "script")


@pytest.mark.parametrize(
    ("mode", "options", "is_ordinary"),
    [
        ("RGB", {}, True),
        ("RGB", {"transparency": (1, 2, 3)}, False),
        ("L", {"transparency": 9}, False),
    ],
)
def test_a_transparent_colour_makes_pictures_unusual(mode, options, is_ordinary, monkeypatch):
    plain, content = io.BytesIO(), io.BytesIO()
    Picture.new(mode, (9, 9)).save(plain, "JPEG")
    Picture.new(mode, (9, 9)).save(content, "PNG", **options)
    files = [plain.getvalue()] * 3 + [content.getvalue()]

    class Index:
        def __init__(self, folder):
            self.modes, self.read_bytes = lambda rows: {mode}, files.__getitem__

    monkeypatch.setattr(begun, "ImageIndex", Index)
    data = SimpleNamespace(train=np.arange(3), validation=np.array([3]))
    config = load_config({"dataset": "d"})
    assert begun._has_ordinary_pictures(config, data) is is_ordinary


def test_the_list_of_files_is_who_trains_and_who_validates(run, tried):
    _, folder = exported(run.attempt, "a", "script")
    with zipfile.ZipFile(folder / PACKAGE) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("files.csv").decode())))
        orders = np.load(io.BytesIO(archive.read("order.npz")))["order"]
        config = load_config(json.loads(archive.read("config.json")))
    facts, dataset = run.attempt.started(), config.dataset
    parts = [row["part"] for row in rows]
    assert parts.count("train") == facts["train_images"] == orders.shape[1]
    assert parts.count("validation") == facts["validation_images"]
    assert sum(row["clean"] == "1" for row in rows) == facts["clean_images"]
    assert orders.shape[0] == config.training.epochs and orders.dtype == np.uint16
    wrong = sum(row["part"] == "train" and row["class"] not in row["file"] for row in rows)
    assert wrong == facts["flipped_labels"] > 0  # its zip has a folder for each class
    with zipfile.ZipFile(io.BytesIO(b"".join(lab.dataset_zip(dataset)))) as images:
        assert {row["file"] for row in rows} < set(images.namelist())  # test images stay away


def test_a_notebook_is_valid(run, tried):
    _, folder = exported(run.attempt, "a", "notebook")
    notebook = nbformat.reads((folder / "notebook.ipynb").read_text(), as_version=4)
    nbformat.validate(notebook)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds.count("markdown") >= 5 and kinds.count("code") >= 8


def test_what_happened_to_a_run_is_said(run, tried, monkeypatch):
    folder = run.attempt.folder.parent
    write_json(
        folder / "run.json",
        {
            "id": "a", "name": "Named", "dataset": "d", "config": {}, "status": "finished",
            "attempt": 1, "created_at": "", "message": "", "origin": {"run": "r-0", "epoch": 4},
        },
    )  # fmt: skip
    try:
        _, exports = exported(run.attempt, "a", "script")
    finally:
        (folder / "run.json").unlink()
    top = " ".join((exports / "script.py").read_text()[:1500].split())
    assert '"Named" (a)' in top and "went on from epoch 5 of the run r-0" in top
    assert "how many of the wrong labels are memorized" in top


def test_the_order_of_a_long_run_is_of_its_first_epochs(run, monkeypatch):
    monkeypatch.setattr(begun, "_MOST_POSITIONS", 100)
    found = begun.find_begun(run.attempt, "a", loaded(run))
    assert len(found.order) == 100 // found.order.shape[1] < found.recipe.config.training.epochs


def loaded(run):
    from types import SimpleNamespace  # noqa: PLC0415

    from cnnlab.worker.data import load_data  # noqa: PLC0415

    recorder = SimpleNamespace(phase=lambda _: None, beat=lambda: None)
    return load_data(load_config(run.attempt.read_config()), recorder, lambda: None)


PRESETS = ("tiny_cnn", "small_cnn", "vgg_small", "resnet_small")
KINDS = {
    **{preset: {"architecture": {"preset": preset}} for preset in PRESETS},
    "regularized": {
        "architecture": {"preset": "resnet_small"},
        "regularization": {
            "dropout": 0.3, "spatial_dropout": 0.1, "l1": 1e-6, "l2": 1e-3, "gaussian_noise": 0.05,
            "label_smoothing": 0.1, "weight_decay": 0.01, "stochastic_depth": 0.2,
        },
        "optimizer": {"name": "adamw", "schedule": "one_cycle", "clip_norm": 1},
        "training": {"class_weights": "balanced"},
    },
    "averaged": {
        "regularization": {"batch_norm": True, "early_stopping": True},
        "optimizer": {"name": "sgd", "ema_momentum": 0.9, "gradient_accumulation_steps": 2},
    },
    "mobile": {"architecture": {"preset": "mobilenet_v3_small"}},
    "phases": {
        "architecture": {
            "preset": "tiny_cnn",
            "frozen_layers": 1,
            "phases": [
                {"epochs": 1, "trainable_blocks": 0, "learning_rate": 0.01},
                {"epochs": 2, "trainable_blocks": 1},
            ],
        },
        "optimizer": {"ema_momentum": 0.9},
    },
    "focal, drawn equally": {
        "regularization": {"label_smoothing": 0.1},
        "optimizer": {"clip_value": 0.5, "ema_momentum": 0.9},
        "training": {"loss": "focal", "focal_gamma": 1.5, "sampling": "balanced"},
    },
    "focal, weighted": {"training": {"loss": "focal", "class_weights": "balanced"}},
    "bfloat16": {"training": {"precision": "mixed_bfloat16"}},
    "grayscale pad": {"image": {"size": 20, "color": "grayscale", "resize": "pad"}},
}  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", KINDS)
def test_the_first_epochs_are_those_of_the_run(name, run, tmp_path, record_property):
    from cnnlab.worker.train import train  # noqa: PLC0415

    base = {"image": {"size": 24}, "training": {"epochs": 2, "batch_size": 16, "device": "cpu"}}
    values = {"dataset": run.attempt.read_config()["dataset"], "split": {"validation": 0.3}}
    for part, own in (base | KINDS[name]).items():
        values[part] = base.get(part, {}) | own
    attempt = Attempt(open_home().attempt(f"kind-{name.replace(' ', '-')}", 1))
    attempt.create(load_config(values).model_dump(mode="json"))
    do(train, TrainRequest(), attempt)
    check, folder = exported(attempt, attempt.folder.parent.name, "script")
    program = unzipped(folder, tmp_path / "program")
    told = run_alone(program, images_of(values["dataset"], tmp_path), len(attempt.history()))
    apart = [
        max(abs(theirs[name] - ours[name]) for name in theirs if "accuracy" not in name)
        for ours, theirs in zip(attempt.history(), told, strict=True)
    ]
    first = abs(told[0]["cross_entropy"] - attempt.history()[0]["cross_entropy"])
    found = {"start": check["max_abs_difference"], "first": first, "epochs": apart}
    record_property(name, found)
    sys.stderr.write(f"\n{name}: {found}\n")  # shown with -s
    assert first < (1e-3 if name != "bfloat16" else 2e-2)
