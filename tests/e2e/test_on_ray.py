"""A study on a real cluster, started by a click: it loses a node on the way, and the page says so.

By hand, with real training: `python3 tests/check.py --ray -m ''`. What light workers do on such a
cluster is in `tests/runner/cluster/test_real.py`.
"""

import contextlib
import json
import tempfile
import threading
import time

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import read_json
from cnnlab.lab.upkeep.machines import view_machines
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import read_journal
from tests.conftest import draw_zip, end_processes_of
from tests.e2e.conftest import Server
from tests.e2e.nginx import free_port
from tests.e2e.test_main_job import import_upload, set_number, wait_for_script
from tests.processes import processes_with
from tests.runner.cluster.ray_cluster import RAY_PYTHON, RayCluster, name_cluster
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.exhaustive,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not RAY_PYTHON, reason="python3 tests/check.py --ray -m '' runs it"),
]

EPOCHS = 300
ARMS = 4
ORPHAN_SECONDS = 5.0
SAMPLES = 20
LATE_SECONDS = 2.0
"""So much later than it was written a step of a node may reach the browser."""


@pytest.fixture(scope="module")
def cluster():
    """Two nodes without a GPU: Ray fills half of one first, and either has room for all runs."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        cluster = RayCluster(free_port(), folder, gpus=0, cpus=8)
        yield cluster
        cluster.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, cluster):
    """The app whose runs train on the cluster; the test is in its home, too."""
    folder = tmp_path_factory.mktemp("app")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(folder / "home"))
        patch.setenv("CNNLAB_STORAGE", str(folder / "storage"))
        name_cluster(patch, cluster)
        patch.setenv("CNNLAB_CLUSTER_CPUS", "2")
        server = Server(folder / "home", trains=False)
        server.start()
        yield server
        server.end_all()


def attempt_of(run):
    return Attempt(workplace().home.attempt(run.id, lab.load_run(run.id).attempt))


def epochs_of(run):
    return len(attempt_of(run).history())


def checksums(study):
    """Of the weights after the last epoch, by arm; each epoch is there once."""
    found = {}
    for run in lab.study_runs(study):
        assert run.status is Status.FINISHED, run.message
        assert [record["epoch"] for record in attempt_of(run).history()] == list(range(EPOCHS))
        found[run.arm] = attempt_of(run).read_result()["weights_checksum"]
    return found


def launch_by_click(page, server):
    """Four arms with one seed, in the form of the Study page; the id of the study."""
    page.goto(f"{server.address}/study")
    expect(page.locator(".st-key-launch_study button")).to_be_enabled()
    wait_for_script(page)
    page.locator(".st-key-arms input").click()
    page.keyboard.press("Backspace")  # of the usual five one less
    page.keyboard.press("Escape")
    wait_for_script(page)
    for key, number in {"seeds": 1, "epochs": EPOCHS, "image_size": 16}.items():
        set_number(page, key, number)
    expect(page.locator(".st-key-train_side")).to_contain_text(f"{ARMS} arms × 1 seed")
    wait_for_script(page)
    page.locator(".st-key-launch_study button").click()
    page.wait_for_url("**/study?study=*")
    return page.url.partition("study=")[2].partition("&")[0]


def on_one_machine(study, upload, folder):
    """The same study in a home of this machine alone; its checksums."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(folder))
        for name in ("CNNLAB_CLUSTER", "CNNLAB_STORAGE"):
            patch.delenv(name)
        patch.setenv("CNNLAB_WARM_WORKERS", "0")
        dataset = lab.import_dataset(upload, name="Shades")
        base = load_config(study.base | {"dataset": dataset.id})
        again = lab.launch_study(lab.compare_arms(base, study.arms, seeds=1))
        wait_until(lambda: lab.view_study(again.id).is_ended, seconds=900)
        found = checksums(again.id)
        end_processes_of(folder)
    return found


def test_a_study_that_loses_a_node_says_so_and_ends_with_the_bits_of_one_machine(
    page, server, cluster, tmp_path
):
    upload = draw_zip(tmp_path / "shades.zip")
    import_upload(page, server, upload, "Shades")
    study = launch_by_click(page, server)
    runs = lab.study_runs(study)
    assert len(runs) == ARMS
    wait_until(lambda: all(epochs_of(run) for run in runs), seconds=600)
    machines = page.context.new_page()
    machines.goto(f"{server.address}/machines")
    expect(machines.locator("[class*=st-key-node_]")).to_have_count(3)
    where = {machine.id: machine.runs for machine in view_machines().machines if machine.runs}
    assert sorted(len(there) for there in where.values()) == [2, 2]
    node, on_it = min(where.items(), key=lambda one: max(map(epochs_of, one[1])))
    lost = [run for run in on_it if epochs_of(run) < EPOCHS]
    assert lost
    cluster.order("kill_node", node=node)
    killed_at = time.monotonic()
    wait_until(lambda: any(lab.load_run(run.id).attempt == 2 for run in lost), seconds=300)
    print(f"tried again {time.monotonic() - killed_at:.1f} s after the kill")  # noqa: T201
    expect(page.get_by_text("Restarted (1): the worker was ended from outside")).to_be_visible()
    expect(machines.locator("[class*=st-key-node_]")).to_have_count(2)
    ended = page.get_by_role("heading", name="Verdicts", exact=True)
    expect(ended).to_be_visible(timeout=900_000)  # by itself
    ended_at = time.monotonic()
    of_training = (server.home.parent, "cnnlab.worker", "train")
    wait_until(lambda: not processes_with(*of_training), seconds=ORPHAN_SECONDS)
    print(f"no worker {time.monotonic() - ended_at:.1f} s after the end")  # noqa: T201
    found = checksums(study)
    lost_ids = {run.id for run in lost}
    for run in lab.study_runs(study):
        assert run.attempt == (2 if run.id in lost_ids else 1)
        note = read_json(workplace().home.attempt(run.id, run.attempt) / "cluster.json")
        assert note["device"] == "cpu"
    assert found == on_one_machine(lab.view_study(study).study, upload, tmp_path / "one")


@contextlib.contextmanager
def watched(journal):
    """When each row of a journal was first there: pairs of a moment and the row."""
    seen, end = [], threading.Event()

    def watch():
        while not end.is_set():
            now = time.monotonic()
            seen.extend((now, row) for row in read_journal(journal)[len(seen) :])
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        end.set()
        watcher.join()


def test_what_a_node_writes_reaches_the_browser_within_two_seconds(page, server, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "larger.zip", each=300, size=32))
    values = {"dataset": dataset.id, "image": {"size": 32}, "training": {"epochs": 400}}
    run = lab.launch_run(load_config(values))
    wait_until(lambda: attempt_of(run).history(), seconds=300)
    arrived = {}

    def see(frame):
        news = json.loads(frame)
        for row in (*news.get("steps", []), *news.get("turns", [])):
            arrived.setdefault(key_of(row), time.monotonic())

    page.on("websocket", lambda socket: "/live" in socket.url and socket.on("framereceived", see))
    page.goto(f"{server.address}/runs?run={run.id}")
    expect(page.locator(".st-key-live_chart svg.main-svg").first).to_be_visible()
    with watched(attempt_of(run).steps) as written:
        wait_until(lambda: written)
        known = len(written)
        wait_until(lambda: len(written) >= known + SAMPLES, tick=lambda: page.wait_for_timeout(100))
        page.wait_for_timeout(1000 * LATE_SECONDS)
    late = [arrived[key_of(row)] - at for at, row in written[known:-1] if key_of(row) in arrived]
    print(f"steps were late by {sorted(round(x, 2) for x in late)} s")  # noqa: T201
    assert len(late) >= SAMPLES // 2  # of the steps of a fast epoch not all are sent
    assert sorted(late)[len(late) // 2] <= LATE_SECONDS
    see_turn(page, run, arrived)
    page.locator(".st-key-stop_run button").click()
    expect(page.locator(".st-key-run_status .cnnlab-pill")).to_have_attribute(
        "data-status", "stopped"
    )


def key_of(row):
    return row.get("epoch"), row.get("step"), row.get("number")


def see_turn(page, run, arrived):
    """Turn a dial, which the node's worker takes, and see that the page tells it.

    How late it was is told, not judged: it is one sample, and the click itself keeps the app busy.
    """
    page.locator(".st-key-dial_learning_rate_x0_5 button").click()
    expect(page.locator(".st-key-dial_learning_rate input")).to_have_value("0.0005")
    with watched(attempt_of(run).events) as written:
        page.locator(".st-key-turn_dials button").click()
        expect(page.locator(".st-key-live_turns li")).to_contain_text("0.001 → 0.0005")
        wait_until(lambda: any(row["kind"] == "dials" for _, row in written))
    ((at, turn),) = [told for told in written if told[1]["kind"] == "dials"]
    print(f"a turned dial was late by {arrived[key_of(turn)] - at:.2f} s")  # noqa: T201
