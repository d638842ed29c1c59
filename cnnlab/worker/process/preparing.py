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
from cnnlab.files import read_json, written_at
from cnnlab.storage.home import Home
from cnnlab.worker.data import Told, load_data
from cnnlab.worker.process.homes import home_of_work, working_beside

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
        home: of the installation.
        wait_for_training: returns once `cnnlab.training` is loaded.
        leave: called from a thread where this process has become too large to get more ready:
            TensorFlow keeps a little of whatever it has compiled.
    """

    def __init__(
        self,
        home: Home,
        wait_for_training: Callable[[], object],
        leave: Callable[[], object],
    ) -> None:
        self._home, self._wait_for_training, self._leave = home, wait_for_training, leave
        self._thread = ThreadPoolExecutor(1, "cnnlab-preparing")
        self._wish: _Wish | None = None
        self._has_compiled = False

    def begin(self, workspace: str) -> None:
        """Begin to get the form's run ready, in place of the one before unless it is the same.

        It returns at once. The thread gets to it at the end of what it is at.

        Args:
            workspace: in which the form is looked at.
        """
        wish = _Wish(self._home.of_workspace(workspace))
        if self._wish is not None:
            if self._wish.is_good_for(wish):
                return
            self._wish.is_dropped.set()
        self._wish = wish  # what the one before has made is let go before the thread tidies up
        wish.ready = self._thread.submit(self._prepare, wish)

    def take(self, config: RunConfig, device: str | None) -> "Ready | None":
        """The run of this very config, ready to go; None where it isn't the one at hand.

        One that is still being made ready is waited for: whatever is done of it is a gain.

        Args:
            config: of the run that begins.
            device: takes the place of the config's, unless None.
        """
        wish = self._wish
        if wish is None or device not in (None, "cpu") or not wish.shows(config, home_of_work()):
            self.drop()
            return None
        ready, self._wish = wish.ready.result(), None
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
            self._wish = None
        return self._thread.submit(self._forget).result()

    def _prepare(self, wish: "_Wish") -> "Ready | None":
        if not self._forget():
            self._leave()
            return None
        try:
            with working_beside(wish.home):
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
        if config is None or may_have_gpu() or not wish.is_wanted() or not _has_images(wish):
            return None
        data = load_data(config, wish, lambda: None)
        self._has_compiled = True
        return make_ready(config, data, wish.is_wanted)

    def _forget(self) -> bool:
        """Forget what the thread has compiled; False where this process has become too large.

        In the very thread: each has a graph of its own that holds on to what reads images.
        """
        if not self._has_compiled:
            return True
        from cnnlab.training.loop.session import end_session  # noqa: PLC0415 - it is loaded by then

        self._has_compiled = False
        return end_session()


class _Wish(Told):
    """What a form shows; it counts as long as the form shows the same.

    Args:
        home: of the workspace in which the form is looked at.

    Attributes:
        home: likewise.
        config: None where there is none.
        is_dropped: set once the form was seen to show something else, or something came in between.
        ready: what comes of it.
    """

    ready: "Future[Ready | None]"

    def __init__(self, home: Home) -> None:
        self.home, self._file, self.is_dropped = home, home.form_request, threading.Event()
        self._read_at, self.config = _shown(self._file)

    def shows(self, config: RunConfig, home: Home) -> bool:
        """Whether it is for a run of this very config in this home."""
        return self.config == config and self.home == home

    def is_good_for(self, other: "_Wish") -> bool:
        """Whether what another one wants is ready, or will be unless something comes in between."""
        config = other.config
        if config is None or not self.shows(config, other.home) or self.is_dropped.is_set():
            return False
        return not self.ready.done() or self.ready.result() is not None

    def is_wanted(self) -> bool:
        """Whether the form shows it still, and no job has come in between."""
        if not self.is_dropped.is_set() and written_at(self._file) != self._read_at:
            self._read_at, shown = _shown(self._file)
            if shown != self.config:
                self.is_dropped.set()
        return not self.is_dropped.is_set()

    def phase(self, text: str) -> None:
        """Take what is being done: nobody looks."""

    def beat(self) -> None:
        """End what is being done where it isn't wanted any more.

        Raises:
            CancelledError: it isn't.
        """
        if not self.is_wanted():
            raise CancelledError("The form shows something else now.")


def _has_images(wish: _Wish) -> bool:
    """Whether the images are prepared, or will be in no time."""
    if wish.config is None:
        return False
    folder = wish.home.dataset(wish.config.dataset)
    if prepared_array(folder, wish.config.image).exists():
        return True
    return len(ImageIndex(folder)) * math.prod(wish.config.image.shape) <= _NEW_IMAGES_BYTES


def _shown(file: Path) -> tuple[int, RunConfig | None]:
    """When the form's config was written, in ns, and what it is."""
    changed_at = written_at(file)
    try:
        return changed_at, load_config(read_json(file))
    except CnnlabError:  # it is gone, or of another version
        return changed_at, None
