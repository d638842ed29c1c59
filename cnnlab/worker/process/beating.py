"""Signs of life while something takes its time that can't give any."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

from cnnlab.domain.errors import CancelledError, CnnlabError
from cnnlab.storage.job_folder import JobRecorder

_BEAT_SECONDS = 1.0


@contextlib.contextmanager
def beating(recorder: JobRecorder) -> Iterator[None]:
    """Show signs of life within this context; only for work that has a time limit of its own.

    Work that nobody wants any more is ended within this context, wherever it is, as SIGTERM does.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_SECONDS):
            try:
                recorder.beat()
            except CancelledError:  # the main thread may not ask for long
                os.kill(os.getpid(), signal.SIGTERM)
                return
            except CnnlabError:
                continue  # a full disk is told by what must be written

    thread = threading.Thread(target=beat, name="cnnlab-beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
