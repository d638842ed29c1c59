"""The colours of arms beside their names where they are chosen: those of their curves."""

from collections.abc import Sequence

from cnnlab.figures.traces import Style


def swatches(key: str, styles: Sequence[Style]) -> str:
    """A style sheet that draws a piece of its arm's curve into each pill.

    Args:
        key: the widget's key.
        styles: of the arms, in the order of the pills.
    """
    rules = [
        f".st-key-{key} button:nth-of-type({place})::before "
        f"{{ border-top: 3px solid {style.color}; }}"
        for place, style in enumerate(styles, start=1)
    ]
    shape = 'content: ""; width: 1.1rem; margin-right: .4rem; align-self: center;'
    return "\n".join(["<style>", f".st-key-{key} button::before {{ {shape} }}", *rules, "</style>"])
