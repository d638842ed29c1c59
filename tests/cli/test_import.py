"""The import's own options on the command line."""

import json

import numpy as np
import pytest

from cnnlab.cli.main import main
from tests.datasets.deep_pictures import deep_files
from tests.datasets.uploads import make_zip


@pytest.mark.parametrize("words", [["--range", "-1024..3071"], ["--range=-1024..3071"]])
def test_a_range_may_begin_with_a_minus(words, home, tmp_path, capsys):
    upload = make_zip(tmp_path / "a.zip", deep_files(np.int32, -1024, 3071))
    assert main(["import", str(upload), *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value_range"] == [-1024, 3071]


def test_what_is_no_range_is_refused_in_one_line(home, tmp_path, capsys):
    upload = make_zip(tmp_path / "a.zip", deep_files(np.int32, -1024, 3071))
    assert main(["import", str(upload), "--range", "3071"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert "0..4095" in line and "'3071'" in line
