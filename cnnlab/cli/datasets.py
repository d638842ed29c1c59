"""The commands about datasets."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, deleted, keyed, listed, say
from cnnlab.cli.looks import test_looks
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.labelling import READINGS, SEVERAL, Labelling
from cnnlab.domain.data.value_range import parse_range
from cnnlab.domain.words import IMPORT_STAGES, percent

# Progress is told of imports that take longer: a small one ends in its answer alone.
_SILENT_SECONDS = 2


def add_commands(commands: Commands) -> None:
    """Add the commands about datasets."""
    importing = commands.add(
        "import", _import, "import labelled images from a zip, a tar, a folder or files"
    )
    importing.add_argument(
        "path",
        type=Path,
        nargs="+",
        help="a zip, a tar or a folder; or several files: images, tables, the parts of a zip",
    )
    importing.add_argument("--labels", type=Path, help="CSV file with the labels of flat images")
    importing.add_argument(
        "--reading", choices=READINGS, help="where several are possible: what gives the labels"
    )
    importing.add_argument(
        "--table",
        dest="table_name",
        metavar="NAME",
        help="the table inside the upload that gives the labels, where there are several",
    )
    importing.add_argument(
        "--several",
        choices=SEVERAL,
        help="which label an image gets that has several: the first of its row, the one that the "
        "fewest images have, none, or all of them as the name of one class",
    )
    importing.add_argument(
        "--class", dest="class_name", metavar="NAME", help="one class for all images"
    )
    importing.add_argument(
        "--range",
        dest="value_range",
        metavar="LOW..HIGH",
        help="the values that are black and white in images with more than 8 bits a channel",
    )
    importing.add_argument("--name", help="what to call the dataset")
    commands.add("datasets", _list, "list the datasets")
    commands.add("delete-dataset", _delete, "delete a dataset").add_argument("dataset")


def _import(arguments: argparse.Namespace) -> Answer:
    dataset = lab.import_dataset(
        arguments.path[0] if len(arguments.path) == 1 else tuple(arguments.path),
        name=arguments.name,
        labelling=Labelling(
            arguments.labels,
            arguments.reading,
            arguments.class_name,
            table_name=arguments.table_name,
            several=arguments.several,
        ),
        value_range=parse_range(given) if (given := arguments.value_range) else None,
        on_progress=_progress(),
    )
    for warning in dataset.warnings:
        say(warning.message)
    text = f"{dataset.id}: {dataset.images} images in {len(dataset.classes)} classes"
    return Answer(keyed("dataset", dataset.to_json()), text)


def _progress() -> Callable[[str, int, int], None]:
    """A function of stage, images done and images in all that tells them."""
    begun = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        if time.monotonic() - begun > _SILENT_SECONDS:
            share = (
                f"{done} of {total}" if stage == "reading" else percent(done / total, decimals=0)
            )
            say(f"{IMPORT_STAGES[stage]}: {share}")

    return progress


def _list(_: argparse.Namespace) -> Answer:
    datasets = lab.list_datasets()
    return listed(
        "datasets",
        [_dataset_json(dataset) for dataset in datasets],
        [f"{dataset.id}  {dataset.images} images  {dataset.name}" for dataset in datasets],
    )


def _dataset_json(dataset: Dataset) -> Values:
    looks = test_looks(lambda: lab.dataset_test_looks(dataset.id), dataset.name)
    return keyed("dataset", dataset.to_json()) | looks


def _delete(arguments: argparse.Namespace) -> Answer:
    lab.delete_dataset(arguments.dataset)
    return deleted("dataset", arguments.dataset)
