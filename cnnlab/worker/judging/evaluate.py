"""What a worker does to judge the model of a run that has ended on one part of its dataset."""

import time
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.split import TEST, TRAIN, VALIDATION
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.exports.model_format import KerasModel
from cnnlab.jobs.kinds.evaluate import EvaluateRequest
from cnnlab.judging.judge import judge
from cnnlab.judging.slices.finding import find_slices
from cnnlab.judging.suspects import find_suspects
from cnnlab.storage.attempts.evaluation import EvaluationFolder
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.judging.traits import traits_of
from cnnlab.worker.kept import KeptModel, load_kept
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData


def evaluate(work: Work[EvaluateRequest, EvaluationFolder, JobRecorder]) -> Judgement:
    """Build the kept model, have it say what each image of a part shows, and judge that.

    What it said lies in the job's folder then. The run's own files stay as they are. Training
    images are judged by the labels that they were trained with, flipped ones included.

    Raises:
        CnnlabError: there is no state to build the model from, or no image in the part.
    """
    asked, recorder, began = work.request, work.recorder, time.monotonic()
    kept = load_kept(asked.run, asked.attempt, recorder, work.wait_for_training, work.device)
    said = _said(kept.model, kept.data, asked.split, recorder)
    work.files.write_predictions(said)
    judgement = _judged(said, kept, asked.split, recorder)
    flipped = np.isin(said.positions, kept.data.noise.positions)
    judgement["flipped_labels"] = int(np.count_nonzero(flipped))
    judgement["seconds"] = time.monotonic() - began
    return judgement


def _judged(said: Predictions, kept: KeptModel, split: str, recorder: JobRecorder) -> Judgement:
    """What that is worth; of training images no label is suspected, which the model knows."""
    names = kept.data.class_names
    recorder.phase("Looking for images on which it is worse")
    index = ImageIndex(dataset_folder(home_of_work(), kept.config.dataset))
    traits = traits_of(index, kept.data.images, said.positions)
    found = find_slices(said, names, traits, kept.config.split.seed)
    recorder.phase("Looking for labels that may be wrong")
    suspects = [] if split == TRAIN else find_suspects(said, names)
    recorder.phase("Measuring how good it is")
    return judge(
        said,
        names,
        split=split,
        model_epoch=kept.epoch,
        slices=found,
        suspects=suspects,
    )


def _said(
    model: KerasModel, data: "TrainingData", split: str, recorder: JobRecorder
) -> Predictions:
    """What the model that is taken along says of each image of a part.

    Raises:
        DatasetError: the part has no image.
    """
    from cnnlab.training.judging.evaluate import images_per_pass  # noqa: PLC0415 - loaded by now
    from cnnlab.training.judging.reference import float32_clone, probabilities_at  # noqa: PLC0415

    positions = {TRAIN: data.train, VALIDATION: data.validation, TEST: data.test}[split]
    if not len(positions):
        raise DatasetError(f"This run has no {split} images, so there is nothing to judge it on.")
    recorder.phase(f"Recognizing the {split} images")
    at_once, done = images_per_pass(data.image_shape), 0

    def tell() -> None:
        nonlocal done
        done = min(done + at_once, len(positions))
        recorder.progress(done, len(positions))

    said = probabilities_at(float32_clone(model), data.images, positions, tell)
    return Predictions(positions, data.labels[positions], said)
