"""`predict` on the command line: what is printed, what is refused, with which exit code."""

import json

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.cli.models import predictions
from cnnlab.domain.errors import BadInputError

LIMIT = {"limit": 1.0, "false_alarms": 0.05, "low": 0.02, "high": 0.1, "images": 100}


def row(file, probability=0.75, *, calibrated=None, familiarity=None):
    top = [
        {"class": "=dark", "probability": probability, "calibrated": calibrated},
        {
            "class": "bright",
            "probability": 1 - probability,
            "calibrated": None if calibrated is None else 1 - calibrated,
        },
    ]
    said = {"run": "a", "run_name": "A", "file": file, **top[0], "top": top}
    return {"row": 0, "file": file, "predictions": [{**said, "familiarity": familiarity}]}


@pytest.fixture
def said(home, monkeypatch):
    """What the models say, in their place."""
    said = []

    def predict_files(run, paths, *, on_phase):
        on_phase("Loading the model")
        if not said:
            raise BadInputError("None of the files can be read as a picture.")
        return said

    monkeypatch.setattr(predictions.lab, "predict_files", predict_files)
    return said


def test_one_object_by_the_contract_and_the_rest_on_standard_error(said, capsys):
    known = {**LIMIT, "distance": 2.0, "is_unlike": True}
    said += [row("a.png", familiarity=known), row("b.png", 0.5, calibrated=0.4)]
    said.append({"row": 2, "file": "c.txt", "predictions": [], "reason": "not an image"})
    assert main(["predict", "run", "a.png", "b.png", "c.txt", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "run": "run",
        "predictions": [
            {
                "file": "a.png",
                "class": "=dark",
                "probability": 0.75,
                "top": [
                    {"class": "=dark", "probability": 0.75},
                    {"class": "bright", "probability": 0.25},
                ],
                "unlike": True,
            },
            {
                "file": "b.png",
                "class": "=dark",
                "probability": 0.5,
                "top": [
                    {"class": "=dark", "probability": 0.5},
                    {"class": "bright", "probability": 0.5},
                ],
                "unlike": None,
            },
        ],
        "refused": [{"file": "c.txt", "reason": "not an image"}],
    }
    assert printed.err.splitlines() == ["Loading the model", "c.txt: not an image"]
    assert main(["predict", "run", "a.png"]) == 0
    assert capsys.readouterr().out == "a.png: =dark 75.0 %\nb.png: =dark 50.0 %\n"


def test_calibrated_ones_are_given_on_wish_where_they_are_known(said, capsys, monkeypatch):
    monkeypatch.setattr(lab, "calibration_temperature", lambda run: 1.5)
    said.append(row("b.png", 0.5, calibrated=0.375))
    assert main(["predict", "run", "b.png", "--calibrated", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["predictions"]
    assert [guess["probability"] for guess in one["top"]] == [0.375, 0.625]
    said.append(row("a.png"))
    assert main(["predict", "run", "a.png", "--calibrated"]) == 1
    assert "wasn't evaluated on its validation images" in capsys.readouterr().err


def test_calibrated_ones_are_refused_before_any_work_where_none_can_be(capsys, monkeypatch):
    monkeypatch.setattr(lab, "calibration_temperature", lambda run: None)
    monkeypatch.setattr(lab, "predict_files", None)  # calling it would be an error
    assert main(["predict", "run", "a.png", "--calibrated"]) == 1
    assert "wasn't evaluated on its validation images" in capsys.readouterr().err


def test_where_nothing_can_be_read_it_is_bad_input(said, capsys):
    assert main(["predict", "run", "a.txt", "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1] == "None of the files can be read as a picture."
