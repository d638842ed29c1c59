"""The link that opens the app, and the token of its numbers."""

import json

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.lab.entry import metrics_token


def test_where_the_numbers_are_and_what_opens_them(home, capsys):
    with lab.announced(8600, ["https://lab.example.org/lab"]):
        assert main(["link", "--metrics", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["links"] == ["https://lab.example.org/lab/metrics"]
    assert told["token"] == metrics_token(lab.token()) and told["running"]
    assert lab.token() not in str(told)


def test_the_app_is_found_where_runs_lie_on_storage_of_their_own(
    home, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CNNLAB_STORAGE", str(tmp_path / "seen-by-all"))
    with lab.announced(8600, ["https://lab.example.org/lab"]):
        assert main(["link", "--metrics"]) == 0
    assert "https://lab.example.org/lab/metrics" in capsys.readouterr().out


def test_without_an_app_the_usual_address_is_told(home, capsys):
    assert main(["link", "--metrics"]) == 0
    told = capsys.readouterr()
    assert told.out.split() == ["http://127.0.0.1:8501/metrics", metrics_token(lab.token())]
    assert "No app of this home is running" in told.err
