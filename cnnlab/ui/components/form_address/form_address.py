"""The form's address, kept in the browser's without a step on its way back."""

from collections.abc import Mapping

from cnnlab.ui.components.shared.component import browser_component

_address = browser_component("form_address")
_HEIGHT_PX = 44


def render_form_address(page: str, told: Mapping[str, str], dataset: str) -> None:
    """Have the browser's address tell the form, and offer it as a link.

    Args:
        page: name of the page that the form is on.
        told: what it says, by the names of its parameters; an empty one is left out.
        dataset: id of the chosen one, which the link names too.
    """
    _address(
        key="form_address",
        data={"page": page, "told": dict(told), "dataset": dataset},
        height=_HEIGHT_PX,
        width="content",
    )
