"""Networks on the command line: as a table, or refused in one sentence."""

import json

import pytest

from cnnlab.cli.main import main

CONV = {"kind": "conv", "filters": 8}


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "net.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_list_or_a_config_is_shown_with_what_it_costs(written, capsys):
    layers = [CONV, {"kind": "max_pool"}, {"kind": "flatten", "enabled": False}]
    assert main(["layers", "show", written(layers), "--json", "--set", "image.size=32"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [block["kind"] for block in shown["blocks"]][1:-1] == ["conv", "max_pool", "flatten"]
    assert shown["blocks"][1]["parameters"] == 224
    assert shown["parameters"] == sum(block["parameters"] or 0 for block in shown["blocks"])
    config = {"architecture": {"preset": "tiny_cnn"}, "image": {"size": 32}}
    assert main(["layers", "show", written(config), "--classes", "3"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split()[:2] == ["Block", "Output"]
    assert "Convolution 3×3, 16 filters  32 x 32 x 16" in table[2]
    assert "time is an estimate" in table[-1]


def test_a_sound_net_is_ok_and_hints_are_told(written, capsys):
    assert main(["layers", "check", written([CONV, {"kind": "global_average_pool"}])]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "ok"
    assert "has seen 3 of 48 px" in said[1]
    assert main(["layers", "check", written({"image": {"size": 48}})]) == 0
    assert capsys.readouterr().out.startswith("ok: the preset small_cnn, as there is no list")


DEEP = "[" * 400 + "]" * 400
BRANCH = {"kind": "branch_block", "paths": [[CONV] * 9, []]}
NESTED = {"kind": "branch_block", "paths": [[{"kind": "branch_block"}], []]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([CONV] * 10_000, "architecture.layers needs 1 to 200 layers. Received: 10,000"),
        ([], "architecture.layers needs 1 to 200 layers. Received: 0"),
        ([{"kind": "dense", "units": 10**9}], "layers.0.units must be a whole number from 1 to"),
        (
            [CONV, {"kind": "transformer"}],
            "architecture.layers.1 can't be 'transformer'. Take one of: conv,",
        ),
        ([{"filters": 3}], "architecture.layers.0 must have a kind, such as conv"),
        ([CONV | {"name": "n" * 300}], "architecture.layers.0.name is not a field"),
        ([{"kind": "k" * 300}], "architecture.layers.0 can't be 'kkk"),
        ([CONV | {"filters": "x" * 300}], "layers.0.filters must be a whole number"),
        ([CONV | {"n" * 300: 1}], "is not a field of the config"),
        ([CONV | {"filters": 0}] * 200, "; and 192 more"),
        (f'[{{"kind": "conv", "filters": {DEEP}}}]', "filters must be a whole number"),
        ("[" * 100_000, "can't be read as JSON"),
        ([BRANCH], "paths.0 can have at most 8 entries"),
        ([NESTED], "architecture.layers.0.paths.0.0 can't be 'branch_block'"),
        ([{"kind": "branch_block", "paths": [[]]}], "paths needs at least 2 entries"),
        ([{"kind": "branch_block", "paths": 7}], "paths must be a list"),
        (" " * 2**25, "has 33,554,432 bytes"),
        ("7", "must hold a JSON list of layers, or a config"),
        ([CONV, {"kind": "flatten"}, CONV], "Block 3, Convolution: needs an image"),
        ([{"kind": "conv", "filters": 2048}, {"kind": "flatten"}], "weights"),
    ],
)
def test_what_strangers_bring_is_refused_in_one_sentence(written, capsys, content, said):
    size = ["--set", "image.size=512"] if said == "weights" else []
    assert main(["layers", "check", written(content), *size]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert said in line
    assert len(line) < 1200


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    assert main(["layers", "check", str(tmp_path / "none.json")]) == 2
    assert "none.json can't be read" in capsys.readouterr().err


@pytest.mark.parametrize("classes", ["-5", "1", "100001"])
def test_an_impossible_number_of_classes_is_refused(written, capsys, classes):
    assert main(["layers", "show", written([CONV]), "--classes", classes]) == 2
    assert "--classes must be from 2 to 100,000" in capsys.readouterr().err
