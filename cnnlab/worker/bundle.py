"""What a worker does to bundle a run or a study: its models, all files, and the proof of them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.errors import CancelledError, CnnlabError, DiskFullError, ExportError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.split import VALIDATION
from cnnlab.exports.table import KERAS, find_format
from cnnlab.files import file_bytes, read_json, write_json
from cnnlab.jobs.kinds.bundle import BundleRequest
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.jobs.kinds.export import export_folder, read_export
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.bundles.manifest import MANIFEST, BundleManifest
from cnnlab.storage.bundles.writing import Piece, check_room, file_piece, write_bundle_file
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.beating import beating
from cnnlab.worker.kept import load_kept
from cnnlab.worker.model_file import write_model
from cnnlab.worker.work import Work

BundleWork = Work[BundleRequest, JobFolder, JobRecorder]

TEXTS = "texts"
"""Folder in that of the job with what `lab` has put there: it goes into the bundle as it is."""

_MODELS = "models"
_MODEL_FILE = "model.keras"
_OF_AN_ATTEMPT = ("config.json", "events.jsonl", "result.json", "dials.json")
_OF_A_DATASET = ("copies.npz", "looks.npy", "lineage.npz")
_REPLAY_SECONDS = 900
_NOTHING_COMPUTES = (
    "a bundle computes nothing itself; its models were compared one by one (models.json), and its "
    "replay.py has computed its numbers again"
)


def bundle(work: BundleWork) -> ExportCheck:
    """Put everything into one zip, and have its own `replay.py` prove it before it is offered.

    Raises:
        CnnlabError: the disk is full, or what it says of itself can't be shown again.
    """
    asked, folder = work.request, work.files.folder
    home = open_home()
    pieces = list(_texts(folder / TEXTS))
    for run, number in asked.runs:
        pieces += _of_run(run, Attempt(home.attempt(run, number)))
    if asked.with_images:
        pieces += _images(home, asked.dataset)
    check_room(folder, sum(piece.size_bytes for piece in pieces))
    pieces += _models(work, home)
    work.recorder.phase("Writing the bundle")
    target = folder / find_format("bundle").file
    manifest = write_bundle_file(target, pieces, work.recorder.progress)
    work.recorder.phase("Computing its numbers again with its own replay.py")
    try:
        _prove(pieces, manifest, work.recorder)
    except ExportError:
        target.unlink(missing_ok=True)
        raise
    work.recorder.go_on()
    return {
        "max_abs_difference": None,
        "top1_agreement": None,
        "milliseconds_per_image": None,
        "bytes": file_bytes(target),
        "not_verified": _NOTHING_COMPUTES,
    }


def _texts(folder: Path) -> Iterator[Piece]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield file_piece(path.relative_to(folder).as_posix(), path)


def _of_run(run: str, attempt: Attempt) -> Iterator[Piece]:
    for name in _OF_AN_ATTEMPT:
        path = attempt.folder / name
        if path.exists():
            yield file_piece(f"runs/{run}/{name}", path)
    judged = evaluation_folder(attempt, VALIDATION)
    if judged.result.exists() and judged.predictions.exists():
        yield file_piece(f"runs/{run}/validation.npz", judged.predictions)
    for path in sorted(attempt.predictions.glob("from-*.predictions")):
        yield file_piece(f"runs/{run}/predictions/{path.name}", path)


def _images(home: Home, dataset: str) -> Iterator[Piece]:
    folder = home.dataset(dataset)
    for name in _OF_A_DATASET:
        if (folder / name).exists():
            yield file_piece(f"data/{name}", folder / name)
    index = ImageIndex(folder)
    for row, file in enumerate(index.files):
        length = int(index.places[row][2])
        yield Piece(f"data/images/{image_name(row, file)}", length, partial(_image, index, row))


def image_name(row: int, file: str) -> str:
    """What an image is called in a bundle: by its row, with a suffix that images have."""
    suffix = suffix_of(file)
    return f"{row:06}{suffix if suffix in IMAGE_SUFFIXES else '.img'}"


def _image(index: ImageIndex, row: int) -> Iterator[bytes]:
    yield index.read_bytes(row)


def _models(work: BundleWork, home: Home) -> list[Piece]:
    """The model of each run, built and compared where nobody has done so; a file that says how."""
    pieces: list[Piece] = []
    told: dict[str, Any] = {}
    for number, (run, attempt) in enumerate(work.request.runs, 1):
        of = f" {number} of {len(work.request.runs)}" if len(work.request.runs) > 1 else ""
        work.recorder.phase(f"The model of run{of}")
        try:
            file, check = _model(work, run, Attempt(home.attempt(run, attempt)))
        except (CancelledError, DiskFullError):
            raise
        except CnnlabError as error:
            told[run] = {"left_out": str(error)}
            continue
        pieces.append(file_piece(f"runs/{run}/{_MODEL_FILE}", file))
        told[run] = check
    path = work.files.folder / "models.json"
    write_json(path, told)
    return [*pieces, file_piece("models.json", path)]


def _model(work: BundleWork, run: str, attempt: Attempt) -> tuple[Path, ExportCheck]:
    result = attempt.read_result()
    if result and "export" in result and attempt.model.exists():
        return attempt.model, result["export"]
    prepared = read_export(attempt, KERAS)
    if prepared.is_ready and prepared.answer:
        return export_folder(attempt, KERAS).folder / _MODEL_FILE, prepared.answer
    folder = work.files.folder / _MODELS / run
    noted = folder / "check.json"
    if noted.exists():  # by a try whose worker was lost
        kept: Any = read_json(noted)
        return folder / _MODEL_FILE, kept
    if not attempt.history():
        raise ExportError("No epoch was finished, so there is no model.")
    model = load_kept(run, attempt.number, work.recorder, work.wait_for_training, work.device)
    folder.mkdir(parents=True, exist_ok=True)
    check = write_model(folder, work.recorder, model)
    write_json(noted, check)
    return folder / _MODEL_FILE, check


def _prove(pieces: Sequence[Piece], manifest: BundleManifest, recorder: JobRecorder) -> None:
    """Run the bundle's `replay.py` in a process that knows nothing of cnnlab.

    The images aren't unpacked for it: no number rests on their bytes but those of the manifest.

    Raises:
        ExportError: a number comes out otherwise.
    """
    with tempfile.TemporaryDirectory(prefix="cnnlab-replay-") as place:
        for piece in pieces:
            if not piece.name.startswith("data/images/"):
                path = Path(place, piece.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(piece.open())
        Path(place, MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        command = [sys.executable, "-I", str(Path(place, "replay.py")), "--without-images"]
        environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
        try:
            with beating(recorder):
                done = subprocess.run(
                    command, env=environment, capture_output=True, text=True, encoding="utf-8",
                    timeout=_REPLAY_SECONDS,
                )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ExportError(
                f"The bundle's numbers weren't computed again within {_REPLAY_SECONDS} s, so it "
                "isn't offered: the machine may be too busy; ask again."
            ) from error
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        differing = [line for line in lines if "the bundle says" in line] or lines[-1:]
        raise ExportError(
            "The bundle isn't offered, because its own replay.py finds something else than it "
            f"says: {differing[0] if differing else 'no message'}"
        )
