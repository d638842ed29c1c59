"""What `python replay.py` does: the manifest, then every number, then a table of what agrees."""

import argparse
import io
import sys
from pathlib import Path

from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.answers import check_answers
from cnnlab.exports.replay.report import check_report
from cnnlab.exports.replay.runs import check_run, note_training_side
from cnnlab.exports.replay.stored import StoredRun, read, wrong_files
from cnnlab.exports.replay.studies import StoredStudy, check_study, read_study
from cnnlab.exports.replay.training import train_again
from cnnlab.study.wording import METRICS

_MOST_SHOWN = 200


def main(folder: Path, arguments: list[str] | None = None) -> int:
    """Compute every number of a bundle again.

    Args:
        folder: of the unzipped bundle.
        arguments: of the command line; None is `sys.argv`.

    Returns:
        0 where all agree, 1 where something differs or was changed.
    """
    parser = argparse.ArgumentParser(
        prog="replay.py",
        description="Compute every number of this bundle again from its files (no training), and "
        "compare it with what the report says. Needs numpy and scipy.",
    )
    parser.add_argument(
        "--train",
        action="store_true",
        help="train the runs again by the script in script/, which needs tensorflow and pillow",
    )
    parser.add_argument("--images", help="of --train: folder or zip of the dataset's images")
    parser.add_argument("--without-images", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console may not know a minus
        sys.stdout.reconfigure(errors="replace")
    wrong = [
        line
        for line in wrong_files(folder)
        if not (asked.without_images and line.startswith("data/images/"))
    ]
    if wrong:
        _say("Files of this bundle aren't those of its manifest:")
        _say("\n".join(f"  {line}" for line in wrong))
        return 1
    _say("All files are those of the manifest (sha256).")
    found = Agreement()
    _recompute(folder, found)
    code = _tell(found)
    if not asked.train:
        return code
    return train_again(folder, asked.images, _say) or code


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _recompute(folder: Path, found: Agreement) -> None:
    about = read(folder / "bundle.json")
    names = list(read(folder / "data" / "dataset.json")["classes"])
    for path in sorted((folder / "runs").iterdir()):
        check_run(StoredRun(path), names, found)
    note_training_side(found)
    if about["kind"] != "study":
        return
    stored = read_study(folder)
    check_study(stored, found)
    check_answers(stored, found)
    check_report(stored, folder / "report.html", found)
    _tell_verdicts(stored)


def _tell_verdicts(stored: StoredStudy) -> None:
    metric = METRICS[stored.study.primary]
    _say(f"\nVerdicts on {metric.label}, computed again:")
    for arm, one in stored.comparisons[stored.study.primary].items():
        _say(f"  {arm}: {one.words}")


def _tell(found: Agreement) -> int:
    _say("\nCompared with what the bundle says:")
    width = max(map(len, found.compared), default=0)
    for part, count in found.compared.items():
        differing = sum(line.startswith(f"{part}: ") for line in found.differing)
        _say(f"  {part:<{width}}  {count:>7,} compared, {differing or 'none'} differ")
    if found.notes:
        _say("\nNot computed again:")
        _say("\n".join(f"  {note}" for note in found.notes))
    if not found.differing:
        _say(f"\nAll {sum(found.compared.values()):,} agree.")
        return 0
    _say(f"\n{len(found.differing):,} differ:")
    _say("\n".join(f"  {line}" for line in found.differing[:_MOST_SHOWN]))
    return 1
