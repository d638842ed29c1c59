"""Images labelled by annotations: one label each, and what is told of it."""

from collections.abc import Iterator
from dataclasses import replace

from cnnlab.datasets.labelling.annotations.reading import Annotated, Annotations
from cnnlab.datasets.labelling.annotations.voc import FORMAT as VOC
from cnnlab.datasets.labelling.class_folders import folder_splits
from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.labelling.tables.several import settle
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import counted, listed

KIND = "annotations"

_READ = "COCO (JSON), Pascal VOC (XML), YOLO (texts of the images' names) or LabelMe (JSON)"


def annotated_layout(
    found: Sorted, annotated: Annotated, labelling: Labelling
) -> tuple[Layout, list[str]]:
    """Label the images as the annotations say that label most of them.

    Args:
        found: the files of the upload.
        annotated: what its annotations say.
        labelling: what the user wants.

    Returns:
        The layout, and the paths of the files that belong to these annotations.

    Raises:
        UploadError: there are none, or many images have several labels and the user hasn't said
            what then.
    """
    if not annotated.formats:
        raise annotated.failed or UploadError(
            f"The upload has no annotations of its images; add those of {_READ}, or take another "
            "reading"
        )
    said = annotated.formats[0]
    title = f"the {said.format} annotations"
    with_labels = {position: labels for position, labels in said.labels.items() if labels}
    settled = settle(
        with_labels, labelling.several, title, lambda position: found.images[position].path
    )
    reasons = ["no annotation names it"] * len(found.images)
    for position, own in said.labels.items():
        reasons[position] = (
            f"{title} give it several labels" if own else "its annotation names no object"
        )
    labels = [settled.labels.get(position, "") for position in range(len(found.images))]
    splits = [
        split or said.splits.get(position)
        for position, split in enumerate(folder_splits(found.images))
    ]
    layout = labelled_layout(found.images, labels, splits, reasons)
    lists = [member.path for member in found.tables if _is_list(said, member.path)]
    warnings = (*_tell(said, annotated, len(found.images), lists), *settled.warnings)
    return (
        replace(layout, warnings=warnings, skipped=(*layout.skipped, *annotated.refused)),
        [*said.files, *lists, *(file.file for file in annotated.refused)],
    )


def tell_unused_annotations(annotated: Annotated) -> Iterator[DatasetWarning]:
    """Say that there are annotations where the labels come from elsewhere."""
    if annotated.formats:
        names = listed([one.format for one in annotated.formats])
        message = (
            f"The upload has {names} annotations too, which were not used. To take the labels from "
            "them, import again with the reading 'annotations'."
        )
        yield DatasetWarning(KIND, message, len(annotated.formats))


def _is_list(said: Annotations, path: str) -> bool:
    """Whether a text is one of VOC's lists of images, from which nothing is taken."""
    return said.format == VOC and "ImageSets" in path.split("/")[:-1]


def _tell(
    said: Annotations, annotated: Annotated, images: int, lists: list[str]
) -> Iterator[DatasetWarning]:
    message = (
        f"Labels were taken from {said.format} annotations ({counted(len(said.files), 'file')}), "
        f"for {said.labelled:,} of {counted(images, 'image')}. The label of an image is the class "
        "of its objects; where in it they are (boxes, outlines) was not used."
    )
    if lists:
        message += f" The lists in ImageSets ({counted(len(lists), 'file')}) were not used."
    if said.unmatched:
        message += f" {counted(said.unmatched, 'annotated image is', 'annotated images are')} "
        message += "not in the upload."
    if others := [one.format for one in annotated.formats[1:]]:
        message += f" {listed(others)} annotations, which label fewer images, were not used."
    yield DatasetWarning(KIND, message, said.labelled)
    if said.unnamed:
        shown = ", ".join(said.unnamed[:5]) + (", ..." if len(said.unnamed) > 5 else "")
        message = (
            f"No names are listed for the YOLO classes {shown}, so their numbers are their names; "
            "to name them, add a classes.txt with one name a line."
        )
        yield DatasetWarning(KIND, message, len(said.unnamed))
