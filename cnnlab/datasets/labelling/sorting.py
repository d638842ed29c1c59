"""Which files of an upload may be images, tables or annotations, and which are neither."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnlab.datasets import limits
from cnnlab.datasets.upload.sources import Member
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.words import data_size

_TABLE_SUFFIXES = {".csv", ".tsv", ".txt", ".jsonl"}
_ANNOTATION_SUFFIXES = {".json", ".xml", ".yaml", ".yml", ".names", ".labels"}
_ARCHIVE_SUFFIXES = {
    *(".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".tbz2", ".xz", ".txz", ".zst"),
}
_UNREAD_FORMATS = {
    *(".heic", ".heif", ".avif", ".svg", ".psd", ".eps", ".jp2", ".jxl", ".dng", ".cr2", ".nef"),
}
_VIDEO_SUFFIXES = {".mp4", ".mov", ".avi", ".mkv", ".webm"}
_SHEET_SUFFIXES = {".xlsx", ".xls", ".ods"}


@dataclass
class Sorted:
    """The files of an upload by what they may be, and the others with the reason.

    Masks are images until they have been opened.
    """

    images: list[Member] = field(default_factory=list)
    tables: list[Member] = field(default_factory=list)
    annotations: list[Member] = field(default_factory=list)
    masks: list[Member] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)


def sort_members(members: Sequence[Member]) -> Sorted:
    """Share the members out by their extensions; without any, all without one may be images."""
    suffixes = {member: suffix_of(member.path) for member in members}
    wanted = IMAGE_SUFFIXES if IMAGE_SUFFIXES & set(suffixes.values()) else {""}
    found = Sorted()
    for member, suffix in suffixes.items():
        if suffix in wanted and member.size_bytes <= limits.MAX_IMAGE_BYTES:
            found.images.append(member)
        elif suffix in _TABLE_SUFFIXES and member.size_bytes <= limits.MAX_TABLE_BYTES:
            found.tables.append(member)
        elif suffix in _ANNOTATION_SUFFIXES and member.size_bytes <= limits.MAX_ANNOTATION_BYTES:
            found.annotations.append(member)
        else:
            reason = _unwanted(suffix, suffix in wanted)
            found.skipped.append(SkippedFile(member.path, reason))
    return found


def _unwanted(suffix: str, is_image: bool) -> str:
    if is_image:
        return f"larger than {data_size(limits.MAX_IMAGE_BYTES)}"
    if suffix in _TABLE_SUFFIXES:
        return f"a text larger than {data_size(limits.MAX_TABLE_BYTES)}"
    if suffix in _ANNOTATION_SUFFIXES:
        return f"a text larger than {data_size(limits.MAX_ANNOTATION_BYTES)}"
    if suffix in _ARCHIVE_SUFFIXES:
        return "an archive inside the upload, which is not opened"
    if suffix in _UNREAD_FORMATS:
        return f"the format {suffix} is not read: convert it to JPEG or PNG"
    if suffix in _VIDEO_SUFFIXES:
        return "a video, of which no images are taken"
    if suffix in _SHEET_SUFFIXES:
        return "a spreadsheet: save it as CSV"
    return "not an image"
