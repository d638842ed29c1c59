"""What each mode of `CNNLAB_AUTH` needs before the app may start."""

import importlib.util
import os

from cnnlab import lab
from cnnlab.domain.errors import BadInputError
from cnnlab.lab.access.allowed import OIDC_ALLOWED
from cnnlab.server.door.peers import PROXY_PEERS, named_peers
from cnnlab.server.door.place import PUBLIC_ADDRESS, Place

OIDC_SERVER, OIDC_CLIENT, OIDC_SECRET = (
    "CNNLAB_OIDC_SERVER",
    "CNNLAB_OIDC_CLIENT_ID",
    "CNNLAB_OIDC_CLIENT_SECRET",
)
_OIDC_SETTINGS = (OIDC_SERVER, OIDC_CLIENT, OIDC_SECRET, OIDC_ALLOWED)
_OIDC_PACKAGES = ("authlib", "httpx")


def asks_for_https(mode: lab.Auth) -> bool:
    """Whether other machines have to come over HTTPS: passwords or an identity travel."""
    return mode in (lab.Auth.PASSWORD, lab.Auth.OIDC)


def check_mode(place: Place) -> None:
    """Refuse to start where anybody could get in, or where nobody could.

    Args:
        place: where the app is.

    Raises:
        BadInputError: so it is.
    """
    mode = lab.auth()
    where = place.address or "all addresses of this machine"
    if mode is lab.Auth.NONE and not place.is_loopback:
        raise BadInputError(
            f"With CNNLAB_AUTH=none everybody who reaches {where} would get in: leave CNNLAB_AUTH "
            "away, or start with --server.address 127.0.0.1."
        )
    has_https = place.is_https or any(one.startswith("https://") for one in place.public)
    if asks_for_https(mode) and not place.is_loopback and not has_https:
        raise BadInputError(
            f"With CNNLAB_AUTH={mode} whoever signs in at {where} could be read along, as it is "
            f"plain HTTP: name the https:// address of a proxy in {PUBLIC_ADDRESS}, give "
            "--server.sslCertFile, or start with --server.address 127.0.0.1."
        )
    if mode is lab.Auth.PROXY and not named_peers():
        raise BadInputError(
            f"With CNNLAB_AUTH=proxy name the machines whose word counts in {PROXY_PEERS}, such as "
            "127.0.0.1 for a proxy of this machine."
        )
    if mode is lab.Auth.OIDC:
        _check_oidc()


def _check_oidc() -> None:
    missing = [name for name in _OIDC_SETTINGS if not os.environ.get(name, "").strip()]
    if missing:
        raise BadInputError(
            f"With CNNLAB_AUTH=oidc set {' and '.join(missing)}: README.md says what they are."
        )
    if any(importlib.util.find_spec(name) is None for name in _OIDC_PACKAGES):
        raise BadInputError(
            "With CNNLAB_AUTH=oidc install what speaks to the server: "
            'pip install "authlib>=1.9,<2" "httpx>=0.28,<1".'
        )
