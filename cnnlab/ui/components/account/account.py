"""The corner of the header that says who is signed in, with their workspaces and signing out."""

from typing import TypedDict

from cnnlab.ui.components.shared.component import browser_component

_account = browser_component("account")


class AccountWorkspace(TypedDict):
    """A workspace into which somebody may go.

    Attributes:
        id: sent when it is chosen.
        title: what it is called.
        isHere: they are in it.
    """

    id: str
    title: str
    isHere: bool


class AccountData(TypedDict):
    """What the corner is given.

    Attributes:
        name: of who is signed in.
        workspaces: all of which they are a member.
        change: the address to which another workspace is sent.
        leave: the address of signing out; empty where a proxy says who comes.
    """

    name: str
    workspaces: list[AccountWorkspace]
    change: str
    leave: str


def render_account(data: AccountData) -> None:
    """Draw it; a phone has the same behind 'More' of its bar and hides it."""
    _account(key="account", data=data)
