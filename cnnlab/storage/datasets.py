"""The imported datasets: a folder each, listed in the database."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import NotFoundError
from cnnlab.files import remove_folder, wait_for_lock, write_json
from cnnlab.storage.bucket.notes import note_deleted
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import delete_row, reading, writing
from cnnlab.storage.index.schema import datasets

DATASET_FILE = "dataset.json"


class DatasetStore:
    """Immutable datasets.

    Laws: a dataset is in the list only when its folder is whole; the same content under the same
    name is stored once; a kill at any moment leaves a dataset whole or not there.
    """

    def __init__(self, home: Home, engine: Engine) -> None:
        self._home = home
        self._engine = engine

    def add(self, dataset: Dataset, folder: Path) -> Dataset:
        """Take over a filled folder as the dataset's own and list it.

        Args:
            dataset: what is known of it.
            folder: its images; on the same disk as the home folder. It is moved, unless the
                dataset is stored already.

        Returns:
            The stored dataset.
        """
        with wait_for_lock(self._home.root / "datasets.lock"):
            return self.find(dataset.id) or self._take_over(dataset, folder)

    def _take_over(self, dataset: Dataset, folder: Path) -> Dataset:
        write_json(folder / DATASET_FILE, dataset.to_json())
        target = self._home.dataset(dataset.id)
        if target.exists():  # left by a kill between the move and the listing
            remove_folder(target)
        with writing(self._engine) as connection:
            connection.execute(insert(datasets).values(dataset_row(dataset)))
            # Not before: whoever opens an index that lists nothing takes in what it finds.
            folder.rename(target)
        return dataset

    def load(self, dataset: str) -> Dataset:
        """Return a dataset.

        Raises:
            NotFoundError: there is no dataset with this id.
        """
        found = self.find(dataset)
        if found is None:
            raise NotFoundError(
                f"There is no dataset {dataset!r}: see the data page for those there are."
            )
        return found

    def find(self, dataset: str) -> Dataset | None:
        """Return a dataset, or None."""
        query = select(datasets.c.summary).where(datasets.c.id == dataset)
        with reading(self._engine) as connection:
            summary = connection.execute(query).scalar_one_or_none()
        return None if summary is None else Dataset.from_json(summary)

    def list(self) -> list[Dataset]:
        """All datasets, newest first."""
        query = select(datasets.c.summary).order_by(datasets.c.created_at.desc(), datasets.c.id)
        with reading(self._engine) as connection:
            return [Dataset.from_json(summary) for summary in connection.execute(query).scalars()]

    def delete(self, dataset: str) -> None:
        """Remove a dataset and its images.

        Raises:
            NotFoundError: there is no dataset with this id.
        """
        self.load(dataset)
        note_deleted(self._home, "datasets", dataset)
        query = delete(datasets).where(datasets.c.id == dataset)
        delete_row(self._engine, query, self._home.dataset(dataset))


def dataset_row(dataset: Dataset) -> dict[str, Any]:
    """A dataset as a row of the database, by column."""
    return {
        "id": dataset.id,
        "name": dataset.name,
        "created_at": dataset.created_at,
        "summary": dataset.to_json(),
    }
