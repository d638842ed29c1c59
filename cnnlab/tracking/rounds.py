"""Sending what waits in the outbox, run by run; a server that is away costs nobody anything."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import cnnlab
from cnnlab.domain.errors import CnnlabError, DiskFullError, NotFoundError, StorageError
from cnnlab.exports.packages import optional_packages, pip_line
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.studies import StudyStore
from cnnlab.tracking.content import Content, run_content, study_content
from cnnlab.tracking.destination import EXTRA, Destination, with_credentials
from cnnlab.tracking.mlflow_server import MlflowServer
from cnnlab.tracking.outbox import ENDED, Entry, Outbox, Sent
from cnnlab.tracking.sending import send
from cnnlab.tracking.server import RefusedError, ServerAwayError, TrackingServer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stores:
    """Where runs and what they belong to are known."""

    home: Home
    runs: RunStore
    datasets: DatasetStore
    studies: StudyStore


class Sender:
    """Sends what waits.

    Args:
        stores: of the home.
        connect: makes the server that a destination names.
    """

    def __init__(
        self, stores: Stores, connect: Callable[[Destination], TrackingServer] = MlflowServer
    ) -> None:
        self._stores = stores
        self._outbox = Outbox(stores.home)
        self._connect = connect
        self._servers: dict[str, TrackingServer] = {}

    def send_all(self, on_sent: Callable[[Sent], object] = lambda sent: None) -> int:
        """Send all that waits for servers that aren't known to be away.

        Args:
            on_sent: is told of each run or study that is at its server now.

        Returns:
            How many were sent.

        Raises:
            StorageError: it can't be noted what was.
        """
        count, left_out = 0, set()
        for entry in self._outbox.entries():
            away = self._outbox.away(entry.key)
            if entry.key in left_out or (away is not None and away.due > time.time()):
                continue
            try:
                on_sent(self.send_entry(entry))
                count += 1
            except ServerAwayError:
                left_out.add(entry.key)
        return count

    def send_entry(self, entry: Entry) -> Sent:
        """Send all of one run or study, and note what its server has.

        Returns:
            That; where the server doesn't take it, with the problem.

        Raises:
            ServerAwayError: it waits until the server is back.
            StorageError: it can't be noted what was sent.
        """
        outbox = self._outbox
        with outbox.sending(entry.key):
            sent = outbox.sent(entry.subject, entry.address, entry.key)
            try:
                after = self._send(entry, sent)
            except ServerAwayError as error:
                outbox.note_away(entry.key, str(error))
                outbox.put_last(entry)
                raise
            outbox.note_back(entry.key)
            outbox.done(entry)
        return after

    def _send(self, entry: Entry, sent: Sent) -> Sent:
        server = self._server(entry.address)
        try:
            content = self._content(entry.subject)
        except NotFoundError:
            return self._settle(entry, sent, server)
        except DiskFullError:
            raise
        except CnnlabError as error:  # its files are damaged, which a page says too
            return self._noted(entry, replace(sent, problem=str(error)))
        except Exception as error:
            return self._with_problem(entry, error)
        try:
            return send(
                content,
                sent,
                server,
                lambda after: self._outbox.note(after, entry.key),
                is_asked=entry.is_asked,
            )
        except (ServerAwayError, StorageError):
            raise
        except ImportError as error:  # of a part that the client loads with its first call
            raise ServerAwayError(_client_words(error)) from error
        except Exception as error:
            return self._with_problem(entry, error)

    def _with_problem(self, entry: Entry, error: Exception) -> Sent:
        """Note what keeps this one from being sent; whatever it is, the others are."""
        is_known = isinstance(error, CnnlabError)
        _log.warning(
            "%s isn't at %s: %s", entry.subject, entry.address, error, exc_info=not is_known
        )
        words = str(error) if is_known else f"it can't be sent ({_named(error)})"
        known = self._outbox.sent(entry.subject, entry.address, entry.key)
        return self._noted(entry, replace(known, problem=words))

    def _settle(self, entry: Entry, sent: Sent, server: TrackingServer) -> Sent:
        """What was deleted here, before its end was told there, has ended there too."""
        if sent.run is not None and sent.status not in ENDED:
            try:
                server.set_status(sent.run, "KILLED", round(1000 * time.time()))
            except RefusedError:
                _log.info("%s is deleted there, too", entry.subject)
            except ServerAwayError:
                raise
            except Exception:
                _log.exception("the end of %s isn't told", entry.subject)
        self._outbox.forget(entry.subject, entry.key)
        return replace(sent, status="KILLED")

    def _noted(self, entry: Entry, sent: Sent) -> Sent:
        self._outbox.note(sent, entry.key)
        return sent

    def _server(self, address: str) -> TrackingServer:
        if address not in self._servers:
            try:
                self._servers[address] = self._connect(with_credentials(address))
            except Exception as error:  # nothing was asked yet: whatever it is, no run has it
                raise ServerAwayError(_client_words(error)) from error
        return self._servers[address]

    def _content(self, subject: str) -> Content:
        """What there is to tell.

        Raises:
            NotFoundError: it was deleted.
        """
        stores, documents = self._stores, self._outbox.documents(subject)
        if is_study_id(subject):
            plan = stores.studies.load(subject)
            return study_content(plan, version=cnnlab.__version__, documents=documents)
        run = stores.runs.load(subject)
        study = run.study
        numbers = range(run.attempt, 0, -1)
        folders = (stores.home.attempt(run.id, number) for number in numbers)
        folder = next((each for each in folders if each.exists()), None)
        attempt = Attempt(folder or stores.home.attempt(run.id, run.attempt))
        return run_content(
            run,
            attempt,
            dataset=_name(lambda: stores.datasets.load(run.dataset).name) or run.dataset,
            study=_name(lambda: stores.studies.load(study).name) if study else None,
            version=cnnlab.__version__,
            documents=documents,
        )


def is_study_id(subject: str) -> bool:
    """Whether an id is that of a study: those of runs begin with a digit."""
    return subject.startswith("s")


def _client_words(error: Exception) -> str:
    """Why a client that is installed doesn't work."""
    line = pip_line(optional_packages(EXTRA))
    return f"MLflow's client can't be loaded ({_named(error)}): run `{line}`"


def _named(error: Exception) -> str:
    line = (str(error).splitlines() or [""])[0][:200].rstrip(".")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _name(look: Callable[[], str]) -> str | None:
    try:
        return look()
    except NotFoundError:
        return None
