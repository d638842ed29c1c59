"""Labels that stand in the names of the files: `cat.0.jpg`, `great_pyrenees_12.jpg`."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.labels import clean_label, natural_key, read_split
from cnnlab.datasets.labelling.matching import without_suffix
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.words import counted

# LABEL, then numbers each set off by a dot, an underline, a dash, a space or brackets; the label
# takes all but the last number where that tells more classes apart: `class_1_12`.
_ALL_NUMBERS = re.compile(r"(.+?)(?:[ ._\-]+\(?\d+\)?|\(\d+\))+", re.DOTALL)
_LAST_NUMBER = re.compile(r"(.+)(?:[ ._\-]+\(?\d+\)?|\(\d+\))", re.DOTALL)
# `cat12`: of letters alone, or a hash would do.
_GLUED = re.compile(r"([^\W\d_]{3,})\d{1,6}")
# What cameras, phones and programs call every picture; letters alone, in lower case.
_NO_LABELS = {
    *("img", "image", "images", "imgs", "imag", "dsc", "dscn", "dscf", "cimg", "hpim", "pict"),
    *("pic", "pics", "picture", "pictures", "photo", "photos", "pxl", "sam", "mvi", "vid"),
    *("wp", "gopr", "gp", "dji", "screenshot", "scan", "scanned", "frame", "frames", "file"),
    *("files", "untitled", "unnamed", "download", "whatsapp", "signal", "telegram", "snapchat"),
    *("at", "from", "of", "am", "pm", "copy", "data", "sample", "samples", "example", "fig"),
    *("figure", "page", "tile", "patch", "crop", "slice", "capture", "webcam", "cam", "camera"),
    *("id", "number", "nr", "ios", "android", "the", "and", "kopie", "bild"),
    *("foto", "fotos", "imagen"),
}
# Words before a number that is a class's own: class1_12.
_CLASS_WORDS = {"class", "label", "category", "type", "grade", "cls", "species", "breed"}
_WORDNET_ID = re.compile(r"n\d{8}")
# Two or three of a name may be chance; of a label there are several images.
_LEAST_EACH = 2
_REGULAR_SHARE = 0.9
_SHOWN_CLASSES = 10


@dataclass(frozen=True)
class NameLabels:
    """What file names say.

    Attributes:
        labels: (N,) of each image, empty where its name says none.
        examples: the first file of every label.
        are_regular: whether they may be taken without asking.
    """

    labels: tuple[str, ...]
    examples: dict[str, str] = field(default_factory=dict)
    are_regular: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Images of every label, in the order of classes."""
        counts = Counter(filter(None, self.labels))
        return {label: counts[label] for label in sorted(counts, key=natural_key)}

    @property
    def preview(self) -> str:
        """What classes they give: count and example of each."""
        shown = [
            f"{label[:80]!r} ({counted(count, 'image')}, such as {self.examples[label][:80]!r})"
            for label, count in self.counts.items()
        ]
        more = len(shown) - _SHOWN_CLASSES
        return ", ".join(shown[:_SHOWN_CLASSES]) + (f" and {more} more" if more > 0 else "")


def read_file_names(files: Sequence[str], groups: Sequence[str | None] | None = None) -> NameLabels:
    """Find the label in the name of each image.

    Args:
        files: paths of the images.
        groups: the split of each image; of one whose names hold no label at all, as that of a test
            set, no name is asked to be regular.
    """
    stems = [without_suffix(path.rpartition("/")[2]) for path in files]
    readings = [_labels(stems, pattern) for pattern in (_ALL_NUMBERS, _LAST_NUMBER)]
    labels = max(readings, key=lambda found: (len(_kinds(found)) > 1, found is readings[0]))
    examples: dict[str, str] = {}
    for path, label in zip(files, labels, strict=True):
        if label:
            examples.setdefault(label, printable(path.rpartition("/")[2]))
    regular = _are_regular(labels, groups or [None] * len(labels))
    return NameLabels(tuple(labels), examples, regular)


def name_layout(
    images: Sequence[Member], names: NameLabels, splits: Sequence[str | None], *, is_wanted: bool
) -> Layout:
    """Label images as their names do, and say so.

    Args:
        images: of the upload.
        names: what the names say.
        splits: of the images.
        is_wanted: whether the user asked for it; else what a camera may have written is no class.
    """
    labels = [label if is_wanted or could_be_class(label) else "" for label in names.labels]
    reasons = ["its file name says no class before a number"] * len(images)
    layout = labelled_layout(images, labels, splits, reasons)
    message = (
        "The labels were taken from the file names, what stands there before the number: "
        f"{names.preview}. If that isn't what they mean, put the images of each class into a "
        "folder, or add a CSV with the columns 'file' and 'label'."
    )
    return replace(layout, warnings=(DatasetWarning("file_names", message, len(names.counts)),))


def name_hint(files: Sequence[str]) -> str:
    """What the file names would give where nothing else labels the images, or an empty text."""
    names = read_file_names(files)
    counts = names.counts
    if len(counts) > 1:
        return (
            f"The file names would give {counted(len(counts), 'class', 'classes')}: "
            f"{names.preview}; if that is what they mean, take the reading 'file_names'"
        )
    if counts:
        [label] = counts
        return f"The file names begin alike, with {label[:80]!r}, so no labels stand in them"
    return ""


def _labels(stems: Sequence[str], pattern: re.Pattern[str]) -> list[str]:
    found = (pattern.fullmatch(stem) or _GLUED.fullmatch(stem) for stem in stems)
    return [clean_label(match[1].strip(" ._-")) if match else "" for match in found]


def _are_regular(labels: Sequence[str], groups: Sequence[str | None]) -> bool:
    """Whether nearly all images have a label that could be one, and each label has several."""
    named = {group for group, label in zip(groups, labels, strict=True) if label}
    asked = [label for group, label in zip(groups, labels, strict=True) if group in named]
    counts = Counter(filter(None, asked))
    usable = sum(
        count for label, count in counts.items() if count >= _LEAST_EACH and could_be_class(label)
    )
    return len(_kinds(counts)) >= 2 and usable >= max(1.0, _REGULAR_SHARE * len(asked))


def could_be_class(label: str) -> bool:
    """Whether it says more than a camera, a counter or a split would."""
    words = re.findall(r"[^\W\d_]+", label.casefold())
    is_camera = all(word in _NO_LABELS for word in words)
    return bool(words) and not is_camera and read_split(label) is None


def _kinds(labels: Iterable[str]) -> set[str]:
    """Labels that could be classes; those that differ in their numbers alone count as one."""
    return {_kind(label) for label in set(labels) if label and could_be_class(label)}


def _kind(label: str) -> str:
    words = re.sub(r"[\W\d_]+", " ", label.casefold()).strip()
    return label if _WORDNET_ID.fullmatch(label) or words in _CLASS_WORDS else words
