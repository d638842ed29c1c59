"""Where everything lives: one folder, `CNNLAB_HOME` (default `~/.cnnlab`).

The folder itself is the home of the workspace `default`; each other workspace is a whole home of
its own below it, and shares with the others what belongs to the installation: the supervisor, the
token, the room that is kept for a full disk.

With `CNNLAB_STORAGE` what runs are made of lies in that folder, which other machines may see too;
databases, the locks of the app and its secrets stay in the home, on this machine's own disk.
"""

import os
import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, is_workspace_id
from cnnlab.files import disk_errors, wait_for_lock, write_atomically
from cnnlab.storage.bucket.address import storage_folder
from cnnlab.storage.space.place import check_place
from cnnlab.storage.space.reserve import tend_reserve

_TOKEN = re.compile("[A-Za-z0-9_-]{32,}")
_WORKSPACES = "workspaces"


@dataclass(frozen=True)
class Home:
    """The folder that holds all datasets, runs and uploads of one workspace.

    Attributes:
        root: the folder itself.
        workspace: id of the workspace; `default` is the installation's own folder.
        own: where this machine keeps what no other one needs; the root, unless `CNNLAB_STORAGE`
            names that.
    """

    root: Path
    workspace: str = DEFAULT_WORKSPACE
    own: Path = field(default=Path(), kw_only=True)

    def __post_init__(self) -> None:
        if self.own == Path():
            object.__setattr__(self, "own", self.root)

    @property
    def installation(self) -> Path:
        """The folder of the installation: what all of its workspaces share lies there."""
        return self.own if self.workspace == DEFAULT_WORKSPACE else self.own.parents[1]

    @property
    def storage(self) -> Path:
        """Where the datasets and runs of the workspace `default` lie, those of others below."""
        return self.root if self.workspace == DEFAULT_WORKSPACE else self.root.parents[1]

    @property
    def is_elsewhere(self) -> bool:
        """Whether datasets and runs lie on storage of their own, which may be away."""
        return self.root != self.own

    @property
    def workspaces(self) -> Path:
        """One home for each workspace but `default`; made with the first one."""
        return self.storage / _WORKSPACES

    @property
    def own_workspaces(self) -> Path:
        """The same on this machine's own disk."""
        return self.installation / _WORKSPACES

    def of_workspace(self, workspace: str) -> "Home":
        """The home of a workspace of the same installation, whether it is there or not.

        Raises:
            NotFoundError: no workspace can be called so.
        """
        if workspace == DEFAULT_WORKSPACE:
            return Home(self.storage, own=self.installation)
        if not is_workspace_id(workspace):
            raise NotFoundError(f"There is no workspace {workspace!r:.80}.")
        own = self.own_workspaces / workspace
        return Home(self.workspaces / workspace, workspace, own=own)

    def holding(self, path: Path) -> "Home":
        """The home, of those of the same installation, in which a file or folder lies."""
        if path.is_relative_to(self.workspaces):
            return self.of_workspace(path.relative_to(self.workspaces).parts[0])
        return self.of_workspace(DEFAULT_WORKSPACE)

    def with_others(self) -> list["Home"]:
        """The homes of all workspaces of the installation, `default` first, then by id.

        Raises:
            StorageError: their folder can't be read.
        """
        with disk_errors(self.workspaces):
            try:
                names = sorted(entry.name for entry in os.scandir(self.workspaces))
            except FileNotFoundError:
                names = []
        others = [self.of_workspace(name) for name in names if is_workspace_id(name)]
        return [self.of_workspace(DEFAULT_WORKSPACE), *others]

    @property
    def database(self) -> Path:
        """The SQLite file: queue and index of what lies in the folders."""
        return self.own / "cnnlab.db"

    @property
    def schema(self) -> str:
        """Where a PostgreSQL database holds what the file would; empty is its usual place."""
        return "" if self.workspace == DEFAULT_WORKSPACE else f"cnnlab_{self.workspace}"

    @property
    def people(self) -> Path:
        """The SQLite file that knows people and workspaces."""
        return self.installation / "people.db"

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
    def bucket(self) -> Path:
        """What is known to be in a bucket; made with the first thing that is put there."""
        return self.root / "bucket"

    @property
    def tensorboard(self) -> Path:
        """The runs as TensorBoard reads them: one folder for each, made again from the runs'."""
        return self.root / "tensorboard"

    @property
    def warm_request(self) -> Path:
        """Written by whoever will launch a run soon, with the workspace in which that will be.

        A worker is kept ready for a while.
        """
        return self.installation / "warm-wish"

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
        return self.installation / "supervisor.lock"

    @property
    def supervisor_pipe(self) -> Path:
        """A named pipe: whoever writes to it wakes the supervisor."""
        return self.installation / "supervisor.bell"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor says."""
        return self.installation / "supervisor.log"

    @property
    def turns(self) -> Path:
        """Which workspace had its turn when; made when two have runs for the first time."""
        return self.installation / "turns.json"

    @property
    def trained(self) -> Path:
        """For how long the workspace's runs have trained today; only where people are known."""
        return self.root / "trained.json"

    @property
    def sample_mark(self) -> Path:
        """There once the bundled sample was brought in: a user may delete it for good."""
        return self.root / "sample-imported"

    @property
    def names_mark(self) -> Path:
        """There where no name is one that an earlier version made up, or none is any more."""
        return self.root / "names-in-words"

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
        return self.installation / f"app-{port}.lock"

    @property
    def token_file(self) -> Path:
        """Holds the token that opens the app."""
        return self.installation / "token"

    def token(self) -> str:
        """The token that opens the app, 256 bits, made on first use, readable by its owner only.

        Raises:
            StorageError: it can't be read or written, or what the file holds is no token.
        """
        path = self.token_file
        with disk_errors(path):
            if not path.exists():
                with wait_for_lock(self.installation / "token.lock"):
                    if not path.exists():
                        write_atomically(path, _write_token)
            token = path.read_bytes().decode("ascii", "replace").strip()
        if not _TOKEN.fullmatch(token):
            raise StorageError(f"{path} holds no token: delete it, and a new one is made.")
        return token


def _write_token(file: IO[bytes]) -> None:
    os.fchmod(file.fileno(), 0o600)  # before anything stands in it
    file.write(secrets.token_urlsafe(32).encode())


def open_home(root: Path | None = None, workspace: str = DEFAULT_WORKSPACE) -> Home:
    """Return the home folder of a workspace, made if it isn't there.

    Args:
        root: the installation's folder; default is `CNNLAB_HOME`, else `~/.cnnlab`.
        workspace: id of the workspace.

    Raises:
        NotFoundError: no workspace can be called so.
        StorageError: the folder is missing with its disk, or can't be made or written.
    """
    home = named_home(root).of_workspace(workspace)
    with disk_errors(home.root):
        is_new = not home.root.is_dir() or not any(home.root.iterdir())
        if is_new:
            if home.is_elsewhere and _seen_mark(home).exists():
                raise StorageError(_away(home))
            check_place(home.root)
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (home.datasets, home.runs, home.studies, home.uploads, home.jobs):
            folder.mkdir(mode=0o700, exist_ok=True)
        if is_new:
            home.names_mark.touch()
    if home.is_elsewhere:
        with disk_errors(home.own):
            home.own.mkdir(mode=0o700, parents=True, exist_ok=True)
            _seen_mark(home).touch()
    tend_reserve(home.installation)
    return home


def named_home(root: Path | None = None) -> Home:
    """The home that is meant, there or not: the environment says where its two parts lie.

    Args:
        root: the folder, or its place within `CNNLAB_STORAGE`; default is `CNNLAB_HOME`. A folder
            within it lies at the same place within the other one.
    """
    own = Path(os.environ.get("CNNLAB_HOME") or Path.home() / ".cnnlab").expanduser().absolute()
    chosen = own if root is None else root.expanduser().absolute()
    if storage := storage_folder():
        # The inner one first, where one of them lies within the other.
        for place in sorted((storage, own), key=lambda one: len(one.parts), reverse=True):
            if chosen.is_relative_to(place):
                within = chosen.relative_to(place)
                return Home(storage / within, own=own / within)
    return Home(chosen)


def see_storage(home: Home) -> None:
    """See that the folders of a home are there, which may lie on another machine's disk.

    Raises:
        StorageError: the storage is away.
    """
    if home.is_elsewhere and not home.runs.is_dir():
        raise StorageError(_away(home))


def _seen_mark(home: Home) -> Path:
    """There once the storage was seen: an empty folder in its place is no new home then."""
    return home.own / "storage-seen"


def _away(home: Home) -> str:
    return (
        f"The storage {home.root} isn't there: connect (mount) it again. What is queued waits, and "
        f"no new home is made in its place. If it is empty on purpose, delete {_seen_mark(home)}."
    )
