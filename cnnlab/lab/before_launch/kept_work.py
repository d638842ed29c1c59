"""Work that is kept below the home under a key of what was asked, so that it isn't done twice."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import cnnlab
from cnnlab.domain.errors import NotFoundError
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kind import Kind
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.work import ask_for, seen_to, take_back
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder

Request = TypeVar("Request")
Answer = TypeVar("Answer")
_KEY = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class KeptWork(Generic[Request, Answer]):
    """One kind of it.

    Attributes:
        kind: of the jobs.
        words: what it is, as the subject of a sentence.
    """

    kind: Kind[Request, Answer]
    words: str

    def key(self, asked: Mapping[str, Any]) -> str:
        """The key of what is asked, as JSON values; another version may find something else."""
        known = json.dumps([cnnlab.__version__, asked], sort_keys=True)
        return hashlib.sha256(known.encode()).hexdigest()[:16]

    def start(self, key: str, request: Request, *, again: bool, anew: bool = False) -> str:
        """Have it done, unless it was done or is being done.

        Args:
            key: of what is asked.
            request: what is asked.
            again: whether to do it again where it failed.
            anew: whether to do it again where it finished, if that was another request.

        Raises:
            StorageError: the disk is full.
        """
        ask_for(self.kind, self._files(key), request, again=again, anew=anew)
        return key

    def read(self, key: str) -> JobState[Answer]:
        """Where it stands, as somebody looks at it: what hasn't ended is served.

        Raises:
            NotFoundError: there is none with this key (any more).
        """
        files = self._files(key)
        if not _KEY.fullmatch(key) or not files.request.exists():
            raise NotFoundError(f"{self.words} is no longer there: start it again.")
        return seen_to(self.kind, files, read_state(self.kind, files))

    def was_asked(self, key: str) -> bool:
        """Whether somebody has asked for it, whatever came of that."""
        return self._files(key).request.exists()

    def known(self, key: str) -> Answer | None:
        """What came of it; None where nobody has asked, or it hasn't ended.

        Raises:
            StorageError: the home can't be read.
        """
        files = self._files(key)
        return read_state(self.kind, files).answer if files.request.exists() else None

    def cancel(self, key: str) -> None:
        """End it, for nobody wants it any more; it can be asked for again.

        Raises:
            StorageError: the disk is full.
        """
        if _KEY.fullmatch(key):
            take_back(self._files(key))

    def _files(self, key: str) -> JobFolder:
        return job_folder(workplace().home, self.kind, key)
