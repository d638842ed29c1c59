"""Model cards: what they say, what they don't know, and that they are no look at test images."""

import re

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.domain.split import TEST, VALIDATION
from cnnlab.lab.gallery import open_index
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor

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
    told = [f"{100 * judged[name]['value']:.1f} %" for name in ("accuracy", "balanced_accuracy")]
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
