"""Reading single names: class names, split names, their order."""

import re
import unicodedata

from cnnlab.domain.data.split import SPLITS

_SPLIT_NAME = re.compile(
    r"(?:(train|training|trn)|(val|valid|validation|validate|dev)|(test|testing|tst))"
    r"(?:set|data|images|split|folder)?"
)


def clean_label(text: str) -> str:
    """The class name as it is kept: NFC, without control characters, otherwise in full."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def natural_key(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that puts `class 2` before `class 10`, whatever the case."""
    parts = re.split(r"([0-9]+)", text.casefold())
    # The length of a number without its zeros goes first: int() refuses 5,000 digits.
    numbers = [(len(part.lstrip("0")), part.lstrip("0")) for part in parts[1::2]]
    words = parts[0::2]
    key = [(1, 0, words[0])] if words[0] else []
    for (digits, number), word in zip(numbers, words[1:], strict=True):
        key += [(0, digits, number), (1, 0, word)]
    return key, text


def read_split(name: str) -> str | None:
    """Which split a folder or a CSV value such as `Train`, `valid` or `test_set` means, if any."""
    match = _SPLIT_NAME.fullmatch(re.sub(r"[\W_]", "", name.casefold()))
    if match is None:
        return None
    return next(split for split, said in zip(SPLITS, match.groups(), strict=True) if said)
