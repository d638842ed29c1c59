"""Fixes: what a user may change about a dataset; each makes a new version of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnnlab.domain.data.dataset import Finding
from cnnlab.domain.data.split import TRAIN
from cnnlab.domain.words import counted


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


@dataclass(frozen=True)
class DropSplits:
    """Forget the splits that the upload brought: each run draws its own.

    Attributes:
        rows: the images that were not in training.
    """

    rows: tuple[int, ...]

    @property
    def words(self) -> str:
        """The fix in a few words."""
        return f"{_DROPPED}, {_images(self.rows)} may train again"


@dataclass(frozen=True)
class Added:
    """Further images of one class or several; no `Fix`, for it brings bytes.

    Attributes:
        counts: classes, and how many were added to each.
        left_out: files that were in their class already.
        elsewhere: file and class of those added that are in another class too.
    """

    counts: tuple[tuple[str, int], ...]
    left_out: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What was done in a few words, and what is to be said of it."""
        told = [
            f"{counted(count, 'image')} added as class {label[:80]!r}"
            for label, count in self.counts
        ]
        if self.elsewhere:
            file, label = self.elsewhere[0]
            told.append(
                f"{len(self.elsewhere):,} of them in another class as well, such as {file[:80]!r} "
                f"in {label[:80]!r}"
            )
        if self.left_out:
            told.append(
                f"{counted(len(self.left_out), 'picture')} left out, there already, such as "
                f"{self.left_out[0][:80]!r}"
            )
        return tuple(told)


_DROPPED = "own splits dropped"


def drop_splits(changes: Iterable[str]) -> bool:
    """Whether a `DropSplits` is among the changes of a version, in words."""
    return any(change.startswith(_DROPPED) for change in changes)


Fix = Exclude | Relabel | MoveTo | RenameClass | DropSplits


def remedy_fixes(
    finding: Finding, remedy: str, splits: Sequence[str]
) -> Sequence[Exclude | MoveTo | DropSplits]:
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
        case "draw_split":
            return [DropSplits(_sorted(row for row, at in enumerate(splits) if at != TRAIN))]
    raise ValueError(
        f"remedy must be exclude, keep_one, one_split or draw_split. Received: {remedy!r}"
    )


def _sorted(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(rows)))


def _images(rows: Sequence[int]) -> str:
    return counted(len(rows), "image")
