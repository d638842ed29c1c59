"""From where a request comes: from a proxy that is named, or from anywhere."""

import ipaddress
import os
from collections.abc import Iterable

from starlette.requests import HTTPConnection

from cnnlab import lab
from cnnlab.domain.errors import BadInputError

PROXY_PEERS = "CNNLAB_PROXY_PEERS"
_LOOPBACK = ("127.0.0.0/8", "::1/128")
_FORWARDED_FOR = "x-forwarded-for"
_UVICORNS_OWN = "FORWARDED_ALLOW_IPS"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_addresses_ourselves() -> None:
    """Keep uvicorn from believing what any process of this machine says of addresses; at the start.

    It takes them from `X-Forwarded-For` of whoever connects from 127.0.0.1, before the door sees
    the request: who connected couldn't be told any more.
    """
    os.environ[_UVICORNS_OWN] = ""


def named_peers() -> tuple[Network, ...]:
    """The proxies that `CNNLAB_PROXY_PEERS` names, by numbers or networks.

    Raises:
        BadInputError: one is neither.
    """
    given = [one.strip() for one in os.environ.get(PROXY_PEERS, "").split(",")]
    try:
        return _networks(one for one in given if one)
    except ValueError:
        raise BadInputError(
            f"{PROXY_PEERS} must be numbers of machines or networks with commas between, such as "
            f"127.0.0.1, 10.0.0.0/24. Received: {', '.join(given)}"
        ) from None


def peer_address(connection: HTTPConnection) -> str:
    """The number of the machine that connected; empty where it came through a file."""
    return lab.plain_address(connection.client.host) if connection.client else ""


def is_among(address: str, networks: Iterable[Network]) -> bool:
    """Whether a machine is one of these."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(number in network for network in networks)


def came_from(connection: HTTPConnection) -> str:
    """Whose request it is: the peer's, or the one that a proxy of ours says it came from.

    A proxy adds its visitor at the end of `X-Forwarded-For`; what stands before that, anybody may
    have sent, unless that visitor is a proxy that is named as well.
    """
    named = named_peers()
    proxies = named or _networks(_LOOPBACK)
    found = peer_address(connection)
    passed = ",".join(connection.headers.getlist(_FORWARDED_FOR)).split(",")
    for before in reversed(passed if named else passed[-1:]):
        if not is_among(found, proxies) or not _is_number(before.strip()):
            break
        found = lab.plain_address(before.strip())
    return found


def _networks(given: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one) for one in given)


def _is_number(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True
