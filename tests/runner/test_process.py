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
