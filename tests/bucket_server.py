"""A bucket on this machine: moto's server behind a door at which a test decides what goes wrong."""

import contextlib
import logging
import socket
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

_REFUSED = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    "<Message>Access Denied</Message></Error>"
)


class BucketServer:
    """Serves S3 on loopback; what it holds is in memory.

    Attributes:
        asked: method and path of each request.
        refuses: says of a request whether it is answered with 403.
        breaks: says of a request whether the connection is cut.
    """

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.forget()
        self._thread.start()

    @property
    def address(self):
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def forget(self):
        """Nothing was asked, and nothing goes wrong."""
        self.asked = []
        self.refuses = self.breaks = lambda method, path: False

    def got(self, word):
        """The objects that were read whose path holds a word."""
        return [path for method, path in self.asked if method == "GET" and word in path]

    def close(self):
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environment, start):
        method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"]
        self.asked.append((method, path))
        if self.breaks(method, path):
            environment["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionError("cut by the test")
        if self.refuses(method, path):
            with contextlib.suppress(OSError, ValueError):
                environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [_REFUSED.encode()]
        return self._moto(environment, start)
