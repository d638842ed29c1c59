"""From a picture's bytes to what the model says, in threads; who waits, and how many may."""

import asyncio
import contextlib
import math
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np

from cnnlab.datasets.pictures.pixels import decoded, to_square
from cnnlab.datasets.pictures.safety import opened, reason_of
from cnnlab.exports.serving.described import Described
from cnnlab.exports.serving.options import Options
from cnnlab.exports.serving.refusals import RefusedError
from cnnlab.exports.serving.runtimes import Predict

LIKELIEST = 5
MOST_TOGETHER = 4
"""Pictures that a thread takes at once where more wait than there are threads: never waited for.

ONNX Runtime computes four in .36 ms each instead of .51, and thirty-two hardly faster; LiteRT takes
one by one. Groups of eight make a batch of 32 three in a hundred cheaper, but of 16 clients the
slowest waited up to 3.7 times the median, not 2.6.
"""

_MOST_DECODER_BYTES = 256 * 2**20
_LARGE_PIXELS = 6_000_000
"""Pictures above that are decoded one at a time: several at once would fill the memory."""

Result = TypeVar("Result")


class Picture(NamedTuple):
    """A file that was sent.

    Attributes:
        content: its bytes.
        name: as its sender calls it; empty where that wasn't said.
    """

    content: bytes
    name: str = ""


class Answering:
    """Says what pictures show, several at once.

    Args:
        described: the model with what is known of it.
        predict: computes.
        options: limits.
    """

    def __init__(self, described: Described, predict: Predict, options: Options) -> None:
        self.described = described
        self._predict = predict
        self._options = options
        self._threads = ThreadPoolExecutor(options.threads, "serve")
        self._large = threading.Lock()
        self._queue: deque[_Asked] = deque()
        self._waiting = 0
        self._held_bytes = 0
        self._seconds = 0.01

    def warm_up(self) -> None:
        """Have every thread load and compute once, so that nobody waits for that."""
        channels = 3 if self.described.color == "rgb" else 1
        blank = np.zeros((1, self.described.size, self.described.size, channels), np.uint8)
        together = threading.Barrier(self._options.threads)

        def compute() -> np.ndarray:
            together.wait()  # else one thread would take the turns of others
            return self._predict(blank)

        begun = [self._threads.submit(compute) for _ in range(self._options.threads)]
        for one in begun:
            shape = one.result().shape
        if shape != (1, len(self.described.class_names)):
            raise ValueError(f"the model gives {shape[-1]} numbers a picture")

    @property
    def is_full(self) -> bool:
        """Whether a picture more would be told to come again."""
        return self._waiting >= self._options.most_waiting

    def retry_seconds(self) -> int:
        """After which there should be room again: 1 to 60."""
        ahead = self._waiting * self._seconds / self._options.threads
        return min(60, max(1, math.ceil(ahead)))

    @contextlib.contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Account for the bytes of one request while it is read and answered.

        Yields:
            What is told of each part that has come in; it raises where all requests together have
            too much.
        """
        own = 0

        def take(count: int) -> None:
            nonlocal own
            own += count
            self._held_bytes += count
            if self._held_bytes > self._options.most_held_bytes:
                raise self._busy("Requests that are being read hold all the memory they may")

        try:
            yield take
        finally:
            self._held_bytes -= own

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        """Have something done where it keeps nobody else from being heard."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def answers(self, pictures: Sequence[Picture]) -> list[dict[str, Any]]:
        """What each picture shows, or what is wrong with it, in their order.

        Raises:
            RefusedError: too many wait already, or it takes too long.
        """
        if self._waiting + len(pictures) > self._options.most_waiting:
            raise self._busy(
                f"{self._waiting} pictures wait already, of {self._options.most_waiting} that may"
            )
        loop = asyncio.get_running_loop()
        asked = [_Asked(picture, loop.create_future()) for picture in pictures]
        self._waiting += len(asked)
        try:
            async with asyncio.timeout(self._options.timeout_seconds):
                for one in asked:
                    self._queue.append(one)
                    self._threads.submit(self._work)
                return [await one.answer for one in asked]
        except TimeoutError:
            raise self._busy(
                f"It wasn't answered within {self._options.timeout_seconds:g} s"
            ) from None
        finally:
            for one in asked:
                one.answer.cancel()  # what nobody waits for any more isn't begun
            self._waiting -= len(asked)

    def _busy(self, words: str) -> RefusedError:
        seconds = self.retry_seconds()
        return RefusedError(503, f"{words}: ask again in {seconds} s.", seconds)

    def _work(self) -> None:
        """In a thread: answer who has waited longest, and some behind where many wait."""
        began = time.perf_counter()
        group = self._next_group()
        if not group:  # another thread took it with its own
            return
        loop = group[0].answer.get_loop()
        try:
            told = self._answer([one.picture for one in group])
        except Exception as error:  # whoever waits must hear of it
            loop.call_soon_threadsafe(_fail, group, error)
            return
        seconds = (time.perf_counter() - began) / len(group)
        self._seconds += 0.1 * (seconds - self._seconds)
        for answer in told:
            answer["milliseconds"] = round(1000 * seconds, 2)
        loop.call_soon_threadsafe(_give, group, told)

    def _next_group(self) -> list["_Asked"]:
        most = min(MOST_TOGETHER, max(1, len(self._queue) // self._options.threads))
        group: list[_Asked] = []
        while len(group) < most:
            try:
                one = self._queue.popleft()
            except IndexError:
                break
            if not one.answer.cancelled():
                group.append(one)
        return group

    def _answer(self, pictures: Sequence[Picture]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        pixels = []
        for picture in pictures:
            named = {"name": picture.name} if picture.name else {}
            try:
                pixels.append(self.prepared(picture.content))
                told.append(named)
            except UnusableError as error:
                told.append({**named, "problem": f"The picture can't be used: {error}."})
        computed = iter(self._predict(np.stack(pixels)) if pixels else ())
        return [one if "problem" in one else {**one, **self._told(next(computed))} for one in told]

    def prepared(self, content: bytes) -> np.ndarray:
        """A picture's bytes as training read its images, (size, size, C) uint8.

        Raises:
            UnusableError: they are no picture, or a too large one.
        """
        limits, model = self._options, self.described
        if not content:
            raise UnusableError("it is empty")
        if len(content) > limits.most_image_bytes:
            raise UnusableError(f"it has more than {limits.most_image_bytes >> 20} MiB")
        try:
            image = opened(content, most_pixels=limits.most_pixels, most_bytes=_MOST_DECODER_BYTES)
            is_large = image.format != "JPEG" and image.width * image.height > _LARGE_PIXELS
            with self._large if is_large else contextlib.nullcontext():
                image = decoded(image, content, model.size, model.value_range)
                return to_square(image, model.size, model.color, model.resize)
        except Exception as error:  # decoders raise almost anything on hostile bytes
            reason = reason_of(error, most_pixels=limits.most_pixels)
            raise UnusableError(reason) from error

    def _told(self, probabilities: np.ndarray) -> dict[str, Any]:
        if not np.isfinite(probabilities).all():
            return {"problem": "The picture can't be used: the model gives no numbers for it."}
        names, threshold = self.described.class_names, self.described.threshold
        order = np.argsort(-probabilities, kind="stable")[:LIKELIEST]
        values = probabilities.tolist()
        top = [{"class": names[at], "probability": values[at]} for at in order]
        return {
            **top[0],
            "unsure": None if threshold is None else top[0]["probability"] < threshold,
            "top": top,
            "probabilities": dict(zip(names, values, strict=True)),
        }


class _Asked(NamedTuple):
    """A picture that waits, and where its answer goes."""

    picture: Picture
    answer: asyncio.Future[dict[str, Any]]


def _give(group: Sequence[_Asked], told: Sequence[dict[str, Any]]) -> None:
    for one, answer in zip(group, told, strict=True):
        if not one.answer.done():
            one.answer.set_result(answer)


def _fail(group: Sequence[_Asked], error: Exception) -> None:
    for one in group:
        if not one.answer.done():
            one.answer.set_exception(error)


class UnusableError(ValueError):
    """A picture can't be used; the message is the reason, without a full stop."""


def silence_decoders() -> None:
    """Keep Pillow's remarks on broken metadata off standard error, for the whole process."""
    warnings.simplefilter("ignore")
