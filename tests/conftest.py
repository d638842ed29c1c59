"""What several tests need: a home of their own, and small uploads."""

import contextlib
import functools
import gc
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from cnnlab import lab
from cnnlab.datasets import findings
from cnnlab.domain.data.dataset import Dataset
from cnnlab.runner import process
from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.objects import Bucket
from tests.clock import Clock
from tests.runner.forked import ADDRESS, Forks, fork_light_processes

os.environ.pop("CNNLAB_DATABASE", None)  # whoever runs the tests may have a database to lose
os.environ.pop("CNNLAB_AUTH", None)  # a test says for itself who gets in
os.environ["CNNLAB_RESERVE_BYTES"] = "0"  # a thousand homes would keep 64 GB

# How long an example takes says what else the machine does: it fails no test.
settings.register_profile("check", settings(), deadline=None, max_examples=40)
settings.load_profile("check")  # by hand: --hypothesis-profile=default takes more examples

TESTS = Path(__file__).parent

LONGEST_FIRST = (
    "e2e/test_main_job.py",
    "e2e/test_run_control.py",
    "cli/test_cli.py",
    "e2e/test_data_page.py",
    "e2e/test_study.py",
    "e2e/test_axe.py",
    "e2e/test_newcomer.py",
    "e2e/test_search.py",
    "e2e/test_network.py",
    "e2e/test_judging.py",
    "cli/test_studies.py",
    "training/loop/test_fit.py",
    "e2e/test_presenter.py",
    "training/devices/test_replicas.py",
    "worker/test_worker.py",
    "training/judging/test_batch_statistics.py",
    "training/loop/test_turned_runs.py",
    "augmentations/test_contract.py",
    "exports/code/test_network.py",
    "e2e/test_web_page.py",
    "worker/test_worker_faults.py",
    "training/test_kills.py",
    "datasets/test_corpus.py",
    "exports/test_formats.py",
    "exports/test_matrix.py",
    "exports/formats/test_older_keras.py",
    "training/preflight/test_preflight.py",
    "lab/exporting/test_hostile_bundles.py",
    "training/test_resume.py",
    "training/devices/test_memory_estimate.py",
    "datasets/test_fuzz.py",
    "ui/test_data_page.py",
    "ui/study/test_form.py",
    "lab/lessons/test_members.py",
    "lab/study/test_recorded.py",
    "e2e/test_study_report.py",
    "e2e/test_runs_table.py",
    "e2e/test_door.py",
    "worker/taking_along/test_script.py",
    "worker/taking_along/test_bundle.py",
    "training/network/test_model.py",
    "training/loop/test_dials.py",
)
"""Files of some 10 seconds of the processor and more, as far as they were measured."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection():
    """What is imported until all tests are found stays, so there is nothing to collect."""
    gc.disable()


def pytest_collection_modifyitems(config, items):
    """Where processes share the files, they begin with the longest: so they end together."""
    if not hasattr(config, "workerinput"):
        return
    turn = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))


def pytest_collection_finish():
    """What is there now stays: the collector needn't go through these modules again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def enough_to_judge(monkeypatch):
    """So few images judge a run well enough that nothing is found of it."""
    monkeypatch.setattr(findings, "ENOUGH", 1)


@pytest.fixture(scope="session", autouse=True)
def _home_of_nobody(tmp_path_factory: pytest.TempPathFactory):
    """A test without a home of its own never touches that of whoever runs the tests."""
    os.environ["CNNLAB_HOME"] = str(tmp_path_factory.mktemp("nobody") / "home")


@pytest.fixture(scope="session", autouse=True)
def light_processes():
    """Starts light workers by fork; `start()` for supervisors of a process of their own."""
    forks = Forks()
    fork_light_processes(forks.start)
    yield forks
    forks.close()


@pytest.fixture
def no_forks(monkeypatch):
    """Light workers are started as all others are, by an interpreter of their own."""
    monkeypatch.delenv(ADDRESS)
    monkeypatch.setattr(process, "subprocess", subprocess)


@pytest.fixture(autouse=True)
def _folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch):
    """A worker takes one of its own for the whole process, which here has other tests to do."""
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)


@pytest.fixture
def clock():
    """A clock that the test turns."""
    return Clock()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty home folder; whatever was started for it is ended afterwards."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CNNLAB_HOME", str(folder))
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "0")  # each would load TensorFlow, mostly for nothing
    yield folder
    end_processes_of(folder)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A zip with two classes that any network tells apart: dark and bright images."""
    return draw_zip(tmp_path / "shades.zip")


@pytest.fixture
def dataset(home: Path, upload: Path, imported: Callable[[Path], Path]) -> Dataset:
    """The imported upload."""
    if home.exists():
        return lab.import_dataset(upload, name="Shades")
    shutil.copytree(imported(upload), home)
    (known,) = lab.list_datasets()
    return known


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Finds a home to copy in which an upload was imported, once for all tests that begin so."""
    homes: dict[bytes, Path] = {}

    def find(upload: Path) -> Path:
        content = upload.read_bytes()
        if content not in homes:
            made = tmp_path_factory.mktemp("imported") / "home"
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("CNNLAB_HOME", str(made))
                lab.import_dataset(upload, name="Shades")
            homes[content] = made
        return homes[content]

    return find


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB; needs the right to mount one, as containers and CI have."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def draw_zip(
    path: Path,
    *,
    each: int = 24,
    size: int = 16,
    levels: Mapping[str, int] = MappingProxyType({"dark": 60, "bright": 190}),
    wavering: float = 0,
) -> Path:
    path.write_bytes(_drawn(each, size, tuple(levels.items()), wavering))
    return path


@functools.cache
def _drawn(each: int, size: int, levels: tuple[tuple[str, int], ...], wavering: float) -> bytes:
    """A thousand tests begin with the same images."""
    generator = np.random.default_rng(0)
    drawn = BytesIO()
    with zipfile.ZipFile(drawn, "w") as archive:
        for label, level in levels:
            for number in range(each):
                of_image = generator.normal(level, wavering) if wavering else level
                pixels = generator.normal(of_image, 20, (size, size, 3)).clip(0, 255)
                buffer = BytesIO()
                Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
                archive.writestr(f"{label}/{number}.png", buffer.getvalue())
    return drawn.getvalue()


def end_processes_of(folder: Path) -> None:
    """End supervisor and workers of a home and its workspaces: their locks hold process ids."""
    locks: list[Path] = []
    for home in (folder, *folder.glob("workspaces/*")):
        locks += [*home.glob("runs/**/*.lock"), *home.glob("jobs/*/*/job.lock")]
        locks += home.glob("uploads/*/import/job.lock")
        locks += home.glob("searches/*/importance/job.lock")
    for lock in [folder / "supervisor.lock", *locks]:
        if (
            lock.exists()
            and lock.read_text()
            and subprocess.run(["flock", "--nonblock", str(lock), "true"]).returncode
        ):
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
                os.killpg(int(lock.read_text()), signal.SIGKILL)


@pytest.fixture(scope="session")
def bucket_server():
    """One for all tests that need a bucket; they have a bucket each."""
    from tests.bucket_server import BucketServer  # noqa: PLC0415 - it takes seconds

    server = BucketServer()
    yield server
    server.close()


@pytest.fixture
def bucket(bucket_server, monkeypatch: pytest.MonkeyPatch):
    """An empty bucket, named by `CNNLAB_STORAGE`, and this process has the keys."""
    from pyarrow import fs  # noqa: PLC0415 - most tests do without

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("cnnlab.storage.bucket.objects._TRIES", 1)  # further ones wait for seconds
    name = f"lab-{secrets.token_hex(6)}"
    bucket_server.forget()
    host = bucket_server.address.removeprefix("http://")
    made = fs.S3FileSystem(
        region="us-east-1", scheme="http", endpoint_override=host, allow_bucket_creation=True
    )
    made.create_dir(name)
    monkeypatch.setenv(
        "CNNLAB_STORAGE", f"s3://{name}/lab?endpoint_override={bucket_server.address}"
    )
    yield Bucket(bucket_address())
    bucket_server.forget()
