"""Model cards: what they say, what they don't know, and that they are no look at test images."""

import html
import json
import re
from datetime import datetime, timedelta

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.split import TEST, VALIDATION
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.domain.words import percent
from cnnlab.files import write_json
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.words.measure_words import interval_words, value_words
from cnnlab.judging.words.sentences import error_words, share_words, temperature_words
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.made_evaluations import finish_evaluation
from tests.made_runs import FACTS, made_run, no_supervisor
from tests.made_studies import made_study, study_base

FORMS = ("markdown", "html")


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run with three epochs and test images."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id, "split": {"test": 0.25}})
    return lambda status=Status.FINISHED, **known: made_run(config, status=status, **known)


def part(card, title):
    """A section of a card in Markdown."""
    return card.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_fingerprint_is_what_the_id_ends_with(dataset):
    assert open_index(dataset.id).fingerprint[:8] == dataset.id.rpartition("-")[2]


def test_a_card_says_what_was_not_measured_and_how_to_get_it(make):
    run = make()
    card = lab.model_card(run.id)
    assert f"python -m cnnlab evaluate {run.id}" in part(card, "How good it is")
    assert "Not looked for. Evaluate it first" in part(card, "Where it is weak")
    assert "Not measured" in part(card, "Distorted images")
    assert "No file of the model is prepared yet" in part(card, "Cost and files")
    assert "model-index" not in card
    assert card.count("> **To be filled in:**") == 7


@pytest.mark.parametrize("form", FORMS)
def test_test_numbers_stand_there_only_once_somebody_has_looked(make, form):
    run = make()
    finish_evaluation(run, VALIDATION, right=0.5)
    finish_evaluation(run, TEST, right=0.75, sure=0.87)
    before = lab.model_card(run.id, form)
    assert "Not looked at" in before and "Nobody has looked at" in before
    judged = lab.evaluation_state(run.id, TEST).answer["measures"]
    told = [percent(judged[name]["value"]) for name in ("accuracy", "balanced_accuracy")]
    shown = re.sub(r"validation.*", "", before)
    assert not any(number in shown for number in told)
    assert lab.run_test_looks(run).looks == 0
    lab.look_at_test(run.id)
    after = lab.model_card(run.id, form)
    assert "Not looked at" not in after and "1 look at" in after
    assert all(number in after for number in told)
    assert lab.run_test_looks(run).looks == 1


@pytest.mark.parametrize("status", [Status.RUNNING, Status.QUEUED])
def test_a_run_that_has_not_ended_or_has_no_epoch_has_no_card(make, status):
    with pytest.raises(RunStateError, match="wait until it has ended"):
        lab.model_card(make(status).id)
    with pytest.raises(RunStateError, match="start it again"):
        lab.model_card(make(Status.FAILED, epochs=0).id)
    with pytest.raises(NotFoundError):
        lab.model_card("nothing")
    with pytest.raises(BadInputError, match="markdown, html"):
        lab.model_card(make().id, "pdf")


def test_numbers_are_those_of_the_pages(make):
    run = make()
    finish_evaluation(run, VALIDATION, temperature=1.5)
    judgement, card = lab.evaluation_state(run.id, VALIDATION).answer, lab.model_card(run.id)
    good, sure = part(card, "How good it is"), part(card, "How sure it is")
    assert share_words(judgement["measures"]["accuracy"]) in card.partition("\n## ")[0]
    for name in ("balanced_accuracy", "macro_f1"):
        assert f"| {interval_words(judgement['measures'][name])} |" in good
    assert lab.run_optimism(run).words in good
    for row in judgement["per_class"]:
        cells = f"| {value_words(row['recall'])} | {interval_words(row['recall'])} |"
        assert f"| {row['class']} | {row['images']} {cells}" in part(card, "Class by class")
    sure = html.unescape(sure)
    assert temperature_words(judgement["calibration"]) in sure and error_words(judgement) in sure
    found = lab.diagnose_run(lab.view_run(run.id))
    told = [one for one in found if one.severity in ("problem", "warning")]
    assert told and all(one.title in part(card, "Caveats") for one in told)


def test_what_the_training_measured_stands_there_with_intervals_before_it_is_evaluated(make):
    run = make()
    report = {
        "accuracy": 0.75, "cross_entropy": 0.6,
        "macro": {"precision": 0.8, "recall": 0.7, "f1": 0.7},
        "per_class": [
            {"class": name, "images": 10, "precision": 0.8, "recall": 0.75, "f1": 0.77}
            for name in ("bright", "dark")
        ],
        "confusion": [[9, 1], [4, 6]], "best_epoch": 2, "top_losses": [],
        "calibration": {"ece": 0.061, "bins": [{}] * 15},
        "robustness": [{"distortion": "rotation", "strength": 20.0, "unit": "°", "accuracy": 0.5}],
        "robustness_images": 20, "robustness_undistorted": 0.75,
    }  # fmt: skip
    write_json(
        newest_attempt(run).result, {"status": "finished", "report": report, "model_epoch": 1}
    )
    card = lab.model_card(run.id)
    accuracy, recall = wilson(15, 20), wilson(6, 10)
    assert f"**It tells 2 classes of Shades apart: {share_words(accuracy)} of 20" in card
    assert f"| Accuracy | {percent(0.75)} | {interval_words(accuracy)} |" in part(
        card, "How good it is"
    )
    assert f"| dark | 10 | {percent(0.6)} | {interval_words(recall)} |" in part(
        card, "Class by class"
    )
    assert "'dark' is taken for 'bright' in 4 of 10 images." in part(card, "Class by class")
    assert "error 6.1\u00a0%, over 15" in part(card, "How sure it is")
    assert f"| rotation | 20° | {share_words(wilson(10, 20))} |" in part(card, "Distorted images")
    assert "of epoch 2, the best whose weights were kept; the best one, 3" in card


def test_a_look_at_an_earlier_model_of_the_run_is_not_told(make):
    run = make()
    finish_evaluation(run, TEST)
    look = lab.look_at_test(run.id)
    assert "Looked at on" in lab.model_card(run.id)
    lab.delete_evaluation(run.id, TEST)
    kept = part(lab.model_card(run.id), "Test images")
    assert f"| Accuracy | {value_words(look.judgement['measures']['accuracy'])} | – |" in kept
    later = datetime.fromisoformat(look.recorded.at) + timedelta(seconds=1)
    workplace().runs.update(run.id, ended_at=later.isoformat())
    again = part(lab.model_card(run.id), "Test images")
    assert "Not looked at" in again and "Accuracy" not in again and "1 look at" in again


def test_the_card_of_a_studys_run_names_both_and_is_no_look_at_verdicts(dataset):
    base = study_base(dataset.id, epochs=3)
    study = lab.compare_arms(base, ready_arms(["baseline", "l2"]), seeds=6, name="Which <b>?")
    made_study(study, {"baseline": 0.6, "L2": 0.8})
    run = next(run for run in lab.study_runs(study.id) if run.arm == "L2")
    card = lab.model_card(run.id)
    assert "- **Study:** Which &lt;b&gt;?, arm 'L2'" in card
    assert "- **Regularizers:** L2 0.001" in card
    assert lab.load_study(study.id).looks == ()


def test_a_run_on_two_versions_says_so(make):
    run = make()
    for number, version in ((1, "0.0.1"), (2, "0.0.2")):
        attempt = Attempt(workplace().home.attempt(run.id, number))
        attempt.folder.mkdir(parents=True, exist_ok=True)
        attempt.events.unlink(missing_ok=True)
        recorder = AttemptRecorder(attempt)
        recorder.started(FACTS | {"versions": {"cnnlab": version}})
        recorder.close()
    workplace().runs.update(run.id, attempt=2)
    note = lab.version_note(lab.view_run(run.id))
    assert note.startswith("Begun by") and note in part(lab.model_card(run.id), "Versions")


def test_the_command_writes_or_says_the_card(make, tmp_path, capsys):
    run = make(name='"a" <b> | 🐍')
    assert main(["card", run.id, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run"] == run.id and told["text"].startswith("---\nlicense:")
    for ending, begin in (("md", "---\n"), ("HTML", "<!DOCTYPE html>")):
        to = tmp_path / f"card.{ending}"
        assert main(["card", run.id, "--to", str(to), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == {"run": run.id, "file": str(to), "bytes": to.stat().st_size}
        assert to.read_text(encoding="utf-8").startswith(begin)
    assert main(["card", run.id, "--to", str(tmp_path / "card.pdf")]) == 2
    assert r"must be a file that ends in .html or .md" in capsys.readouterr().err
    assert main(["card", run.id, "--to", str(tmp_path / "missing" / "card.md")]) == 1
