"""Sending what waits in the outbox, run by run; a server that is away costs nobody anything."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import cnnlab
from cnnlab.domain.errors import CnnlabError, DiskFullError, NotFoundError
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.runs import RunStore
from cnnlab.storage.studies import StudyStore
from cnnlab.tracking.content import Content, run_content, study_content
from cnnlab.tracking.destination import Destination, with_credentials
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
        try:
            return send(
                content,
                sent,
                server,
                lambda after: self._outbox.note(after, entry.key),
                is_asked=entry.is_asked,
            )
        except RefusedError as error:
            known = self._outbox.sent(entry.subject, entry.address, entry.key)
            _log.warning("%s isn't at %s: %s", entry.subject, entry.address, error)
            return self._noted(entry, replace(known, problem=str(error)))

    def _settle(self, entry: Entry, sent: Sent, server: TrackingServer) -> Sent:
        """What was deleted here, before its end was told there, has ended there too."""
        if sent.run is not None and sent.status not in ENDED:
            try:
                server.set_status(sent.run, "KILLED", round(1000 * time.time()))
            except RefusedError:
                _log.info("%s is deleted there, too", entry.subject)
        self._outbox.forget(entry.subject, entry.key)
        return replace(sent, status="KILLED")

    def _noted(self, entry: Entry, sent: Sent) -> Sent:
        self._outbox.note(sent, entry.key)
        return sent

    def _server(self, address: str) -> TrackingServer:
        if address not in self._servers:
            self._servers[address] = self._connect(with_credentials(address))
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


def _name(look: Callable[[], str]) -> str | None:
    try:
        return look()
    except NotFoundError:
        return None
