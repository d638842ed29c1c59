"""What a worker does to see whether augmentation changes what a dataset's images show."""

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.folds import picture_numbers
from cnnlab.domain.records.guard import SIDE_PX, GuardOutcome
from cnnlab.jobs.kinds.guard import GuardRequest
from cnnlab.storage.guard import GuardFolder
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work


def look(work: Work[GuardRequest, GuardFolder, JobRecorder]) -> GuardOutcome:
    """Have small nets look at augmented training images; test images stay unseen.

    Validation images are looked at, too, where a class has fewer training images than are looked
    at. What is found may decide the augmentation, so they then judge it less strictly: it is said.

    Raises:
        CnnlabError: there are no images to look at.
    """
    config, recorder = load_config(work.request.config), work.recorder
    side = min(config.image.size, SIDE_PX)
    # The labels that the dataset has are judged, without noise that a run would add on purpose.
    parts = {
        "image": config.image.model_copy(update={"size": side}),
        "split": config.split.model_copy(update={"label_noise_fraction": 0.0}),
    }
    data = load_data(config.model_copy(update=parts), recorder, work.wait_for_training)
    from cnnlab.training.guard.look import choose_images, look_at  # noqa: PLC0415 - loaded by now

    chosen, sort = choose_images(data.labels, np.sort(data.train)), "training"
    both = np.sort(np.concatenate([data.train, data.validation]))
    if len(more := choose_images(data.labels, both)) > len(chosen):
        chosen, sort = more, "training and validation"
    copies = ImageIndex(dataset_folder(home_of_work(), config.dataset)).copies.group[chosen]
    looked = look_at(
        data.images[chosen],
        data.labels[chosen],
        chosen,
        picture_numbers(copies, len(copies)),
        data.class_names,
        config.augmentation,
        sort=sort,
        scale=side / config.image.size,
        beat=recorder.beat,
        phase=recorder.phase,
    )
    work.files.write_pictures(looked.pictures)
    return looked.outcome
