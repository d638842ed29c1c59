"""The bucket in which datasets and ended runs lie besides: how it stands, and what comes back."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import ConfigError, NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.workplace import home_here, workplace
from cnnlab.storage.bucket.address import STORAGE, BucketAddress, bucket_address
from cnnlab.storage.bucket.kept import HomeInBucket, Thing, things_of
from cnnlab.storage.index.rebuild import list_what_is_new

_CHECK_SECONDS = 120
"""An endpoint that never answers is asked three times."""


@dataclass(frozen=True)
class BucketState:
    """How keeping things in the bucket stands, in the workspace in which somebody acts.

    Attributes:
        place: bucket and folder.
        things: how many datasets and ended runs there are.
        waiting: how many of them aren't in the bucket.
        problem: why the last try failed, in a sentence; empty where it didn't.
    """

    place: str
    things: int
    waiting: int
    problem: str


@dataclass(frozen=True)
class Fetched:
    """What came back.

    Attributes:
        datasets: ids of those of which something did.
        runs: likewise.
        files: how many.
        bytes: of them.
    """

    datasets: tuple[str, ...]
    runs: tuple[str, ...]
    files: int
    bytes: int


@asks(Action.ADMINISTER, is_noted=False)
def bucket_state() -> BucketState | None:
    """How it stands; None where no bucket is named.

    Raises:
        ConfigError: what is named can't be taken.
        StorageError: the home can't be read.
    """
    address = bucket_address()
    if address is None:
        return None
    stores = workplace()
    kept = HomeInBucket(stores.home, address)
    things = things_of(stores.datasets, stores.runs)
    return BucketState(address.place, len(things), len(kept.due(things)), kept.problem)


@asks(Action.ADMINISTER, is_noted=False)
def try_bucket() -> str:
    """Ask the bucket now, and write an empty object there; it takes up to two minutes.

    Returns:
        Why it can't be used, in a sentence; empty where it can, or none is named.
    """
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "cnnlab.worker.bucket_check"],
            capture_output=True,
            text=True,
            timeout=_CHECK_SECONDS,
            cwd=Path(__file__).parents[3],
        )
    except subprocess.TimeoutExpired:
        return f"The bucket has no answer within {_CHECK_SECONDS} s: is its endpoint right?"
    if answer.returncode != 0:
        cause = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        return f"The bucket can't be asked ({cause:.300})."
    return answer.stdout.strip()


@asks(Action.ADMINISTER)
def fetch_from_bucket(names: Sequence[str] = ()) -> Fetched:
    """Bring datasets and runs back that are in the bucket, and list them; what is here stays.

    Args:
        names: ids of datasets and runs of which files are missing; none means all whose folders
            are.

    Raises:
        ConfigError: no bucket is named.
        NotFoundError: it has nothing of a name.
        DamagedError: what is there isn't what was put there.
        StorageError: it can't be read, or the disk is full.
    """
    home, count = home_here(), 0

    def add(more: int) -> None:
        nonlocal count
        count += more

    kept = HomeInBucket(home, _address())
    came: dict[Thing, int] = dict.fromkeys(_wanted(kept, names), 0)
    try:
        for thing in came:
            came[thing] = kept.fetch_missing(thing, add)
    finally:
        list_what_is_new(home)
    ids = {part: tuple(one.id for one in came if one.part == part) for part in ("datasets", "runs")}
    return Fetched(ids["datasets"], ids["runs"], sum(came.values()), count)


def _address() -> BucketAddress:
    address = bucket_address()
    if address is None:
        raise ConfigError(f"No bucket is named: set {STORAGE}=s3://bucket/folder.")
    return address


def _wanted(kept: HomeInBucket, names: Sequence[str]) -> list[Thing]:
    deleted = set(kept.deleted())  # of which the bucket still has to hear
    there = [thing for thing in kept.there() if thing not in deleted]
    if not names:
        return [thing for thing in there if not kept.folder(thing).is_dir()]
    found = [thing for thing in there if thing.id in names]
    if missing := sorted(set(names) - {thing.id for thing in found}):
        place = kept.bucket.address.place
        raise NotFoundError(f"{place} has no whole dataset and no ended run {missing[0]!r:.80}.")
    return found
