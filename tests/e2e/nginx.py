"""A real nginx before the app, with the configuration that README.md shows."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import wait_until

README = Path(__file__).parents[2] / "README.md"
PROGRAM = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")

_AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
    server {{
        listen 127.0.0.1:{careless};
        location / {{
            proxy_pass http://127.0.0.1:{app};
        }}
    }}
}}
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass(frozen=True)
class Proxy:
    """Where nginx listens.

    Attributes:
        port: where it offers the app as README.md says.
        careless: where it passes on neither name nor sockets, as it does by itself.
    """

    port: int
    careless: int


@contextlib.contextmanager
def nginx(folder, app):
    """A process of its own before the app on a port, with its files in a new folder."""
    proxy = Proxy(free_port(), free_port())
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    site = _site(proxy.port, app)
    settings = folder / "nginx.conf"
    settings.write_text(
        user + _AROUND.format(folder=folder, site=site, careless=proxy.careless, app=app)
    )
    command = [PROGRAM, "-e", "stderr", "-p", str(folder), "-c", str(settings)]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until(lambda: _listens(proxy.port))
            yield proxy
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _site(port, app):
    """README's configuration on a port of this machine, without a certificate."""
    site = re.search(r"```nginx\n(.*?)```", README.read_text(), re.DOTALL)[1]
    site = re.sub(r"listen [^;]+;", f"listen 127.0.0.1:{port};", site)
    site = re.sub(r" *ssl_[^;]+;\n", "", site)
    assert site.count("http://127.0.0.1:8501") == 1
    return site.replace("http://127.0.0.1:8501", f"http://127.0.0.1:{app}")
