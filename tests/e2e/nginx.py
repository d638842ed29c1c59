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
        scheme: of the first one.
    """

    port: int
    careless: int
    scheme: str = "http"


@contextlib.contextmanager
def nginx(folder, app, *, tls=False):
    """A process of its own before the app on a port, with its files in a new folder.

    Args:
        folder: to be made.
        app: the app's port.
        tls: whether it speaks TLS, by a certificate that it has made itself.
    """
    proxy = Proxy(free_port(), free_port(), "https" if tls else "http")
    folder.mkdir()
    certificate = _certificate(folder) if tls else ""
    user = "user root;" if os.geteuid() == 0 else ""
    site = _site(proxy.port, app, certificate)
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


def _certificate(folder):
    """The lines that name a certificate for this machine, made and signed here."""
    made, key = folder / "own.pem", folder / "own.key"
    words = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=own"
    )
    command = ["openssl", *words.split(), "-out", str(made), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return f"    ssl_certificate {made};\n    ssl_certificate_key {key};\n"


def _site(port, app, certificate):
    """README's configuration on a port of this machine, with its own certificate or none."""
    site = re.search(r"```nginx\n(.*?)```", README.read_text(), re.DOTALL)[1]
    tls = " ssl" if certificate else ""
    site = re.sub(r" *ssl_[^;]+;\n", "", site)
    site = re.sub(r"listen [^;]+;\n", f"listen 127.0.0.1:{port}{tls};\n{certificate}", site)
    assert site.count("http://127.0.0.1:8501") == 2
    return site.replace("http://127.0.0.1:8501", f"http://127.0.0.1:{app}")
