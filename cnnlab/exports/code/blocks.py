"""Lines of a program that make the network: a loop where blocks repeat."""

import re
from dataclasses import dataclass, replace

from cnnlab.exports.code.lines import INDENT, WIDTH, call

BLOCK, FILTERS = "\0block\0", "\0filters\0"
"""Stand in an argument for what differs from block to block."""

_CELL = re.compile("\x01(\\w+)\x01(.*)")


def width(filters: int) -> str:
    """An argument that is the filters of its block, if the block has no others."""
    return f"\0{filters}"


def cell(name: str, value: int | str) -> str:
    """An argument that may differ from block to block, and is called so in a loop."""
    return f"\x01{name}\x01{value}"


@dataclass(frozen=True)
class Line:
    """`x = function(arguments)(x)`, or `x = function(x, arguments)`.

    Attributes:
        function: what is called.
        arguments: source, with the stand-ins.
        takes_x: whether what is given is its first argument.
        given: what the layer takes, as source.
        into: the variable of the result.
    """

    function: str
    arguments: tuple[str, ...]
    takes_x: bool = False
    given: str = "x"
    into: str = "x"

    def written(self, block: str, filters: str, depth: int) -> list[str]:
        """As source, with what the stand-ins stand for."""
        told = [_filled(one, block, filters) for one in self.arguments]
        if self.takes_x:
            return call(f"{self.into} = {self.function}(", [self.given, *told], depth=depth)
        return call(f"{self.into} = {self.function}(", told, f")({self.given})", depth=depth)

    def cells(self) -> dict[str, str]:
        """What may differ from block to block, by its name."""
        found = (_CELL.fullmatch(one) for one in self.arguments)
        return {match[1]: match[2] for match in found if match}

    def with_cells(self, values: dict[str, str]) -> "Line":
        """The same with these in the cells of their names."""
        return replace(self, arguments=tuple(_put_in(one, values) for one in self.arguments))


def _put_in(argument: str, values: dict[str, str]) -> str:
    match = _CELL.fullmatch(argument)
    return values[match[1]] if match and match[1] in values else argument


def _filled(argument: str, block: str, filters: str) -> str:
    if BLOCK in argument and not block.isdigit():
        argument = argument.replace('"', 'f"', 1) if '"' in argument else argument
        block = block if '"' not in argument else f"{{{block}}}"
    return argument.replace(BLOCK, block).replace(FILTERS, filters)


@dataclass
class Block:
    """Lines up to a pooling or a block of layers.

    Attributes:
        number: counted from 1.
        lines: one after the other.
        widths: filters that occur in them.
    """

    number: int
    lines: list[Line]
    widths: set[int]

    def settle(self) -> None:
        """Say where the filters are those of the whole block; several stay numbers."""
        alone = width(next(iter(self.widths))) if len(self.widths) == 1 else None

        def settled(argument: str) -> str:
            if argument == alone:
                return FILTERS
            is_width = argument.startswith("\0") and argument[1:].isdigit()
            return argument[1:] if is_width else argument

        self.lines = [
            replace(line, arguments=tuple(map(settled, line.arguments))) for line in self.lines
        ]

    @property
    def columns(self) -> dict[str, str]:
        """What its lines may have otherwise than those of the next block."""
        told = {"filters": str(next(iter(self.widths)))} if len(self.widths) == 1 else {}
        for line in self.lines:
            told |= line.cells()
        return told

    def written(self, values: dict[str, str], block: str, depth: int) -> list[str]:
        """As source; `values` stand for what may differ."""
        told = (line.with_cells(values) for line in self.lines)
        return [
            text for line in told for text in line.written(block, values.get("filters", ""), depth)
        ]


def folded(blocks: list[Block]) -> list[str]:
    """Blocks of alike lines as one loop; what a first one has besides stands before it."""
    lines: list[str] = []
    at = 0
    while at < len(blocks):
        block, end = blocks[at], at + 1
        same = _pattern(blocks[end].lines) if end < len(blocks) and blocks[end].lines else None
        before = len(block.lines) - len(same) if same else 0
        if same and before >= 0 and _pattern(block.lines[before:]) == same:
            while end < len(blocks) and _pattern(blocks[end].lines) == same:
                end += 1
            first = Block(block.number, block.lines[:before], block.widths)
            lines += first.written(first.columns, str(block.number), 1)
            repeated = Block(block.number, block.lines[before:], block.widths)
            lines += _loop([repeated, *blocks[at + 1 : end]])
        else:
            lines += block.written(block.columns, str(block.number), 1)
        at = end
    return lines


def _pattern(lines: list[Line]) -> list[Line]:
    """The lines without what may differ."""
    return [line.with_cells(dict.fromkeys(line.cells(), "")) for line in lines]


def _loop(blocks: list[Block]) -> list[str]:
    first, columns = blocks[0].number, [block.columns for block in blocks]
    used = {name for line in blocks[0].lines for name in line.cells()}
    if any(FILTERS in one for line in blocks[0].lines for one in line.arguments):
        used.add("filters")
    differing = [
        name for name in columns[0] if name in used and len({each[name] for each in columns}) > 1
    ]
    values = columns[0] | {name: name for name in differing}
    return [
        *_head(differing, [[each[name] for name in differing] for each in columns], first),
        *blocks[0].written(values, "block", 2),
    ]


def _head(names: list[str], rows: list[list[str]], first: int) -> list[str]:
    """The line that begins a loop over blocks, and the table of what differs before it."""
    if not names:
        return [f"{INDENT}for block in range({first}, {first + len(rows)}):"]
    several = len(names) > 1
    taken = f"({', '.join(names)})" if several else names[0]
    told = [f"({', '.join(row)})" if several else row[0] for row in rows]
    short = f"{INDENT}for block, {taken} in enumerate([{', '.join(told)}], start={first}):"
    if not several and len(short) <= WIDTH:
        return [short]
    return [
        f"{INDENT}blocks = [",
        *(f"{INDENT}{INDENT}{one}," for one in told),
        f"{INDENT}]",
        *call(f"for block, {taken} in enumerate(", ["blocks", f"start={first}"], "):"),
    ]
