"""Offline pages of a network that is written down here: what it says is the mean colour's class."""

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.squares import square_of
from cnnlab.domain.config.run_config import Image
from cnnlab.exports.about import About
from cnnlab.exports.web_page.document import page_html
from cnnlab.exports.web_page.numbers import PageFacts
from cnnlab.exports.web_page.operations import Operation
from cnnlab.exports.web_page.weights import to_text
from cnnlab.files import write_json
from cnnlab.jobs.kinds.export import export_folder
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.page_check import Expected, keep_expected

SIZE = 12
_UNVERIFIED = {
    "max_abs_difference": None,
    "top1_agreement": None,
    "milliseconds_per_image": None,
    "bytes": 5,
    "not_verified": "No browser of the server has checked it: none was found.",
}


def mean_page(class_names, *, threshold=None, dataset="colours"):
    """A page whose first three classes are those of red, green and blue; others are never said."""
    kernel, bias = _weights(len(class_names))
    flat = (len(class_names),)
    plan = [
        Operation("scale", "scale", [-1], (SIZE, SIZE, 3), {},
                  {"scale": np.full(3, 1 / 255, np.float32), "shift": np.zeros(3, np.float32)}),
        Operation("mean", "global_average_pool", [0], (3,)),
        Operation("said", "dense", [1], flat, {}, {"kernel": kernel, "bias": bias}, "softmax"),
    ]  # fmt: skip
    about = About(tuple(class_names), Image(size=SIZE), threshold=threshold)
    facts = PageFacts("20261130-120000-abcd", dataset, 100, 30, None, "30 November 2026", "0.0")
    return page_html(about, facts, *to_text(plan, in_halves=False))


def mean_says(content, classes):
    """What the network of such a page says of a file, (classes,) float32."""
    kernel, bias = _weights(classes)
    mean = square_of(content, SIZE, "rgb", "crop", None).reshape(-1, 3).mean(0) / 255
    powers = np.exp(mean @ kernel + bias)
    return (powers / powers.sum()).astype(np.float32)


def leave_page(run):
    """Leave what a worker leaves of a page that no browser of the server has checked."""
    home = workplace().home
    index = ImageIndex(home.dataset(run.dataset))
    rows = np.arange(min(6, len(index)))
    files = export_folder(newest_attempt(run), "web_page")
    files.folder.mkdir(parents=True, exist_ok=True)
    page = mean_page(index.class_names)
    (files.folder / "web_page.html").write_text(page, encoding="utf-8")
    classes = len(index.class_names)
    said = np.stack([mean_says(index.read_bytes(int(row)), classes) for row in rows])
    keep_expected(files.folder, Expected(rows, index.labels[rows], said, len(rows)))
    write_json(files.request, {})
    write_json(files.result, {"status": "finished", "answer": _UNVERIFIED, "seconds": 1.0})
    return said


def _weights(classes):
    kernel = np.zeros((3, classes), np.float32)
    kernel[np.arange(classes) % 3, np.arange(classes)] = 8
    bias = -np.arange(classes, dtype=np.float32) / 4
    bias[3:] -= 6
    return kernel, bias
