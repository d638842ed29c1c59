"""From the files of an upload to labelled images: class folders, images and a CSV, or one class."""

import os.path
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from cnnlab.datasets import limits
from cnnlab.datasets.labelling.annotations.annotated_layout import (
    annotated_layout,
    tell_unused_annotations,
)
from cnnlab.datasets.labelling.annotations.reading import Annotated, read_annotations
from cnnlab.datasets.labelling.class_folders import ClassFolders, folder_splits
from cnnlab.datasets.labelling.empty_folders import KIND as EMPTY
from cnnlab.datasets.labelling.empty_folders import find_empty_folders
from cnnlab.datasets.labelling.file_names import (
    NameLabels,
    name_hint,
    name_layout,
    read_file_names,
)
from cnnlab.datasets.labelling.flat_splits import label_flat_splits
from cnnlab.datasets.labelling.given_labels import rank_given, table_layout
from cnnlab.datasets.labelling.labelled import LabelledMember, Layout, bad_label, labelled_layout
from cnnlab.datasets.labelling.labels import clean_label, natural_key
from cnnlab.datasets.labelling.masks import leave_out_masks
from cnnlab.datasets.labelling.sorting import Sorted, sort_members
from cnnlab.datasets.labelling.tables.ranking import Ranked, may_be_taken
from cnnlab.datasets.labelling.tables.telling import tell_against_folders, tell_unused
from cnnlab.datasets.labelling.told_reading import layout_warning, say_reading
from cnnlab.datasets.upload.sources import Listing, Member
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.data.labelling import Labelling, Reading
from cnnlab.domain.data.split import TRAIN
from cnnlab.domain.errors import UploadError

_EXPECTED = (
    "put the images of each class into a folder named after it, or add a CSV with the columns "
    "'file' and 'label'"
)


def read_layout(
    listing: Listing, read: Callable[[Member], bytes], labelling: Labelling | None = None
) -> Layout:
    """Decide which image has which label and which split.

    A CSV given beside the upload decides; else class folders, if there are two or more; else a
    CSV inside the upload; else the files of an annotation tool; else the names of the files, where
    all have a label before a number.
    Where several readings were possible, a warning says which was taken.

    Args:
        listing: the upload's files.
        read: gives the content of one.
        labelling: what the user wants; None leaves all to the upload.

    Raises:
        UploadError: no images, no labels, too few or more than `MAX_CLASSES` classes, or the
            reading that the user wants isn't possible.
    """
    labelling = labelling or Labelling()
    found = sort_members(listing.members)
    if not found.images:
        raise UploadError(_no_images([*listing.skipped, *found.skipped]))
    masks = leave_out_masks(found, read, are_folders_classes=labelling.reading == "folders")
    used: Sequence[str] = ()
    if labelling.class_name is not None:
        layout = _one_class(found.images, labelling)
    else:
        layout, used = _take_reading(found, read, labelling, listing)
    names = set(map(_base, used))
    unused = [
        SkippedFile(member.path, "not an image")
        for member in (*found.tables, *found.annotations)
        if _base(member.path) not in names
    ]
    _check_classes(layout, found.images, labelling, listing.skipped, masks)
    return Layout(
        _simplify(layout.images),
        (*listing.skipped, *found.skipped, *unused, *layout.skipped),
        (*listing.warnings, *masks, *layout.warnings, *_similar_classes(layout.classes)),
        layout.other_tables,
    )


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _no_images(skipped: Sequence[SkippedFile]) -> str:
    reasons = Counter(file.reason for file in skipped if file.reason != "not an image")
    if not reasons:
        return f"The upload holds no images; {_EXPECTED}"
    return f"The upload holds no images that can be read ({_most_common(reasons)})"


def _most_common(reasons: Counter[str]) -> str:
    """Why files are not taken, in most cases."""
    reason, count = reasons.most_common(1)[0]
    return f"{'1 file' if count == 1 else f'{count:,} files'}: {reason}"


def _one_class(images: Sequence[Member], labelling: Labelling) -> Layout:
    if labelling.wants_table or labelling.reading:
        raise UploadError("Give either one class for all images, or a CSV or a reading, not both")
    label = clean_label(labelling.class_name or "")
    if reason := bad_label(label, "its class name is blank"):
        raise UploadError(f"The class {label[:80]!r} can't be used: {reason}; give another name")
    splits = folder_splits(images)
    layout = labelled_layout(images, [label] * len(images), splits, [""] * len(images))
    alone = (
        f"The dataset has one class, {label[:80]!r}; a network needs at least two to tell apart."
    )
    warnings = [DatasetWarning("one_class", alone, 1)]
    if ClassFolders(images).are_several:
        warnings.append(
            layout_warning("All images were put into one class; the class folders were not used.")
        )
    return replace(layout, warnings=tuple(warnings))


def _take_reading(
    found: Sorted, read: Callable[[Member], bytes], labelling: Labelling, listing: Listing
) -> tuple[Layout, Sequence[str]]:
    """The layout in the wanted or the likeliest reading, and the tables that could be used."""
    _check_wishes(labelling)
    folders = ClassFolders(found.images, guess_splits=labelling.reading != "folders")
    ranked, failed = rank_given(found, read, labelling)
    names = _read_names(found, folders, labelling)
    has_others = bool(labelling.wants_table or folders.are_several or ranked.taken)
    annotated = read_annotations(found, read, labelling.reading, has_others=has_others)
    reading = labelling.reading or (
        "annotations"
        if annotated.formats and not has_others
        else _likeliest(labelling, ranked, names, folders.are_several)
    )
    is_wanted = labelling.reading is not None
    tables = [table.path for table in (*ranked.taken, *ranked.others)]
    failed = failed or annotated.failed
    used: Sequence[str] = ()
    if reading == "annotations":
        layout, used = annotated_layout(found, annotated, labelling)
    elif reading == "table":
        if not ranked.taken:
            raise _no_table(ranked, failed)
        layout = table_layout(found.images, ranked, labelling)
    elif reading == "file_names":
        layout = name_layout(found.images, names, folders.splits, is_wanted=is_wanted)
    elif (failed or ranked.left) and not (folders.are_several or is_wanted):
        raise _no_table(ranked, failed)
    elif reading == "subfolders":
        layout = folders.inner()
    else:
        layout, used = label_flat_splits(folders, found, read)
        ranked = ranked.without(used)
    tables += used
    warnings = [*layout.warnings, *say_reading(reading, ranked, folders, is_wanted=is_wanted)]
    warnings += _tell_others(reading, ranked, annotated)
    warnings += find_empty_folders(listing, folders, found.masks) if reading == "folders" else ()
    if folders.are_several and reading != "file_names":
        warnings += tell_against_folders(found.images, folders.outer, ranked)
    unused = ranked.others if reading == "table" else (*ranked.taken, *ranked.others)
    paths = tuple(table.path for table in unused if may_be_taken(table))
    return replace(layout, warnings=tuple(warnings), other_tables=paths), tables


def _tell_others(
    reading: Reading, ranked: Ranked, annotated: Annotated
) -> Iterator[DatasetWarning]:
    """Say what else could give labels."""
    if reading != "table":
        yield from tell_unused(ranked)
    if reading != "annotations":
        yield from tell_unused_annotations(annotated)


def _check_wishes(labelling: Labelling) -> None:
    if labelling.table_name is not None and labelling.reading not in (None, "table"):
        raise UploadError(
            f"The table {labelling.table_name[:80]!r} gives no label in the reading "
            f"{labelling.reading!r}; give either the table or that reading, not both"
        )


def _no_table(ranked: Ranked, failed: UploadError | None) -> UploadError:
    """Why no table gives the labels."""
    if ranked.left:
        return UploadError(
            f"No table of the upload is believed: {ranked.told_left}; {_EXPECTED}, or name the "
            "table that is right all the same (--table, or 'More choices' on the page)"
        )
    return failed or UploadError(
        "The upload has no CSV that names its images; add one with the columns 'file' and "
        "'label', or take another reading"
    )


def _read_names(found: Sorted, folders: ClassFolders, labelling: Labelling) -> NameLabels:
    """What the file names say, where it may count."""
    may_count = not (folders.are_several or labelling.wants_table)
    if labelling.reading == "file_names" or may_count:
        return read_file_names([member.path for member in found.images], folders.splits)
    return NameLabels(("",) * len(found.images))


def _likeliest(
    labelling: Labelling, ranked: Ranked, names: NameLabels, has_folders: bool
) -> Reading:
    """A CSV beside the upload; class folders; a CSV inside; the names of the files."""
    if labelling.wants_table:
        return "table"
    if has_folders:
        return "folders"
    # A table of images whose names say nothing, where those of the others do, labels a test set.
    is_beside = not any(names.labels[at] for table in ranked.taken for at in table.labels)
    if names.are_regular and (is_beside or len(ranked.classes) < 2):
        return "file_names"
    return "table" if ranked.taken else "folders"


def _similar_classes(names: set[str]) -> Iterator[DatasetWarning]:
    """Warn of classes whose names look the same."""
    alike: dict[str, list[str]] = {}
    for name in sorted(names, key=natural_key):
        shown = unicodedata.normalize("NFKC", name).casefold()
        kept = (one for one in shown if unicodedata.category(one) != "Cf")
        alike.setdefault(" ".join("".join(kept).split()), []).append(name)
    groups = [group for group in alike.values() if len(group) > 1]
    if groups:
        first = " and ".join(repr(name[:80]) for name in groups[0][:2])
        message = (
            f"Some classes have names that look alike, such as {first}; if they mean the same, "
            "merge them."
        )
        yield DatasetWarning("similar_classes", message, sum(map(len, groups)))


def _check_classes(
    layout: Layout,
    images: Sequence[Member],
    labelling: Labelling,
    unread: Sequence[SkippedFile],
    masks: Sequence[DatasetWarning],
) -> None:
    classes = layout.classes
    if len(classes) > limits.MAX_CLASSES:
        raise UploadError(
            f"The upload has {len(classes):,} classes and at most {limits.MAX_CLASSES:,} are "
            "allowed; merge classes, check that the labels are not file names, or raise "
            "CNNLAB_MAX_CLASSES"
        )
    if len(classes) >= labelling.least_classes:
        return
    hint = name_hint([member.path for member in images]) if not labelling.reading else ""
    advice = f"{_EXPECTED}{'. ' * bool(hint)}{hint}"
    if not classes:
        reasons = Counter(file.reason for file in layout.skipped)
        raise UploadError(f"No image of the upload has a label ({_most_common(reasons)}); {advice}")
    empty = [warning.message for warning in layout.warnings if warning.kind == EMPTY]
    if reasons := Counter(file.reason for file in unread):
        advice = f"other files can't be read ({_most_common(reasons)})"
    elif masks:
        advice = f"{masks[0].message} Otherwise {advice}"
    elif empty:
        advice = empty[0].rstrip(".")
    raise UploadError(
        f"The upload has only one class, {next(iter(classes))[:80]!r}, and at least 2 are "
        f"needed; {advice}"
    )


def _simplify(images: Sequence[LabelledMember]) -> tuple[LabelledMember, ...]:
    """Take the folders that all files share off, and the splits where all is training."""
    folders = {image.file.rpartition("/")[0] for image in images}
    common = os.path.commonprefix([folder.split("/") if folder else [] for folder in folders])
    shared = len("".join(f"{name}/" for name in common))
    brings_splits = any(image.split not in (None, TRAIN) for image in images)
    return tuple(
        image._replace(file=image.file[shared:], split=image.split if brings_splits else None)
        for image in images
    )
