"""What is taken along and made at once, without a worker, of a run or a study."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.exports.table import find_format
from cnnlab.files import file_bytes, write_atomically
from cnnlab.lab.exporting.card import run_report
from cnnlab.lab.study.report import study_report
from cnnlab.lab.study.studies import load_study

Maker = Callable[[str], str]
"""Makes a document's text from the id of a run, or of a study where it tells of those too.

It raises a NotFoundError where there is neither, and a RunStateError where there is nothing to tell
yet.
"""


def report(run_or_study: str) -> str:
    """The report of a run, or of a study, as one HTML file.

    Raises:
        NotFoundError: there is neither with this id.
        RunStateError: the run hasn't ended, or has no epoch.
        StorageError: its files are damaged.
    """
    with contextlib.suppress(NotFoundError):
        return study_report(load_study(run_or_study).id)
    return run_report(run_or_study)


_MAKERS: dict[str, Maker] = {"report": report}


def made_at_once(export_format: str) -> Maker | None:
    """What makes a format at once; None for one that a worker prepares."""
    return _MAKERS.get(export_format)


def write_document(export_format: str, run_or_study: str, to: Path) -> ExportCheck:
    """Make a document anew and write it.

    Args:
        export_format: one that is made at once.
        run_or_study: its id.
        to: a file, which is replaced.

    Raises:
        CnnlabError: what `Maker` raises.
        StorageError: it can't be written.
    """
    content = _MAKERS[export_format](run_or_study).encode()
    write_atomically(to, lambda file: file.write(content))
    return document_check(export_format, to)


def document_check(export_format: str, path: Path) -> ExportCheck:
    """What is to be said of a document that is there: it has no probabilities to compare."""
    title = find_format(export_format).title.lower()
    return {
        "max_abs_difference": None,
        "top1_agreement": None,
        "milliseconds_per_image": None,
        "bytes": file_bytes(path),
        "not_verified": f"A {title} computes nothing, so there is nothing to compare.",
    }
