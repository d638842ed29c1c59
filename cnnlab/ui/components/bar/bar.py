"""The bar at the foot of a phone: the main pages, and the others behind 'More'."""

from collections.abc import Sequence
from typing import TypedDict

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from cnnlab.ui.components.account.account import AccountData
from cnnlab.ui.components.shared.component import browser_component

_bar = browser_component("bar")


class BarPlace(TypedDict):
    """A page as the bar shows it.

    Attributes:
        at: its place among the pages.
        name: of the page in addresses, "" for Home.
        title: what it is called.
        icon: name of a Material symbol.
        isHere: it is shown, or a page that is reached from it.
        isMain: it has a place of its own in the bar.
    """

    at: int
    name: str
    title: str
    icon: str
    isHere: bool
    isMain: bool


class BarData(TypedDict):
    """What the bar is given: its pages, in its order, and who is signed in, if anybody is."""

    places: list[BarPlace]
    account: AccountData | None


def render_bar(
    pages: Sequence[StreamlitPage], places: Sequence[BarPlace], account: AccountData | None
) -> None:
    """Draw it; wider screens have the same pages in the header and hide it.

    Args:
        pages: as Streamlit links to them: the bar presses these links.
        places: the same, in the same order.
        account: what stands below the others behind 'More'.
    """
    with st.container(key="bar_links"):
        for page in pages:
            st.page_link(page)
    data: BarData = {"places": list(places), "account": account}
    _bar(key="bar", data=data)
