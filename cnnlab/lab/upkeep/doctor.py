"""Is everything in place? What is checked, what was found, what to do."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Status
from cnnlab.domain.words import counted, data_size
from cnnlab.files import is_locked
from cnnlab.lab.access.acting import have_accounts
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.addresses import configured_address, is_loopback
from cnnlab.lab.before_launch.gpu_advice import why_no_gpu
from cnnlab.lab.entry import Auth, app_addresses, auth, stored_token
from cnnlab.lab.tracking import is_tracking, tracking_state
from cnnlab.lab.upkeep.bucket import bucket_state, try_bucket
from cnnlab.lab.upkeep.machines import last_check, view_machines
from cnnlab.lab.workplace import home_here, workplace
from cnnlab.machine import memory_shortage
from cnnlab.runner.cluster.address import CLUSTER
from cnnlab.storage.bucket.address import STORAGE
from cnnlab.storage.home import open_home
from cnnlab.storage.index.inventory import Inventory, visible_folders
from cnnlab.storage.index.rebuild import rebuild_index as rebuild_database
from cnnlab.storage.index.schema import REBUILD_COMMAND
from cnnlab.storage.space.unwritable import why_unwritable

LOW_DISK_BYTES = 2 * 1024**3
_SHOWN_PACKAGES = ("tensorflow", "keras", "streamlit", "plotly", "pillow", "numpy", "pandas")
_ADVICE = dict.fromkeys(("home", "disk"), "Set CNNLAB_HOME to a folder you can use.")
_DEVICE_TIMEOUT_SECONDS = 240  # trying a GPU out may take half of it
_DEVICE_PROGRAM = (
    "from cnnlab.training.devices.device import choose_device; device = choose_device('auto'); "
    "print(device.words, device.note)"
)


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        ok: whether it is as it should be.
        found: what was found, in words.
        advice: what to do if it isn't ok.
    """

    ok: bool
    found: str
    advice: str = ""


@asks(Action.ADMINISTER, is_noted=False)
def examine() -> dict[str, Check]:
    """Check device, versions, home folder, free disk, database and workers, each on its own."""
    checks: dict[str, Callable[[], Check]] = {
        "home": _home,
        "disk": _disk,
        "access": _access,
        "database": _database,
        "versions": _versions,
        "workers": _workers,
        "tracking": _tracking,
        "cluster": _cluster,
        "bucket": _bucket,
        "device": _device,
    }
    if not is_tracking():
        del checks["tracking"]
    if not os.environ.get(CLUSTER):
        del checks["cluster"]
    if "s3://" not in os.environ.get(STORAGE, "").lower():
        del checks["bucket"]
    checked = {}
    for name, check in checks.items():
        try:
            checked[name] = check()
        except CnnlabError as error:
            checked[name] = Check(False, str(error), _ADVICE.get(name, ""))
    return checked


@asks(Action.ADMINISTER)
def rebuild_index() -> tuple[Inventory, Path | None]:
    """Make the database again from the folders.

    Returns:
        What was found, and where the old SQLite file lies now, or None if there was none.

    Raises:
        RunStateError: a supervisor is at work.
        StorageError: the database can't be made.
    """
    return rebuild_database(home_here())


def _home() -> Check:
    home = home_here()
    problem = why_unwritable(home)
    return Check(not problem, str(home.root), problem)


def _disk() -> Check:
    free = home_here().free_bytes()
    enough = free >= LOW_DISK_BYTES
    advice = (
        ""
        if enough
        else f"Free some disk space: runs and uploads need at least {data_size(LOW_DISK_BYTES)}."
    )
    return Check(enough, f"{data_size(free)} free", advice)


def _access() -> Check:
    """Who gets in: who has the token, which nobody else can read, or who has an account."""
    asked = auth()
    by_name, token_file = have_accounts(), open_home().token_file
    known = register_if_made() if by_name else None
    allowed = [one for one in known.accounts.all() if not one.disabled] if known else []
    if by_name:
        verb = "gets" if len(allowed) == 1 else "get"
        found = f"CNNLAB_AUTH={asked}: {counted(len(allowed), 'account')} {verb} in"
    elif asked is Auth.NONE:
        found = "CNNLAB_AUTH=none: every account of this machine gets in"
    else:
        stored_token()
        found = f"the token in {token_file} is asked for"
    addresses = app_addresses()
    found += f", the app is at {', '.join(addresses)}" if addresses else ""
    if token_file.exists() and token_file.stat().st_mode & 0o077:
        advice = f"Others may have read it: delete {token_file} and start the app."
        return Check(False, found, advice)
    if by_name and not allowed:
        return Check(False, found, "Make the first account: python -m cnnlab user add NAME.")
    wanted = configured_address()
    if asked is Auth.NONE and not is_loopback(wanted):
        where = wanted or "all addresses of this machine"
        return Check(False, found, f"The app won't start on {where}: leave CNNLAB_AUTH away.")
    return Check(True, found)


def _database() -> Check:
    stores = workplace()
    listed = [dataset.id for dataset in stores.datasets.list()]
    runs = [run.id for run in stores.runs.list()]
    studies = [study.id for study in stores.studies.list()]
    found = f"{stores.database}: {len(listed)} datasets, {len(runs)} runs, {len(studies)} studies"
    folders = {
        stores.home.datasets: listed,
        stores.home.runs: runs,
        stores.home.studies: studies,
    }
    unlisted = [
        folder.name
        for parent, names in folders.items()
        for folder in visible_folders(parent)
        if folder.name not in set(names)
    ]
    if not unlisted:
        return Check(True, found)
    shown = ", ".join(unlisted[:3]) + (", ..." if len(unlisted) > 3 else "")
    return Check(
        False,
        f"{found}, and {len(unlisted)} folders that it doesn't list ({shown})",
        f"Take them in with `{REBUILD_COMMAND}`, or delete them.",
    )


def _versions() -> Check:
    versions = [f"Python {platform.python_version()}"]
    missing = []
    for package in _SHOWN_PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    advice = f"Install {', '.join(missing)}: pip install -r requirements.txt" if missing else ""
    return Check(not missing, ", ".join(versions), advice)


def _workers() -> Check:
    stores = workplace()
    active = stores.runs.list(Status.QUEUED, Status.RUNNING)
    supervised = is_locked(stores.home.supervisor_lock)
    found = f"{len(active)} runs queued or running, supervisor {'on' if supervised else 'off'}"
    if active and not supervised:
        return Check(False, found, "Start the app, or any command about runs: it takes them up.")
    return Check(True, found)


def _cluster() -> Check:
    """Where runs train, and whether that can be reached and used."""
    seen = view_machines()
    if seen.problem:
        return Check(False, f"{CLUSTER}={seen.address}", seen.problem)
    gpus = sum(machine.gpus for machine in seen.machines)
    found = f"runs train at {seen.address}: {len(seen.machines)} machines, {gpus:.0f} GPUs"
    unfit = [check for check in (last_check() or (0.0, []))[1] if not check.is_fit]
    if unfit:
        return Check(False, found, f"{unfit[0].name}: {unfit[0].problems[0]}")
    return Check(True, found)


def _bucket() -> Check:
    """Where datasets and ended runs lie besides, whether that can be used, and what isn't there."""
    state = bucket_state()
    if state is None:
        return Check(True, "none is named")
    lacks = f"{state.waiting:,} of {state.things:,} datasets and ended runs aren't there yet"
    found = f"{state.place}: {lacks if state.waiting else 'all datasets and ended runs are there'}"
    problem = try_bucket() or (state.problem if state.waiting else "")
    return Check(not problem, found, problem)


def _tracking() -> Check:
    """Where runs are sent, and whether they get there."""
    state = tracking_state()
    waiting = sum(map(len, state.waiting.values()))
    found = f"runs are sent to {state.address}" if state.address else "runs that were asked for"
    found += f", {waiting} wait" if waiting else ", none waits"
    if state.problem:
        return Check(False, state.problem, "Correct or remove it, and start the app again.")
    if state.pip_line:
        return Check(False, found, f"What sends them is missing: run `{state.pip_line}`.")
    if state.problems:
        folder = home_here().tracking / "outbox"
        return Check(False, " ".join(state.problems.values()), f"To give them up, empty {folder}.")
    return Check(True, found)


def _device() -> Check:
    """TensorFlow is asked in a process of its own: this one must not load it."""
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _DEVICE_PROGRAM],
            capture_output=True,
            text=True,
            timeout=_DEVICE_TIMEOUT_SECONDS,
            cwd=Path(__file__).parents[3],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    except subprocess.TimeoutExpired:
        return Check(False, "TensorFlow doesn't answer", "Install it again.")
    if answer.returncode != 0:
        cause = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        advice = memory_shortage(cause) or "Install it again."
        return Check(False, f"TensorFlow can't be loaded: {cause}", advice)
    found = answer.stdout.strip().splitlines()[-1]
    problem = why_no_gpu() if found.startswith("CPU") else None
    if problem is None:
        return Check(True, found)
    reason, advice = problem
    return Check(False, f"{found}. {reason}", advice)
