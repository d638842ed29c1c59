"""LabelMe: a JSON for each picture, with shapes, or with flags for the picture as a whole."""

from cnnlab.datasets.labelling.annotations.entry import (
    Entry,
    Said,
    beside,
    from_folder,
    labels_of,
)

FORMAT = "LabelMe"


def read_labelme(document: object, path: str) -> Said | None:
    """The picture of a file and the labels of its shapes; without shapes, the flags that are set.

    Args:
        document: the JSON.
        path: of the file in the upload.

    Returns:
        None where it isn't LabelMe's.
    """
    if not (isinstance(document, dict) and isinstance(document.get("imagePath"), str)):
        return None
    shapes, flags = document.get("shapes"), document.get("flags")
    if not (isinstance(shapes, list) or isinstance(flags, dict)):
        return None
    labels = labels_of(one.get("label") for one in shapes or () if isinstance(one, dict))
    if not labels and isinstance(flags, dict):
        labels = labels_of(name for name, is_set in flags.items() if is_set is True)
    names = (from_folder(path, document["imagePath"]), *beside(path))
    return Said(FORMAT, [Entry(names, labels)])
