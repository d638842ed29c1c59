"""Getting ready in a thread, while the worker waits, the run that a form shows.

Its launch finds the network built and the step compiled: most of what a start costs once TensorFlow
is loaded. A launch of anything else finds nothing, and nothing of this is left.
"""

import logging
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepared_array
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import CancelledError, CnnlabError
from cnnlab.files import read_json
from cnnlab.storage.home import Home
from cnnlab.worker.data import Told, load_data

if TYPE_CHECKING:
    from cnnlab.training.loop.fit import Ready

_NEW_IMAGES_BYTES = 32 * 2**20
"""So much is prepared of a dataset's images on the chance that they are wanted in this size."""

READY = "the form's run is ready"
"""What the log says then."""

_log = logging.getLogger("cnnlab.worker")


class Preparing:
    """Has at most one run ready: that of the form as it was when it was last at rest.

    Args:
        home: the home folder.
        wait_for_training: returns once `cnnlab.training` is loaded.
    """

    def __init__(self, home: Home, wait_for_training: Callable[[], object]) -> None:
        self._home, self._wait_for_training = home, wait_for_training
        self._thread = ThreadPoolExecutor(1, "cnnlab-preparing")
        self._wish: _Wish | None = None
        self._has_compiled = False

    def begin(self) -> bool:
        """Begin to get the form's run ready, in place of the one before.

        Returns:
            False where this process has become too large for that: TensorFlow keeps a little of
            whatever it has compiled.
        """
        if not self.drop():
            return False
        self._wish = wish = _Wish(self._home.form_request)
        wish.ready = self._thread.submit(self._prepare, wish)
        self._has_compiled = True
        return True

    def take(self, config: RunConfig, device: str | None) -> "Ready | None":
        """The run of this very config, ready to go; None where it isn't the one at hand.

        One that is still being made ready is waited for: whatever is done of it is a gain.

        Args:
            config: of the run that begins.
            device: takes the place of the config's, unless None.
        """
        if self._wish is None or device not in (None, "cpu") or self._wish.config != config:
            self.drop()
            return None
        ready, self._wish = self._wish.ready.result(), None
        if ready is not None:
            _log.info("this run was made ready while its form was looked at")
        return ready

    def drop(self) -> bool:
        """Forget the run at hand, or what is left of one that has been trained.

        Returns:
            False where this process has become too large.
        """
        if self._wish is not None:
            self._wish.is_dropped.set()
            self._wish.ready.result()
            self._wish = None
        is_sound = not self._has_compiled or self._thread.submit(_forget).result()
        self._has_compiled = False
        return is_sound

    def _prepare(self, wish: "_Wish") -> "Ready | None":
        try:
            ready = self._made_ready(wish)
            _log.info(READY if ready else "the form's run is not made ready")
            return ready
        except (CnnlabError, OSError) as error:  # its run will say so, if it is launched
            _log.info("the form's run can't be made ready: %s", error)
        except Exception:
            _log.exception("the form's run can't be made ready")
        return None

    def _made_ready(self, wish: "_Wish") -> "Ready | None":
        self._wait_for_training()
        from cnnlab.training.loop.fit import make_ready  # noqa: PLC0415 - it is loaded by now
        from cnnlab.training.loop.session import may_have_gpu  # noqa: PLC0415

        config = wish.config
        if config is None or may_have_gpu() or not self._has_images(config):
            return None
        data = load_data(config, wish, lambda: None)
        return make_ready(config, data, wish.is_wanted)

    def _has_images(self, config: RunConfig) -> bool:
        """Whether the images are prepared, or will be in no time."""
        folder = self._home.dataset(config.dataset)
        if prepared_array(folder, config.image).exists():
            return True
        return len(ImageIndex(folder)) * math.prod(config.image.shape) <= _NEW_IMAGES_BYTES


def _forget() -> bool:
    """Forget what this thread has compiled; False where this process has become too large.

    In this very thread: each has a graph of its own that holds on to what reads images.
    """
    from cnnlab.training.loop.session import end_session  # noqa: PLC0415 - it is loaded by then

    return end_session()


class _Wish(Told):
    """What a form shows; it counts as long as the form shows the same.

    Args:
        file: where the form's config stands.
    """

    ready: "Future[Ready | None]"

    def __init__(self, file: Path) -> None:
        self._file, self.is_dropped = file, threading.Event()
        self._written_at = self._time()
        try:
            self.config: RunConfig | None = load_config(read_json(file))
        except CnnlabError:  # it is gone, or of another version
            self.config = None

    def is_wanted(self) -> bool:
        """Whether the form shows it still, and no job has come in between."""
        return not self.is_dropped.is_set() and self._time() == self._written_at

    def phase(self, text: str) -> None:
        """Take what is being done: nobody looks."""

    def beat(self) -> None:
        """End what is being done where it isn't wanted any more.

        Raises:
            CancelledError: it isn't.
        """
        if not self.is_wanted():
            raise CancelledError("The form shows something else now.")

    def _time(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
