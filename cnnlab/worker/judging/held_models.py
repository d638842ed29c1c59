"""The models of a few runs, held in memory by a worker that answers pictures.

Imported once TensorFlow is loaded.
"""

import ctypes
import functools
import gc
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.squares import square_of
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import turned_by
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import CancelledError, CnnlabError, RunStateError, StorageError
from cnnlab.domain.network.block_titles import block_titles
from cnnlab.domain.temperature import helpful_temperature
from cnnlab.jobs.kinds.evaluate import KIND, evaluation_folder
from cnnlab.jobs.state import read_state
from cnnlab.judging.familiarity import Familiar
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.evaluation import EvaluationFolder
from cnnlab.storage.home import Home
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.judging.picture_model import PictureModel, build_picture_model
from cnnlab.worker.judging.familiar import learn
from cnnlab.worker.judging.shuffle_check import check_method
from cnnlab.worker.kept import load_kept_states
from cnnlab.worker.process.homes import dataset_folder

MOST_HELD = 6
"""More models than this are not held at once; the one that waits longest goes."""

_AGAIN_SECONDS = 10.0
"""For so long a run whose model can't be built, or its images learnt, isn't tried again."""

_TOO_LARGE = (
    "The model takes more memory than this machine has to answer pictures: ask a smaller one, or "
    "use a machine with more memory."
)

_Key = tuple[str, int]
_log = logging.getLogger("cnnlab.worker")


@dataclass
class HeldModel:
    """A run's model and what is needed to ask it.

    Attributes:
        attempt: of the run, whose states it was built from.
        config: of the run.
        class_names: in the order of the labels.
        value_range: which deep values are black and white in its dataset.
        model: says what a picture shows.
        familiar: what its training images are like; None where that isn't known (yet).
    """

    attempt: Attempt
    config: RunConfig
    class_names: tuple[str, ...]
    value_range: ValueRange | None
    model: PictureModel
    familiar: Familiar | None = None

    @functools.cached_property
    def explainer(self) -> Explainer:
        """Says what the model looks at; made when somebody asks."""
        return Explainer(self.model.clone)

    @functools.cached_property
    def titles(self) -> dict[str, str]:
        """What people call its layers, by their names."""
        return block_titles(self.config)

    def prepared(self, content: bytes) -> np.ndarray:
        """The bytes of a picture as the run's training read it: (H, W, C) uint8.

        Raises:
            UnreadableImageError: it can't be decoded or is too large.
        """
        image = self.config.image
        return square_of(content, image.size, image.color, image.resize, self.value_range)

    def temperature(self) -> float | None:
        """What its probabilities are calibrated with; None where none is known or helps."""
        files = evaluation_folder(self.attempt, VALIDATION)
        try:
            return _temperature(files.folder, files.result.stat().st_mtime_ns)
        except FileNotFoundError:
            return None


@functools.lru_cache(maxsize=32)
def _temperature(folder: Path, _: int) -> float | None:
    """As an evaluation of the validation images found it; of another time it is another one."""
    try:
        judgement = read_state(KIND, EvaluationFolder(folder)).answer
    except StorageError:
        return None
    return helpful_temperature(judgement["calibration"] if judgement else None)


def load_model(home: Home, run: str, attempt_number: int) -> HeldModel:
    """Build the model that is taken along of a run that has ended, from its training states.

    Raises:
        CnnlabError: no state is at hand, or the dataset is gone.
    """
    attempt = Attempt(home.attempt(run, attempt_number))
    config = turned_by(load_config(attempt.read_config()), attempt.turns())
    index = ImageIndex(dataset_folder(home, config.dataset))
    states, _ = load_kept_states(attempt, config)
    model = build_picture_model(
        config,
        config.image.shape,
        len(index.class_names),
        last_state=states["state"],
        best_state=states["best_state"],
    )
    return HeldModel(attempt, config, index.class_names, index.value_range, model)


class HeldModels:
    """Gives the models of runs; what isn't there yet is loaded in a thread.

    Args:
        home: the home folder.
        load: builds the model of a run's attempt.
        learn: finds out what its training images are like, see `cnnlab.worker.judging.familiar`.
        check: finds out whether maps of it mean something, see `check_method`.
    """

    def __init__(
        self,
        home: Home,
        load: Callable[[Home, str, int], HeldModel] = load_model,
        learn: Callable[..., Familiar | None] = learn,
        check: Callable[..., object] = check_method,
    ) -> None:
        self._home, self._load, self._learn, self._check_method = home, load, learn, check
        self._lock = threading.Lock()
        self._loads_one, self._learns_one = threading.Lock(), threading.Lock()
        self._held: OrderedDict[_Key, HeldModel] = OrderedDict()
        self._loading: set[_Key] = set()
        self._learnt: dict[_Key, float] = {}  # until when it isn't begun again
        self._checked: dict[tuple[str, int, str], float] = {}  # likewise
        self._problems: dict[_Key, tuple[str, float]] = {}
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()

    def find(self, run: str, attempt: int) -> HeldModel | str | None:
        """The model of a run, why there is none in a sentence, or None while it is loaded."""
        key = run, attempt
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            problem, until = self._problems.get(key, ("", 0.0))
            if time.monotonic() < until:
                return problem
            if key not in self._loading:
                self._loading.add(key)
                self._start(self._bring, key)
        return None

    def become_familiar(self, run: str, attempt: int) -> None:
        """Have found out, in a thread, what the training images of a held model are like."""
        key = run, attempt
        with self._lock:
            if key in self._held and time.monotonic() >= self._learnt.get(key, 0.0):
                self._learnt[key] = math.inf
                self._start(self._study, key)

    def have_checked(self, run: str, attempt: int, method: str) -> None:
        """Have found out, in a thread, whether a held model's maps depend on what it has learnt."""
        key, check = (run, attempt), (run, attempt, method)
        with self._lock:
            if key in self._held and time.monotonic() >= self._checked.get(check, 0.0):
                self._checked[check] = math.inf
                self._start(functools.partial(self._check, method), key)

    def drop_oldest(self) -> bool:
        """Let the model go that waits longest, because of its memory.

        One that is alone is too large for this machine, which who asks for it is told.

        Returns:
            Whether there was one.
        """
        with self._lock:
            if not self._held:
                return False
            is_alone = len(self._held) == 1
            gone, _ = self._held.popitem(last=False)
            self._learnt.pop(gone, None)
            if is_alone:
                self._problems[gone] = _TOO_LARGE, math.inf
        gc.collect()
        with suppress(OSError, AttributeError):  # what is free goes back to the system: glibc alone
            ctypes.CDLL(None).malloc_trim(0)
        return True

    def close(self) -> None:
        """End what threads are at; nobody may ask any more."""
        self._closed.set()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[[_Key], None], key: _Key) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, args=[key], name=f"cnnlab-{key[0]}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _bring(self, key: _Key) -> None:
        try:
            with self._loads_one:
                model = self._load(self._home, *key)
        except Exception as error:  # said to whoever asks; the others are answered all the same
            _log.exception("the model of %s can't be loaded", key[0])
            words = str(error) if isinstance(error, CnnlabError) else _unexpected(error)
            with self._lock:
                self._problems[key] = words, time.monotonic() + _AGAIN_SECONDS
                self._loading.discard(key)
            return
        with self._lock:
            self._held[key] = model
            self._loading.discard(key)
            while len(self._held) > MOST_HELD:
                gone, _ = self._held.popitem(last=False)
                self._learnt.pop(gone, None)

    def _study(self, key: _Key) -> None:
        with self._lock:
            held = self._held.get(key)
            if held is None:  # it has gone since, for another one
                self._learnt.pop(key, None)
                return
        try:
            with self._learns_one, suppress(CancelledError):
                rest = _Rest(self._closed)
                held.familiar = self._learn(self._home, held.attempt, held.config, held.model, rest)
        except Exception:  # answers are none the worse for it
            _log.exception("what the training images of %s are like can't be learnt", key[0])
            with self._lock:
                self._learnt[key] = time.monotonic() + _AGAIN_SECONDS

    def _check(self, method: str, key: _Key) -> None:
        with self._lock:
            held = self._held.get(key)
            if held is None:  # it has gone since, for another one
                self._checked.pop((*key, method), None)
                return
        try:
            with self._learns_one, suppress(CancelledError):
                self._check_method(self._home, held, method, _Rest(self._closed))
        except RunStateError:  # the method can't work for this network, which its map says
            return
        except Exception:  # maps are none the worse for it
            _log.exception("whether the maps of %s change can't be found out", key[0])
            with self._lock:
                self._checked[(*key, method)] = time.monotonic() + _AGAIN_SECONDS


class _Rest:
    """Waits as long as was worked, so that whoever wants an answer meanwhile gets it soon.

    Args:
        closed: set once nobody wants the work any more.
    """

    def __init__(self, closed: threading.Event) -> None:
        self._closed, self._since = closed, time.monotonic()

    def __call__(self) -> None:
        """Rest after a part of the work.

        Raises:
            CancelledError: nobody wants it any more.
        """
        if self._closed.wait(time.monotonic() - self._since):
            raise CancelledError("The worker ends.")
        self._since = time.monotonic()


def _unexpected(error: Exception) -> str:
    return f"The model can't be loaded ({type(error).__name__}): see the log of the predictions."
