"""A piece of an arm's line, drawn beside its name: its hue and, where it has one, its mark."""

from cnnlab.figures.traces import Style

MARK_PATHS = {
    "square": "M-4.2-4.2h8.4v8.4h-8.4z",
    "diamond": "M0-5.4 5.4 0 0 5.4-5.4 0z",
    "triangle-up": "M0-5.2 5.2 4H-5.2z",
    "cross": "M-5-1.7h3.3V-5h3.4v3.3H5v3.4H1.7V5h-3.4V1.7H-5z",
}
"""Outline of each mark of a style around 0, 0, at most 5.4 away: the `d` of an SVG's path."""

_WIDTH, _HEIGHT = 22, 12


def swatch(style: Style) -> str:
    """An SVG of 22 by 12 px, to stand in HTML.

    Args:
        style: of the arm's curves.
    """
    middle = _HEIGHT // 2
    mark = (
        f"<path d='{MARK_PATHS[style.mark]}' fill='{style.color}' "
        f"transform='translate({_WIDTH // 2} {middle})'/>"
        if style.mark
        else ""
    )
    return (
        f"<svg width='{_WIDTH}' height='{_HEIGHT}' "
        f"viewBox='0 0 {_WIDTH} {_HEIGHT}' aria-hidden='true'>"
        f"<path d='M0 {middle}h{_WIDTH}' stroke='{style.color}' stroke-width='3'/>{mark}</svg>"
    )
