"""A PostgreSQL server of the tests' own, from Debian's binaries, in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

HOW_TO_GET_IT = (
    "PostgreSQL isn't there: apt-get install postgresql (tests/check.py does it as root)"
)


def find_binaries():
    """Folder with `initdb` and `pg_ctl` of the newest server, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4])
    )
    path = found[-1] if found else shutil.which("initdb")
    return path and Path(path).resolve().parent


class Server:
    """One cluster, reached by a socket in its folder; it sorts text by language, not by bytes."""

    def __init__(self, binaries):
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="cnnlab-pg-"))
        self._count = 0
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self._folder, "nobody", "nogroup")
        options = "--encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US"
        self._run("initdb", "--username=cnnlab", "--auth=trust", "--no-sync", *options.split())

    def start(self):
        options = f"-c unix_socket_directories={self._folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "--wait", "-l", self._folder / "log", "-o", options, "start")

    def stop(self):
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")

    def remove(self):
        self.stop()
        shutil.rmtree(self._folder)

    def new_database(self):
        """Address of an empty database."""
        self._count += 1
        name = f"test_{self._count}"
        with psycopg.connect(self._address("postgres", "postgresql"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return self._address(name, "postgresql+psycopg")

    def _address(self, name, scheme):
        return f"{scheme}://cnnlab:its-secret@/{name}?host={self._folder}"

    def _run(self, program, *words):
        drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        command = [self._binaries / program, "-D", self._folder / "data", *words]
        answer = subprocess.run(
            [*(drop if os.geteuid() == 0 else []), *map(str, command)],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr
