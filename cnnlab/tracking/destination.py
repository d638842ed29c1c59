"""Where runs are sent: an MLflow server, by its address without user and password."""

import hashlib
import importlib.metadata
import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cnnlab.domain.errors import BadInputError, TrackingError
from cnnlab.exports.packages import optional_packages, pip_line, unmet_packages
from cnnlab.settings import TRACKING_URI

EXTRA = "mlflow"
"""Its packages in pyproject.toml."""

_LEAST_VERSION = (3, 11)
_NUMBER = re.compile(r"\d+")
_SERVERS_ONLY = (
    "runs are sent to an MLflow server, whose address begins with http:// or https://; a local "
    "database gets one by `mlflow server --backend-store-uri sqlite:///mlflow.db`"
)


@dataclass(frozen=True)
class Destination:
    """An MLflow server.

    Attributes:
        address: without user, password, query and the slash at the end: it may be shown and stored.
        user: that it asks for, from the address in the environment; else empty.
        password: likewise.
    """

    address: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password: this may end in a log."""
        return f"Destination({self.address!r})"

    @property
    def host(self) -> str:
        """Name and port, as it is shown."""
        return urlsplit(self.address).netloc

    @property
    def key(self) -> str:
        """Stands for it in file names."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:8]


def read_destination(uri: str) -> Destination:
    """The server that an address names.

    Raises:
        BadInputError: it isn't that of a server.
    """
    try:
        parts = urlsplit(uri.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https"):
        raise BadInputError(f"This isn't the address of an MLflow server: {_SERVERS_ONLY}.")
    named = f"[{host}]" if ":" in host else host
    place = f"{parts.scheme}://{named}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
    return Destination(place, parts.username or "", parts.password or "")


def configured_destination() -> Destination | None:
    """The server that `MLFLOW_TRACKING_URI` names; None where it isn't set.

    Raises:
        BadInputError: it names no server.
    """
    uri = os.environ.get(TRACKING_URI, "").strip()
    if not uri:
        return None
    try:
        return read_destination(uri)
    except BadInputError as error:
        raise BadInputError(f"{TRACKING_URI} isn't used. {error}") from None


def with_credentials(address: str) -> Destination:
    """A stored address with user and password, where the environment has them for it."""
    try:
        configured = configured_destination()
    except BadInputError:
        configured = None
    if configured is not None and configured.address == address:
        return configured
    return Destination(address)


def missing_client() -> str:
    """The command that installs what sends runs; empty if it is there."""
    if unmet_packages(EXTRA) or _version() < _LEAST_VERSION:
        return pip_line(optional_packages(EXTRA))
    return ""


def require_client() -> None:
    """See that there is what sends runs.

    Raises:
        TrackingError: it is missing or too old; the message has the line that installs it.
    """
    line = missing_client()
    if line:
        raise TrackingError(
            f"Sending runs to MLflow needs a package that isn't installed: run `{line}`, then try "
            "again."
        )


def _version() -> tuple[int, ...]:
    """Of the full package where both are there: it holds the same module."""
    for package in ("mlflow", "mlflow-skinny"):
        try:
            return tuple(map(int, _NUMBER.findall(importlib.metadata.version(package))[:2]))
        except importlib.metadata.PackageNotFoundError:
            continue
    return (0,)
