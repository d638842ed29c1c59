"""What a node is told: where storage and bucket are, and no secret."""

from pathlib import Path

from cnnlab.runner.cluster.command import command_line

URL = "s3://lab/x?region=eu-west-1&endpoint_override=10.0.0.7%3A9000&scheme=http"


def test_a_node_is_told_where_the_bucket_is_and_gets_no_key(monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "/mnt/lab,s3://lab/x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.7:9000")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    line = command_line("cnnlab.worker", [], Path("/mnt/lab"))
    assert f"'CNNLAB_STORAGE={URL}'" in line
    assert "CNNLAB_HOME=/mnt/lab" in line
    assert "planted" not in line


def test_without_a_bucket_a_node_is_told_of_the_folder_alone(monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "/mnt/lab")
    line = command_line("cnnlab.worker", [], Path("/mnt/lab"))
    assert "CNNLAB_STORAGE" not in line
