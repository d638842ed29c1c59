"""Many at the same moment: threads, or real processes."""

import functools
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

_TIMEOUT_SECONDS = 60
_meeting = None


def in_threads(count, task):
    """Results of `task(number, meet)` in so many threads; `meet` waits for all of them."""
    barrier = threading.Barrier(count)
    meet = functools.partial(barrier.wait, _TIMEOUT_SECONDS)
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda number: task(number, meet), range(count)))


def in_processes(count, task):
    """Results of `task(number, meet)` in so many processes; `meet` waits for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["cnnlab.lab", "hypothesis", "psycopg", "pytest", "sqlalchemy.dialects.postgresql"]
    )
    barrier = context.Barrier(count)
    with ProcessPoolExecutor(count, context, _set_meeting, (barrier,)) as pool:
        return list(pool.map(functools.partial(_call, task), range(count)))


def _set_meeting(barrier):
    global _meeting
    _meeting = barrier


def _call(task, number):
    return task(number, functools.partial(_meeting.wait, _TIMEOUT_SECONDS))
