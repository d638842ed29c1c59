"""The model card of a run, and its report: read from what is there, nothing is measured for it."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.datasets.findings import FINDING_TITLES
from cnnlab.diagnosis.diagnosis import Diagnosis
from cnnlab.documents.model_card.card import html_card, html_report, markdown_card
from cnnlab.documents.model_card.content import CardContent, Data, PreparedFile
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.data.split import SPLITS, TRAIN, VALIDATION, limit_training
from cnnlab.domain.errors import (
    BadInputError,
    DatasetError,
    NotFoundError,
    RunStateError,
    StorageError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.exports.format import Group
from cnnlab.exports.table import all_formats
from cnnlab.files import write_atomically
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.datasets import load_dataset
from cnnlab.lab.data.fixes import findings, kept_findings, split_notes, upload_notes
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.diagnosis import diagnose_run
from cnnlab.lab.exporting.there import find_there
from cnnlab.lab.judging.evaluations import evaluation_state
from cnnlab.lab.judging.looked_at import trained_on_looked_at
from cnnlab.lab.judging.seen_images import run_seen_words
from cnnlab.lab.judging.vault import looked_at_numbers, run_test_looks
from cnnlab.lab.made_by import version_note
from cnnlab.lab.predictions import run_optimism
from cnnlab.lab.runs import RunView, newest_attempt, view_run
from cnnlab.lab.study.report import plotly_script
from cnnlab.lab.study.studies import load_study
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bundles.mark import read_mark

_ENDINGS = {".html": "html", ".md": "markdown"}


@asks(Action.VIEW)
def model_card(run: str, form: str = "markdown") -> str:
    """The model card of a run.

    It is no look at test images: it tells only what looks have shown before.

    Args:
        run: its id; it has ended, and has an epoch.
        form: `markdown` or `html`.

    Raises:
        BadInputError: there is no such form.
        NotFoundError: there is no run with this id.
        RunStateError: it hasn't ended, or has no epoch.
        StorageError: its files are damaged.
    """
    makers: dict[str, Callable[[CardContent], str]] = {"markdown": markdown_card, "html": html_card}
    if form not in makers:
        raise BadInputError(f"A card is one of {', '.join(makers)}. Received: {form[:80]!r}")
    return makers[form](card_content(run))


@asks(Action.VIEW)
def write_card(run: str, to: Path) -> dict[str, Any]:
    """Write the model card of a run to a file outside the home.

    Args:
        run: its id.
        to: a path that ends in `.html` or `.md`; a file there is replaced.

    Returns:
        JSON values: `file`, `bytes`.

    Raises:
        BadInputError: the path ends in something else.
        CnnlabError: what `model_card` raises.
        StorageError: the file can't be written.
    """
    form = _ENDINGS.get(to.suffix.lower())
    if form is None or to.is_dir():
        raise BadInputError(
            f"--to must be a file that ends in {' or '.join(_ENDINGS)}. Received: {str(to)!r}"
        )
    content = model_card(run, form).encode()
    write_atomically(to, lambda file: file.write(content))
    return {"file": str(to), "bytes": len(content)}


def run_report(run: str) -> str:
    """The card of a run with its curves, diagnosis and settings, as one HTML file of some 5 MB.

    Raises:
        CnnlabError: what `model_card` raises.
    """
    return html_report(card_content(run), plotly_script())


def card_content(run: str) -> CardContent:
    """Everything that a card tells of a run.

    Raises:
        CnnlabError: what `model_card` raises.
    """
    view = view_run(run)
    row, config = view.run, load_stored(view.run.config)
    if not row.status.is_ended or not row.last:
        hint = "start it again" if row.status.is_ended else "wait until it has ended"
        raise RunStateError(
            f"The run {row.name!r} is {row.status} and has no model to tell of: {hint}."
        )
    return CardContent(
        run=row,
        history=view.history,
        facts=view.facts,
        result=view.result,
        config=config,
        data=None if config is None else _data(row, config),
        judgement=_judgement(row),
        optimism=run_optimism(row),
        test=looked_at_numbers(row),
        looks=run_test_looks(row),
        diagnoses=_diagnoses(view) if config else (),
        version_note=version_note(view),
        flattered=tuple(filter(None, (trained_on_looked_at(row), run_seen_words(row)))),
        prepared=list(_prepared(row)),
        study=_study_name(row),
        is_imported=read_mark(workplace().home.runs / row.id) is not None,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _data(run: Run, config: RunConfig) -> Data | None:
    try:
        dataset, index = load_dataset(run.dataset), open_index(run.dataset)
        splits = splits_of(index, config.split)
        kept = kept_findings(run.dataset)
        notes = [*split_notes(run.dataset), *(one.message for one in upload_notes(dataset))]
        found = findings(run.dataset)
        fingerprint = index.fingerprint
    except (NotFoundError, DatasetError, StorageError):  # of the dataset, which others say
        return None
    rows = {part: np.flatnonzero(splits == part) for part in SPLITS}
    rows[TRAIN] = limit_training(index.labels, rows[TRAIN], config.split)
    classes = len(index.class_names)
    return Data(
        dataset=dataset,
        fingerprint=fingerprint,
        parts={
            part: np.bincount(index.labels[of_part], minlength=classes).tolist()
            for part, of_part in rows.items()
        },
        own_parts=frozenset(index.owned),
        findings=[(FINDING_TITLES[one.kind], one.message) for one in found],
        kept=frozenset(FINDING_TITLES[kind] for kind in kept if kind in FINDING_TITLES),
        notes=notes,
    )


def _judgement(run: Run) -> Judgement | None:
    state = evaluation_state(run.id, VALIDATION)
    return None if state is None else state.answer


def _diagnoses(view: RunView) -> list[Diagnosis]:
    try:
        return diagnose_run(view)
    except (NotFoundError, DatasetError, StorageError):  # of the dataset, which others say
        return []


def _prepared(run: Run) -> Iterator[PreparedFile]:
    attempt = newest_attempt(run)
    for chosen in all_formats().values():
        for calibrated in (False, True):
            there = find_there(attempt, chosen.name, calibrated=calibrated)
            is_model = there.folder is not None and chosen.group is Group.MODEL
            if is_model and there.check is not None:
                yield PreparedFile(chosen.title, chosen.file, calibrated, there.check)


def _study_name(run: Run) -> str | None:
    if run.study is None:
        return None
    with contextlib.suppress(NotFoundError):
        return load_study(run.study).name
    return None
