"""Hostile and odd uploads, each with what must become of it.

`CASES` is a table: a name, how to build the upload, and its outcome. Nothing is stored in files:
every upload is made when it is needed.
"""

from tests.datasets.corpus import (
    annotations,
    archives,
    folders,
    formats,
    names,
    parts,
    pictures,
    records,
    splits,
    tables,
    tars,
)
from tests.datasets.corpus.case import Case

CASES: tuple[Case, ...] = (
    *annotations.CASES,
    *archives.CASES,
    *folders.CASES,
    *formats.CASES,
    *names.CASES,
    *parts.CASES,
    *pictures.CASES,
    *records.CASES,
    *splits.CASES,
    *tables.CASES,
    *tars.CASES,
)

BOMBS: tuple[Case, ...] = (*archives.BOMBS, *pictures.BOMBS, *tars.BOMBS)
"""Those of the cases that want memory."""
