"""What the command `evaluate` says of a judgement that is there."""

import json

from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor


def test_labels_that_were_made_wrong_on_purpose_are_told(dataset, monkeypatch, capsys):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    files = finish_evaluation(run, "train")
    assert main(["evaluate", run.id, "--split", "train"]) == 0
    assert "made wrong on purpose" not in capsys.readouterr().out
    result = json.loads(files.result.read_text())
    result["answer"]["flipped_labels"] = 7
    write_json(files.result, result)
    assert main(["evaluate", run.id, "--split", "train"]) == 0
    assert "7 labels of these 38 were made wrong on purpose" in capsys.readouterr().out
    assert main(["evaluate", run.id, "--split", "train", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["flipped_labels"] == 7
