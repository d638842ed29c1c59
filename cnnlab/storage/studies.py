"""The studies: a file each, listed in the database; their runs name the study they belong to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.study import Study
from cnnlab.files import disk_errors, read_json, write_json
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import delete_row, reading, writing
from cnnlab.storage.index.schema import studies

STUDY_FILE = "study.json"


class StudyStore:
    """Studies, in and out.

    Laws: an id is never used twice; a study that is listed has its file, from which the list can be
    made again; what was returned doesn't change afterwards.
    """

    def __init__(self, home: Home, engine: Engine) -> None:
        self._home = home
        self._engine = engine

    def create(self, study: Study) -> None:
        """Add a study.

        Raises:
            StorageError: the id is taken, the disk is full, or the database can't be used.
        """
        with writing(self._engine) as connection:
            connection.execute(insert(studies).values(study_row(study)))
            self._save(study)

    def load(self, study: str) -> Study:
        """Return a study.

        Raises:
            NotFoundError: there is no study with this id.
        """
        query = select(studies.c.content).where(studies.c.id == study)
        with reading(self._engine) as connection:
            content = connection.execute(query).scalar_one_or_none()
        if content is None:
            raise NotFoundError(
                f"There is no study {study!r}: see the study page for those there are."
            )
        return Study.from_json(content)

    def list(self, *, dataset: str | None = None) -> list[Study]:
        """All studies, newest first; with `dataset` only those on it."""
        query = select(studies.c.content).order_by(studies.c.created_at.desc(), studies.c.id.desc())
        if dataset is not None:
            query = query.where(studies.c.dataset == dataset)
        with reading(self._engine) as connection:
            return [Study.from_json(content) for content in connection.execute(query).scalars()]

    def save(self, study: Study) -> None:
        """Take over a study's new name or seeds.

        Raises:
            NotFoundError: there is no study with this id.
            StorageError: the disk is full.
        """
        row = study_row(study)
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(studies).where(studies.c.id == study.id).values(row)
            )
            if changed.rowcount == 0:
                raise NotFoundError(f"There is no study {study.id!r}.")
            self._save(study)

    def delete(self, study: str) -> None:
        """Remove a study; its runs are the caller's business.

        Raises:
            NotFoundError: there is no study with this id.
        """
        self.load(study)
        query = delete(studies).where(studies.c.id == study)
        delete_row(self._engine, query, self._home.study(study))

    def _save(self, study: Study) -> None:
        """Before the commit, so that no study is listed without its file."""
        folder = self._home.study(study.id)
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / STUDY_FILE, study.to_json())


def study_row(study: Study) -> dict[str, Any]:
    """A study as a row of the table."""
    return {
        "id": study.id,
        "dataset": study.dataset,
        "created_at": study.created_at,
        "content": study.to_json(),
    }


def read_study(folder: Path) -> Study:
    """The study that a folder holds.

    Raises:
        StorageError: its file is missing or damaged, or it is that of another study.
    """
    values: Mapping[str, Any] = read_json(folder / STUDY_FILE)
    try:
        study = Study.from_json(values)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{folder / STUDY_FILE} is damaged ({error!r}).") from error
    if study.id != folder.name:
        raise StorageError(f"It holds the study {study.id!r}: rename it to that or delete it.")
    return study
