"""Checking a node: a small job there says what it is like, in a file that is read here."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import StorageError
from cnnlab.files import disk_errors, read_json
from cnnlab.runner.cluster.api import RayApi, Submission
from cnnlab.runner.cluster.command import command_line
from cnnlab.runner.cluster.nodes import NODE_LABEL, Node
from cnnlab.storage.home import Home
from cnnlab.worker.node_check import NodeFacts, own_versions

MOST_SKEW_SECONDS = 5.0
"""Times of runs are told by the clock of their node: more than this would look wrong."""

LOW_DISK_BYTES = 2 * 2**30

LATE_FILE_SECONDS = 5.0
"""So long after a check's end its answer may be out of sight: storage that is mounted shows a new
file when what it remembers of the folder has grown old."""

_UNREAD_SECONDS = 3600.0
_SHARE = 0.001
"""Of what Ray calls the resource of a node: as good as nothing, so that a busy one answers too."""


@dataclass
class Asked:
    """A check that was asked of a node.

    Attributes:
        submission: its id in the cluster.
        file: where the answer will stand.
        at: seconds since 1970 on our clock.
        ended_at: likewise, when it was first seen to have ended well without an answer.
    """

    submission: str
    file: Path
    at: float
    ended_at: float | None = None


@dataclass(frozen=True)
class Checked:
    """What came of it.

    Attributes:
        facts: what the node says of itself; None where it said nothing.
        skew_seconds: how far its clock is ahead of ours, as far as the way there allows to say.
        problems: what is wrong, a sentence each; what makes the node useless comes first.
        is_fit: whether runs may go there.
    """

    facts: NodeFacts | None
    skew_seconds: float
    problems: tuple[str, ...]
    is_fit: bool


def ask_node(api: RayApi, home: Home, node: Node) -> Asked:
    """Have a node write what it is like.

    Raises:
        OutOfReachError: the cluster doesn't answer.
        StorageError: the storage can't be written.
    """
    folder = home.root / "cluster"
    with disk_errors(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        _remove_unread(folder)
    name = f"cnnlab-check-{node.id[:16]}-{secrets.token_hex(6)}"
    asked = Asked(name, folder / f"{name}.json", time.time())
    api.submit(
        {
            "submission_id": name,
            "entrypoint": command_line("cnnlab.worker.node_check", [str(asked.file)], home.root),
            "entrypoint_resources": {f"node:{node.ip}": _SHARE},
            "entrypoint_label_selector": {NODE_LABEL: node.id},
        }
    )
    return asked


def read_answer(api: RayApi, node: Node, asked: Asked) -> Checked | None:
    """What came of a check; None while there is neither an answer nor an end.

    Raises:
        OutOfReachError: the cluster doesn't answer.
    """
    known = None if asked.file.exists() else api.find(asked.submission)
    if asked.file.exists():
        try:
            facts: NodeFacts = read_json(asked.file)
        except StorageError as error:
            return Checked(None, 0.0, (str(error),), is_fit=False)
        seen_at = time.time()
        asked.file.unlink(missing_ok=True)
        return _judged(node, facts, asked.at, seen_at)
    if known is not None and known.is_active:
        return None
    if known is not None and known.status == "SUCCEEDED":
        now = time.time()
        asked.ended_at = asked.ended_at or now
        if now - asked.ended_at < LATE_FILE_SECONDS:
            return None
    return Checked(None, 0.0, (_silent(node, asked, known),), is_fit=False)


def _silent(node: Node, asked: Asked, known: Submission | None) -> str:
    said = known.message.strip().splitlines()[-1:] if known else []
    why = f" ({said[0][:200]})" if said else ""
    return (
        f"{node.name} wrote nothing that can be seen here{why}: cnnlab and its environment must "
        "lie in the same folders as on this machine, and the same storage must be at "
        f"{asked.file.parent.parent}."
    )


def _judged(node: Node, facts: NodeFacts, asked_at: float, seen_at: float) -> Checked:
    bad = [differences(facts["versions"])] if facts["versions"] != own_versions() else []
    skew = _skew(facts["time"], asked_at, seen_at)
    notes = []
    if len(facts["gpus"]) < node.gpus:
        notes.append(
            f"Ray gives {node.gpus:.0f} GPUs of it, and its driver lists {len(facts['gpus'])}."
        )
    if abs(skew) > MOST_SKEW_SECONDS:
        ahead = "ahead of" if skew > 0 else "behind"
        notes.append(
            f"Its clock is {abs(skew):.0f} s {ahead} this machine's: set both by the network (NTP)."
        )
    free = {"its storage": facts["storage_free_bytes"], "/tmp": facts["temporary_free_bytes"]}
    notes += [
        f"Only {size / 2**30:.1f} GiB are free on {where}."
        for where, size in free.items()
        if size < LOW_DISK_BYTES
    ]
    if problem := facts.get("bucket_problem"):  # a node of another version says nothing of it
        notes.append(f"It reads datasets from the storage, for the bucket can't be used: {problem}")
    return Checked(facts, skew, (*bad, *notes), is_fit=not bad)


def differences(versions: Mapping[str, str]) -> str:
    """In which versions a node differs from this machine, and what to do."""
    ours = own_versions()
    different = [
        f"{name} {versions.get(name, 'none')} instead of {version}"
        for name, version in ours.items()
        if versions.get(name, "none") != version
    ]
    return (
        f"It has {', '.join(different)}: no run is sent there, for its numbers could differ. "
        "Install the same versions (.constraints/app.txt), then check again."
    )


def _skew(theirs: float, asked_at: float, seen_at: float) -> float:
    """Seconds by which a clock must be wrong whose time lies outside of our two."""
    if theirs > seen_at:
        return theirs - seen_at
    return min(0.0, theirs - asked_at)


def _remove_unread(folder: Path) -> None:
    """Remove answers for which nobody waits any more."""
    for file in folder.glob("cnnlab-check-*.json"):
        if time.time() - file.stat().st_mtime > _UNREAD_SECONDS:
            file.unlink(missing_ok=True)
