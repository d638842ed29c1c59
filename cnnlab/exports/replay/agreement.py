"""What was said and what was found, one number or text each, and whether they agree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Agreement:
    """Compares and keeps what differs.

    Attributes:
        compared: how many numbers and texts were compared, by what they belong to.
        differing: a sentence each.
        notes: what couldn't be computed again, and why.
    """

    compared: dict[str, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def check(
        self, part: str, what: str, said: object, found: object, *, tolerance: float = 1e-9
    ) -> None:
        """Compare what the bundle says with what was found, whatever JSON values they are.

        Args:
            part: of the report, by which the comparisons are counted.
            what: the number, in words.
            said: in the bundle.
            found: here.
            tolerance: of numbers: this much, or this share of the larger one.
        """
        if isinstance(said, Mapping) and isinstance(found, Mapping):
            for name in sorted(said.keys() | found.keys(), key=str):
                self.check(
                    part, f"{what}, {name}", said.get(name), found.get(name), tolerance=tolerance
                )
        elif _is_list(said) and _is_list(found) and len(said) == len(found):  # type: ignore[arg-type]
            for number, (one, other) in enumerate(zip(said, found, strict=True), 1):  # type: ignore[call-overload]
                self.check(part, f"{what}, {number}", one, other, tolerance=tolerance)
        else:
            self.compared[part] = self.compared.get(part, 0) + 1
            if not _agree(said, found, tolerance):
                self.differing.append(f"{part}: {what}: the bundle says {said!r}, found {found!r}")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _agree(said: Any, found: Any, tolerance: float) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(said, bool | str) or not isinstance(said, int | float):
        return bool(said == found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return math.isclose(said, found, rel_tol=tolerance, abs_tol=tolerance)
