"""What an address of this machine means: who reaches it, and which one the app is to listen on."""

import ipaddress
import os
import socket
import tomllib
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import StorageError
from cnnlab.environment import ROOT
from cnnlab.files import disk_errors

_SETTINGS = Path(".streamlit", "config.toml")


def is_loopback(address: str) -> bool:
    """Whether what listens on this name or number is reached from this machine only.

    Args:
        address: empty means all addresses of this machine.
    """
    try:
        return ipaddress.ip_address(plain_address(address)).is_loopback
    except ValueError:
        pass
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(address, None)} if address else ()
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(one).is_loopback for one in found)


def plain_address(address: str) -> str:
    """An IPv4 address that came through an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:")


def configured_address() -> str:
    """What the app will listen on if no flag says otherwise; empty means all addresses.

    Streamlit can't be asked: only the app's own process loads it.

    Raises:
        StorageError: a file of settings can't be read.
    """
    if given := os.environ.get("STREAMLIT_SERVER_ADDRESS"):
        return given
    for folder in (ROOT, Path.cwd(), Path.home()):
        path = folder / _SETTINGS
        if path.exists() and (address := _settings(path).get("server", {}).get("address")):
            return str(address)
    return ""


def _settings(path: Path) -> dict[str, Any]:
    try:
        with disk_errors(path):
            return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StorageError(f"{path} can't be read as TOML ({error}): mend it.") from error
