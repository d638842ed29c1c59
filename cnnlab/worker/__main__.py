"""`python -m cnnlab.worker`: the process that does jobs; one, or one after another.

With `--spare` it loads TensorFlow and waits for its first job and, on a CPU, for further ones.
"""

import argparse
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
from concurrent.futures import Future
from dataclasses import replace
from typing import NoReturn

from cnnlab.domain.errors import StorageError
from cnnlab.jobs.table import KINDS
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.space.temporary import make_temporary_folder
from cnnlab.worker.process.channel import LOADED, Job, JobChannel, serve_jobs
from cnnlab.worker.process.doing import EXIT_FENCED, do_job
from cnnlab.worker.process.loading import start_loading, tidy
from cnnlab.worker.process.on_node import ON_NODE, begin_on_node, die_with_parent, own_device
from cnnlab.worker.process.preparing import Preparing

_log = logging.getLogger("cnnlab.worker")
_temporary: list[str] = []


def main() -> int:
    """Do the job of the command line, or wait for jobs; the exit code says how it ended."""
    given = _parser().parse_args()
    if given.on_node:
        die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # It warns of functions that are compiled again and again, which each run of a process does.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # A closed terminal, or a Ctrl-C meant for somebody else, ends no run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _take_temporary_folder(on_node=given.on_node)
    if given.spare is not None:
        return _serve(given.spare)
    job = Job(given.run, given.attempt, given.device, given.kind)
    if given.on_node:
        job = replace(job, device=own_device(job.device))
        if not begin_on_node(job.files):
            return EXIT_FENCED
    if not job.kind.needs_keras:
        return do_job(job, _refuse)
    return do_job(job, start_loading(lambda: True).result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cnnlab.worker")
    parser.add_argument("--spare", type=int, help="socket over which jobs come")
    parser.add_argument("--run", help="id of the run, shown in process lists")
    parser.add_argument("--attempt", help="folder of the attempt, or of another job")
    parser.add_argument("--lock-fd", type=int, help="held until this process ends")
    parser.add_argument("--device", help="takes the place of the config's")
    parser.add_argument(
        ON_NODE, action="store_true",
        help="take the job's lock here, end with whoever started this, see one's own GPUs only",
    )  # fmt: skip
    parser.add_argument("--kind", choices=sorted(KINDS), default="train", help="of the job")
    parser.add_argument(
        "--preflight", dest="kind", action="store_const", const="preflight",
        help="only try the folder's config.json out, or what its request says",
    )  # fmt: skip
    return parser


def _serve(descriptor: int) -> int:
    channel = JobChannel(descriptor)
    loading = start_loading(lambda: channel.was_used)
    loading.add_done_callback(lambda loaded: _tell_loaded(loaded, channel))
    preparing = Preparing(open_home(), loading.result, channel.leave)

    def do(job: Job) -> int:
        if job.kind.folder is not Attempt:  # no run's: it has the process for itself
            preparing.drop()
        return do_job(job, loading.result, preparing.take)

    def tidied() -> bool:
        return preparing.drop() and tidy(loading)

    return serve_jobs(channel, do, tidied, preparing.begin)


def _tell_loaded(loading: Future, channel: JobChannel) -> None:
    if loading.exception() is None:
        channel.tell(LOADED)
    else:  # a job that is there already says so in its result
        _log.error("TensorFlow can't be loaded", exc_info=loading.exception())
        channel.give_up()


def _take_temporary_folder(*, on_node: bool) -> None:
    """Keep what libraries leave in a folder of our own; without room for it, where others do.

    Args:
        on_node: whether the home is far away, and temporary files had better be here.
    """
    with contextlib.suppress(StorageError, OSError):
        own = tempfile.mkdtemp(prefix="cnnlab-") if on_node else make_temporary_folder(open_home())
        tempfile.tempdir = str(own)
        _temporary.append(tempfile.tempdir)


def _refuse() -> NoReturn:
    raise RuntimeError("a kind that says it needs no Keras asks for it")


def _leave(code: int) -> NoReturn:
    """End at once: all that counts is on the disk, and TensorFlow takes its time to tidy up."""
    for folder in _temporary:
        shutil.rmtree(folder, ignore_errors=True)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
