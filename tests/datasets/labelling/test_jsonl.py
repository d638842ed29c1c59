"""Lines of JSON, read as a table."""

import csv
import json

from cnnlab.datasets.labelling.jsonl import as_csv


def test_line_ends_inside_of_a_caption_are_none():
    caption = "one\u2028two\u0085three\x0bfour"
    objects = [{"file_name": f"{n}.jpg", "caption": caption, "label": "ab"[n]} for n in range(2)]
    lines = "\r\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    table = as_csv(lines.encode(), "train/metadata.jsonl").decode().split("\r\n")
    assert list(csv.reader(table[:3])) == [
        ["file_name", "caption", "label"],
        ["train/0.jpg", caption, "a"],
        ["train/1.jpg", caption, "b"],
    ]
