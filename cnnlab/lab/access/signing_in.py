"""Coming in and going: by a password, by the word of an OIDC server or of a proxy; all is noted."""

import logging
import threading
from collections.abc import Hashable
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from cnnlab.domain.errors import BadInputError, SignInError, StorageError, TooManyTriesError
from cnnlab.domain.people.person import Account
from cnnlab.domain.people.records import Outcome
from cnnlab.lab.access.acting import acting_in
from cnnlab.lab.access.own_limits import own_quota
from cnnlab.lab.access.people import free_title
from cnnlab.lab.access.register import register
from cnnlab.lab.access.sessions import acting_of, end_session
from cnnlab.lab.access.tries import (
    MOST_FOR_NAME,
    MOST_FROM_ADDRESS,
    WITHIN_SECONDS,
    Tries,
    neighbourhood,
)
from cnnlab.storage.people.register import Register
from cnnlab.storage.people.words import key_of
from cnnlab.storage.space.reserve import tend_reserve

SIGN_IN = "sign_in"
SIGN_IN_LIMITED = "sign_in_limited"
_SIGN_OUT = "sign_out"
_FORGED = "forged_session"
_FOREIGN_HEADER = "foreign_header"
_WRONG = "Name and password don't fit."
_LOOKED_AT = 200
_log = logging.getLogger(__name__)

_tries: WeakKeyDictionary[Register, Tries] = WeakKeyDictionary()
_by_proxy: WeakKeyDictionary[Register, dict[str, str]] = WeakKeyDictionary()
_lock = threading.Lock()


def has_accounts() -> bool:
    """Whether somebody may come in at all: the first account is made on the command line.

    Raises:
        StorageError: the register can't be read.
    """
    return bool(register().accounts.all())


def sign_in(name: str, password: str, address: str) -> str:
    """Come in with a password.

    Args:
        name: of the account.
        password: as it was typed.
        address: from where.

    Returns:
        The key of a new session.

    Raises:
        TooManyTriesError: this address, or somebody for this name, has tried too often.
        SignInError: they don't fit; it isn't said which.
        StorageError: the register can't be read or written.
    """
    known, tries = register(), _tries_here()
    names = _names(name, address)
    waits = tries.take(list(zip(names, (MOST_FROM_ADDRESS, MOST_FOR_NAME), strict=True)))
    if waits:
        if tries.is_first_refusal(names[0]):
            known.audit.note(SIGN_IN_LIMITED, "refused", address=address)
        raise TooManyTriesError(
            f"Too many tries: wait {_told(waits)}, then try again.", wait_seconds=waits
        )
    person = known.accounts.check(name, password)
    if person is None:
        note_refused_sign_in(name, address)
        raise SignInError(_WRONG)
    tries.give_back(names)
    return _begin(known, known.accounts.load(person.id), address)


def session_by_email(email: str, address: str) -> str:
    """Come in with an address that an OIDC server has verified; whoever is new gets an account.

    Args:
        email: in small letters.
        address: from where.

    Returns:
        The key of a new session.

    Raises:
        SignInError: the account may not come in, or nobody has one yet.
        StorageError: the register can't be read or written.
    """
    known = register()
    with _lock:
        account = known.accounts.find_email(email) or _added(known, email, email)
    return _begin(known, account, address)


def session_by_proxy(name: str, address: str) -> str:
    """The session of somebody whom a proxy has let in; each process keeps one for each of them.

    Args:
        name: as the proxy says it.
        address: from where they came to it.

    Returns:
        Its key.

    Raises:
        SignInError: the account may not come in, or nobody has one yet.
        StorageError: the register can't be read or written.
    """
    known = register()
    with _lock:
        keys = _by_proxy.setdefault(known, {})
        key = keys.get(key_of(name), "")
        if not key or acting_of(key) is None:
            account = known.accounts.find(name) or _added(known, name, "")
            key = keys[key_of(name)] = _begin(known, account, address)
    return key


def sign_out(key: str) -> None:
    """Go: the session has ended in all tabs.

    Raises:
        StorageError: the register can't be read or written.
    """
    session = end_session(key)
    if session is not None:
        person, workspace = session.person.name, session.workspace or ""
        _note_if_possible(_SIGN_OUT, "done", session.address, person, workspace)


def note_refused_sign_in(name: str, address: str) -> None:
    """Note that somebody wasn't let in, and as whom where there is such an account.

    What is no name may be a password that was typed into the wrong field.

    Args:
        name: what was given as a name or an address.
        address: from where.

    Raises:
        StorageError: the register can't be written.
    """
    known = register()
    account = known.accounts.find(name) or known.accounts.find_email(name)
    told = account.person.name if account else ""
    known.audit.note(SIGN_IN, "refused", object=told, address=address)


def note_forged_session(address: str) -> None:
    """Note a cookie that we haven't made: of an address one a minute."""
    if _tries_here().is_first_refusal((_FORGED, neighbourhood(address))):
        _note_if_possible(_FORGED, "refused", address)


def note_foreign_header(address: str) -> None:
    """Note a name that didn't come from a proxy of ours: of an address one a minute."""
    if _tries_here().is_first_refusal((_FOREIGN_HEADER, neighbourhood(address))):
        _note_if_possible(_FOREIGN_HEADER, "refused", address)


def _begin(known: Register, account: Account, address: str) -> str:
    """Begin a session in the workspace where the person was last; it stays there.

    Where the disk is full it gets a piece of the reserve: who comes in can delete.
    """
    person = account.person
    tend_reserve(known.home.root)
    if account.disabled:
        known.audit.note(SIGN_IN, "refused", object=person.name, address=address)
        raise SignInError("This account may not come in: ask whoever runs the app.")
    workspace = acting_in(person, known.sessions.last_workspace(person.id)).workspace or None
    known.audit.note(SIGN_IN, person=person.name, address=address)
    return known.sessions.begin(person.id, address, workspace)


def _note_if_possible(
    what: str, outcome: Outcome, address: str, person: str = "", workspace: str = ""
) -> None:
    """Tell the audit what came to pass already; where that can't be written, the log has it."""
    try:
        register().audit.note(what, outcome, person=person, workspace=workspace, address=address)
    except StorageError as error:
        _log.error("not in the audit: %s of %s from %s: %s", what, person, address, error)


def _added(known: Register, name: str, email: str) -> Account:
    """A new account with a workspace of its own; the first one is nobody's by chance."""
    if not has_accounts():
        raise SignInError(
            "Nobody has an account yet: whoever started the app makes the first one, with "
            "`python -m cnnlab user add NAME`."
        )
    try:
        account = known.accounts.add(name, email=email)
    except BadInputError as error:
        raise SignInError(str(error)) from None
    title = free_title(known, account.person.name)
    known.workspaces.add(title, own_quota(), owner=account.person.id)
    known.audit.note("add_user", object=account.person.name)
    return account


def _names(name: str, address: str) -> list[Hashable]:
    return [("address", neighbourhood(address)), ("name", key_of(name))]


def _tries_here() -> Tries:
    """Those of this register; after a restart, the wrong ones of the last minute are counted on."""
    known = register()
    with _lock:
        tries = _tries.get(known)
        if tries is None:
            tries = _tries[known] = Tries()
            now = datetime.now(UTC)
            for entry in known.audit.latest(_LOOKED_AT):
                ago = (now - datetime.fromisoformat(entry.at)).total_seconds()
                if (entry.what, entry.outcome) == (SIGN_IN, "refused") and ago < WITHIN_SECONDS:
                    tries.add(_names(entry.object, entry.address), max(0.0, ago))
        return tries


def _told(seconds: float) -> str:
    whole = int(seconds) + 1
    return f"{whole} seconds" if whole > 1 else "a second"
