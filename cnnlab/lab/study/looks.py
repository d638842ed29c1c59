"""How often a study's verdicts were looked at: every state that showed some is recorded, once."""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cnnlab.domain.data.seen import same_seen
from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.training import SeenImages
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import RecordedLook, Study
from cnnlab.files import wait_for_lock
from cnnlab.lab.study.run_records import run_facts
from cnnlab.lab.study.verdicts import Runs, counts
from cnnlab.lab.workplace import workplace
from cnnlab.study.chance.looks import ALPHA, alpha_of_look
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.judging import Look


def look_at(study: Study, runs: Runs) -> tuple[Study, Look]:
    """Look at a study as it stands: where that shows verdicts, the look is recorded.

    A study that is watched may be looked at as often as one likes: nothing is recorded.

    The same state is recorded once, so that reading it again costs nothing and changes nothing.
    Where the home can't be written, the look is judged as if it were recorded.

    Returns:
        The study with its looks, and what may be told of it.
    """
    lost, is_planned = _lost(study, runs), is_run_out(study, runs)
    seen = seen_by_arm(runs)
    is_ended = _is_ended(runs)
    if study.watch:
        return study, Look(ALPHA, ALPHA, is_ended, _ended_in_vain(study, runs), seen)
    if not (is_ended or is_planned) or not can_claim(runs):
        coming = alpha_of_look(study.looks, "", is_planned=True)
        return study, Look(coming, coming, is_ended, lost, seen)
    with contextlib.suppress(StorageError):
        study = record_look(study, runs, is_planned=is_planned)
    state = state_of(runs)
    alpha = alpha_of_look(study.looks, state, is_planned=is_planned)
    looks = study.looks
    if not any(look.state == state for look in looks):
        looks = (*looks, RecordedLook(state, alpha, is_planned=is_planned))
    coming = alpha_of_look(looks, "", is_planned=True)
    return study, Look(alpha, coming, is_ended, lost, seen)


def seen_by_arm(runs: Runs) -> dict[str, SeenImages]:
    """By arm the validation images that trained what its runs start with, where some did, or may.

    The runs of an arm have one start, and those of a seed one split: so the first seed with which
    all arms that have begun did so tells.
    """
    begun = [set(of_arm) for of_arm in map(_begun, runs.values()) if of_arm]
    first = min(set.intersection(*begun), default=None) if begun else None
    told = {
        arm: _seen(of_arm[first]) if first in of_arm else None
        for arm, of_arm in ((arm, _begun(of_arm)) for arm, of_arm in runs.items())
    }
    return {arm: seen for arm, seen in told.items() if seen and not same_seen(seen, None)}


def _begun(of_arm: Mapping[int, Run]) -> dict[int, Run]:
    return {seed: run for seed, run in of_arm.items() if run_facts(run)}


def _seen(run: Run) -> SeenImages | None:
    start = run_facts(run).get("pretrained")
    return start.get("seen") if start else None


def would_be_look(study: Study, runs: Runs) -> bool:
    """Whether to look at a study as it stands would be another look, one that nobody had yet."""
    may_claim = (_is_ended(runs) or is_run_out(study, runs)) and can_claim(runs)
    if study.watch or not may_claim:
        return False
    return all(look.state != state_of(runs) for look in study.looks)


def _is_ended(runs: Runs) -> bool:
    return all(run.status.is_ended for of_arm in runs.values() for run in of_arm.values())


def record_look(study: Study, runs: Runs, *, is_planned: bool) -> Study:
    """The study with a look at its present state, which is stored if it wasn't before.

    None is where it is watched.

    Raises:
        StorageError: the home can't be written.
        NotFoundError: the study is gone.
    """
    state = state_of(runs)
    if study.watch or any(look.state == state for look in study.looks):
        return study
    stores = workplace()
    with wait_for_lock(stores.home.study(study.id) / "study.lock"):
        stored = stores.studies.load(study.id)
        if any(look.state == state for look in stored.looks):
            return stored
        is_first = is_planned and not any(look.is_planned for look in stored.looks)
        alpha = alpha_of_look(stored.looks, state, is_planned=is_planned)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        looked = replace(stored, looks=(*stored.looks, RecordedLook(state, alpha, now, is_first)))
        stores.studies.save(looked)
    return looked


def is_run_out(study: Study, runs: Runs) -> bool:
    """Whether all runs of the study as it stands have ended by themselves.

    That is the look that was planned, also where some failed: when it comes was nobody's choice. A
    run that was stopped or deleted may be missing because somebody liked what there was so far.
    """
    ends = (Status.FINISHED, Status.FAILED)
    found = (runs[arm.name].get(seed) for arm, seed in study.pairs)
    return all(run is not None and run.status in ends for run in found)


def can_claim(runs: Runs) -> bool:
    """Whether there are pairs enough for any claim; what can't claim is no look."""
    seeds = Counter(seed for of_arm in runs.values() for seed in of_arm if counts(of_arm[seed]))
    return sum(arms > 1 for arms in seeds.values()) >= FEWEST_PAIRS


def _lost(study: Study, runs: Runs) -> dict[str, int]:
    """How many planned runs of each arm don't count."""
    return {
        arm.name: len(study.seeds) - sum(map(counts, runs[arm.name].values())) for arm in study.arms
    }


def _ended_in_vain(study: Study, runs: Runs) -> dict[str, int]:
    """How many runs of each arm have ended and don't count."""
    return {
        arm.name: sum(run.status.is_ended and not counts(run) for run in runs[arm.name].values())
        for arm in study.arms
    }


def state_of(runs: Runs) -> str:
    """What tells the runs that count now from those of another moment."""
    counted = sorted(
        f"{run.id}/{run.attempt}" for of_arm in runs.values() for run in of_arm.values()
        if counts(run)
    )  # fmt: skip
    return hashlib.sha256("\n".join(counted).encode()).hexdigest()[:16]
