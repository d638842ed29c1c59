"""The names of YOLO's classes: `names` of a `data.yaml`, or one name a line in `classes.txt`.

Of YAML only what such files hold is read: a list or a mapping of numbers, inline or in a block.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from cnnlab.datasets.labelling.labels import clean_label
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member
from cnnlab.datasets.upload.suffixes import suffix_of
from cnnlab.domain.errors import UploadError

MAX_TEXT_BYTES = 2**20
"""Of a text or XML for one picture, or of a list of names; they have a few KiB."""

Names = dict[int, str]

_YAML = {".yaml", ".yml"}
_LISTS = re.compile(r"(?:_?classes\.txt|_darknet\.labels|.*\.names)", re.IGNORECASE)
_KEY = re.compile(r"""(?:names|"names"|'names')\s*:(?:\s+(?P<inline>.*)|\s*)""")
_TEXT = r"""(?:'(?:[^']|'')*'\s*|"[^"\\]*"\s*|[^\s'"\[\]{},#&*!|>%@`][^\[\]{},'"]*)"""
_ITEM = re.compile(rf"\s*(?:(?P<number>\d{{1,6}})\s*:\s+)?(?P<text>{_TEXT})(?:,|$)")
_BLOCK = re.compile(rf"\s*(?:-\s+|(?P<number>\d{{1,6}})\s*:\s+)(?P<text>{_TEXT})")
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def class_names(found: Sorted, read: Callable[[Member], bytes]) -> tuple[Names, tuple[str, ...]]:
    """The names of the classes by their numbers, and the paths of the files that say them.

    Args:
        found: the files of the upload.
        read: gives the content of one.

    Returns:
        Nothing where no file says them.

    Raises:
        UploadError: a list isn't understood, or there are several different ones.
    """
    texts = [
        member
        for member in (*found.annotations, *found.tables)
        if member.size_bytes <= MAX_TEXT_BYTES
    ]
    yamls = [member for member in texts if suffix_of(member.path) in _YAML]
    lists = [member for member in texts if _LISTS.fullmatch(_base(member))]
    for members, parse in ((yamls, names_of_yaml), (lists, _names_of_lines)):
        said = [(member, parse(_text(member, read), _base(member))) for member in members]
        said = [(member, names) for member, names in said if names]
        for member, names in said[1:]:
            if names != said[0][1]:
                raise UploadError(
                    f"{_base(said[0][0])} and {printable(member.path)} name different classes; "
                    "keep the one that belongs to the labels"
                )
        if said:
            return said[0][1], tuple(member.path for member, _ in said)
    return {}, ()


def _base(member: Member) -> str:
    return printable(member.path.rpartition("/")[2])


def _text(member: Member, read: Callable[[Member], bytes]) -> str:
    return read(member).decode("utf-8-sig", errors="replace")


def _names_of_lines(text: str, _: str) -> Names:
    lines = [clean_label(line) for line in text.splitlines()]
    return dict(enumerate(line for line in lines if line))


def names_of_yaml(text: str, file: str) -> Names:
    """What stands below `names` in a YAML; nothing where there is no `names`.

    Raises:
        UploadError: it is none of the four ways in which names are listed.
    """
    lines = [_COMMENT.sub("", line).rstrip() for line in text.splitlines()]
    at = next((at for at, line in enumerate(lines) if _KEY.fullmatch(line)), None)
    if at is None:
        return {}
    match = _KEY.fullmatch(lines[at])
    inline = ((match and match["inline"]) or "").strip()
    rest = lines[at + 1 :]
    pairs = list(_inline_pairs(inline, rest) if inline else _block_pairs(rest))
    numbers = [number for number, _ in pairs if number is not None]
    names = [_unquoted(name) for _, name in pairs]
    keys = numbers or list(range(len(names)))
    if not names or None in [*names] or len(set(keys)) != len(names):
        raise UploadError(
            f"The list of classes in {file} isn't understood; write it as 'names: [cat, dog]', or "
            "one name a line in a file classes.txt"
        )
    return dict(zip(keys, filter(None, names), strict=True))


def _inline_pairs(inline: str, rest: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """Items of `[cat, dog]` or `{0: cat, 1: dog}`, perhaps over several lines."""
    end = {"[": "]", "{": "}"}.get(inline[0], "")
    lines = [inline, *map(str.strip, rest)]
    last = next((at for at, line in enumerate(lines) if end and line.endswith(end)), None)
    whole = "" if last is None else " ".join(lines[: last + 1])
    body = whole[1:-1].strip()
    if not body:
        yield None, ""
    at = 0
    while at < len(body):
        match = _ITEM.match(body, at)
        if match is None or (match["number"] is not None) != (end == "}"):
            yield None, ""
            return
        yield _number(match), match["text"]
        at = match.end()


def _block_pairs(rest: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """Items of lines `- cat` or `0: cat`, up to the next key."""
    for line in rest:
        if not line:
            continue
        match = _BLOCK.fullmatch(line)
        if match is None:
            if line[0] in " \t-":
                yield None, ""
            return
        if match["number"] is not None and line[0] not in " \t":
            return
        yield _number(match), match["text"]


def _number(match: re.Match[str]) -> int | None:
    return None if match["number"] is None else int(match["number"])


def _unquoted(text: str) -> str | None:
    """The name, or None where there is none."""
    text = text.strip()
    if text[:1] == "'":
        text = text[1:-1].replace("''", "'")
    elif text[:1] == '"':
        text = text[1:-1]
    return clean_label(text) or None
