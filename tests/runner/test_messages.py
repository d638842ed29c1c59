"""The socket of a worker that stays: whoever finds it is heard."""

import contextlib
import socket

from cnnlab.jobs.messages import connect, listening


def test_the_file_is_there_once_somebody_listens_and_not_before(tmp_path, monkeypatch):
    path, listen, seen = tmp_path / "answers.sock", socket.socket.listen, []

    def watched(listener, waiting):
        seen.append(path.exists())
        listen(listener, waiting)

    monkeypatch.setattr(socket.socket, "listen", watched)
    path.write_bytes(b"of a process that was killed")
    with listening(path), contextlib.closing(connect(path, seconds=5)):
        assert seen == [False]
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
