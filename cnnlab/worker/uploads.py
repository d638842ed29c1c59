"""What a light worker does to import an upload; the only job that writes to the database."""

from collections.abc import Callable
from pathlib import Path

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.words import IMPORT_STAGES
from cnnlab.jobs.kinds.uploads import ImportAnswer, ImportRequest
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.index.rereading import add_reread
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.uploaded import add_upload, import_folder
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work


def import_upload(work: Work[ImportRequest, JobFolder, JobRecorder]) -> ImportAnswer:
    """Read labelled images into a new dataset.

    Raises:
        UploadError: they can't be read as such; nothing is stored.
        StorageError: the disk is full.
        CancelledError: nobody wants it any more; nothing is stored.
    """
    asked, home = work.request, home_of_work()
    engine = open_index(home)
    try:
        # Listing a large archive takes minutes without a word. A cancel ends what is within
        # `beating`, so what was written is removed outside, where it doesn't disturb that.
        with import_folder(home) as folder, beating(work.recorder):
            dataset = _store(asked, home, DatasetStore(home, engine), folder, work.recorder)
    finally:
        engine.dispose()
    return ImportAnswer(dataset.id)


def _store(
    asked: ImportRequest, home: Home, datasets: DatasetStore, folder: Path, recorder: JobRecorder
) -> Dataset:
    value_range = ValueRange(*asked.value_range) if asked.value_range else None
    if asked.dataset is not None and value_range is not None:
        return add_reread(
            datasets,
            home,
            asked.dataset,
            folder,
            value_range=value_range,
            on_progress=_telling(recorder),
        )
    return add_upload(
        datasets,
        Path(asked.source),
        folder,
        name=asked.name,
        labelling=Labelling(
            Path(asked.labels) if asked.labels else None,
            asked.reading,
            table_name=asked.table_name,
            several=asked.several,
        ),
        value_range=value_range,
        on_progress=_telling(recorder),
    )


def _telling(recorder: JobRecorder) -> Callable[[str, int, int], None]:
    told = ""

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal told
        if stage != told:
            told = stage
            recorder.phase(IMPORT_STAGES[stage])
        recorder.progress(done, total)

    return tell
