"""The folder of an evaluation: that of its job, and what the model said of each image beside it.

predictions.npz  positions, labels and probabilities of all images of the part
"""

import zipfile
from pathlib import Path

import numpy as np

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.predictions import Predictions
from cnnlab.files import disk_errors, write_atomically
from cnnlab.storage.job_folder import JobFolder


class EvaluationFolder(JobFolder):
    """Paths, state and control files of the job that judges a model on one part of its dataset.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.predictions = folder / "predictions.npz"

    def write_predictions(self, predictions: Predictions) -> None:
        """Keep what was said of each image; on the disk when this returns.

        Raises:
            StorageError: the disk is full.
        """
        write_atomically(
            self.predictions,
            lambda file: np.savez(
                file,
                positions=predictions.positions.astype(np.int64),
                labels=predictions.labels.astype(np.int32),
                probabilities=predictions.probabilities.astype(np.float32),
            ),
        )

    def read_predictions(self) -> Predictions:
        """What was said of each image.

        Raises:
            DamagedError: the file is missing or isn't what was written.
            StorageError: it can't be read at the moment.
        """
        path = self.predictions
        try:
            with disk_errors(path), path.open("rb") as file, np.load(file) as stored:
                positions, labels, probabilities = (
                    stored[name] for name in ("positions", "labels", "probabilities")
                )
                if not len(positions) == len(labels) == len(probabilities):
                    raise ValueError("the arrays differ in length")
        except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
            raise DamagedError(f"{path} is damaged ({error}).") from error
        return Predictions(positions, labels, probabilities)
