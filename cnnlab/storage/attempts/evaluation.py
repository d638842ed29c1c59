"""The folder of an evaluation: that of its job, and what the model said of each image beside it.

predictions.npz  positions, labels and probabilities of all images of the part
"""

from pathlib import Path

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.files import write_atomically
from cnnlab.storage.arrays import of_one_length, read_arrays
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
        stored = read_arrays(self.predictions, ("positions", "labels", "probabilities"))
        of_one_length(self.predictions, *stored.values())
        return Predictions(**stored)
