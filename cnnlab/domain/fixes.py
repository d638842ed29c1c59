"""Fixes: what a user may change about a dataset; each makes a new version of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnnlab.domain.dataset import Finding


@dataclass(frozen=True)
class Exclude:
    """Leave images out."""

    rows: tuple[int, ...]

    @property
    def words(self) -> str:
        """The fix in a few words."""
        return f"{_images(self.rows)} excluded"


@dataclass(frozen=True)
class Relabel:
    """Give images another class, a new one or one that is there."""

    rows: tuple[int, ...]
    label: str

    @property
    def words(self) -> str:
        """The fix in a few words."""
        return f"{_images(self.rows)} given the class {self.label[:80]!r}"


@dataclass(frozen=True)
class MoveTo:
    """Put images into `train`, `validation` or `test`."""

    rows: tuple[int, ...]
    split: str

    @property
    def words(self) -> str:
        """The fix in a few words."""
        return f"{_images(self.rows)} moved to {self.split}"


@dataclass(frozen=True)
class RenameClass:
    """Call a class otherwise; under the name of another class the two are merged."""

    label: str
    into: str

    @property
    def words(self) -> str:
        """The fix in a few words."""
        return f"class {self.label[:80]!r} is now {self.into[:80]!r}"


Fix = Exclude | Relabel | MoveTo | RenameClass


def remedy_fixes(
    finding: Finding, remedy: str, splits: Sequence[str]
) -> Sequence[Exclude | MoveTo]:
    """What one click on a remedy of a finding does.

    Args:
        finding: has the groups.
        remedy: one of its remedies.
        splits: of every image of the dataset.
    """
    match remedy:
        case "exclude":
            return [Exclude(_sorted(row for group in finding.groups for row in group))]
        case "keep_one":
            return [Exclude(_sorted(row for group in finding.groups for row in group[1:]))]
        case "one_split":
            targets: dict[str, list[int]] = {}
            for first, *others in finding.groups:
                moved = [row for row in others if splits[row] != splits[first]]
                targets.setdefault(splits[first], []).extend(moved)
            return [MoveTo(_sorted(rows), split) for split, rows in targets.items() if rows]
    raise ValueError(f"remedy must be exclude, keep_one or one_split. Received: {remedy!r}")


def _sorted(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(rows)))


def _images(rows: Sequence[int]) -> str:
    return "1 image" if len(rows) == 1 else f"{len(rows):,} images"
