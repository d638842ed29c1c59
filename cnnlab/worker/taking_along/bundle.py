"""What a worker does to bundle a run or a study: its models, all files, and the proof of them."""

import functools
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.errors import CancelledError, CnnlabError, DiskFullError, ExportError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.exports.table import KERAS, find_format
from cnnlab.files import file_bytes, read_json, write_json
from cnnlab.jobs.kinds.bundle import BundleRequest
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.jobs.kinds.export import ExportRequest, export_folder, read_export
from cnnlab.keyless import keyless_environment
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.bundles.manifest import MANIFEST, BundleManifest
from cnnlab.storage.bundles.writing import Piece, check_room, file_piece, write_bundle_file
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.package import PACKAGE
from cnnlab.worker.kept import KeptModel, load_kept
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.model_file import write_model
from cnnlab.worker.taking_along.script import write_code

BundleWork = Work[BundleRequest, JobFolder, JobRecorder]

TEXTS = "texts"
"""Folder in that of the job with what `lab` has put there: it goes into the bundle as it is."""

_MODEL_FILE, _SCRIPT = "model.keras", "script"
_OF_AN_ATTEMPT = ("config.json", "events.jsonl", "result.json", "dials.json")
_OF_A_DATASET = ("copies.npz", "looks.npy", "lineage.npz")
_REPLAY_SECONDS = 900
_VERIFIED = (
    "Its own replay.py has computed its numbers again, without cnnlab, and found the same; its "
    "models were compared one by one (models.json)"
)


def bundle(work: BundleWork) -> ExportCheck:
    """Put everything into one zip, and have its own `replay.py` prove it before it is offered.

    Raises:
        CnnlabError: the disk is full, or what it says of itself can't be shown again.
    """
    asked, folder = work.request, work.files.folder
    home = home_of_work()
    pieces = list(_texts(folder / TEXTS))
    for run, number in asked.runs:
        pieces += _of_run(run, Attempt(home.attempt(run, number)))
    if asked.with_images:
        pieces += _images(home, asked.dataset)
    check_room(folder, sum(piece.size_bytes for piece in pieces))
    pieces += _made(work, home)
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
        "verified": _VERIFIED,
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
    folder = dataset_folder(home, dataset)
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


def _made(work: BundleWork, home: Home) -> list[Piece]:
    """Model and program of each run, made where nobody has done so, and what is to be said of them.

    The network is built once for both.
    """
    pieces: list[Piece] = []
    told: dict[str, dict[str, Any]] = {"models": {}, "scripts": {}}
    for number, (run, attempt) in enumerate(work.request.runs, 1):
        of = f" {number} of {len(work.request.runs)}" if len(work.request.runs) > 1 else ""
        work.recorder.phase(f"Model and program of run{of}")
        made = _Made(work, run, Attempt(home.attempt(run, attempt)))
        for what, make in (("models", made.model), ("scripts", made.script)):
            try:
                new, check = make()
            except (CancelledError, DiskFullError):
                raise
            except CnnlabError as error:
                told[what][run] = {"left_out": str(error)}
            else:
                pieces += new
                told[what][run] = check
    for what, checks in told.items():
        path = work.files.folder / f"{what}.json"
        write_json(path, checks)
        pieces.append(file_piece(path.name, path))
    return pieces


class _Made:
    """What is made of one run; what a try made whose worker was lost is found again."""

    def __init__(self, work: BundleWork, run: str, attempt: Attempt) -> None:
        self._work, self._run, self._attempt = work, run, attempt
        self._folder = work.files.folder / "made" / run

    @functools.cached_property
    def _kept(self) -> KeptModel:
        if not self._attempt.history():
            raise ExportError("No epoch was finished, so there is no model.")
        work = self._work
        number, wait = self._attempt.number, work.wait_for_training
        return load_kept(self._run, number, work.recorder, wait, work.device)

    def model(self) -> tuple[list[Piece], ExportCheck]:
        """The model's file, and how it compared.

        Raises:
            CnnlabError: it can't be made.
        """
        path, check = self._model()
        return [file_piece(f"runs/{self._run}/{_MODEL_FILE}", path)], check

    def _model(self) -> tuple[Path, ExportCheck]:
        result = self._attempt.read_result()
        if result and "export" in result and self._attempt.model.exists():
            return self._attempt.model, result["export"]
        return self._prepared(KERAS, _MODEL_FILE, self._write_model)

    def script(self) -> tuple[list[Piece], ExportCheck]:
        """The files of the program that trains the run again, and how it compared.

        Raises:
            CnnlabError: it can't be made.
        """
        package, check = self._prepared(_SCRIPT, PACKAGE, self._write_script)
        with zipfile.ZipFile(package) as archive:
            names = [(info.filename, info.file_size) for info in archive.infolist()]
        pieces = [
            Piece(f"script/{self._run}/{name}", size, partial(_member, package, name))
            for name, size in names
        ]
        return pieces, check

    def _prepared(
        self, name: str, file: str, write: Callable[[Path], ExportCheck]
    ) -> tuple[Path, ExportCheck]:
        """A file that was prepared for a download, or by an earlier try; else it is written."""
        there = read_export(self._attempt, name)
        if there.is_ready and there.answer:
            return export_folder(self._attempt, name).folder / file, there.answer
        folder = self._folder / name
        noted = folder / "check.json"
        if noted.exists():
            kept: ExportCheck = read_json(noted)
            return folder / file, kept
        folder.mkdir(parents=True, exist_ok=True)
        check = write(folder)
        write_json(noted, check)
        return folder / file, check

    def _write_model(self, folder: Path) -> ExportCheck:
        return write_model(folder, self._work.recorder, self._kept)

    def _write_script(self, folder: Path) -> ExportCheck:
        request = ExportRequest(self._run, self._attempt.number, _SCRIPT)
        work = self._work
        asked = Work(request, JobFolder(folder), work.recorder, work.device, work.wait_for_training)
        return write_code(asked, self._kept)


def _member(package: Path, name: str) -> Iterator[bytes]:
    with zipfile.ZipFile(package) as archive:
        yield archive.read(name)


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
        environment = keyless_environment() | {"PYTHONIOENCODING": "utf-8"}
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
        differing = [line for line in lines if ": the bundle says " in line] or lines[-1:]
        raise ExportError(
            "The bundle isn't offered, because its own replay.py finds something else than it "
            f"says: {differing[0] if differing else 'no message'}"
        )
