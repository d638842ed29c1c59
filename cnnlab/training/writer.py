"""One thread that hands records over, so that no disk is waited for between two steps."""

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

_WAITING = 16
"""Records that may wait; a slower disk then slows the training down instead of filling memory."""


class RecordWriter:
    """Calls functions in order in a thread of its own; a context, and empty when it is left.

    What a function raises is raised again by the next `call`, or on leaving the context; the
    calls behind it are dropped.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[Callable[..., None], tuple[Any, ...]] | None] = queue.Queue(
            _WAITING
        )
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="cnnlab-records", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if error is None:
            self._raise_error()

    def call(self, function: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401
        """Have `function` called with `arguments` after all that were given before.

        Raises:
            BaseException: whatever an earlier call raised.
        """
        self._raise_error()
        self._queue.put((function, arguments))

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            function, arguments = item
            if self._error is not None:
                continue
            try:
                function(*arguments)
            except BaseException as error:  # raised again on the other thread
                self._error = error

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
