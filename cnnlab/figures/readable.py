"""Words in the hue of what they name, in a shade that is read in the theme of the moment."""

from cnnlab.figures.traces import Style, rgb

LEAST_CONTRAST = 4.5
"""What WCAG 2 asks for between words and their ground."""

_LIGHT, _DARK = "#eef3fc", "#192337"
"""The tints of a page, on which charts may stand: their plain grounds leave more contrast."""
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 50


def in_color_of(style: Style, words: str) -> str:
    """Words as Plotly draws them in the hue of a style.

    Args:
        style: of what is named.
        words: HTML as Plotly understands it.
    """
    return f"<span style='color:{words_color(style)}'>{words}</span>"


def words_color(style: Style) -> str:
    """A style's hue for words, as CSS: the browser picks its shade as that of the page."""
    return f"light-dark({','.join(readable(style.color))})"


def readable(color: str) -> tuple[str, str]:
    """A colour for words in the light theme and one for the dark: as near to it as can be read."""
    return _towards(_BLACK, color, _LIGHT), _towards(_WHITE, color, _DARK)


def contrast(color: str, other: str) -> float:
    """How much two colours differ in lightness, 1 to 21, by WCAG 2."""
    darker, lighter = sorted(map(_luminance, (color, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _towards(end: str, color: str, ground: str) -> str:
    mixed = (_mixed(color, end, step / _STEPS) for step in range(_STEPS + 1))
    return next(one for one in mixed if contrast(one, ground) >= LEAST_CONTRAST)


def _mixed(color: str, end: str, share: float) -> str:
    parts = zip(rgb(color), rgb(end), strict=True)
    return "#" + "".join(f"{round(here + share * (there - here)):02x}" for here, there in parts)


def _luminance(color: str) -> float:
    shares = (part / 255 for part in rgb(color))
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )
