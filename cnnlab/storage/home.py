"""Where everything lives: one folder, `CNNLAB_HOME` (default `~/.cnnlab`)."""

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cnnlab.domain.errors import StorageError
from cnnlab.files import disk_errors, wait_for_lock, write_atomically
from cnnlab.storage.space.place import check_place
from cnnlab.storage.space.reserve import tend_reserve

_TOKEN = re.compile("[A-Za-z0-9_-]{32,}")


@dataclass(frozen=True)
class Home:
    """The folder that holds all datasets, runs and uploads of one installation.

    Attributes:
        root: the folder itself.
    """

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file: queue and index of what lies in the folders."""
        return self.root / "cnnlab.db"

    @property
    def datasets(self) -> Path:
        """One folder for each dataset."""
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        """One folder for each run, one below it for each attempt."""
        return self.root / "runs"

    @property
    def studies(self) -> Path:
        """One folder for each study; its runs lie among the others."""
        return self.root / "studies"

    @property
    def searches(self) -> Path:
        """One folder for each search; made with the first one. Their runs lie among the others."""
        return self.root / "searches"

    @property
    def views(self) -> Path:
        """One folder for each named view of the table of runs; made with the first one."""
        return self.root / "views"

    @property
    def uploads(self) -> Path:
        """Files on their way in; emptied of old ones when the app starts."""
        return self.root / "uploads"

    @property
    def jobs(self) -> Path:
        """Work other than training: its queue, and the folders that belong to nobody else."""
        return self.root / "jobs"

    @property
    def vault(self) -> Path:
        """The ledger of looks at test images; made with the first look."""
        return self.root / "vault"

    @property
    def pretrained(self) -> Path:
        """Weights that networks start with; made with the first ones."""
        return self.root / "pretrained"

    @property
    def tracking(self) -> Path:
        """What waits to be sent to other tools' servers, and what they have."""
        return self.root / "tracking"

    @property
    def tensorboard(self) -> Path:
        """The runs as TensorBoard reads them: one folder for each, made again from the runs'."""
        return self.root / "tensorboard"

    @property
    def warm_request(self) -> Path:
        """Touched by whoever will launch a run soon: a worker is kept ready for a while."""
        return self.root / "warm-wish"

    @property
    def form_request(self) -> Path:
        """The config on the form of whoever will launch a run soon: a worker gets it ready."""
        return self.root / "form-wish.json"

    @property
    def precision_gains(self) -> Path:
        """What mixed precision was measured to gain on the CPU; made with the first check."""
        return self.root / "precision-gains.json"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def supervisor_pipe(self) -> Path:
        """A named pipe: whoever writes to it wakes the supervisor."""
        return self.root / "supervisor.bell"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor says."""
        return self.root / "supervisor.log"

    @property
    def sample_mark(self) -> Path:
        """There once the bundled sample was brought in: a user may delete it for good."""
        return self.root / "sample-imported"

    @property
    def page_note(self) -> Path:
        """A sentence about the home that a page shows until somebody has read it."""
        return self.root / "page-note.txt"

    def dataset(self, dataset: str) -> Path:
        """Folder of one dataset."""
        return self.datasets / dataset

    def study(self, study: str) -> Path:
        """Folder of one study."""
        return self.studies / study

    def search(self, search: str) -> Path:
        """Folder of one search."""
        return self.searches / search

    def attempt(self, run: str, number: int) -> Path:
        """Folder of one attempt of a run."""
        return self.runs / run / f"attempt-{number}"

    def free_bytes(self) -> int:
        """Free space on the disk that holds the home folder."""
        return shutil.disk_usage(self.root).free

    def app_lock(self, port: int) -> Path:
        """Held by the app that listens on this port; says at which addresses it is."""
        return self.root / f"app-{port}.lock"

    @property
    def token_file(self) -> Path:
        """Holds the token that opens the app."""
        return self.root / "token"

    def token(self) -> str:
        """The token that opens the app, 256 bits, made on first use, readable by its owner only.

        Raises:
            StorageError: it can't be read or written, or what the file holds is no token.
        """
        path = self.token_file
        with disk_errors(path):
            if not path.exists():
                with wait_for_lock(self.root / "token.lock"):
                    if not path.exists():
                        write_atomically(path, _write_token)
            token = path.read_bytes().decode("ascii", "replace").strip()
        if not _TOKEN.fullmatch(token):
            raise StorageError(f"{path} holds no token: delete it, and a new one is made.")
        return token


def _write_token(file: IO[bytes]) -> None:
    os.fchmod(file.fileno(), 0o600)  # before anything stands in it
    file.write(secrets.token_urlsafe(32).encode())


def open_home(root: Path | None = None) -> Home:
    """Return the home folder, made if it isn't there.

    Args:
        root: the folder; default is `CNNLAB_HOME`, else `~/.cnnlab`.

    Raises:
        StorageError: the folder is missing with its disk, or can't be made or written.
    """
    chosen = root or Path(os.environ.get("CNNLAB_HOME") or Path.home() / ".cnnlab")
    home = Home(chosen.expanduser().absolute())
    with disk_errors(home.root):
        if not home.root.is_dir() or not any(home.root.iterdir()):
            check_place(home.root)
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (home.datasets, home.runs, home.studies, home.uploads, home.jobs):
            folder.mkdir(mode=0o700, exist_ok=True)
    tend_reserve(home.root)
    return home
