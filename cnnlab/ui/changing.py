"""What changes something is offered to those who may: to a viewer it says why it isn't."""

from typing import TypedDict

from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import why_not


class Offered(TypedDict):
    """How a widget is offered, as Streamlit's functions take it."""

    disabled: bool
    help: str | None


FOR_ALL: Offered = {"disabled": False, "help": None}
"""Of what happens to change nothing."""


def for_editors(*, disabled: bool = False, help: str | None = None) -> Offered:
    """Of a widget that changes something: disabled, with the reason as its help, for a viewer.

    Args:
        disabled: whether nobody can use it at the moment.
        help: what those see who may.
    """
    reason = why_no_editor()
    return {"disabled": disabled or bool(reason), "help": reason or help}


def why_no_editor() -> str:
    """Why whoever looks may change nothing here, in a sentence; empty for those who may."""
    return why_not(Action.EDIT)
