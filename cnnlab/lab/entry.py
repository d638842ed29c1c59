"""The way in: what opens the app, and where apps of this home listen."""

import contextlib
import functools
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from cnnlab.domain.errors import BadInputError, StorageError
from cnnlab.files import disk_errors, is_locked, read_json, take_lock
from cnnlab.storage.home import Home, open_home

AUTH = "CNNLAB_AUTH"
_known_tokens: dict[str, str] = {}


class Auth(StrEnum):
    """What whoever opens the app has to bring: the token, nothing, or who they are."""

    TOKEN = "token"
    NONE = "none"
    PASSWORD = "password"
    OIDC = "oidc"
    PROXY = "proxy"


def auth() -> Auth:
    """What `CNNLAB_AUTH` says at this moment; by default the token is asked for.

    Raises:
        BadInputError: it is none of them.
    """
    given = os.environ.get(AUTH) or Auth.TOKEN
    try:
        return Auth(given.strip().lower())
    except ValueError:
        legal = f"{', '.join(list(Auth)[:-1])} or {list(Auth)[-1]}"
        raise BadInputError(f"{AUTH} must be {legal}. Received: {given}") from None


def stored_token() -> str:
    """The token of the home that `CNNLAB_HOME` names, as its file says at this moment.

    Raises:
        StorageError: the home or the file can't be read, or not written where there was none.
    """
    return _home(_home_name()).token()


def token() -> str:
    """The token that opens the app of this process: the stored one.

    Where that can't be read, the last one that was; where there never was one (a read-only home),
    one that lives as long as this process.
    """
    place = _home_name()
    try:
        _known_tokens[place] = stored_token()
    except StorageError:
        _known_tokens.setdefault(place, secrets.token_urlsafe(32))
    return _known_tokens[place]


def derived(purpose: str, token: str) -> str:
    """A secret of its own for each purpose, made of the token: nothing needs to be stored.

    Args:
        purpose: what it is for.
        token: of the home.
    """
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def metrics_token(token: str) -> str:
    """What lets a program read the numbers of the app, and nothing else.

    Args:
        token: of the home; a new one makes a new one of this, too.
    """
    return derived("metrics", token)


def link(address: str, token: str) -> str:
    """What opens an app in a browser.

    Args:
        address: where the app is, without a slash at its end.
        token: what it asks for, where it asks for one.
    """
    return f"{address}/?token={token}" if auth() is Auth.TOKEN else f"{address}/"


@contextlib.contextmanager
def announced(port: int, addresses: Sequence[str]) -> Iterator[None]:
    """Keep on record, as long as this process is inside, where its app is.

    Raises:
        StorageError: the home can't be written.
    """
    path = _home(_home_name()).app_lock(port)
    lock = take_lock(path)
    if lock is None:  # the port belongs to another machine's app of a shared home
        yield
        return
    try:
        with disk_errors(path):
            os.truncate(lock, 0)
            os.write(lock, json.dumps(list(addresses)).encode())
        yield
    finally:
        os.close(lock)


def app_addresses() -> list[str]:
    """Where the apps of this home are that run at the moment."""
    locks = sorted(_home(_home_name()).installation.glob("app-*.lock"))
    return [address for lock in locks if is_locked(lock) for address in read_json(lock)]


def _home_name() -> str:
    return os.environ.get("CNNLAB_HOME", "")


@functools.lru_cache(maxsize=8)
def _home(name: str) -> Home:
    """The home folder alone: whoever is at the door needs no database."""
    return open_home(Path(name) if name else None)
