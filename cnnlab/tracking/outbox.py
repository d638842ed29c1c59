"""What waits to be sent, and what was: files below `tracking/` in the home.

outbox/<subject>~<key>~<token>.json   something of this run or study isn't at this server yet
sent/<subject>~<key>.json             what that server has of it: its id there, epochs, status
documents/<subject>/                  reports, made by whoever asked for it to be sent
away/<key>.json                       why that server takes nothing now, and when to try again

Whoever knows of news makes an entry, or gives the one that is there another token; it is removed by
who has sent all that was there when it was read, under the name that it had then. So nobody waits
for anybody, no news is lost between the two, and a kill at any moment costs a repetition.
"""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import DamagedError, StorageError
from cnnlab.files import disk_errors, read_json, wait_for_lock, write_json
from cnnlab.storage.home import Home
from cnnlab.tracking.destination import Destination

_BACK_OFF_SECONDS = (5.0, 30.0, 120.0, 600.0)
"""Until a server that was away is tried again, by how often in a row it was."""

_PARTS = 3
"""Of an entry's name: subject, server, token."""

ENDED = ("FINISHED", "FAILED", "KILLED")
"""MLflow's words for a run that has ended."""


@dataclass(frozen=True)
class Entry:
    """A run or a study of which something waits to be sent to a server.

    Attributes:
        subject: its id.
        address: of the server.
        key: stands for the server.
        paths: the files that say so.
        is_asked: whether somebody asked for it, so that a run that was deleted there is made anew.
    """

    subject: str
    address: str
    key: str
    paths: tuple[Path, ...]
    is_asked: bool = False


@dataclass(frozen=True)
class Sent:
    """What a server has of a run or a study.

    Attributes:
        subject: its id here.
        address: of the server.
        run: its id there; None as long as it isn't known to be there.
        experiment: the id there of the experiment that it is in.
        has_parameters: whether its parameters are there.
        epochs: how many of its epochs are.
        status: MLflow's word; None as long as none was sent.
        tags: as they are there.
        files: those that are there, by name with size and time of change.
        problem: why something of it isn't there and won't be by itself; empty if nothing.
    """

    subject: str
    address: str
    run: str | None = None
    experiment: str | None = None
    has_parameters: bool = False
    epochs: int = 0
    status: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def host(self) -> str:
        """Name and port of the server, as it is shown."""
        return Destination(self.address).host

    @property
    def key(self) -> str:
        """Stands for the server."""
        return Destination(self.address).key


@dataclass(frozen=True)
class Away:
    """A server that takes nothing at the moment.

    Attributes:
        problem: the rest of a sentence: `the server answers 500`.
        tries: how often in a row.
        due: when to try again, seconds since the epoch of all clocks.
    """

    problem: str
    tries: int
    due: float


class Outbox:
    """The files; any process may hold one.

    Args:
        home: the home folder.
    """

    def __init__(self, home: Home) -> None:
        self._root = home.tracking
        self._waiting, self._sent, self._away = (
            home.tracking / name for name in ("outbox", "sent", "away")
        )

    def add(self, subject: str, address: str, key: str, *, is_asked: bool = False) -> None:
        """Note that there is news of a run or a study for a server.

        Raises:
            StorageError: the disk is full or can't be written.
        """
        there = [] if is_asked else self._waiting.glob(f"{subject}~{key}~*.json")
        self._add(subject, address, key, there, is_asked=is_asked)

    def add_each(self, subjects: Collection[str]) -> None:
        """Note that there is news of runs and studies for each server that has them.

        What was sent and what waits is looked through once, however many they are. What can't be
        noted now is by the next supervisor.
        """
        if not subjects:
            return
        there: dict[tuple[str, str], list[Path]] = {}
        for path in self._paths():
            subject, key, _ = path.stem.split("~")
            there.setdefault((subject, key), []).append(path)
        for sent in self.all_sent(*subjects):
            with contextlib.suppress(StorageError):
                before = there.get((sent.subject, sent.key), ())
                self._add(sent.subject, sent.address, sent.key, before, is_asked=False)

    def _add(
        self, subject: str, address: str, key: str, there: Iterable[Path], *, is_asked: bool
    ) -> None:
        """Make an entry, or give one of those that are there another token."""
        with disk_errors(self._waiting):
            self._waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._waiting / f"{subject}~{key}~{secrets.token_hex(6)}.json"
        for before in there:
            with disk_errors(path), contextlib.suppress(FileNotFoundError):
                before.rename(path)
                return  # else it was sent just now
        write_json(path, {"address": address, "is_asked": is_asked})

    def entries(self, subject: str = "") -> list[Entry]:
        """What waits of a run or a study, of all of them where none is named, the oldest first.

        What can't be read any more is left out.
        """
        found: dict[tuple[str, str], Entry] = {}
        mine = f"{subject}~" if subject else ""
        named = [path for path in self._paths() if path.name.startswith(mine)]
        for path in sorted(named, key=_changed_at):
            subject, key, _ = path.stem.split("~")
            values = _read_entry(path)
            if values is not None:
                before = found.get((subject, key))
                paths = (*(before.paths if before else ()), path)
                asked = bool(values.get("is_asked")) or (before is not None and before.is_asked)
                found[subject, key] = Entry(subject, values["address"], key, paths, asked)
        return list(found.values())

    def _paths(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return [path for path in self._waiting.iterdir() if _is_entry(path)]
        return []

    def count(self, key: str) -> int:
        """Of how many runs and studies something waits for a server; no file is read."""
        named = (path.stem.split("~") for path in self._paths())
        return len({subject for subject, server, _ in named if server == key})

    def is_empty(self) -> bool:
        """Whether nothing waits; cheap."""
        return not self._paths()

    @staticmethod
    def done(entry: Entry) -> None:
        """Remove an entry of which all was sent; news since it was read stay."""
        for path in entry.paths:
            path.unlink(missing_ok=True)

    @staticmethod
    def put_last(entry: Entry) -> None:
        """Let an entry that couldn't be sent not be in the way of the others."""
        for path in entry.paths:
            with contextlib.suppress(OSError):
                os.utime(path)

    def sent(self, subject: str, address: str, key: str) -> Sent:
        """What a server has of a run or a study."""
        path = self._sent / f"{subject}~{key}.json"
        with contextlib.suppress(DamagedError, TypeError, StorageError):
            return Sent(**read_json(path))
        return Sent(subject, address)  # it will be found there by its tag

    def note(self, sent: Sent, key: str) -> None:
        """Keep what a server has.

        Raises:
            StorageError: the disk is full.
        """
        with disk_errors(self._sent):
            self._sent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(self._sent / f"{sent.subject}~{key}.json", asdict(sent))

    def forget(self, subject: str, key: str) -> None:
        """Remove what is known of a run or a study that is gone here and settled there."""
        (self._sent / f"{subject}~{key}.json").unlink(missing_ok=True)
        shutil.rmtree(self.documents(subject), ignore_errors=True)

    def all_sent(self, *subjects: str) -> list[Sent]:
        """What all servers have of runs and studies; of all of them where none is named."""
        found, named = [], set(subjects)
        for path in self._sent.glob("[!.]*~*.json"):
            if named and path.name.partition("~")[0] not in named:
                continue
            with contextlib.suppress(DamagedError, TypeError, StorageError):
                found.append(Sent(**read_json(path)))
        return found

    def documents(self, subject: str) -> Path:
        """The folder of the documents that are sent with a run or a study; it may be missing."""
        return self._root / "documents" / subject

    def away(self, key: str) -> Away | None:
        """Why a server takes nothing at the moment; None where that isn't known."""
        with contextlib.suppress(DamagedError, TypeError, StorageError):
            return Away(**read_json(self._away / f"{key}.json"))
        return None

    def note_away(self, key: str, problem: str) -> None:
        """Note that a server took nothing, and that it is tried later."""
        before = self.away(key)
        tries = before.tries if before else 0
        due = time.time() + _BACK_OFF_SECONDS[min(tries, len(_BACK_OFF_SECONDS) - 1)]
        with disk_errors(self._away):
            self._away.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(self._away / f"{key}.json", asdict(Away(problem, tries + 1, due)))

    def note_back(self, key: str) -> None:
        """Note that a server takes runs again."""
        (self._away / f"{key}.json").unlink(missing_ok=True)

    def next_due(self) -> float | None:
        """When something can be sent, seconds since the epoch of all clocks; None if nothing waits.

        A clock that was put back doesn't keep it waiting for longer than the longest pause.
        """
        return min(self._dues().values(), default=None)

    def due_keys(self) -> list[str]:
        """The servers to which something can be sent now."""
        now = time.time()
        return [key for key, due in self._dues().items() if due <= now]

    def _dues(self) -> dict[str, float]:
        latest, dues = time.time() + _BACK_OFF_SECONDS[-1], {}
        for key in {path.stem.split("~")[1] for path in self._paths()}:
            away = self.away(key)
            dues[key] = min(away.due, latest) if away else 0.0
        return dues

    @contextlib.contextmanager
    def sending(self, key: str) -> Iterator[None]:
        """Send something to a server within this context: one process at a time does."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with wait_for_lock(self._root / f"{key}.lock"):
            yield


def _is_entry(path: Path) -> bool:
    return path.suffix == ".json" and path.name.count("~") == _PARTS - 1 and path.name[0] != "."


def _changed_at(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _read_entry(path: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = read_json(path)
        return values if isinstance(values["address"], str) else None
    except (DamagedError, KeyError, TypeError):
        path.unlink(missing_ok=True)
    except StorageError:  # sent since
        pass
    return None


def tell_of(home: Home, *subjects: str) -> None:
    """Note that something became of runs or studies, for the servers that have them."""
    Outbox(home).add_each(subjects)
