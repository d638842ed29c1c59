"""Records the finished study that Home shows, recorded_study.zip: trains it, keeps its results.

    python sample_data/record_demo.py [--home FOLDER]

Trains all runs of the study by this machine's own workers, as the app does; in a home folder of its
own, so that it can be ended and goes on where it was. Then it writes what the study's page needs as
an evidence bundle without models: plans, histories and evaluations of all runs, and what each run
said of the validation images in the epochs where it is judged; of two runs in every epoch. No
verdict is in it: those are computed by whoever looks.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cnnlab import lab
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.lab.exporting.bundle_texts import Subject, records_of
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.demo import recorded_plan
from cnnlab.lab.study.recorded import RECORDED
from cnnlab.storage.attempts.predictions import LIMIT_BYTES, PredictionWriter
from cnnlab.storage.bundles.writing import Piece, file_piece, write_bundle_file
from cnnlab.study.measures.judged_epochs import needed_epochs

_FILES = ("config.json", "events.jsonl", "result.json")
_PAUSE_SECONDS = 2.0
_WHOLE = ("baseline", "augmentation")


def main() -> None:
    """Train what is missing, then write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = Path(tempfile.gettempdir()) / "cnnlab-recorded-study"
    parser.add_argument("--home", type=Path, default=usual, help=f"where it trains ({usual})")
    os.environ["CNNLAB_HOME"] = str(parser.parse_args().home)
    study = _trained()
    write_recorded(study, RECORDED)
    print(f"{RECORDED}: {RECORDED.stat().st_size / 1e6:.2f} MB")


def _trained() -> Study:
    """The study of this home, with all of its runs finished."""
    sample = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    there = lab.list_studies()
    study = there[0] if there else lab.launch_study(recorded_plan(sample.id))
    while unfinished := [run for run in lab.study_runs(study.id) if not _is_finished(run)]:
        print(f"{len(unfinished)} of {len(study.pairs)} runs to go", flush=True)
        lab.ensure_supervised()
        time.sleep(_PAUSE_SECONDS)
    return study


def _is_finished(run: Run) -> bool:
    if run.status.is_ended and run.status is not Status.FINISHED:
        raise SystemExit(f"{run.name} has {run.status}: {run.message}")
    return run.status is Status.FINISHED


def write_recorded(study: Study, to: Path) -> None:
    """Write the results of a study whose runs have finished.

    Args:
        study: in the home of the moment.
        to: the file, which is replaced.

    Raises:
        StorageError: a file is damaged, or the disk is full.
    """
    view = lab.view_study(study.id)
    subject = Subject(study.id, study.name, study.dataset, study.base, view.all_runs, view)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    texts = records_of(subject, now, with_images=False)
    with tempfile.TemporaryDirectory() as place:
        for name, text in texts.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for run in view.all_runs:
            _thin(study, run, Path(place, "runs", run.id, "predictions"))
        pieces = [*_pieces(Path(place)), *(one for run in view.all_runs for one in _of_run(run))]
        write_bundle_file(to, pieces, lambda done, total: None)


def _thin(study: Study, run: Run, into: Path) -> None:
    """Keep what is needed of what a run said of each image.

    Of the first seed's reference and augmentation that is all of it; of the others, in the epochs
    where they are judged, the predicted class and the cross-entropy.
    """
    attempt = newest_attempt(run)
    said, epochs = attempt.read_predictions(), len(attempt.history())
    assert said is not None, "workers keep what they say"
    kept: Iterable[int] = said.epochs
    share_of = epochs
    is_whole = run.config["training"]["seed"] == study.seeds[0] and run.arm in _WHOLE
    if not is_whole:
        last, best = study.judged_epochs, run.best_epoch or 0
        kept = needed_epochs(study.judged_at, epochs, last=last, best=best)
        share_of = LIMIT_BYTES  # of which each epoch has a byte: too few for the other classes
    writer = PredictionWriter(into, share_of)
    for epoch in kept:
        probabilities = said.probabilities(epoch)
        writer.append(epoch, Predictions(said.positions, said.labels, probabilities))
    writer.close()


def _of_run(run: Run) -> Iterator[Piece]:
    folder = newest_attempt(run).folder
    for name in _FILES:
        yield file_piece(f"runs/{run.id}/{name}", folder / name)


def _pieces(folder: Path) -> Iterator[Piece]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield file_piece(path.relative_to(folder).as_posix(), path)


if __name__ == "__main__":
    main()
