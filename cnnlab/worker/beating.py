"""Signs of life while something takes its time that can't give any."""

import contextlib
import threading
from collections.abc import Iterator

from cnnlab.domain.errors import CnnlabError
from cnnlab.storage.job_folder import JobRecorder

_BEAT_SECONDS = 1.0


@contextlib.contextmanager
def beating(recorder: JobRecorder) -> Iterator[None]:
    """Show signs of life within this context; only for work that has a time limit of its own."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_SECONDS):
            with contextlib.suppress(CnnlabError):  # a full disk is told by what must be written
                recorder.beat()

    thread = threading.Thread(target=beat, name="cnnlab-beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
