"""The queue of jobs other than training, with real processes and light workers."""

import json
import os
from dataclasses import asdict, replace

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import take_lock, write_json
from cnnlab.jobs import asking
from cnnlab.jobs.asking import ask, cancel, keep_queued, queue_is_empty, queued_jobs
from cnnlab.jobs.kind import DeviceNeed
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.jobs.state import Stage, end_job, read_state
from cnnlab.jobs.table import KINDS
from cnnlab.runner.process import note_pid
from tests.runner.light_jobs import ANSWERS
from tests.runner.place import EVERY_KIND, REQUESTS
from tests.waiting import wait_until


def state(kind, files):
    return read_state(KINDS[kind], files)


def wait_for_end(place, kind, files):
    place.wait_until(lambda: state(kind, files).is_ended)
    place.wait_until(lambda: not files.is_alive())
    return state(kind, files)


def wait_to_work(place, kind, files):
    place.wait_until(lambda: state(kind, files).done)


def go(files):
    (files.folder / "GO").touch()


def test_every_kind_but_training_is_played_here():
    assert set(REQUESTS) == set(KINDS) - {"train"}


@EVERY_KIND
@pytest.mark.parametrize("warm_workers", ["1", "0"])
def test_a_job_is_done_and_tells_how_far_it_is(place, kind, warm_workers, monkeypatch):
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", warm_workers)
    place.supervisor = place.new_supervisor()
    files = place.ask(kind, waits=True)
    assert state(kind, files).phase == "Waiting for a worker"
    wait_to_work(place, kind, files)
    now = state(kind, files)
    assert (now.stage, now.phase, now.done, now.total) == (Stage.RUNNING, "Working", 1, 2)
    assert now.started_at > 0
    go(files)
    ended = wait_for_end(place, kind, files)
    assert (ended.answer, ended.problem, ended.is_ready) == (ANSWERS[kind], None, True)
    place.wait_until(lambda: queue_is_empty(place.home))
    assert files.read_result()["seconds"] > 0


@EVERY_KIND
def test_the_same_work_is_one_job(place, kind):
    files = place.ask(kind, waits=True)
    wait_to_work(place, kind, files)
    place.ask(kind, again=True)
    go(files)
    wait_for_end(place, kind, files)
    place.ask(kind, again=True)  # it is done
    place.wait_until(lambda: queue_is_empty(place.home))
    times = 2 if KINDS[kind].is_resident else 1  # one that had left comes back
    assert len((files.folder / "tries").read_text().splitlines()) == times


@EVERY_KIND
def test_what_failed_says_why_and_is_done_again_only_where_that_is_asked_for(place, kind):
    files = place.ask(kind, fails="The zip is empty: choose another one.")
    ended = wait_for_end(place, kind, files)
    assert (ended.stage, ended.problem) == (Stage.FAILED, "The zip is empty: choose another one.")
    place.ask(kind)
    assert state(kind, files) == ended
    write_json(files.folder / "plan.json", {})
    place.ask(kind, again=True)
    assert not state(kind, files).is_ended
    assert wait_for_end(place, kind, files).is_ready


def test_of_those_that_need_keras_one_works_at_a_time_beside_the_runs(place):
    first, second = place.ask("preflight", waits=True), place.ask("export")
    wait_to_work(place, "preflight", first)
    place.wait(place.add("a"), Status.FINISHED)
    assert state("export", second).stage is Stage.WAITING
    go(first)
    wait_for_end(place, "export", second)
    assert state("preflight", first).is_ready


def test_a_resident_takes_no_turn_of_others_and_waits_for_none(place):
    first = place.ask("export", waits=True)
    wait_to_work(place, "export", first)
    resident = place.ask("answer_pictures", waits=True)
    wait_to_work(place, "answer_pictures", resident)
    go(first)
    wait_for_end(place, "export", first)
    wait_for_end(place, "preflight", place.ask("preflight"))
    assert state("answer_pictures", resident).stage is Stage.RUNNING
    go(resident)
    assert wait_for_end(place, "answer_pictures", resident).is_ready


def test_work_as_long_as_a_run_has_a_turn_of_its_own(place):
    long, other = place.ask("crossfit", waits=True), place.ask("crossfit", "other")
    wait_to_work(place, "crossfit", long)
    many = place.ask("predict", waits=True)  # another kind of such work: somebody waits for it
    wait_to_work(place, "predict", many)
    wait_for_end(place, "export", place.ask("export"))
    assert state("predict", many).stage is Stage.RUNNING
    go(many)
    assert state("crossfit", other).stage is Stage.WAITING
    go(long)
    wait_for_end(place, "crossfit", other)
    assert state("crossfit", long).is_ready


def test_light_work_waits_for_no_other_sort(place):
    first, imports = place.ask("export", waits=True), [
        place.ask("import", key, waits=True) for key in "abc"
    ]  # fmt: skip
    for files in imports[:2]:
        wait_to_work(place, "import", files)
    wait_to_work(place, "export", first)
    assert state("import", imports[2]).stage is Stage.WAITING
    go(imports[0])
    wait_to_work(place, "import", imports[2])
    for files in (first, *imports):
        go(files)
        wait_for_end(place, "import" if files in imports else "export", files)


def test_a_check_goes_before_models_unless_those_wait_for_long(place):
    first = place.ask("export", waits=True)
    wait_to_work(place, "export", first)
    old, young = place.ask("export", "old"), place.ask("export", "young")
    person = place.ask("preflight")
    for entry in (place.home.jobs / "queue").iterdir():
        if '/old"' in entry.read_text():
            os.utime(entry, (0, 0))
    go(first)
    ends = []
    for kind, files in (("export", old), ("preflight", person), ("export", young)):
        wait_for_end(place, kind, files)
        ends.append(files.result.stat().st_mtime_ns)
    assert ends == sorted(ends)


def test_on_a_gpu_runs_have_the_memory_for_themselves(place):
    place.supervisor = place.new_supervisor(gpus=("gpu:0",))
    check, model = place.ask("preflight", waits=True), place.ask("export")
    assert KINDS["export"].device is DeviceNeed.CPU
    wait_to_work(place, "preflight", check)
    place.add("a", waits="start")
    ended = wait_for_end(place, "preflight", check)
    assert (ended.stage, "gave way to a run" in ended.problem) == (Stage.LOST, True)
    place.ask("preflight", again=True)
    wait_for_end(place, "export", model)  # needs no GPU
    place.wait_to_wait("a")
    for _ in range(3):
        assert place.supervisor.tick()
    assert state("preflight", check).stage is Stage.WAITING
    go(check)
    place.attempt("a").ask_to_stop()
    assert wait_for_end(place, "preflight", check).is_ready


def test_only_the_newest_folders_are_kept(place, monkeypatch):
    monkeypatch.setitem(KINDS, "preflight", replace(KINDS["preflight"], kept=2))
    for hour, key in enumerate("abc"):
        files = place.ask("preflight", key)
        wait_for_end(place, "preflight", files)
        os.utime(files.request, (hour, hour))
    place.ask("preflight", "b")  # is used again
    place.ask("preflight", "d")
    assert {folder.name for folder in (place.home.jobs / "preflight").iterdir()} == {"b", "d"}


def test_an_entry_that_leads_nowhere_is_in_nobodys_way(place):
    (place.home.jobs / "queue").mkdir()
    write_json(place.home.jobs / "queue" / "x.json", {"kind": "export", "folder": "gone"})
    write_json(place.home.jobs / "queue" / "y.json", {"kind": "of a later version", "folder": "x"})
    (place.home.jobs / "queue" / "z.json").write_text("{damaged")
    assert wait_for_end(place, "import", place.ask("import")).is_ready
    place.wait_until(lambda: queue_is_empty(place.home))
    assert list((place.home.jobs / "queue").iterdir()) == []


@EVERY_KIND
def test_a_job_that_waits_is_cancelled_at_once(place, kind):
    files = place.ask(kind)
    cancel(files)
    ended = state(kind, files)
    assert (ended.stage, ended.problem) == (Stage.CANCELLED, "Cancelled: nothing was stored.")
    place.wait_until(lambda: queue_is_empty(place.home))
    cancel(files)  # once more does no harm
    place.ask(kind, again=True)
    assert wait_for_end(place, kind, files).is_ready
    cancel(files)
    assert state(kind, files).is_ready


def test_a_new_process_finds_what_is_asked(place, start_supervisor):
    files = place.ask("export")
    start_supervisor()
    wait_until(lambda: state("export", files).is_ready)


def entries(place):
    return list((place.home.jobs / "queue").iterdir())


def test_a_job_whose_entry_got_lost_is_entered_again_by_who_waits_for_it(place):
    files = place.ask("export")
    for entry in entries(place):
        entry.unlink()
    for _ in range(2):  # twice is the same
        keep_queued(place.home, KINDS["export"], files)
    assert [job.files.folder for job in queued_jobs(place.home)] == [files.folder]
    assert wait_for_end(place, "export", files).is_ready


def test_nothing_is_entered_for_a_folder_that_is_gone(place):
    files = asking.job_folder(place.home, KINDS["export"], "gone")
    keep_queued(place.home, KINDS["export"], files)
    assert queue_is_empty(place.home)


def test_an_entry_that_cannot_be_read_at_the_moment_stays(place, monkeypatch):
    files = place.ask("export")

    def read(path):
        raise StorageError(f"Can't use {path}: Too many open files.")

    with monkeypatch.context() as crowded:
        crowded.setattr(asking, "read_json", read)
        assert list(queued_jobs(place.home)) == []
    assert wait_for_end(place, "export", files).is_ready


def ask_for(place, files, export_format):
    request = ExportRequest("a", 1, export_format)
    return ask(place.home, KINDS["export"], files, request, again=True)


def test_who_asks_is_told_whether_that_is_what_is_done(place):
    files = place.ask("export", waits=True)
    assert ask_for(place, files, "onnx")  # nobody has begun with the other one
    assert json.loads(files.request.read_text()) == asdict(ExportRequest("a", 1, "onnx"))
    wait_to_work(place, "export", files)
    assert ask_for(place, files, "onnx")
    assert not ask_for(place, files, "keras")
    go(files)
    assert wait_for_end(place, "export", files).is_ready
    assert ask_for(place, files, "onnx")
    assert not ask_for(place, files, "keras")


def test_who_asks_again_waits_for_a_worker_that_is_at_its_end(place, monkeypatch):
    files = place.ask("export")
    end_job(files, Stage.FAILED, "It is too large.")
    locks = [take_lock(files.lock)]
    monkeypatch.setattr(asking.time, "sleep", lambda seconds: os.close(locks.pop()))
    assert ask_for(place, files, "keras")
    monkeypatch.undo()
    assert state("export", files).stage is Stage.WAITING


def test_who_asks_takes_the_lock_without_the_process_id_of_the_worker_before(place, monkeypatch):
    files = place.ask("export")
    lock = take_lock(files.lock)
    note_pid(lock, 12345)
    os.close(lock)
    pids = []
    monkeypatch.setattr(asking, "_enter", lambda *_: pids.append(files.lock.read_text()))
    place.ask("export")
    assert pids == [""]


@pytest.mark.parametrize("result", ["", "[]", "{}", '{"status": "odd"}', '{"status": "finished"}'])
def test_a_result_that_is_damaged_counts_as_a_loss(place, monkeypatch, result):
    monkeypatch.setitem(KINDS, "preflight", replace(KINDS["preflight"], kept=1))
    files = place.ask("preflight")
    assert wait_for_end(place, "preflight", files).is_ready
    files.result.write_text(result)
    ended = state("preflight", files)
    assert (ended.stage, ended.is_ready) == (Stage.LOST, False)
    assert ended.problem == "The disk lost what the worker had written at its end. Start it again."
    place.ask("preflight", again=True)
    assert wait_for_end(place, "preflight", files).is_ready
    files.result.write_text(result)
    other = place.ask("preflight", "b")  # is in nobody's way
    assert not files.folder.exists()
    assert wait_for_end(place, "preflight", other).is_ready


def test_how_far_a_job_is_stands_in_its_last_rows(place):
    files = place.ask("import")
    files.mark_started()
    assert state("import", files).phase == "Starting"
    recorder = files.recorder()
    recorder.phase('Reading "data":{"kind":"phase"')
    for done in range(3):
        recorder.progress(done, 9)
    now = state("import", files)
    assert (now.phase, now.done, now.total) == ('Reading "data":{"kind":"phase"', 2, 9)
    recorder.close()
    content = files.steps.read_bytes()
    files.steps.write_bytes(content.replace(b'"done":0', b'"done":?'))  # isn't looked at
    assert state("import", files) == now
    files.steps.write_bytes(content + b'{"row":4,"crc":1,"data":{"kind":"pha')  # is being written
    assert state("import", files) == now
    recorder = files.recorder()
    recorder.phase("Writing")
    recorder.close()
    now = state("import", files)
    assert (now.phase, now.done, now.total) == ("Writing", 0, 0)
