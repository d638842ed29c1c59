"""The models of a few runs, held in memory by a worker that answers pictures.

Imported once TensorFlow is loaded.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.squares import square_of
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.dials import turned_by
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.value_range import ValueRange
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.checkpoints import load_states
from cnnlab.storage.home import Home
from cnnlab.training.judging.picture_model import PictureModel, build_picture_model

MOST_HELD = 6
"""More models than this are not held at once; the one that waits longest goes."""

_AGAIN_SECONDS = 10.0
"""For so long a run whose model can't be built isn't tried again."""

_CHANNELS = {"rgb": 3, "grayscale": 1}
_log = logging.getLogger("cnnlab.worker")


@dataclass(frozen=True)
class HeldModel:
    """A run's model and what is needed to ask it.

    Attributes:
        attempt: of the run, whose states it was built from.
        config: of the run.
        class_names: in the order of the labels.
        value_range: which deep values are black and white in its dataset.
        model: says what a picture shows.
    """

    attempt: Attempt
    config: RunConfig
    class_names: tuple[str, ...]
    value_range: ValueRange | None
    model: PictureModel

    def prepared(self, content: bytes) -> np.ndarray:
        """The bytes of a picture as the run's training read it: (H, W, C) uint8.

        Raises:
            UnreadableImageError: it can't be decoded or is too large.
        """
        image = self.config.image
        return square_of(content, image.size, image.color, image.resize, self.value_range)


def load_model(home: Home, run: str, attempt_number: int) -> HeldModel:
    """Build the model that is taken along of a run that has ended, from its training states.

    Raises:
        CnnlabError: no state is at hand, or the dataset is gone.
    """
    attempt = Attempt(home.attempt(run, attempt_number))
    config = turned_by(load_config(attempt.read_config()), attempt.turns())
    index = ImageIndex(home.dataset(config.dataset))
    states = load_states(attempt.checkpoints)
    model = build_picture_model(
        config,
        (config.image.size, config.image.size, _CHANNELS[config.image.color]),
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
    """

    def __init__(
        self, home: Home, load: Callable[[Home, str, int], HeldModel] = load_model
    ) -> None:
        self._home, self._load = home, load
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._held: OrderedDict[tuple[str, int], HeldModel] = OrderedDict()
        self._loading: set[tuple[str, int]] = set()
        self._problems: dict[tuple[str, int], tuple[str, float]] = {}

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
                threading.Thread(target=self._bring, args=[key], daemon=True).start()
        return None

    def _bring(self, key: tuple[str, int]) -> None:
        try:
            with self._one_at_a_time:
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
                self._held.popitem(last=False)


def _unexpected(error: Exception) -> str:
    return f"The model can't be loaded ({type(error).__name__}): see the log of the predictions."
