"""What a process of ours is given of the app's environment."""

import os
import sys

from cnnlab.runner.process import start_process
from tests.waiting import wait_until


def test_no_secret_of_signing_in_is_inherited(tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text("import os; print(*os.environ)")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.pathsep.join(sys.path)}")
    for name in ("CNNLAB_OIDC_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY", "CNNLAB_STALL_SECONDS"):
        monkeypatch.setenv(name, "planted")
    out = tmp_path / "out"
    start_process("told", [], home=tmp_path, log=out)
    wait_until(lambda: "CNNLAB_HOME" in out.read_text())
    names = out.read_text().split()
    assert "CNNLAB_STALL_SECONDS" in names
    assert not {"CNNLAB_OIDC_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"} & set(names)


def test_the_keys_of_a_bucket_are_inherited_where_one_is_named(tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text(
        "import os; print(os.environ['AWS_SECRET_ACCESS_KEY'], os.environ['CNNLAB_STORAGE'])"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.pathsep.join(sys.path)}")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CNNLAB_STORAGE", f"{tmp_path / 'seen'},s3://lab/x?region=eu-west-1")
    out = tmp_path / "out"
    start_process("told", [], home=tmp_path / "home", log=out)
    wait_until(lambda: out.read_text().endswith("\n"))
    assert out.read_text() == f"planted {tmp_path / 'seen'},s3://lab/x?region=eu-west-1\n"
