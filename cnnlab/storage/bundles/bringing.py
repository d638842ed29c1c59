"""Bringing what a bundle holds into a home: all of it is there, or nothing is listed.

Folders are made beside, moved into place, and then listed by the index in one transaction. A kill
in between leaves folders that nobody lists: the next import replaces them.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.files import disk_errors, sync, write_json
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import save_run_file
from cnnlab.storage.bundles.content import BundledRun
from cnnlab.storage.bundles.mark import IMPORTED
from cnnlab.storage.bundles.strict import read_strict
from cnnlab.storage.home import Home
from cnnlab.storage.studies import STUDY_FILE

_ASIDE = "aside"
_OF_A_RUN = ("events.jsonl", "dials.json")


def stage_run(
    run: BundledRun, staging: Path, mark: dict[str, Any], *, dataset: str, study: str | None
) -> Attempt:
    """Make the folder of a run as its worker and the supervisor left it, without training states.

    Args:
        run: whose files were looked at.
        staging: `runs/<id>` is made in it.
        mark: what is said of where it came from.
        dataset: here; it has the same content, maybe under another id.
        study: that it belongs to here; None for none.

    Returns:
        Its attempt, for whoever adds the model.

    Raises:
        StorageError: the disk is full.
    """
    values, config = run.values, run.config.model_dump(mode="json") | {"dataset": dataset}
    row = Run(
        id=run.id,
        name=values["name"],
        dataset=dataset,
        config=config,
        status=Status(values["status"]),
        attempt=values["attempt"],
        created_at=values["created_at"],
        message=_text(values.get("message")),
        study=study,
        arm=_text(values.get("arm")) if study else None,
    )
    save_run_file(staging / "runs", row)
    folder = staging / "runs" / run.id
    write_json(folder / IMPORTED, mark)
    attempt = Attempt(folder / f"attempt-{row.attempt}")
    attempt.create(config)
    with disk_errors(folder):
        for name in _OF_A_RUN:
            if (run.folder / name).exists():
                shutil.copyfile(run.folder / name, attempt.folder / name)
        if (run.folder / "predictions").is_dir():
            shutil.copytree(run.folder / "predictions", attempt.predictions)
    result = run.folder / "result.json"
    if result.exists():  # its model is somewhere else here, and wasn't compared here
        kept = {name: value for name, value in read_strict(result).items() if name != "export"}
        write_json(attempt.result, kept)
    _date(attempt.config, values.get("started_at"))
    for path in (attempt.events, attempt.result):
        _date(path, values.get("ended_at"))
    return attempt


def _text(value: object) -> str | None:
    return value[:2000] if isinstance(value, str) else None


def _date(path: Path, moment: object) -> None:
    """An index tells when a run began and ended by the dates of its files."""
    if not path.exists() or not isinstance(moment, str):
        return
    try:
        seconds = datetime.fromisoformat(moment).timestamp()
        os.utime(path, (seconds, seconds))
    except (ValueError, OverflowError, OSError) as error:
        raise UploadError(
            f"This bundle is refused, and nothing was imported: {moment!r:.60} is no date."
        ) from error


def stage_study(study: Study, staging: Path, mark: dict[str, Any], *, dataset: str) -> None:
    """Make the folder of a study.

    Raises:
        StorageError: the disk is full.
    """
    folder = staging / "studies" / study.id
    with disk_errors(folder):
        folder.mkdir(parents=True)
    brought = replace(study, dataset=dataset, base=study.base | {"dataset": dataset})
    write_json(folder / STUDY_FILE, brought.to_json())
    write_json(folder / IMPORTED, mark)


def put_in_place(
    home: Home, staging: Path, things: Sequence[str], list_all: Callable[[], object]
) -> None:
    """Move what was made into the home and have the index list it, or take all of it back.

    Args:
        home: the home folder.
        staging: below it, with the folders of the things.
        things: `runs/<id>` and its like, which the index doesn't list.
        list_all: has the index list what it doesn't know, in one transaction.

    Raises:
        StorageError: it can't be moved or listed; the home is as it was.
    """
    moved: list[str] = []
    try:
        for thing in things:
            target = home.root / thing
            with disk_errors(target):
                moved.append(thing)
                if target.exists():  # left by a kill between the move and the listing
                    _move(target, staging / _ASIDE / thing)
                _move(staging / thing, target)
        for folder in dict.fromkeys((home.root / thing).parent for thing in moved):
            sync(folder)
        list_all()
    except StorageError:
        for thing in reversed(moved):
            _take_back(home.root / thing, staging, thing)
        raise


def _move(place: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    place.rename(to)


def _take_back(target: Path, staging: Path, thing: str) -> None:
    """Put one thing back as it was, as far as it had come."""
    with disk_errors(target):
        if not (staging / thing).exists():
            _move(target, staging / thing)
        if (staging / _ASIDE / thing).exists():
            _move(staging / _ASIDE / thing, target)


def difference(run: BundledRun, there: Run, attempt: Attempt) -> str | None:
    """In what a run that is there differs from that of a bundle, in words; None where it doesn't.

    Which study it belongs to is left to others.
    """
    config = run.config.model_dump(mode="json") | {"dataset": there.dataset}
    events = run.folder / "events.jsonl"
    ours, theirs = (one.read_bytes() if one.exists() else b"" for one in (attempt.events, events))
    parts = {
        "its configuration": (there.config, config),
        "the number of its attempt": (there.attempt, run.values["attempt"]),
        "how it ended": (there.status.value, run.values["status"]),
        "its history": (ours, theirs),
    }
    return next((words for words, (one, other) in parts.items() if one != other), None)


def same_study(study: Study, there: Study) -> bool:
    """Whether a study that is there is that of a bundle; looks and names are their own."""
    brought = replace(study, dataset=there.dataset, base=study.base | {"dataset": there.dataset})
    apart = {"looks", "name", "stages"}
    one, other = ({k: v for k, v in asdict(s).items() if k not in apart} for s in (brought, there))
    return one == other
