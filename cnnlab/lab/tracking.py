"""Sending runs to an MLflow server: one, those of a study, or all from now on."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import BadInputError, StorageError, TrackingError
from cnnlab.domain.people.person import Action
from cnnlab.files import disk_errors, write_atomically
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.card import model_card, run_report
from cnnlab.lab.runs import load_run
from cnnlab.lab.study.report import study_report
from cnnlab.lab.workplace import home_here, workplace
from cnnlab.runner.handed_on import hand_on
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.settings import TRACKING_URI
from cnnlab.storage.home import open_home
from cnnlab.tracking.destination import (
    Destination,
    configured_destination,
    missing_client,
    read_destination,
    require_client,
)
from cnnlab.tracking.outbox import Outbox, Sent
from cnnlab.tracking.rounds import Sender, Stores, is_study_id
from cnnlab.tracking.server import ServerAwayError

SentRun = Sent


@dataclass(frozen=True)
class Tracking:
    """How the sending of runs stands.

    Attributes:
        address: of the server that `MLFLOW_TRACKING_URI` names; empty where it names none.
        host: its name and port.
        pip_line: what installs the client that is missing; empty where it is there.
        waiting: ids of runs and studies of which something waits, by the address of the server;
            where a run was named, of no other.
        problems: by address, why that server takes nothing at the moment, in a sentence.
        problem: why the address in the environment can't be used; else empty.
    """

    address: str
    host: str
    pip_line: str
    waiting: dict[str, list[str]]
    problems: dict[str, str]
    problem: str = ""


@asks(Action.VIEW)
def tracking_state(run: str = "") -> Tracking:
    """How the sending of runs stands.

    Args:
        run: whose files alone are read, as a page that looks often does; empty for all.

    Raises:
        StorageError: the home folder can't be opened.
    """
    outbox = Outbox(home_here())
    destination, problem = None, ""
    try:
        destination = configured_destination()
    except BadInputError as error:
        problem = str(error)
    waiting: dict[str, list[str]] = {}
    for entry in outbox.entries(run):
        waiting.setdefault(entry.address, []).append(entry.subject)
    problems = {}
    for place in map(Destination, waiting):
        away = outbox.away(place.key)
        if away is not None:
            problems[place.address] = _away_words(outbox.count(place.key), place, away.problem)
    return Tracking(
        address=destination.address if destination else "",
        host=destination.host if destination else "",
        pip_line=missing_client() if destination or waiting else "",
        waiting=waiting,
        problems=problems,
        problem=problem,
    )


@asks(Action.VIEW)
def is_tracking() -> bool:
    """Whether runs are sent anywhere, or something waits to be, as far as that can be seen."""
    if os.environ.get(TRACKING_URI, "").strip():
        return True
    with contextlib.suppress(StorageError):
        return not Outbox(home_here()).is_empty()
    return False


@asks(Action.VIEW)
def sent_to(run: str) -> list[Sent]:
    """What MLflow servers have of a run."""
    return Outbox(workplace().home).all_sent(run)


@asks(Action.EDIT)
def track(
    subject: str, to: str | None = None, *, on_sent: Callable[[Sent], object] = lambda sent: None
) -> list[Sent]:
    """Send a run, or all runs of a study that have begun, now; and from now on what is new of them.

    Args:
        subject: id of a run or a study.
        to: address of the server; default is what `MLFLOW_TRACKING_URI` names.
        on_sent: is told of each run that is there.

    Returns:
        What the server has of each.

    Raises:
        BadInputError: no server is named, or there is no such run or study.
        TrackingError: the client is missing, the server is away (what waits is sent when it is
            back), or it doesn't take a run.
        StorageError: the disk is full.
    """
    destination = _destination(to)
    require_client()
    runs = _runs(subject)
    stores = workplace()
    outbox = Outbox(stores.home)
    _write_documents(outbox, subject)
    for run in runs:
        outbox.add(run, destination.address, destination.key, is_asked=True)
    sender = Sender(Stores(stores.home, stores.runs, stores.datasets, stores.studies))
    asked = [
        entry
        for entry in outbox.entries()
        if entry.key == destination.key and entry.subject in runs
    ]
    sent = []
    for entry in asked:
        try:
            sent.append(sender.send_entry(entry))
        except ServerAwayError as error:
            ensure_supervisor(stores.home)
            left = len(asked) - len(sent)
            raise TrackingError(_away_words(left, destination, str(error))) from error
        on_sent(sent[-1])
    refused = [each for each in sent if each.problem]
    if refused:
        raise TrackingError(
            f"{refused[0].subject} isn't at {destination.host}: {refused[0].problem}."
        )
    return sent


@asks(Action.EDIT)
def ask_to_track(run: str, to: str | None = None) -> None:
    """Have a run sent to a server by the supervisor.

    Args:
        run: id of a run.
        to: address of the server; default is what `MLFLOW_TRACKING_URI` names.

    Raises:
        BadInputError: none is named, or there is no such run.
        TrackingError: the client is missing.
        StorageError: the disk is full.
    """
    destination = _destination(to)
    require_client()
    stores = workplace()
    outbox = Outbox(stores.home)
    _write_documents(outbox, load_run(run).id)
    outbox.add(run, destination.address, destination.key, is_asked=True)
    outbox.note_back(destination.key)  # somebody waits: it is tried at once
    ensure_supervisor(stores.home)


def hand_on_settings(*, even_none: bool = False) -> None:
    """Have a supervisor that lives use the variables of MLflow and of a bucket that are set here.

    Args:
        even_none: whether it is told, too, that none is set.

    Raises:
        StorageError: the home folder can't be opened.
    """
    hand_on(open_home(), even_none=even_none)


def _destination(to: str | None) -> Destination:
    if to is None:
        destination = configured_destination()
        if destination is None:
            raise BadInputError(
                f"No MLflow server is named: set {TRACKING_URI}, or give --to http://HOST:PORT."
            )
        return destination
    destination = read_destination(to)
    if destination.user or destination.password:
        raise BadInputError(
            "--to can be read by everybody on this machine: leave user and password out of it, and "
            "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
        )
    return destination


def _runs(subject: str) -> Sequence[str]:
    """The runs that are meant: one, or those of a study that have begun, the oldest first."""
    stores = workplace()
    of_study = [run.id for run in stores.runs.list(study=subject) if run.started_at]
    if is_study_id(subject):
        return [*of_study[::-1], stores.studies.load(subject).id]
    return [load_run(subject).id]


def _write_documents(outbox: Outbox, subject: str) -> None:
    """Make the report of a run that has ended, or of a study: what is known of it now."""
    texts: dict[str, str] = {}
    if is_study_id(subject):
        texts["report.html"] = study_report(subject)
    elif (run := load_run(subject)).status.is_ended and run.last:
        texts = {"report.html": run_report(subject), "card.md": model_card(subject)}
    folder = outbox.documents(subject)
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in texts.items():
        _write(folder / name, text)


def _write(path: Path, text: str) -> None:
    write_atomically(path, lambda file: file.write(text.encode()))


def _away_words(count: int, destination: Destination, problem: str) -> str:
    runs, they = ("1 run waits", "it is") if count == 1 else (f"{count} runs wait", "they are")
    return f"{runs} for {destination.address}: {problem}; {they} sent when it is back."
