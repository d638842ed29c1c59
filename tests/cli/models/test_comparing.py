"""The command that puts runs side by side."""

import json

import pytest

from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from tests.made_pairs import judged_run
from tests.made_runs import no_supervisor


@pytest.fixture
def runs(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    plain = {"dataset": dataset.id}
    configs = [load_config(plain), load_config(plain | {"regularization": {"l2": 0.01}})]
    return [
        judged_run(config, wrong=range(wrong)).id
        for config, wrong in zip(configs, (3, 1), strict=True)
    ]


def test_the_answer_has_what_the_contract_says(runs, capsys):
    assert main(["compare", *runs, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [run["run"] for run in answer["runs"]] == runs
    assert answer["fields"] == {"regularization.l2": [0, 0.01]}
    [pair] = answer["pairs"]
    assert (pair["only_first"], pair["only_second"]) == (0, 2)
    assert pair["low"] < 0 < pair["difference"] < pair["high"]
    assert pair["p"] == pair["p_adjusted"] == 0.5
    assert pair["verdict"] == "cannot_tell"


def test_in_words_it_says_what_differs_and_what_that_tells(runs, capsys):
    assert main(["compare", *runs, "--at", "best", "--against", runs[1]]) == 0
    told = capsys.readouterr()
    assert "L2: A off, B 0.01" in told.out
    assert "can't tell" in told.out
    assert "says nothing of a setting" in told.err


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["one"], "2 to 8 runs can be compared"),
        ([str(at) for at in range(9)], "Received: 9 runs"),
        (["one", "one"], "'one' is named twice"),
        (["one", "two"], "no run 'one'"),
    ],
)
def test_bad_input_is_one_line(home, capsys, ids, message):
    assert main(["compare", *ids, "--json"]) == 2
    told = capsys.readouterr()
    assert message in told.err and told.err.count("\n") == 1
    assert told.out == ""
