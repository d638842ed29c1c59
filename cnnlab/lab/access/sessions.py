"""Sessions: who somebody is by the key that their browser keeps, and where they are."""

import logging
import threading
import time
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.people.records import SignedIn
from cnnlab.domain.people.workspace import Workspace
from cnnlab.lab.access.acting import Acting, acting_in
from cnnlab.lab.access.allowed import is_allowed
from cnnlab.lab.access.register import register
from cnnlab.lab.entry import Auth, auth
from cnnlab.storage.people.keys import hash_of
from cnnlab.storage.people.register import Register

LOOK_SECONDS = 1.0
"""As long as this what the register said of a session is believed."""

_MOST_KNOWN = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Looked:
    """What the register said of a session, and when on our clock."""

    at: float
    acting: Acting | None


_looked: WeakKeyDictionary[Register, dict[str, _Looked]] = WeakKeyDictionary()
_lock = threading.Lock()


def acting_of(key: str) -> Acting | None:
    """Who a session stands for, as the register said in the last second; None once it has ended.

    To look isn't to use it: an open page looks all the time. Of whom an OIDC server let in, the
    address must still be named by the setting.

    Raises:
        StorageError: the register can't be read.
    """
    is_known, acting = recently_acting(key)
    if is_known:
        return acting
    known, now = register(), time.monotonic()
    session = known.sessions.find(key)
    if session is None or not _may_still_come_in(known, session.person.id):
        acting = None
    else:
        acting = acting_in(session.person, session.workspace, session.address)
    with _lock:
        looked = _looked.setdefault(known, {})
        looked.pop(hash_of(key), None)
        looked[hash_of(key)] = _Looked(now, acting)
        while len(looked) > _MOST_KNOWN:
            del looked[next(iter(looked))]
    return acting


def recently_acting(key: str) -> tuple[bool, Acting | None]:
    """Whether the register was asked about a session just now, and what it said."""
    with _lock:
        looked = _looked.get(register(), {}).get(hash_of(key))
    is_fresh = looked is not None and time.monotonic() - looked.at < LOOK_SECONDS
    return is_fresh, looked.acting if looked and is_fresh else None


def use_session(key: str) -> None:
    """Note that somebody is there: the 12 hours after which a session ends begin again.

    Where it can't be noted, the log has it: on a full disk people come to delete.
    """
    try:
        register().sessions.use(key)
    except StorageError as error:
        _log.warning("the use of a session can't be noted: %s", error)


def workspaces_of(who: Acting) -> list[Workspace]:
    """The workspaces that somebody may go into."""
    return [workspace for workspace, _ in register().workspaces.of_person(who.person.id)]


def enter_workspace(key: str, workspace: str) -> None:
    """Go on in another workspace; the session keeps the choice.

    Args:
        key: of the session.
        workspace: id of a workspace of which its person is a member.

    Raises:
        NotFoundError: there is no such workspace for them.
        StorageError: the register can't be read or written.
    """
    known = register()
    session = known.sessions.find(key)
    if session is None or known.workspaces.role(workspace, session.person.id) is None:
        raise NotFoundError("You have no such workspace.")
    known.sessions.enter(session.key_hash, workspace)
    forget(key)


def end_session(key: str) -> SignedIn | None:
    """End a session, in all its tabs.

    Returns:
        What it was; None where it had ended before.

    Raises:
        StorageError: the register can't be read or written.
    """
    known = register()
    session = known.sessions.find(key)
    if session is not None:
        known.sessions.end(session.key_hash, session.person.id)
    forget(key)
    return session


def _may_still_come_in(known: Register, person: str) -> bool:
    return auth() is not Auth.OIDC or is_allowed(known.accounts.load(person).email.casefold())


def forget(key: str) -> None:
    """Ask the register about a session again the next time."""
    with _lock:
        _looked.get(register(), {}).pop(hash_of(key), None)
