"""What a light worker does to send runs to other tools' servers while there is news of them."""

import time

from cnnlab.jobs.kinds.track import Tracked, TrackRequest
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.studies import StudyStore
from cnnlab.tracking.outbox import Outbox
from cnnlab.tracking.rounds import Sender, Stores
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

POLL_SECONDS = 0.5
"""Between two looks at what waits."""

IDLE_SECONDS = 60.0
"""It leaves after so long without news; to load MLflow's client again takes a second or two."""

LONGEST_SECONDS = 1800.0
"""It leaves then in any case, and another one comes: a client may keep what it shouldn't."""


def send_waiting(work: Work[TrackRequest, JobFolder, JobRecorder]) -> Tracked:
    """Send what waits, and what comes while it is here; leave where a server is away.

    Raises:
        StorageError: what was sent can't be noted.
    """
    home = home_of_work()
    engine = open_index(home)
    began = used_at = time.monotonic()
    count = 0
    try:
        stores = Stores(
            home, RunStore(engine), DatasetStore(home, engine), StudyStore(home, engine)
        )
        sender, outbox = Sender(stores), Outbox(home)
        with beating(work.recorder):
            while time.monotonic() - used_at < IDLE_SECONDS:
                sent = sender.send_all()
                count += sent
                used_at = time.monotonic() if sent else used_at
                if time.monotonic() - began > LONGEST_SECONDS or (not sent and _is_away(outbox)):
                    break
                time.sleep(POLL_SECONDS)
    finally:
        engine.dispose()
    return Tracked(count)


def _is_away(outbox: Outbox) -> bool:
    """Whether something waits for nothing but a server that is away."""
    due = outbox.next_due()
    return due is not None and due > time.time()
