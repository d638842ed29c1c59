"""`explain` on the command line: what is printed, what is refused, with which exit code."""

import json
from pathlib import Path

import pytest

from cnnlab.cli.main import main
from cnnlab.cli.models import explanations
from cnnlab.lab.explaining.files import WrittenMap, WrittenMaps
from tests.made_explanations import CHECK, LAYER

TOLD = {
    "class": "dark", "method": "hirescam", "against": 0.25, "miss": None, "file": "a.png",
    "row": None, "predicted": "dark", "probability": 0.9,
}  # fmt: skip


@pytest.fixture
def asked(home, monkeypatch):
    """What the application is asked for, which writes one map and refuses one file."""
    asked = []

    def write(*words, on_phase):
        asked.append(words)
        on_phase("Loading the model")
        written = [WrittenMap(TOLD, Path("to/a.png"), Path("to/a.npy"))]
        return WrittenMaps(written, [{"file": "b.txt", "reason": "not an image"}], CHECK, LAYER)

    monkeypatch.setattr(explanations.lab, "write_explanations", write)
    return asked


def test_one_object_by_the_contract_and_the_rest_on_standard_error(asked, capsys):
    words = ["explain", "run", "a.png", "b.txt", "--to", "to", "--class", "dark", "--json"]
    assert main(words) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["explanations"] == [{**TOLD, "map": "to/a.png", "values": "to/a.npy"}]
    assert told["refused"] == [{"file": "b.txt", "reason": "not an image"}]
    assert (told["check"], told["layer"]) == (CHECK, LAYER)
    assert printed.err.splitlines() == ["Loading the model", "b.txt: not an image"]
    assert asked == [("run", [Path("a.png"), Path("b.txt")], Path("to"), "hirescam", "dark")]


def test_in_words_it_says_whether_the_maps_mean_something(asked, capsys):
    assert main(["explain", "run", "a.png", "--to", "to", "--method", "occlusion"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.png: dark, to/a.png",
        "The map is of a picture inside the network: layer conv, 8 × 8; 2 convolutions follow.",
        "The map changes when the weights are shuffled: yes (rank correlation 0.08, without signs "
        "0.21, mean of 12 pictures).",
    ]
    assert asked[0][3] == "occlusion"


def test_without_a_folder_or_with_a_run_or_method_that_is_none_it_is_bad_input(home, capsys):
    with pytest.raises(SystemExit) as left:
        main(["explain", "run", "a.png"])
    assert left.value.code == 2
    for words in (["--method", "guess"], []):
        assert main(["explain", "run", "a.png", "--to", "to", *words]) == 2
    assert "method must be one of" in capsys.readouterr().err
