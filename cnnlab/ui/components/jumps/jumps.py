"""Links from the top of a long page to its sections, without running it again."""

from collections.abc import Mapping

from cnnlab.ui.components.shared.component import browser_component

_jumps = browser_component("jumps")


def render_jumps(titles: Mapping[str, str]) -> None:
    """A row of links; where it doesn't fit it scrolls in itself, and its edge fades.

    Args:
        titles: what each link says by the key of the container that it leads to.
    """
    jumps = [{"key": key, "title": title} for key, title in titles.items()]
    _jumps(key="jumps", data={"jumps": jumps})
