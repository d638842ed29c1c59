"""How often somebody may try to sign in: so many times a minute from an address and for a name."""

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence

WITHIN_SECONDS = 60.0
MOST_FROM_ADDRESS = 5
MOST_FOR_NAME = 20
"""From all addresses together: fewer would let anybody keep others out."""

_MOST_KNOWN = 10_000
_NEIGHBOURS_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin so."""


class Tries:
    """Counts tries within a minute, each under several names.

    Args:
        clock: seconds on a clock that only goes on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[Hashable, deque[float]] = {}
        self._refused_at: dict[Hashable, float] = {}

    def take(self, limits: Sequence[tuple[Hashable, int]]) -> float:
        """Count a try, unless one of its names has had too many.

        Args:
            limits: the try's names, each with the most that it may have within a minute.

        Returns:
            0 where it was counted; else after how many seconds the next one may be.
        """
        with self._lock:
            now = self._clock()
            self._forget(now)
            waits = [self._wait(name, most, now) for name, most in limits]
            if max(waits) == 0:
                for name, _ in limits:
                    self._made.setdefault(name, deque()).append(now)
            return max(waits)

    def add(self, names: Iterable[Hashable], ago: float) -> None:
        """Count a try that was made before, by another process.

        Args:
            names: the try's.
            ago: how many seconds before.
        """
        with self._lock:
            for name in names:
                self._made.setdefault(name, deque()).append(self._clock() - ago)

    def give_back(self, names: Iterable[Hashable]) -> None:
        """A try was no wrong one, after all."""
        with self._lock:
            for name in names:
                if made := self._made.get(name):
                    made.pop()

    def is_first_refusal(self, name: Hashable) -> bool:
        """Whether a refused try is the first of its minute: the only one that is worth a note."""
        with self._lock:
            now = self._clock()
            if now - self._refused_at.get(name, -WITHIN_SECONDS) < WITHIN_SECONDS:
                return False
            self._refused_at[name] = now
            return True

    def _wait(self, name: Hashable, most: int, now: float) -> float:
        made = self._made.get(name)
        while made and now - made[0] >= WITHIN_SECONDS:
            made.popleft()
        return WITHIN_SECONDS - (now - made[-most]) if made and len(made) >= most else 0.0

    def _forget(self, now: float) -> None:
        """Keep no names whose minute is over, once there are many."""
        if len(self._made) > _MOST_KNOWN:
            self._made = {
                name: made
                for name, made in self._made.items()
                if made and now - made[-1] < WITHIN_SECONDS
            }
        if len(self._refused_at) > _MOST_KNOWN:
            self._refused_at = {
                name: at for name, at in self._refused_at.items() if now - at < WITHIN_SECONDS
            }


def neighbourhood(address: str) -> str:
    """What counts as one sender: an IPv4 address, or an IPv6 network."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return address
    if number.version == 4:
        return address
    return str(ipaddress.ip_network((number, _NEIGHBOURS_BITS), strict=False))
