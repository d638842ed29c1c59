"""Numbers and names in words, the same on the screen, in documents and on the command line.

The browser's half says them by the same rules (`cnnlab/ui/components/shared/numbers.mjs`), held
together with these by the cases that both are tested with (`tests/browser/cases.json`).
"""

import math
from collections.abc import Sequence

UNKNOWN = "–"
MINUS = "−"
"""As wide as a plus, and no line is broken behind it, as behind a hyphen."""
NO_BREAK = "\N{NO-BREAK SPACE}"
"""Between a number and its unit: no line ends there."""
PERCENT = f"{NO_BREAK}%"
"""What stands behind a number."""
_MOST_OF_A_UNIT = 90  # 89 s and 89 min read well, 150 min don't
_MOST_IN_THREE_DIGITS = 999.5
_A_ROUNDING = 1e-9  # from 0 and from 1, of a share that was computed
_BINARY_UNITS = ("KiB", "MiB", "GiB")


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 file`, `2 files`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def capitalized(words: str) -> str:
    """Words as a sentence begins: `L2 and dropout` keeps its capitals, `dropout` gets one."""
    return f"{words[:1].upper()}{words[1:]}"


def called(name: str) -> str:
    """A class's name within a sentence: `cat`, but '8', which beside numbers reads as one.

    Tables and axes show names as they are.
    """
    return name if any(sign.isalpha() for sign in name) else f"'{name}'"


def digits(value: float, *, most_decimals: int, signed: bool = False) -> str:
    """A number with three significant digits, as far as the decimals allow.

    Args:
        value: may be not finite.
        most_decimals: small numbers aren't given more digits than make sense.
        signed: whether a positive one has its sign too.
    """
    return digits_alike([value], most_decimals=most_decimals, signed=signed)[0]


def digits_alike(
    values: Sequence[float | None],
    *,
    most_decimals: int,
    least_decimals: int = 0,
    signed: bool = False,
) -> list[str]:
    """Numbers that are read together, all with the same decimals: a mean, and its interval's ends.

    The largest has three significant digits; all have more decimals where one would read as zero
    and isn't: `−38.5` and `−0.1`, but `−1.62` and `−0.03`.

    Args:
        values: those that aren't known, or not finite, are a dash.
        most_decimals: small numbers aren't given more digits than make sense.
        least_decimals: a column that reaches from below 1 to above it has the same ones.
        signed: whether positive ones have their sign too.
    """
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    sizes = [math.floor(math.log10(value)) for value in known if value]
    decimals = max(least_decimals, 2 - max(sizes, default=0))
    while decimals < most_decimals and any(value and not round(value, decimals) for value in known):
        decimals += 1
    decimals = min(most_decimals, decimals)
    return [
        UNKNOWN
        if value is None or not math.isfinite(value)
        else fixed(value, decimals, signed=signed)
        for value in values
    ]


def fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    """A finite number with so many decimals, a real minus and no sign at 0: `1.20`, `−0.4`."""
    return with_sign(value, decimals) if signed else f"{value:z.{decimals}f}".replace("-", MINUS)


def with_sign(value: float, decimals: int) -> str:
    """A finite difference with its sign, a real minus: `+1.2`, `−0.4`; `0.0` has none."""
    shown = f"{value:+z.{decimals}f}".replace("-", MINUS)
    return shown if float(shown.replace(MINUS, "-")) else shown.removeprefix("+")


def percent(share: float | None, *, decimals: int = 1) -> str:
    """A share as a percentage: `0.8712` as `87.1 %`, a dash if it isn't known.

    What isn't all or nothing is never rounded to it: `0.9998` is `> 99.9 %`, `0.0001` `< 0.1 %`.

    Args:
        share: 0..1; None and what isn't finite aren't known.
        decimals: a rough share needs none.
    """
    if share is None or not math.isfinite(share):
        return UNKNOWN
    shown = f"{100 * share:.{decimals}f}"
    if _A_ROUNDING < share < 1 - _A_ROUNDING:
        step = 10.0**-decimals
        if float(shown) == 0:
            return f"< {step:.{decimals}f}{PERCENT}"
        if float(shown) == 100:
            return f"> {100 - step:.{decimals}f}{PERCENT}"
    return f"{shown}{PERCENT}"


def percent_range(low: float | None, high: float | None, *, decimals: int = 1) -> str:
    """The interval of a share, its unit said once: `85.0 to 89.2 %`; a dash where not known."""
    ends = [percent(end, decimals=decimals) for end in (low, high)]
    return UNKNOWN if UNKNOWN in ends else f"{ends[0].removesuffix(PERCENT)} to {ends[1]}"


def exact_percent(share: float) -> str:
    """A share that was set, not measured, such as a level of confidence: `5 %`, `98.75 %`."""
    return f"{100 * share:.4g}{PERCENT}"


def points(difference: float, *, signed: bool = False) -> str:
    """A difference of two shares in percentage points: `0.0712` as `7.1 points`."""
    return f"{fixed(100 * difference, 1, signed=signed)} points"


def points_interval(low: float, high: float) -> str:
    """The interval of a difference of shares, in points: `−0.4 to +4.7`, both ends with a sign.

    Shares have none: `85.0 to 89.2 %`.
    """
    return f"{with_sign(100 * low, 1)} to {with_sign(100 * high, 1)}"


def duration(seconds: float) -> str:
    """A time span in the unit that suits it: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`."""
    if seconds < _MOST_OF_A_UNIT:
        return f"{seconds:.2g}{NO_BREAK}s" if seconds < 10 else f"{seconds:.0f}{NO_BREAK}s"
    minutes = round(seconds / 60)
    if minutes < _MOST_OF_A_UNIT:
        return f"{minutes}{NO_BREAK}min"
    return f"{minutes // 60}{NO_BREAK}h {minutes % 60}{NO_BREAK}min"


def rough_duration(seconds: float) -> str:
    """A time span that is only estimated: `10 s`, `40 s`, `2 min`, `20 min`, `3 h`."""
    steps = ((60, 10), (600, 60), (5400, 600))
    step = next((step for most, step in steps if seconds < most), 3600)
    rounded = max(1, round(seconds / step)) * step
    return f"{rounded // 3600}{NO_BREAK}h" if step == 3600 else duration(rounded)


def data_size(count_bytes: float) -> str:
    """A size of files or memory: `20 MiB`, `1.86 GiB`.

    Always by powers of 1024, as the limits are set and as memory is counted, and always with the
    unit that says so: GB would mean 7 % less, and what doesn't fit would seem to.
    """
    size, unit = float(count_bytes), "bytes"
    for larger in _BINARY_UNITS:
        if size < _MOST_IN_THREE_DIGITS:
            break
        size, unit = size / 1024, larger
    shown = f"{size:.3g}" if size < _MOST_IN_THREE_DIGITS else f"{size:,.0f}"
    return f"{shown}{NO_BREAK}{unit}"


def with_unit(value: str, unit: str | None) -> str:
    """A number with its unit: `15°` and `2 px`, `0.5` where there is none.

    With a common space, as arms and runs are named by it, which are looked for and typed.
    """
    if not unit:
        return value
    return f"{value}{unit}" if unit == "°" else f"{value} {unit}"


def unit_in_brackets(label: str, unit: str | None) -> str:
    """A label that says what its number counts: `Rotation (°)`, `L2` where there is no unit."""
    return f"{label} ({unit})" if unit else label


IMPORT_STAGES = {
    "reading": "Reading the images",
    "scaling": "Bringing images with more than 8 bits to one range",
    "glancing": "Looking for images that are alike",
    "comparing": "Comparing images that look alike",
    "confirming": "Looking which copies are exact",
}
"""What an import does, by the stages that it reports."""
