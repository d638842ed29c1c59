"""The lines of arms beside their names: as their curves are drawn, with hue and mark."""

from collections.abc import Sequence
from urllib.parse import quote

from cnnlab.figures.swatch import swatch
from cnnlab.figures.traces import Style


def swatches(key: str, styles: Sequence[Style]) -> str:
    """A style sheet that draws a piece of its arm's curve into each pill.

    Args:
        key: the widget's key.
        styles: of the arms, in the order of the pills.
    """
    rules = [
        f".st-key-{key} button:nth-of-type({place})::before "
        f'{{ background: url("{swatch_address(style)}") center / contain no-repeat; }}'
        for place, style in enumerate(styles, start=1)
    ]
    shape = 'content: ""; width: 22px; height: 12px; margin-right: .4rem; align-self: center;'
    return "\n".join(["<style>", f".st-key-{key} button::before {{ {shape} }}", *rules, "</style>"])


def swatch_image(style: Style) -> str:
    """The same for a line of Markdown that may hold HTML."""
    return f'<img src="{swatch_address(style)}" alt="" width="22" height="12">'


def swatch_address(style: Style) -> str:
    """The same as the address of a drawing."""
    alone = swatch(style).replace("<svg", "<svg xmlns='http://www.w3.org/2000/svg'", 1)
    return f"data:image/svg+xml,{quote(alone)}"
