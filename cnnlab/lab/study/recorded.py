"""The finished study that comes with the program; with the live demo, what Home offers at once."""

import functools
import json
import zipfile

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.study import Study
from cnnlab.lab.data.datasets import SAMPLE, SAMPLE_NAME, import_dataset, list_datasets
from cnnlab.lab.exporting.importing import import_bundle, is_recorded
from cnnlab.lab.study.demo import demo_study
from cnnlab.lab.study.studies import launch_study, study_runs
from cnnlab.lab.workplace import workplace

RECORDED = SAMPLE.with_name("recorded_study.zip")
"""An evidence bundle without models; `sample_data/record_demo.py` writes it."""


def find_sample() -> Dataset | None:
    """The bundled sample among the datasets; None where it isn't there (yet)."""
    return next((one for one in list_datasets() if one.name == SAMPLE_NAME), None)


def launch_demo() -> Study:
    """Launch the live demo with seeds of its own; a sample that was deleted is imported again.

    Raises:
        StorageError: the disk is full.
    """
    return launch_study(demo_study(_sample().id))


def open_recorded() -> str:
    """Bring the recorded study into the home unless it is there; return its id.

    It needs the sample, which is imported again if it was deleted.

    Raises:
        BadInputError: something else has its id.
        UploadError: the file that comes with the program is damaged.
        StorageError: the disk is full; the home is as it was.
    """
    study, runs = _recorded_ids()
    is_there = study in {one.id for one in workplace().studies.list()}
    if not is_there or len(study_runs(study)) < runs:
        _sample()
        import_bundle(RECORDED, is_recorded=True)
    return study


def recorded_studies() -> set[str]:
    """Ids of the studies that came with the program, now or with an earlier version."""
    return {study.id for study in workplace().studies.list() if is_recorded(study.id)}


def _sample() -> Dataset:
    return find_sample() or import_dataset(SAMPLE, name=SAMPLE_NAME)


@functools.cache
def _recorded_ids() -> tuple[str, int]:
    """Id of the recorded study, and how many runs it has."""
    with zipfile.ZipFile(RECORDED) as archive:
        about = json.loads(archive.read("bundle.json"))
    return about["id"], len(about["runs"])
