"""What a presentation is drawn by where it is a document of its own, read once."""

import functools

from cnnlab.documents.story.page import SlideParts
from cnnlab.lab.sharing.slides import read_parts
from cnnlab.server.assets import COMPONENTS


@functools.cache
def slide_parts() -> SlideParts:
    """The presenter's own markup, style and modules."""
    return read_parts(COMPONENTS)
