"""What a user can take along of a dataset: its card as one HTML file, and the images as a zip."""

import base64
import html
import io
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np

from cnnlab.datasets.findings import FINDING_TITLES
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.split_words import split_notes
from cnnlab.datasets.zipped import are_in_folders, has_splits, zipped_names
from cnnlab.documents.csv_text import csv_text
from cnnlab.domain.data.dataset import Dataset, Finding
from cnnlab.files import Pieces

_EXAMPLES_EACH = 6
_CLASSES_SHOWN = 100
_FINDING_IMAGES = 12
_THUMBNAIL_PX = 72
_NOTHING = "<p>Nothing.</p>"


def render_card(
    dataset: Dataset,
    index: ImageIndex,
    findings: Sequence[Finding],
    kept: Collection[str] = (),
) -> str:
    """The card as one HTML file that opens without a network.

    Args:
        dataset: what is known of it.
        index: its images.
        findings: what was found in them.
        kept: kinds of findings that the user keeps as they are; they come last.
    """
    created = dataset.created_at[:16].replace("T", " ")
    ordered = sorted(findings, key=lambda finding: finding.kind in kept)
    body = [
        f"<h1>{_text(dataset.name)}</h1>",
        f"<p>{dataset.images:,} images in {len(dataset.classes):,} classes, version "
        f"{dataset.version}, {_text(created)} UTC, id <code>{_text(dataset.id)}</code>"
        "</p>",
        _changes(dataset),
        _splits(dataset),
        *(f"<p>{_text(note)}</p>" for note in split_notes(index)),
        _classes(dataset, index),
        "<h2>What was found</h2>",
        *([_finding(index, finding, finding.kind in kept) for finding in ordered] or [_NOTHING]),
        _skipped(dataset),
    ]
    return _PAGE.format(title=_text(dataset.name), body="\n".join(body))


def _text(text: str) -> str:
    return html.escape(text[:300])


def _changes(dataset: Dataset) -> str:
    return f"<p>Changed from the version before: {_text('; '.join(dataset.changes))}.</p>" * bool(
        dataset.changes
    )


def _splits(dataset: Dataset) -> str:
    if dataset.splits is None:
        return "<p>No splits of its own: each run draws them, copies of a picture on one side.</p>"
    listed = ", ".join(f"{name} {count:,}" for name, count in dataset.splits.items())
    return f"<p>Own splits: {listed}.</p>"


def _classes(dataset: Dataset, index: ImageIndex) -> str:
    most = max(dataset.classes.values())
    rows = []
    for label, (name, count) in list(enumerate(dataset.classes.items()))[:_CLASSES_SHOWN]:
        examples = np.flatnonzero(index.labels == label)[:_EXAMPLES_EACH]
        pictures = "".join(_picture(index, int(row)) for row in examples)
        bar = f'<span class="bar" style="width:{140 * count / most:.0f}px"></span>'
        rows.append(f"<tr><td>{_text(name)}</td><td>{bar} {count:,}</td><td>{pictures}</td></tr>")
    more = len(dataset.classes) - len(rows)
    rest = f"<p>and {more:,} more classes</p>" if more > 0 else ""
    return f"<h2>Classes</h2><table>{''.join(rows)}</table>{rest}"


def _finding(index: ImageIndex, finding: Finding, is_kept: bool) -> str:
    rows = [row for group in finding.groups for row in group][:_FINDING_IMAGES]
    pictures = "".join(_picture(index, row) for row in rows)
    title = _text(FINDING_TITLES[finding.kind])
    settled = "<p><strong>Kept as it is by the user.</strong></p>" if is_kept else ""
    return (
        f"<h3>{title} ({finding.count:,})</h3>{settled}<p>{html.escape(finding.message)}</p>"
        f"{pictures}"
    )


def _skipped(dataset: Dataset) -> str:
    if not dataset.skipped:
        return ""
    listed = "".join(
        f"<li>{_text(file.file)}: {_text(file.reason)}</li>" for file in dataset.skipped[:200]
    )
    return f"<h2>Files that were skipped ({len(dataset.skipped):,})</h2><ul>{listed}</ul>"


def _picture(index: ImageIndex, row: int) -> str:
    buffer = io.BytesIO()
    index.thumbnail(row, _THUMBNAIL_PX).save(buffer, "JPEG", quality=80)
    content = base64.b64encode(buffer.getvalue()).decode()
    about = f"{_text(index.class_names[index.labels[row]])}: {_text(index.files[row])}"
    return f'<img src="data:image/jpeg;base64,{content}" alt="{about}" title="{about}">'


def zip_images(index: ImageIndex) -> Iterator[bytes]:
    """A zip of the images as they were uploaded, in pieces, that can be imported again.

    With class folders (and folders of splits, where the dataset has its own) if every class name
    can be a folder's; else flat with a `labels.csv`.
    """
    sink = Pieces()
    splits = index.own_splits if has_splits(index) else [""] * len(index)
    table = [["file", "label", "split"]]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for row, name in enumerate(zipped_names(index)):
            archive.writestr(name, index.read_bytes(row))
            label = index.class_names[index.labels[row]]
            table.append([PurePosixPath(name).name, label, str(splits[row])])
            yield sink.take()
        if not are_in_folders(index):
            rows = table if has_splits(index) else [row[:2] for row in table]
            archive.writestr("labels.csv", csv_text(rows))
    yield sink.take()


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a2230; background: #fff; }}
table {{ border-collapse: collapse; }}
td {{ padding: .25rem 1rem .25rem 0; vertical-align: middle; }}
img {{ max-width: 72px; max-height: 72px; margin: 2px; border-radius: 4px; }}
.bar {{ display: inline-block; height: .8em; background: #2f6fd0; border-radius: 2px; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6e9ef; background: #14181f; }} }}
</style></head><body>
{body}
</body></html>
"""
