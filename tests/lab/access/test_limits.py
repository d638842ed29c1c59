"""What a workspace may not take more of is refused where somebody asks for it, in one sentence."""

import contextlib
import contextvars
import os
import threading
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import QuotaError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, Quota
from cnnlab.domain.run import Status
from cnnlab.lab.access import limits
from cnnlab.lab.access.acting import acting_as, acting_in, local_in
from cnnlab.lab.access.limits import workspace_use
from cnnlab.lab.access.register import register
from cnnlab.lab.data import drafts
from cnnlab.lab.people import own
from cnnlab.lab.workplace import workplace
from cnnlab.storage.runs.training_hours import TrainingHours
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "training": {"epochs": 2}})


@pytest.fixture
def allow(dataset):
    """Gives the workspace a quota."""

    def give(**quota):
        register().workspaces.set_quota(DEFAULT_WORKSPACE, Quota(**quota))

    return give


def test_no_more_runs_wait_than_may(config, allow):
    allow(queued_runs=2)
    first = lab.launch_run(config)
    made = made_run(config, status=Status.STOPPED)
    lab.launch_run(config)
    for refused in (lambda: lab.launch_run(config), lambda: lab.resume_run(made.id)):
        with pytest.raises(QuotaError, match="2 runs may wait"):
            refused()
    assert len(workplace().runs.queue()) == 2
    lab.stop_run(first.id)
    lab.resume_run(made.id)
    assert lab.load_run(made.id).status is Status.QUEUED


@pytest.fixture
def at_once(monkeypatch):
    """Calls functions in threads of which each takes only when another has seen that it may, too.

    Where only one comes so far, that one goes on after half a second.
    """

    def call(module, check, *functions):
        seen, meet = getattr(module, check), threading.Barrier(2)

        def see(*args):
            seen(*args)
            with contextlib.suppress(threading.BrokenBarrierError):
                meet.wait(0.5)

        def attempt(function):
            try:
                function()
            except QuotaError as error:
                refused.append(error)

        monkeypatch.setattr(module, check, see)
        refused, contexts = [], [contextvars.copy_context() for _ in functions]
        threads = [
            threading.Thread(target=context.run, args=(attempt, function))
            for context, function in zip(contexts, functions, strict=True)
        ]
        for step in (threading.Thread.start, threading.Thread.join):
            for thread in threads:
                step(thread)
        return len(refused)

    return call


def test_of_two_launches_at_once_a_limit_of_one_refuses_one(config, allow, at_once):
    allow(queued_runs=1)
    made = made_run(config, status=Status.STOPPED)
    launch, resume = (lambda: lab.launch_run(config)), (lambda: lab.resume_run(made.id))
    assert at_once(limits, "check_queue", launch, resume) == 1
    assert len(workplace().runs.queue()) == 1


def test_of_two_studies_at_once_only_one_fits(config, allow, at_once):
    allow(queued_runs=5)
    study = lab.compare_arms(config, ready_arms(["baseline", "dropout"]), seeds=2)
    both = [lambda one=one: lab.launch_study(one) for one in (study, replace(study, id="other"))]
    assert at_once(limits, "check_queue", *both) == 1
    assert len(workplace().runs.queue()) == 4


def test_of_two_uploads_at_once_only_one_fits(config, allow, at_once):
    allow(disk_bytes=workspace_use().disk_bytes + 10**6)
    both = [lambda name=name: lab.begin_upload(name, 600_000) for name in ("a.zip", "b.zip")]
    assert at_once(limits, "check_disk", *both) == 1


def test_of_two_own_workspaces_at_once_only_one_fits(home, at_once, monkeypatch):
    monkeypatch.setenv("CNNLAB_OWN_MOST", "1")
    register().accounts.add("Ada", is_admin=True)
    with acting_as(acting_in(register().accounts.add("Ben").person)):
        made = [lambda title=title: own.make_own_workspace(title) for title in ("One", "Two")]
        assert at_once(own, "_check_number", *made) == 1


def test_a_study_that_is_too_large_leaves_nothing_behind(config, allow):
    allow(queued_runs=3)
    study = lab.compare_arms(config, ready_arms(["baseline", "dropout"]), seeds=2)
    with pytest.raises(QuotaError, match="3 runs may wait"):
        lab.launch_study(study)
    assert lab.list_studies() == [] and workplace().runs.queue() == []


def test_what_would_take_too_much_of_the_disk_is_refused_before_it_comes(config, allow, upload):
    allow(disk_bytes=10**12)
    lab.begin_upload("a.zip", 1000)
    used = workspace_use().disk_bytes
    allow(disk_bytes=used + 500)
    with pytest.raises(QuotaError, match="may take"):
        lab.begin_upload("a.zip", 10**6)
    allow(disk_bytes=used // 2)
    for refused in (lambda: lab.import_dataset(upload, name="again"),
                    lambda: lab.launch_run(config)):  # fmt: skip
        with pytest.raises(QuotaError, match="delete runs or datasets"):
            refused()


def test_no_other_way_leads_past_the_disks_limit(config, allow, upload, dataset):
    content = upload.read_bytes()
    token, draft = lab.begin_upload("a.zip", len(content)), drafts.begin_draft()
    drafts.name_draft_class(draft, "0" * 8, "a")
    whole = lab.begin_upload("b.zip", len(content))
    lab.append_chunk(whole, 0, content)
    run = made_run(config, status=Status.FINISHED)
    allow(disk_bytes=1)
    picture = draw_png()
    for refused in (
        lambda: lab.append_chunk(token, 0, content),
        lambda: lab.start_import(whole, name="b"),
        lambda: drafts.add_draft_picture(draft, "0" * 8, "1" * 8, "a.png", picture),
        lambda: lab.add_images(dataset.id, [("a.png", picture)], "a"),
        lambda: lab.prepare_model(run.id),
        lambda: lab.prepare_bundle(run.id, with_images=True),
    ):
        with pytest.raises(QuotaError, match="delete runs or datasets"):
            refused()


def test_uploads_that_begin_together_count_together(config, allow):
    allow(disk_bytes=workspace_use().disk_bytes + 10**6)
    lab.begin_upload("a.zip", 600_000)
    with pytest.raises(QuotaError):
        lab.begin_upload("b.zip", 600_000)


def draw_png():
    buffer = BytesIO()
    Image.new("RGB", (40, 40), (200, 10, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_was_deleted_just_now_makes_room_at_once(config, allow, home):
    ballast = home / "runs" / "ballast"
    ballast.write_bytes(os.urandom(3_000_000))
    allow(disk_bytes=workspace_use().disk_bytes)
    with pytest.raises(QuotaError):
        lab.launch_run(config)
    ballast.unlink()
    lab.launch_run(config)


def test_without_a_quota_nothing_is_measured(config, monkeypatch):
    monkeypatch.setattr(limits, "used_bytes", None)
    lab.launch_run(config)


def test_a_workspace_sees_its_own_use_alone(config, allow):
    allow(hours_a_day=2, running_runs=1)
    lab.launch_run(config)
    hours = TrainingHours(workplace().home)
    hours.add(3600.0)
    made = register().workspaces.add("Other")
    use = workspace_use()
    assert (use.queued_runs, use.running_runs, use.trained_hours) == (1, 0, 1.0)
    assert use.why_waits == ""
    hours.add(3600.0)
    assert "2 h of training" in workspace_use().why_waits
    with acting_as(local_in(made.id)):
        other = workspace_use()
    assert (other.queued_runs, other.trained_hours, other.quota) == (0, 0.0, Quota())
