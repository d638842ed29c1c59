"""Where the app is: what it listens on, and by which names it may be called."""

import functools
import os
import socket
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from starlette.types import Scope

from cnnlab import lab
from cnnlab.domain.errors import BadInputError

PUBLIC_ADDRESS = "CNNLAB_PUBLIC_ADDRESS"
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_ALL = ("", "0.0.0.0", "::")
_IN_SCOPE = "cnnlab.place"


def public_addresses() -> tuple[str, ...]:
    """Where a proxy offers the app, as `CNNLAB_PUBLIC_ADDRESS` says: `https://lab.example.org/lab`.

    Raises:
        BadInputError: one isn't an address.
    """
    given = os.environ.get(PUBLIC_ADDRESS, "").split(",")
    return tuple(_checked(address.strip()) for address in given if address.strip())


@dataclass(frozen=True)
class Place:
    """Where the app is.

    Attributes:
        address: a name or number of this machine that it listens on; empty means all of them.
        port: the TCP port.
        base_path: what stands before the path of every page: empty, or `/lab`.
        is_https: whether it speaks TLS by itself.
        names: further names by which it may be called.
        public: where a proxy offers it.
    """

    address: str
    port: int
    base_path: str = ""
    is_https: bool = False
    names: tuple[str, ...] = ()
    public: tuple[str, ...] = field(default_factory=public_addresses)

    @functools.cached_property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return lab.is_loopback(self.address)

    def addresses(self) -> list[str]:
        """Where a browser finds it, the most likely first, without a slash at the end."""
        scheme = "https" if self.is_https else "http"
        hosts = ["127.0.0.1", socket.gethostname()] if self.address in _ALL else [self.address]
        shown = [f"[{host}]" if ":" in host else host for host in hosts]
        own = [f"{scheme}://{host}:{self.port}{self.base_path}" for host in shown]
        return [*own, *self.public]

    def allows_host(self, header: str | None, reached_at: str | None) -> bool:
        """Whether a request calls the app by a name of its own: a rebound name is foreign.

        Args:
            header: the request's `Host`.
            reached_at: the number of this machine to which the connection came.
        """
        host = _host_name(header)
        if host is None:
            return False
        names = {*_OWN_NAMES, *self.names, *(urlsplit(own).hostname or "" for own in self.public)}
        if not self.is_loopback:
            names |= {self.address, lab.plain_address(reached_at or ""), *_machine_names()}
        return any(_matches(host, name.lower()) for name in names if name)

    def allows_origin(self, origin: str | None, host: str | None) -> bool:
        """Whether the page that asks, if any, is one of ours.

        Args:
            origin: the request's `Origin`; only browsers send one.
            host: its `Host`.
        """
        if origin is None:
            return True
        try:
            asking = urlsplit(origin.lower())
        except ValueError:
            return False
        own = [urlsplit(address.lower()) for address in self.public]
        return bool(asking.netloc) and (
            asking.netloc == (host or "").lower()
            or any((asking.scheme, asking.netloc) == (one.scheme, one.netloc) for one in own)
        )

    def is_secure(self, scheme: str, host: str | None) -> bool:
        """Whether a request came over TLS, to this server or to the proxy before it."""
        return scheme in ("https", "wss") or any(
            one.scheme == "https" and one.hostname == _host_name(host)
            for one in map(urlsplit, self.public)
        )


def with_place(scope: Scope, place: Place) -> Scope:
    """The request, which says where the app is that it came to."""
    return {**scope, _IN_SCOPE: place}


def place_of(scope: Scope) -> Place:
    """Where the app is that a request came to, as the door has noted."""
    place: Place = scope[_IN_SCOPE]
    return place


def _machine_names() -> tuple[str, str]:
    name = socket.gethostname().lower()
    return name, f"{name}.local"


def _host_name(header: str | None) -> str | None:
    """The name in a `Host` header, in small letters; None if it is anything else."""
    try:
        parsed = urlsplit(f"//{header}")
        _ = parsed.port  # it is a number in range
    except ValueError:
        return None
    is_plain = header and parsed.netloc == header and "@" not in header
    return (parsed.hostname or "").rstrip(".") or None if is_plain else None


def _matches(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else name in ("*", host)


def _checked(address: str) -> str:
    try:
        parts: SplitResult | None = urlsplit(address)
        port = parts.port if parts else None
    except ValueError:
        parts, port = None, None
    if not parts or parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadInputError(
            f"{PUBLIC_ADDRESS} must be an address such as https://lab.example.org/lab "
            f"(several with commas between). Received: {address}"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
