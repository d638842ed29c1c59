"""What headings of columns mean."""

import re

# Without case, spaces and underscores; of several the first wins.
FILE_NAMES = {
    *("file", "filename", "filepath", "path", "id", "name", "img", "imgid"),
    *("image", "imagename", "imagefile", "imagepath", "imageid"),
}
LABEL_NAMES = (
    *("label", "class", "category", "target", "labelname", "classname", "categoryname"),
    *("labels", "classes", "species", "breed", "diagnosis", "type", "tag", "y", "tags"),
    *("findinglabels", "categories", "targets", "attributes", "attributeids", "dx"),
)
SPLIT_NAMES = ("split", "set", "subset", "partition", "dataset", "fold", "usage")
CONFIDENCE = "confidence"

_PLURAL = {"labels", "classes", "tags", "findinglabels", "categories", "targets", "attributes"} | {
    "attributeids"
}


def heading(cell: str) -> str:
    """A heading as it is compared with these."""
    return re.sub(r"[\W_]", "", cell[:100].casefold())


def is_known(headings: list[str]) -> bool:
    """Whether one of them says that this row is a heading."""
    return bool({*headings} & {*FILE_NAMES, *LABEL_NAMES, *SPLIT_NAMES})


def is_plural(name: str) -> bool:
    """Whether a heading promises several labels."""
    return name in _PLURAL
