"""What a page asks for and no visitor waits for: done after the page, in a thread of the server."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.access.acting import Acting, acting, acting_as

_log = logging.getLogger(__name__)
_threads: list[ThreadPoolExecutor] = []


@contextlib.contextmanager
def background() -> Iterator[None]:
    """Have a thread for `later`, as long as the server lives; what waits at the end isn't done."""
    thread = ThreadPoolExecutor(1, "cnnlab-background")
    _threads.append(thread)
    try:
        yield
    finally:
        _threads.remove(thread)
        thread.shutdown(cancel_futures=True)


def later(act: Callable[[], object]) -> None:
    """Do something soon, after what was asked for before; at once where no server has a thread.

    A script that is waiting for the disk has its page look busy, and its visitor wait.

    Args:
        act: done in the name of whoever acts now. What goes wrong stands in the server's log only.

    Raises:
        NotSignedInError: nobody acts.
    """
    who = acting()
    if _threads:
        _threads[-1].submit(_do, act, who)
    else:
        _do(act, who)


def _do(act: Callable[[], object], who: Acting) -> None:
    try:
        with acting_as(who):
            act()
    except CnnlabError as error:
        _log.warning("What a page has asked for failed: %s", error)
    except Exception:
        _log.exception("What a page has asked for failed")
