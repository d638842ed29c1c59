"""Pascal VOC: an XML for each picture, with the names of its objects."""

import re
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from cnnlab.datasets.labelling.annotations.entry import (
    Entry,
    Said,
    beside,
    from_folder,
    labels_of,
)
from cnnlab.domain.errors import UploadError

FORMAT = "Pascal VOC"
_ROOT = re.compile(rb"<\s*annotation[\s>]")  # other programs' XML is none of ours, damaged or not


def read_voc(content: bytes, path: str) -> Said | None:
    """The picture of a file and the names of its objects.

    Args:
        content: XML. Files with a document type are refused: entities are how XML attacks.
        path: of the file in the upload.

    Returns:
        None where it isn't VOC's.

    Raises:
        UploadError: it is damaged, or may do harm.
    """
    if not _ROOT.search(content):
        return None
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UploadError("its XML defines entities or a document type, which is not read") from (
            error
        )
    except (ParseError, ValueError, LookupError) as error:
        raise UploadError("its XML is damaged") from error
    if root.tag != "annotation":
        return None
    labels = labels_of(one.findtext("name") for one in root.iterfind("object"))
    name = (root.findtext("filename") or "").strip()
    # Files are renamed together; the name inside of the XML then stays what it was.
    names = (*beside(path), from_folder(path, name)) if name else beside(path)
    return Said(FORMAT, [Entry(names, labels)])
