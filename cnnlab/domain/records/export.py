"""How a file that is taken along compares with the model that it was made of."""

from typing import NotRequired, TypedDict

from cnnlab.domain.records.measured import Measured

# `class` is no name that Python allows in the other form.
_ClassName = TypedDict("_ClassName", {"class": str})


class ClassAgreement(_ClassName):
    """How often a file is right about the images of one class, and the model in float32.

    Attributes:
        images: of the class among those that were compared.
        right: of them, by the file.
        right_float32: of them, by the model.
    """

    images: int
    right: int
    right_float32: int


class ExportCheck(TypedDict):
    """How a file, loaded in its own runtime, compares with the model in float32.

    What was prepared by an earlier version lacks what is `NotRequired`. The first three are None
    where nothing computes with the file here, or it computes nothing (a report).

    Attributes:
        max_abs_difference: of the probabilities.
        top1_agreement: share 0..1 of the images with the same class.
        milliseconds_per_image: median of single images, on one CPU.
        bytes: of the file, or of all files of a folder.
        images: how many were compared, from their files on.
        of_images: how many validation images there are.
        accuracy: of the file on them, 0..1.
        accuracy_float32: of the model on them, 0..1.
        per_class: in the order of the labels.
        memory_bytes: of the process that computed, with runtime and decoders, at most until it has
            said something of one image.
        not_verified: why nothing was compared, one sentence; missing where something was.
        verified: what was compared instead of a file's model, one sentence: of a program, with
            what it begins, and the first number is then of that; of a bundle, its numbers.
    """

    max_abs_difference: float | None
    top1_agreement: float | None
    milliseconds_per_image: float | None
    bytes: int
    images: NotRequired[int]
    of_images: NotRequired[int]
    accuracy: NotRequired[Measured]
    accuracy_float32: NotRequired[Measured]
    per_class: NotRequired[list[ClassAgreement]]
    memory_bytes: NotRequired[int]
    not_verified: NotRequired[str]
    verified: NotRequired[str]
