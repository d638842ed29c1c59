"""What the newest start has of MLflow's and a bucket's variables counts for one that lives too."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from cnnlab.cli.main import main
from cnnlab.files import take_lock
from cnnlab.runner import service, tracking
from cnnlab.runner.handed_on import hand_on, take_over
from cnnlab.runner.tracking import Tracker
from cnnlab.runner.wake_up import WakeUpPipe, wake_up
from cnnlab.server import routes
from cnnlab.storage.home import open_home
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.outbox import Outbox
from tests.waiting import wait_until

OLD, NEW = Destination("http://127.0.0.1:5000"), Destination("http://127.0.0.1:6000")
URI, PASSWORD = "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_PASSWORD"
SECRET = "AWS_SECRET_ACCESS_KEY"


@pytest.fixture(autouse=True)
def variables(monkeypatch):
    for name in (
        URI,
        PASSWORD,
        SECRET,
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "CNNLAB_STORAGE",
        "MLFLOW_TRACKING_USERNAME",
        "MLFLOW_TRACKING_TOKEN",
    ):
        monkeypatch.setenv(name, "")  # restored in any case
        monkeypatch.delenv(name)


@pytest.fixture
def opened(home):
    return open_home()


@pytest.fixture
def pipe(opened):
    made = WakeUpPipe(opened.supervisor_pipe)
    yield made
    made.close()


def test_the_last_that_was_told_counts_and_what_it_hasnt_is_removed(monkeypatch):
    monkeypatch.setenv(PASSWORD, "old")
    told = b'!!\n{"MLFLOW_TRACKING_URI": "a"}\n!\n{"MLFLOW_TRACKING_URI": "b", "LD_AUDIT": "x"}\n!'
    assert take_over(told)
    assert os.environ[URI] == "b" and PASSWORD not in os.environ
    assert "LD_AUDIT" not in os.environ
    assert not take_over(told)  # nothing is another


@pytest.mark.parametrize("told", [b"", b"!", b"!!!", b'\n{"MLFLOW_TRACKING', b"\n{nonsense}\n"])
def test_a_mere_call_or_half_a_message_changes_nothing(monkeypatch, told):
    monkeypatch.setenv(PASSWORD, "old")
    assert not take_over(told)
    assert os.environ[PASSWORD] == "old"


def test_a_start_tells_what_it_has_and_one_of_a_command_without_says_nothing(
    opened, pipe, monkeypatch, caplog
):
    hand_on(opened)
    assert pipe.wait(0) == b""
    hand_on(opened, even_none=True)
    assert pipe.wait(0) == b'\n{}\n\n{"CNNLAB_STORAGE": ""}\n'
    monkeypatch.setenv(PASSWORD, "new")
    hand_on(opened)
    assert pipe.wait(0) == b'\n{"MLFLOW_TRACKING_PASSWORD": "new"}\n'
    monkeypatch.setenv(PASSWORD, "x" * 5000)
    hand_on(opened)
    assert pipe.wait(0) == b""
    assert f"isn't told of {PASSWORD}" in caplog.text and "xxx" not in caplog.text


def test_keys_and_address_of_a_bucket_are_told_and_the_folder_stays(opened, pipe, monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://new/x?region=eu-west-1")
    monkeypatch.setenv(SECRET, "new")
    hand_on(opened)
    told = pipe.wait(0)
    monkeypatch.setenv("CNNLAB_STORAGE", "/mnt/lab,s3://old")
    monkeypatch.setenv(SECRET, "old")
    monkeypatch.setenv(PASSWORD, "stays")
    assert take_over(told)
    assert os.environ["CNNLAB_STORAGE"] == "/mnt/lab,s3://new/x?region=eu-west-1"
    assert (os.environ[SECRET], os.environ[PASSWORD]) == ("new", "stays")
    assert not take_over(told)
    assert take_over(b'\n{"CNNLAB_STORAGE": ""}\n')
    assert os.environ["CNNLAB_STORAGE"] == "/mnt/lab" and SECRET not in os.environ


def test_a_command_with_the_address_but_without_keys_takes_nobodys_away(opened, pipe, monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://new")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    hand_on(opened)
    assert pipe.wait(0) == b""


def test_an_address_that_cant_be_taken_is_told_to_nobody(opened, pipe, monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://new?colour=red")
    hand_on(opened, even_none=True)
    assert pipe.wait(0) == b"\n{}\n"


def test_no_disk_sees_the_password(opened, monkeypatch):
    monkeypatch.setenv(PASSWORD, "new")
    opened.supervisor_pipe.write_bytes(b"a file")
    hand_on(opened)
    assert opened.supervisor_pipe.read_bytes() == b"a file"


def test_commands_about_runs_and_the_start_of_the_app_hand_on(pipe, monkeypatch, capsys):
    monkeypatch.setenv(PASSWORD, "new")
    assert main(["show", "nothing"]) == 2
    assert b'"MLFLOW_TRACKING_PASSWORD": "new"' in pipe.wait(0)
    monkeypatch.delenv(PASSWORD)
    for task in ("bring_home_up_to_date", "import_sample", "ensure_supervised", "tidy_up"):
        monkeypatch.setattr(f"cnnlab.lab.{task}", lambda: False)

    async def start():
        async with routes.lifespan(None):
            pass

    asyncio.run(start())
    assert b"\n{}\n" in pipe.wait(0)


def test_the_service_takes_over_what_it_is_told(place, monkeypatch):
    seen, rounds = [], iter([True])

    def keep_warm():
        is_first = next(rounds, False)
        if is_first:
            wake_up(place.home.supervisor_pipe, b'\n{"MLFLOW_TRACKING_PASSWORD": "new"}\n')
        return is_first

    monkeypatch.setattr(place.executor, "keep_warm", keep_warm)
    monkeypatch.setattr(Tracker, "see_settings", lambda self: seen.append(os.environ[PASSWORD]))
    lock = take_lock(place.home.supervisor_lock)
    service.serve(place.home, lock, lambda: place.executor, idle_seconds=0.2)
    assert seen == ["new"]


def test_a_corrected_password_is_tried_at_once_by_a_new_worker_and_another_server_counts(
    place, monkeypatch, no_forks
):
    monkeypatch.setenv(URI, OLD.address)
    monkeypatch.setenv(PASSWORD, "old")
    monkeypatch.setattr(tracking, "missing_client", lambda: "")
    place.supervisor = place.new_supervisor()
    box, files = Outbox(place.home), place.ask("track", "outbox", waits=True)
    tries = files.folder / "tries"
    place.wait_until(lambda: tries.exists() and tries.read_text())
    assert password_of(tries) == "old"
    box.add("a", OLD.address, OLD.key)
    box.note_away(OLD.key, "the server answers 401")
    assert take_over(f'\n{{"{URI}": "{NEW.address}", "{PASSWORD}": "new"}}\n'.encode())
    place.supervisor.see_settings()
    assert box.away(OLD.key) is None

    def is_new():
        place.pass_time(0.02)  # as it passes here: a worker that has yet to start doesn't hang
        return len(tries.read_text().split()) > 1

    wait_until(is_new)
    assert password_of(tries) == "new"
    tracker = Tracker(open_home(place.home.root), time.monotonic)
    tracker.note("b")
    assert {entry.address for entry in box.entries("b")} == {NEW.address}


def password_of(tries):
    """What the newest worker has."""
    environment = Path(f"/proc/{tries.read_text().split()[-1]}/environ").read_text().split("\0")
    return dict(line.partition("=")[::2] for line in environment)[PASSWORD]
