"""Where the cluster is and what opens it, as the environment says.

The token is read here, in the process that asks the cluster, and handed to nobody: neither to a
worker nor to a file.
"""

import os
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.domain.errors import ConfigError
from cnnlab.files import disk_errors

CLUSTER = "CNNLAB_CLUSTER"
"""Names the address of a Ray cluster's dashboard; without it runs train on this machine."""

TOKEN, TOKEN_PATH = "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
"""Ray's own variables: the token, or the file that holds it."""

PASSED_TO_SUPERVISOR = (TOKEN, TOKEN_PATH)
"""What the supervisor's process needs of the environment to ask the cluster."""

_OTHERS_MAY_READ = 0o077


@dataclass(frozen=True)
class Address:
    """Of a cluster.

    Attributes:
        url: `http://host:port` or `https://...`, without a slash at the end.
        token: what opens it; empty where none is known.
    """

    url: str
    token: str = field(default="", repr=False)


def cluster_address() -> Address | None:
    """The cluster that `CNNLAB_CLUSTER` names; None where runs train on this machine.

    Raises:
        ConfigError: the address is none, or others may read the file with the token.
        StorageError: that file can't be read.
    """
    named = os.environ.get(CLUSTER, "").strip().rstrip("/")
    if not named:
        return None
    parts = urllib.parse.urlsplit(named)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ConfigError(
            f"{CLUSTER} must be the address of a Ray cluster's dashboard, such as "
            f"http://10.0.0.5:8265. Received: {named.rpartition('@')[2][:100]!r}"
        )
    return Address(named, _token())


def _token() -> str:
    if given := os.environ.get(TOKEN, "").strip():
        return given
    named = os.environ.get(TOKEN_PATH)
    path = Path(named).expanduser() if named else Path.home() / ".ray" / "auth_token"
    if not named and not path.exists():
        return ""
    with disk_errors(path):
        if path.stat().st_mode & _OTHERS_MAY_READ:
            raise ConfigError(
                f"Others on this machine can read the cluster's token in {path}: "
                f"run chmod 600 {path}, and use another token if that matters."
            )
        return path.read_text(encoding="utf-8").strip()
