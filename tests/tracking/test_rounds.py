"""Runs that are sent: what a server has in the end, wherever a try broke off."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, Study
from cnnlab.lab import tracking
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.outbox import Outbox
from cnnlab.tracking.rounds import Sender, Stores
from cnnlab.tracking.server import ServerAwayError
from tests.made_runs import epoch_record, made_run, no_supervisor
from tests.tracking.memory_server import Killed, MemoryServer

PLACE = Destination("http://127.0.0.1:5000")


@pytest.fixture
def server():
    return MemoryServer()


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    made = made_run(RunConfig(dataset=dataset.id), epochs=3, name='It\'s 🙂 "mine"')
    workplace().runs.update(made.id, started_at="2026-11-30T10:00:00+00:00")
    return made


def sender(server):
    """What the next process would have."""
    stores = workplace()
    return Sender(
        Stores(stores.home, stores.runs, stores.datasets, stores.studies), lambda _: server
    )


def outbox():
    return Outbox(workplace().home)


def news(run, **options):
    outbox().add(run.id, PLACE.address, PLACE.key, **options)


def end(run, status=Status.FINISHED):
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    report = {
        "accuracy": 0.5, "cross_entropy": 1.0, "best_epoch": 2, "top_losses": [], "per_class": [],
        "macro": {"precision": 0.5, "recall": 0.4, "f1": 0.45}, "confusion": [],
    }  # fmt: skip
    result = {"status": str(status), "message": None, "model_epoch": 2, "report": report}
    attempt.result.write_text(json.dumps(result))
    attempt.model.write_bytes(b"a model")
    workplace().runs.update(run.id, status=status, ended_at="2026-11-30T10:01:00+00:00")


def sent(run):
    return outbox().sent(run.id, PLACE.address, PLACE.key)


def test_a_running_run_is_there_with_its_config_its_curves_and_what_it_is(server, run):
    news(run)
    assert sender(server).send_all() == 1
    there = server.only
    assert there["name"] == run.name and there["status"] == "RUNNING"
    assert there["parameters"]["training.epochs"] == "20"
    assert there["parameters"]["optimizer.name"] == "adam"
    assert there["parameters"]["regularization.early_stopping"] == "null"
    assert server.curve("val_accuracy") == [(1, 0.5), (2, 0.51), (3, 0.52)]
    assert server.curve("gap")[0] == (1, 0.0)
    assert not server.curve("memorized") and not server.curve("weights")
    assert there["tags"]["cnnlab.run"] == run.id
    assert there["tags"]["cnnlab.dataset"] == run.dataset
    assert there["tags"]["cnnlab.device"] if run.device else "cnnlab.device" not in there["tags"]
    assert [name for _, name in server.experiments.values()] == [
        f"{lab.load_dataset(run.dataset).name} ({run.dataset})"
    ]
    assert outbox().is_empty()


def test_an_ended_run_has_its_status_the_kept_model_and_its_files(server, run):
    end(run)
    news(run)
    sender(server).send_all()
    there = server.only
    assert there["status"] == "FINISHED"
    assert there["ended_ms"] - there["started_ms"] == 60_000
    assert server.curve("kept_f1_macro") == [(3, 0.45)]
    assert there["files"]["model/model.keras"] == b"a model"
    assert {"run/config.json", "run/result.json"} < there["files"].keys()


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.STOPPED, "KILLED"),
        (Status.FAILED, "FAILED"),
        (Status.QUEUED, "SCHEDULED"),
        (Status.INTERRUPTED, "SCHEDULED"),
    ],
)
def test_every_status_has_a_word_of_mlflows(server, run, status, word):
    workplace().runs.update(run.id, status=status)
    news(run)
    sender(server).send_all()
    assert server.only["status"] == word


@pytest.mark.parametrize("has_effect", [True, False], ids=["answer lost", "question lost"])
def test_a_kill_anywhere_makes_no_second_run_and_doubles_no_point(server, run, has_effect):
    end(run)
    news(run)
    whole = MemoryServer()
    sender(whole).send_all()
    (workplace().home.tracking / "sent" / f"{run.id}~{PLACE.key}.json").unlink()
    news(run)
    for broken in range(1, whole.calls + 1):
        server.breaks_at, server.has_effect = server.calls + 1, has_effect
        with pytest.raises(Killed):
            sender(server).send_all()
        assert not outbox().is_empty()
        if broken % 2:  # every other time the disk has lost what was noted
            (workplace().home.tracking / "sent" / f"{run.id}~{PLACE.key}.json").unlink(
                missing_ok=True
            )
    server.breaks_at = None
    sender(server).send_all()
    server.only.pop("experiment"), whole.only.pop("experiment")
    assert server.only == whole.only
    assert set(server.only["points"].values()) == {1}
    assert outbox().is_empty()


def test_what_is_there_is_not_sent_again(server, run):
    news(run)
    sender(server).send_all()
    calls = server.calls
    news(run)
    sender(server).send_all()
    assert server.calls == calls + 1  # a look at the run


def test_a_resumed_run_goes_on_in_the_same_one(server, run):
    end(run, Status.STOPPED)
    news(run)
    sender(server).send_all()
    before = server.curve("seconds")
    second = Attempt(workplace().home.attempt(run.id, 2))
    second.create(run.config)
    recorder = AttemptRecorder(second)
    for number in range(5):  # one more second each than in the first attempt
        recorder.epoch(epoch_record(number, seconds=1.5))
    recorder.close()
    workplace().runs.update(run.id, status=Status.RUNNING, attempt=2)
    news(run)
    sender(server).send_all()
    assert server.only["status"] == "RUNNING"
    assert [step for step, _ in server.curve("val_accuracy")] == [1, 2, 3, 4, 5]
    assert server.curve("seconds")[:3] == before
    assert server.only["tags"]["cnnlab.attempt"] == "2"


def test_a_server_that_is_away_keeps_everything_waiting_and_is_left_alone_for_a_while(server, run):
    server.away = "the server answers 500"
    news(run)
    assert sender(server).send_all() == 0
    assert outbox().away(PLACE.key).problem == "the server answers 500"
    calls = server.calls
    sender(server).send_all()
    assert server.calls == calls
    waits = tracking.tracking_state()
    assert waits.waiting == {PLACE.address: [run.id]}
    assert waits.problems[PLACE.address] == (
        "1 run waits for http://127.0.0.1:5000: the server answers 500; it is sent when it is back."
    )
    server.away = ""
    outbox().note_back(PLACE.key)
    assert sender(server).send_all() == 1
    assert outbox().is_empty() and outbox().away(PLACE.key) is None
    assert tracking.tracking_state().problems == {}


def test_pauses_grow_up_to_ten_minutes(home):
    box, dues = outbox(), []
    for _ in range(6):
        box.note_away(PLACE.key, "the server answers 500")
        dues.append(box.away(PLACE.key).due)
    steps = [round(later - dues[0]) for later in dues]
    assert steps == [0, 25, 115, 595, 595, 595]


def test_files_that_find_no_place_keep_no_run_from_ending_there(server, run):
    end(run)
    news(run)
    whole = MemoryServer()
    sender(whole).send_all()
    (workplace().home.tracking / "sent" / f"{run.id}~{PLACE.key}.json").unlink()
    news(run)
    server.breaks_at, server.breaks_with = whole.calls, ServerAwayError("the server answers 500")
    assert sender(server).send_all() == 0
    assert server.only["status"] == "FINISHED"
    assert not outbox().is_empty()


@pytest.mark.parametrize("error", [KeyError("boom"), ValueError("odd\nthing"), RuntimeError()])
def test_whatever_goes_wrong_with_one_run_is_its_problem_and_the_others_are_sent(
    server, run, dataset, error
):
    other = made_run(RunConfig(dataset=dataset.id), epochs=1, name="other")
    news(run)
    news(other)
    server.breaks_at, server.breaks_with = 4, error  # the first run's parameters
    sender(server).send_all()
    assert outbox().is_empty() and len(server.runs) == 2
    first, second = (sent(each) for each in (run, other))
    assert first.problem.startswith(f"it can't be sent ({type(error).__name__}")
    assert second.problem == "" and second.status == "RUNNING"
    news(run, is_asked=True)
    sender(server).send_all()
    assert sent(run).problem == "" and len(server.runs) == 2


def test_what_is_stored_of_a_run_and_breaks_the_telling_is_its_problem_too(
    server, run, monkeypatch
):
    monkeypatch.setattr("cnnlab.tracking.rounds.run_content", lambda *_, **__: {}["config"])
    news(run)
    assert sender(server).send_all() == 1
    assert sent(run).problem == "it can't be sent (KeyError: 'config')" and outbox().is_empty()


@pytest.mark.parametrize("at_first", [True, False], ids=["with the first server", "at a call"])
def test_a_client_that_cant_be_loaded_keeps_everything_waiting_with_the_line(run, server, at_first):
    broken = ImportError("No module named 'cachetools'")
    server.breaks_at, server.breaks_with = 1, broken

    def connect(_):
        if at_first:
            raise broken
        return server

    stores = workplace()
    news(run)
    them = Stores(stores.home, stores.runs, stores.datasets, stores.studies)
    assert Sender(them, connect).send_all() == 0
    away = outbox().away(PLACE.key)
    assert away.problem.startswith("MLflow's client can't be loaded (ImportError: No module named")
    assert "pip install 'mlflow-skinny" in away.problem and away.tries == 1
    assert not outbox().is_empty() and sent(run).problem == ""


def test_the_end_of_a_run_that_is_gone_here_is_told_but_once(server, run):
    news(run)
    sender(server).send_all()
    workplace().runs.update(run.id, status=Status.STOPPED)
    lab.delete_run(run.id)
    server.breaks_at, server.breaks_with = server.calls + 1, KeyError("boom")
    sender(server).send_all()
    assert outbox().is_empty() and outbox().all_sent(run.id) == []


def test_a_message_and_tags_that_are_gone_here_are_gone_there(server, run):
    workplace().runs.update(run.id, status=Status.FAILED, message="Out of memory.")
    lab.tag_run(run.id, ["approved"])
    news(run)
    sender(server).send_all()
    assert server.only["tags"]["cnnlab.message"] == "Out of memory."
    workplace().runs.update(run.id, status=Status.FINISHED, message=None)
    lab.tag_run(run.id, [])
    assert not outbox().is_empty()  # the tags alone are news
    sender(server).send_all()
    assert server.only["tags"]["cnnlab.message"] == server.only["tags"]["cnnlab.tags"] == ""
    lab.tag_run(run.id, ["approved"])
    sender(server).send_all()
    assert server.only["tags"]["cnnlab.tags"] == "approved"


def test_a_run_that_always_breaks_the_server_is_not_in_the_way_of_others(server, run, dataset):
    other = made_run(RunConfig(dataset=dataset.id), epochs=1, name="other")
    news(run)
    news(other)
    server.breaks_at, server.breaks_with = 1, ServerAwayError("the server answers 500")
    sender(server).send_all()
    assert [entry.subject for entry in outbox().entries()] == [other.id, run.id]


def test_news_that_comes_while_a_run_is_sent_is_sent_too(server, run):
    news(run)
    (entry,) = outbox().entries()
    news(run)
    sender(server).send_entry(entry)
    assert not outbox().is_empty()


def test_a_run_that_was_deleted_there_stays_deleted_unless_somebody_asks(server, run):
    news(run)
    sender(server).send_all()
    server.only["deleted"] = True
    news(run)
    sender(server).send_all()
    assert outbox().is_empty()
    assert sent(run).problem == "it was deleted there"
    news(run, is_asked=True)
    sender(server).send_all()
    assert len(server.runs) == 2 and sent(run).problem == ""


def test_a_run_that_was_deleted_here_does_not_run_there_for_ever(server, run):
    news(run)
    sender(server).send_all()
    workplace().runs.update(run.id, status=Status.STOPPED)
    lab.delete_run(run.id)
    assert sender(server).send_all() == 1
    assert server.only["status"] == "KILLED"
    assert outbox().is_empty() and outbox().all_sent(run.id) == []


def test_runs_of_a_study_have_an_experiment_of_their_own(server, run):
    workplace().runs.update(run.id, study="s1", arm="dropout")
    news(run)
    sender(server).send_all()
    assert list(server.experiments) == [("cnnlab.study", "s1")]
    assert server.only["tags"]["cnnlab.arm"] == "dropout"


def test_damaged_files_of_a_run_are_its_problem_alone(server, run):
    (workplace().home.attempt(run.id, 1) / "events.jsonl").write_text("nonsense\n{}\n")
    news(run)
    sender(server).send_all()
    assert "damaged" in sent(run).problem
    assert outbox().is_empty() and not server.runs


def test_a_study_has_a_run_of_its_own_with_its_report(server, run):
    study = Study(
        "s1", "What helps?", run.dataset, run.config, (Arm("a", {}), Arm("b", {})), (0, 1),
        created_at="2026-11-30T09:00:00+00:00",
    )  # fmt: skip
    workplace().studies.create(study)
    workplace().runs.update(run.id, study="s1", arm="a")
    folder = outbox().documents("s1")
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>It helps.")
    news(run)
    outbox().add("s1", PLACE.address, PLACE.key, is_asked=True)
    assert sender(server).send_all() == 2
    of_run, of_study = server.runs.values()
    assert of_run["name"] == "a, seed 0" and of_study["name"] == "Report: What helps?"
    assert of_run["experiment"] == of_study["experiment"]
    assert of_study["files"] == {"report/report.html": b"<p>It helps."}
    assert of_study["status"] == "FINISHED" and of_study["tags"]["cnnlab.report"] == "s1"


def test_of_a_study_that_was_deleted_here_no_document_stays(server, run):
    study = Study(
        "s1", "What helps?", run.dataset, run.config, (Arm("a", {}), Arm("b", {})), (0, 1),
        created_at="2026-11-30T09:00:00+00:00",
    )  # fmt: skip
    workplace().studies.create(study)
    folder = outbox().documents("s1")
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>It helps.")
    outbox().add("s1", PLACE.address, PLACE.key, is_asked=True)
    sender(server).send_all()
    lab.delete_study("s1")
    sender(server).send_all()
    assert not folder.exists() and outbox().all_sent("s1") == [] and outbox().is_empty()


def test_the_command_sends_a_run_with_its_report_and_says_what_is_there(
    server, run, monkeypatch, capsys
):
    monkeypatch.setattr(tracking, "require_client", lambda: None)
    monkeypatch.setattr(tracking, "run_report", lambda run: "<p>A report.")
    monkeypatch.setattr(tracking, "model_card", lambda run: "# A card")
    monkeypatch.setattr(tracking, "Sender", lambda stores: Sender(stores, lambda _: server))
    monkeypatch.setattr(tracking, "ensure_supervisor", lambda home: None)
    end(run)
    assert main(["track", run.id, "--to", f"{PLACE.address}/", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["to"] == PLACE.address
    assert answer["runs"][0]["epochs"] == 3 and answer["runs"][0]["status"] == "FINISHED"
    assert server.only["files"]["report/report.html"] == b"<p>A report."
    server.away = "the server answers 500"
    assert main(["track", run.id, "--to", PLACE.address]) == 1
    assert (
        "1 run waits for http://127.0.0.1:5000: the server answers 500; it is sent when it is "
        in (capsys.readouterr().err)
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No MLflow server is named: set MLFLOW_TRACKING_URI, or give --to http://HOST:PORT."),
        (["--to", "sqlite:///a.db"], "begins with http:// or https://"),
        (["--to", "http://me:secret@127.0.0.1:5000"], "leave user and password out of it"),
    ],
)
def test_what_is_no_server_is_refused_in_a_sentence(run, monkeypatch, capsys, words, said):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["track", run.id, *words]) == 2
    error = capsys.readouterr().err
    assert said in error and "secret" not in error


def test_without_the_client_the_line_that_installs_it_is_said(run, monkeypatch, capsys):
    monkeypatch.setattr("cnnlab.tracking.destination._version", lambda: (3, 9))
    assert main(["track", run.id, "--to", PLACE.address]) == 1
    assert "'mlflow-skinny>=3.11,<4'`, then try again." in capsys.readouterr().err
