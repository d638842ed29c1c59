"""Hugging Face's `metadata.jsonl`: a JSON object for each image, read as a table."""

import csv
import io
import json

from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import UploadError

_MAX_COLUMNS = 50
_FILE = "file_name"


def as_csv(content: bytes, path: str) -> bytes:
    """The same as a CSV; names of files are in the folder of the table, as Hugging Face means them.

    Args:
        content: lines of JSON objects.
        path: of the table in the upload.

    Raises:
        UploadError: it isn't JSON.
    """
    folder, slash, base = path.rpartition("/")
    try:
        # `splitlines` would also split at U+2028 and U+0085, which may stand in a caption.
        lines = content.decode("utf-8-sig").split("\n")
        rows = [json.loads(line) for line in lines if line.strip()]
        names = list(dict.fromkeys(name for row in rows for name in row))[:_MAX_COLUMNS]
        said = [[_text(row.get(name)) for name in names] for row in rows]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UploadError(
            f"{printable(base)} doesn't hold a JSON object in each line, with the image's name as "
            f"{_FILE!r} and its 'label'"
        ) from error
    if _FILE in names:
        at = names.index(_FILE)
        for row in said:
            row[at] = f"{folder}{slash}{row[at]}"
    table = io.StringIO()
    csv.writer(table).writerows([names, *said])
    return table.getvalue().encode()


def _text(value: object) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    return "" if value is None else json.dumps(value)
