"""What a user should know of a fresh dataset before training."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from cnnlab.datasets.labels import natural_key
from cnnlab.datasets.layout import LabelledMember
from cnnlab.datasets.packing import PackedImage
from cnnlab.domain.dataset import DatasetWarning, SkippedFile

# Below this, a validation part of 20 % holds one image or two.
_FEW_IMAGES = 10
# Beyond this, always answering the largest class looks like success.
_IMBALANCE = 5


class Accepted(Protocol):
    """An image of the dataset."""

    labelled: LabelledMember
    packed: PackedImage


def find_warnings(
    accepted: Sequence[Accepted], wanted: Collection[str], skipped: Sequence[SkippedFile]
) -> Iterator[DatasetWarning]:
    """Yield a warning for each kind of trouble.

    Args:
        accepted: the images of the dataset.
        wanted: the classes that the upload named, before decoding.
        skipped: files that were not taken.
    """
    counts = Counter(image.labelled.label for image in accepted)
    yield from _lost_classes(counts, wanted)
    yield from _class_sizes(counts)
    yield from _duplicates(accepted)
    if skipped:
        reasons = Counter(file.reason for file in skipped).most_common()
        listed = "; ".join(f"{count:,} {reason}" for reason, count in reasons[:5])
        message = f"{_files(len(skipped))} skipped: {listed}{'; ...' * (len(reasons) > 5)}."
        yield DatasetWarning("skipped", message, len(skipped))


def _files(count: int) -> str:
    return "1 file was" if count == 1 else f"{count:,} files were"


def _lost_classes(counts: Counter[str], wanted: Collection[str]) -> Iterator[DatasetWarning]:
    if lost := sorted(set(wanted) - set(counts), key=natural_key):
        message = f"No image of these classes could be read, so they are left out: {_listed(lost)}."
        yield DatasetWarning("lost_classes", message, len(lost))


def _class_sizes(counts: Counter[str]) -> Iterator[DatasetWarning]:
    small = sorted((name for name in counts if counts[name] < _FEW_IMAGES), key=natural_key)
    if small:
        message = (
            f"These classes have fewer than {_FEW_IMAGES} images, too few to learn from or to "
            f"judge by: {_listed(small)}."
        )
        yield DatasetWarning("few_images", message, len(small))
    (largest, most), (smallest, least) = counts.most_common()[0], counts.most_common()[-1]
    if most > _IMBALANCE * least:
        message = (
            f"The largest class, {largest[:80]!r} ({most:,} images), has {most / least:.3g} times "
            f"as many as the smallest, {smallest[:80]!r} ({least:,}); balanced class weights help."
        )
        rare = sum(most > _IMBALANCE * count for count in counts.values())
        yield DatasetWarning("imbalance", message, rare)


def _duplicates(accepted: Sequence[Accepted]) -> Iterator[DatasetWarning]:
    alike: dict[str, list[LabelledMember]] = defaultdict(list)
    for image in accepted:
        alike[image.packed.sha256].append(image.labelled)
    groups = [group for group in alike.values() if len(group) > 1]
    if groups:
        message = (
            f"{sum(map(len, groups)) - len(groups):,} images are exact copies of another, for "
            f"instance {groups[0][1].file[:80]!r} of {groups[0][0].file[:80]!r}."
        )
        yield DatasetWarning("duplicates", message, sum(map(len, groups)) - len(groups))
    conflicts = [group for group in groups if len({image.label for image in group}) > 1]
    if conflicts:
        first, other = (
            conflicts[0][0],
            next(image for image in conflicts[0] if image.label != conflicts[0][0].label),
        )
        message = (
            f"{len(conflicts):,} images are in more than one class, for instance "
            f"{first.file[:80]!r} and {other.file[:80]!r}."
        )
        yield DatasetWarning("label_conflict", message, len(conflicts))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
