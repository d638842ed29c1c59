"""The bar at the foot of a phone: the main pages, and the others behind 'More'."""

from collections.abc import Sequence
from typing import TypedDict

from cnnlab.ui.components.account.account import AccountData
from cnnlab.ui.components.shared.component import browser_component

_bar = browser_component("bar")


class BarPlace(TypedDict):
    """A page as the bar shows it.

    Attributes:
        name: of the page in addresses, "" for Home.
        title: what it is called.
        icon: name of a Material symbol.
        isHere: it is shown, or a page that is reached from it.
        isMain: it has a place of its own in the bar.
    """

    name: str
    title: str
    icon: str
    isHere: bool
    isMain: bool


class BarData(TypedDict):
    """What the bar is given: its pages, in its order, and who is signed in, if anybody is."""

    places: list[BarPlace]
    account: AccountData | None


def render_bar(places: Sequence[BarPlace], account: AccountData | None) -> None:
    """Draw it; wider screens have the same pages in the header and hide it.

    Args:
        places: the pages, in their order.
        account: what stands below the others behind 'More'.
    """
    data: BarData = {"places": list(places), "account": account}
    _bar(key="bar", data=data)
