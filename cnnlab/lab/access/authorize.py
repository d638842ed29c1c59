"""Whether somebody may do something: asked once, at the functions of `lab` that are called first.

Which things there are to do it with follows from the workspace that is opened
(`cnnlab/lab/workplace.py`): an id of another one is missing there, as one that never was.
"""

import functools
import inspect
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from cnnlab.domain.errors import CnnlabError, NotAllowedError, NotFoundError, StorageError
from cnnlab.domain.people.person import Action, Role, allows, least_role
from cnnlab.domain.people.records import Outcome
from cnnlab.lab.access.acting import Acting, acting, acting_as, have_accounts
from cnnlab.lab.access.register import register

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

ASKS = "__asks__"
"""Attribute of a function that says what it asks."""

_SAME_WITHIN_SECONDS = 60.0
"""A page asks again and again for what it shows: one that is refused is noted so often."""

_MOST_LATELY = 500
_THINGS = ("run", "study", "search", "dataset", "subject", "run_or_study", "ids", "workspace")
"""First arguments that are ids of what somebody owns."""

_log = logging.getLogger(__name__)
_is_asked: ContextVar[bool] = ContextVar("what is asked first was answered", default=False)
_lately: OrderedDict[tuple[str, str, str], float] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Asks:
    """What a function asks of whoever calls it.

    Attributes:
        action: what it does.
        is_noted: whether the audit is told.
    """

    action: Action
    is_noted: bool


def authorize(who: Acting, action: Action, object: str = "") -> None:
    """See whether somebody may do something in the workspace in which they are.

    Args:
        who: they, where they are.
        action: what they want to do.
        object: what they want to do it to, in words for the error; empty for nothing in particular.

    Raises:
        NotAllowedError: they may not; the message says whom to ask.
    """
    if action is Action.ADMINISTER:
        if not who.person.is_admin:
            raise NotAllowedError(
                f"Only an admin may do this{_with(object)}: ask one, or become one with "
                "`python -m cnnlab user add NAME --admin` on the machine that runs cnnlab."
            )
        return
    if who.role is None:
        raise NotAllowedError(
            "You are in no workspace yet: ask an owner of one, or an admin, to add you."
        )
    if not allows(who.role, action):
        raise NotAllowedError(
            f"Here you are {_article(who.role)}, and this needs {_article(least_role(action))}"
            f"{_with(object)}: ask an owner of the workspace."
        )


def why_not(action: Action) -> str:
    """Why whoever acts may not do something where they are, in a sentence; empty where they may.

    Args:
        action: what they might want to do.

    Raises:
        NotSignedInError: nobody acts.
    """
    try:
        authorize(acting(), action)
    except NotAllowedError as error:
        return str(error)
    return ""


def asks(
    action: Action, *, is_noted: bool | None = None
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Have a function ask whether whoever acts may do what it does, and note what it changed.

    What it calls in turn isn't asked again, and not noted: who may delete a run may all that this
    takes. To its end it acts as the one who was asked, in the workspace where they were.

    Args:
        action: what it does.
        is_noted: whether the audit is told; by default of all but looking.
    """
    told = action is not Action.VIEW if is_noted is None else is_noted

    def decorate(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        name = function.__name__
        named = next(iter(inspect.signature(function).parameters), "")

        @functools.wraps(function)
        def asked(*given: Given.args, **named_ones: Given.kwargs) -> Answer:
            if _is_asked.get():
                return function(*given, **named_ones)
            who = acting()
            before = _is_asked.set(True)
            try:
                authorize(who, action)
                with acting_as(who):  # a session may change its workspace, or end, meanwhile
                    answer = function(*given, **named_ones)
            except CnnlabError as error:
                if have_accounts() and _is_telling(error, told, named):
                    _note_refused(who, name, _words(given, named_ones, named), error)
                raise
            finally:
                _is_asked.reset(before)
            if told and have_accounts():
                _note(who, name, _words(given, named_ones, named) or _word(answer), "done")
            return answer

        setattr(asked, ASKS, Asks(action, told))
        return asked

    return decorate


def _is_telling(error: CnnlabError, changes: bool, named: str) -> bool:
    """Whether the audit is told that something didn't come to pass.

    A thing that isn't there (any more) may be foreign; pages look for work that nobody asked for
    all the time.
    """
    is_missing = isinstance(error, NotFoundError) and named in _THINGS
    return changes or is_missing or isinstance(error, NotAllowedError)


def _note_refused(who: Acting, what: str, object: str, error: CnnlabError) -> None:
    """Note that somebody wasn't let, or that something didn't work; not again and again."""
    is_refused = isinstance(error, (NotAllowedError, NotFoundError))
    if not (is_refused and is_noted_lately(who.person.id, what, object)):
        _note(who, what, object, "refused" if is_refused else "failed")


def _note(who: Acting, what: str, object: str, outcome: Outcome) -> None:
    """Tell the audit; where that can't be written, the log has it: deleting makes room again."""
    place = {"workspace": who.workspace, "address": who.address}
    try:
        register().audit.note(what, outcome, person=who.person.name, object=object, **place)
    except StorageError as error:
        words = (what, object, who.person.name, who.workspace, outcome, error)
        _log.error("not in the audit: %s %s by %s in %s: %s (%s)", *words)


def is_noted_lately(person: str, what: str, object: str) -> bool:
    """Whether the same was noted within the last minute; from now on it was."""
    key, at = (person, what, object), time.monotonic()
    with _lock:
        if at - _lately.get(key, -_SAME_WITHIN_SECONDS) < _SAME_WITHIN_SECONDS:
            return True
        _lately[key] = at
        _lately.move_to_end(key)
        if len(_lately) > _MOST_LATELY:
            _lately.popitem(last=False)
    return False


def _words(given: tuple[Any, ...], named_ones: dict[str, Any], first: str) -> str:
    """What a function was called for: its first argument, where that is a name or an id."""
    return _word(given[0] if given else named_ones.get(first, ""))


def _word(value: object) -> str:
    """A name or an id, several of them, or the id of what has one; else empty."""
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(_word, value)))
    if isinstance(value, Path):
        return value.name
    return value if isinstance(value, str) else str(getattr(value, "id", ""))


def _with(object: str) -> str:
    return f" with {object}" if object else ""


def _article(role: Role | None) -> str:
    return f"an {role}" if str(role)[:1] in "aeiou" else f"a {role}"
