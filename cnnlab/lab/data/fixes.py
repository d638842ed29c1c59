"""What a user can find in a dataset and mend; each fix makes a new version."""

import contextlib
import functools
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cnnlab.datasets import split_words
from cnnlab.datasets.findings import FINDING_TITLES, find_in_images, find_in_pictures
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.versions import Draft, write_version
from cnnlab.documents.dataset_card import render_card, zip_images
from cnnlab.domain.data.dataset import Dataset, DatasetWarning, Finding
from cnnlab.domain.data.fixes import DropSplits, Exclude, Fix, MoveTo, remedy_fixes
from cnnlab.domain.data.split import SPLITS
from cnnlab.domain.errors import CnnlabError, DatasetError
from cnnlab.domain.people.person import Action
from cnnlab.files import read_json, wait_for_lock, write_json
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.datasets import delete_dataset
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.workplace import workplace

KEPT_FILE = "kept.json"
"""Which findings a user keeps as they are, in a dataset's folder."""


@asks(Action.VIEW)
def findings(dataset: str) -> list[Finding]:
    """What is wrong with a dataset's images: copies, leaks, poor images, class sizes.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return _findings(open_index(dataset))


@functools.lru_cache(maxsize=8)
def _findings(index: ImageIndex) -> list[Finding]:
    found = find_in_images(index)
    with contextlib.suppress(CnnlabError):  # damaged pictures are told where they are shown
        found += find_in_pictures(index)
    return found


@asks(Action.VIEW)
def kept_findings(dataset: str) -> set[str]:
    """Kinds of findings that a user keeps as they are, in this version or an earlier one.

    Raises:
        NotFoundError: there is no such dataset.
    """
    home = workplace().home
    for version in versions(dataset):  # the newest that says anything says all
        path = home.dataset(version.id) / KEPT_FILE
        if path.exists():
            return set(read_json(path))
    return set()


@asks(Action.EDIT)
def keep_finding(dataset: str, kind: str) -> None:
    """Keep what a finding shows as it is, in this version and those made from it.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    with _changing_kept(dataset) as kept:
        kept.add(kind)


@asks(Action.EDIT)
def reopen_finding(dataset: str, kind: str) -> None:
    """Undo `keep_finding`: the finding is to be decided on again.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    with _changing_kept(dataset) as kept:
        kept.discard(kind)


@asks(Action.EDIT)
def take_back(dataset: str) -> None:
    """Delete a version that nothing is built on; one that runs, studies or versions use stays.

    Raises:
        NotFoundError: there is no such dataset.
    """
    if any(other.parent == dataset for other in workplace().datasets.list()):
        return
    with contextlib.suppress(DatasetError):  # a run or a study has begun with it
        delete_dataset(dataset)


@contextlib.contextmanager
def _changing_kept(dataset: str) -> Iterator[set[str]]:
    """What is kept, to be changed; two tabs do it one after the other, so that no click is lost."""
    stores = workplace()
    stores.datasets.load(dataset)
    path = stores.home.dataset(dataset) / KEPT_FILE
    with wait_for_lock(path.with_suffix(".lock")):
        kept = kept_findings(dataset)
        yield kept
        write_json(path, sorted(kept))


@asks(Action.VIEW)
def open_findings(dataset: str) -> list[Finding]:
    """The findings that nobody has decided on: all but those kept as they are.

    Raises:
        NotFoundError: there is no such dataset.
    """
    kept = kept_findings(dataset)
    return [finding for finding in findings(dataset) if finding.kind not in kept]


@asks(Action.VIEW)
def upload_notes(dataset: Dataset) -> list[DatasetWarning]:
    """What the import said of the upload, and the images don't show: what was skipped, say."""
    return [warning for warning in dataset.warnings if warning.kind not in FINDING_TITLES]


@asks(Action.VIEW)
def keeps_parts(dataset: Dataset) -> bool:
    """Whether its images are in the parts that they had in the version before.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return split_words.keeps_parts(dataset, open_index(dataset.id))


@asks(Action.VIEW)
def split_notes(dataset: str) -> list[str]:
    """What isn't as one would expect of the parts of its images, in sentences.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return split_words.split_notes(open_index(dataset))


@asks(Action.VIEW)
def images_changed(dataset: str, finding: Finding, remedy: str) -> int:
    """How many images a remedy of a finding excludes or moves.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return sum(len(fix.rows) for fix in _remedy_fixes(dataset, finding, remedy))


def _remedy_fixes(
    dataset: str, finding: Finding, remedy: str
) -> Sequence[Exclude | MoveTo | DropSplits]:
    return remedy_fixes(finding, remedy, open_index(dataset).own_splits.tolist())


@asks(Action.EDIT)
def apply_remedy(dataset: str, kind: str, remedy: str) -> Dataset:
    """Do what a finding offers; return the new version.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: there is no such finding or remedy (any more), or nothing would be left.
    """
    finding = next((one for one in findings(dataset) if one.kind == kind), None)
    if finding is None or remedy not in finding.remedies:
        raise DatasetError(f"This dataset has no {kind} to {remedy}: look at its report again.")
    return fix_dataset(dataset, _remedy_fixes(dataset, finding, remedy))


@asks(Action.EDIT)
def fix_dataset(dataset: str, fixes: Sequence[Fix]) -> Dataset:
    """Make a new version of a dataset; the old one stays as it is, and so do its runs.

    Args:
        dataset: id of the version to start from.
        fixes: made one after the other.

    Returns:
        The new version, or the stored one that already is like that.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: a fix is impossible, or the dataset would not be one any more.
        StorageError: the disk is full; nothing was changed.
    """
    stores = workplace()
    parent = stores.datasets.load(dataset)
    index = open_index(dataset)
    draft = Draft.of(index)
    for fix in fixes:
        draft.apply(fix)
    folder = Path(tempfile.mkdtemp(prefix=".version-", dir=stores.home.datasets))
    try:
        content = write_version(index, draft, folder)
        stem = parent.id.rpartition("-")[0]
        words = [fix.words for fix in fixes]
        child = describe_version(parent, ImageIndex(folder), f"{stem}-{content[:8]}", words)
        write_json(folder / KEPT_FILE, sorted(kept_findings(dataset)))
        return stores.datasets.add(child, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # gone already where it was taken over


@asks(Action.VIEW)
def dataset_card(dataset: str) -> str:
    """The card of a dataset as one HTML file.

    Raises:
        NotFoundError: there is no such dataset.
    """
    known = workplace().datasets.load(dataset)
    index = open_index(dataset)
    return render_card(known, index, findings(dataset), kept_findings(dataset))


@asks(Action.VIEW)
def dataset_zip(dataset: str) -> Iterator[bytes]:
    """The images of a dataset as a zip that can be imported again, in pieces.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return zip_images(open_index(dataset))


@asks(Action.VIEW)
def versions(dataset: str) -> list[Dataset]:
    """A dataset and those that it was made from, the newest first, as far as they are there.

    Raises:
        NotFoundError: there is no such dataset.
    """
    store = workplace().datasets
    chain = [store.load(dataset)]
    while (parent := chain[-1].parent) and (found := store.find(parent)):
        chain.append(found)
    return chain


def describe_version(
    parent: Dataset, index: ImageIndex, dataset: str, changes: Sequence[str]
) -> Dataset:
    """What is known of a version.

    Args:
        parent: the version that it was made from.
        index: its own images.
        dataset: its id.
        changes: what was changed, in words.
    """
    counts = Counter(index.labels.tolist())
    own = Counter(index.own_splits.tolist())
    found = tuple(finding.warning for finding in find_in_images(index))
    return replace(
        parent,
        id=dataset,
        classes={name: counts[label] for label, name in enumerate(index.class_names)},
        splits={split: own[split] for split in SPLITS} if index.owned else None,
        warnings=(*upload_notes(parent), *found),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=parent.version + 1,
        parent=parent.id,
        changes=tuple(changes),
    )
