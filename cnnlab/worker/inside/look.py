"""What a worker does to look inside the net of a run that has ended."""

import time
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.domain.errors import CnnlabError, DatasetError
from cnnlab.domain.records.inside import FeatureMaps, InsideFound
from cnnlab.jobs.kinds.feature_maps import FeatureMapsRequest
from cnnlab.jobs.kinds.inside import MOST_KNOWN, MOST_MAPPED, InsideRequest
from cnnlab.judging.familiarity import spread_over_classes
from cnnlab.judging.inside.feature_maps import shaded_maps
from cnnlab.judging.inside.neighbours import nearest_by_angle
from cnnlab.judging.inside.planar import PCA, TSNE, Plane, pca_plane, tsne_plane
from cnnlab.judging.inside.unit_traits import unit_traits
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.inside import ArraysFolder
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.begun import initial_model
from cnnlab.worker.kept import KeptModel, load_kept
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.training.inside.inside_model import InsideModel, Insides

_MOST_BYTES = 256 * 2**20
"""What the features of the training images may take that neighbours are looked for among."""

_FEWEST_FOR_TSNE = 4
_MOST_WRONG = 2000

Arrays = dict[str, np.ndarray]


def look_inside(work: Work[InsideRequest, ArraysFolder, JobRecorder]) -> InsideFound:
    """Build the kept model and find out all that the page tells of it; the run stays as it is.

    Raises:
        CnnlabError: there is no state to build the model from, or no images.
    """
    asked, recorder, began = work.request, work.recorder, time.monotonic()
    kept, model = _load(work)
    data = kept.data
    if not len(data.validation):
        raise DatasetError("This run has no validation images, so there is nothing to look at.")
    validation = spread_over_classes(data.labels, data.validation, MOST_MAPPED)
    seen = _read(model, kept, validation, "validation", recorder)
    wide = 4 * seen.features.shape[1]
    most = max(1, min(MOST_KNOWN, _MOST_BYTES // wide))
    training = spread_over_classes(data.labels, data.train, most)
    known = _read(model, kept, training, "training", recorder)
    arrays, planes = _planes(asked, kept, (validation, seen), (training, known), recorder)
    recorder.phase("Looking for training images that are alike")
    arrays |= _neighbours(data.labels, (validation, seen), (training, known.features))
    traits = unit_traits(seen.excitement, data.labels[validation])
    arrays |= {f"unit_{name}": values for name, values in traits._asdict().items()}
    arrays["unit_pictures"] = validation[traits.pictures]
    attempt = Attempt(home_of_work().attempt(asked.run, asked.attempt))
    filter_layer, filters = _filters(kept, attempt)
    example = _example(data.labels, validation, seen)
    maps, shades = _maps(model, kept, example)
    work.files.write_arrays(arrays | filters | shades)
    return {
        "model_epoch": kept.epoch,
        "planes": {
            name: {"shares": list(plane.shares), "kept": plane.kept}
            for name, plane in planes.items()
        },
        "validation": len(validation),
        "of_validation": len(data.validation),
        "training": len(training),
        "of_training": len(data.train),
        "features": seen.features.shape[1],
        "last_layer": model.last_layer,
        "filter_layer": filter_layer,
        "example": maps if maps["layers"] else None,
        "seconds": time.monotonic() - began,
    }


def show_maps(work: Work[FeatureMapsRequest, ArraysFolder, JobRecorder]) -> FeatureMaps:
    """Show what the layers of the kept model make of one picture of its dataset.

    Raises:
        CnnlabError: there is no state to build the model from, or no such picture.
    """
    kept, model = _load(work)
    row = work.request.row
    if not 0 <= row < len(kept.data.labels):
        raise DatasetError(f"The dataset of this run has no image {row}.")
    work.recorder.phase("Showing the picture to the net")
    maps, shades = _maps(model, kept, row)
    work.files.write_arrays(shades)
    return maps


def _load(
    work: "Work[InsideRequest, ArraysFolder, JobRecorder] "
    "| Work[FeatureMapsRequest, ArraysFolder, JobRecorder]",
) -> "tuple[KeptModel, InsideModel]":
    asked = work.request
    kept = load_kept(asked.run, asked.attempt, work.recorder, work.wait_for_training, work.device)
    from cnnlab.training.inside.inside_model import InsideModel  # noqa: PLC0415 - loaded by now
    from cnnlab.training.judging.reference import float32_clone  # noqa: PLC0415

    return kept, InsideModel(float32_clone(kept.model))


def _read(
    model: "InsideModel", kept: KeptModel, positions: np.ndarray, part: str, recorder: JobRecorder
) -> "Insides":
    recorder.phase(f"Reading what the net makes of the {part} images")
    total = len(positions)
    return model(kept.data.images, positions, lambda done: recorder.progress(done, total))


_Seen = tuple[np.ndarray, "Insides"]
"""Rows of the dataset, and what the model makes of these images."""


def _planes(
    asked: InsideRequest, kept: KeptModel, validation: _Seen, training: _Seen, recorder: JobRecorder
) -> tuple[Arrays, dict[str, Plane]]:
    """The points, and where they lie by each method."""
    labels, seed = kept.data.labels, kept.config.training.seed
    parts = [_some(labels, validation, _room(asked, len(training[0])))]
    if asked.with_training:
        parts.append(_some(labels, training, MOST_MAPPED - len(parts[0][0])))
    rows = np.concatenate([rows for rows, _, _ in parts])
    features = np.concatenate([features for _, features, _ in parts])
    said = np.concatenate([said for _, _, said in parts])
    recorder.phase("Finding the two widest directions of the features")
    with beating(recorder):
        planes = {PCA: pca_plane(features, seed)}
    if asked.with_tsne and len(rows) >= _FEWEST_FOR_TSNE:
        recorder.phase(f"Placing {len(rows):,} images by t-SNE")
        with beating(recorder):
            planes[TSNE] = tsne_plane(features, seed)
    arrays = {
        "positions": rows,
        "is_training": np.arange(len(rows)) >= len(parts[0][0]),
        "labels": labels[rows],
        "probabilities": said,
    }
    return arrays | {name: plane.places for name, plane in planes.items()}, planes


def _room(asked: InsideRequest, training: int) -> int:
    """How many of the points are validation images: half of them, or more where training leaves."""
    return max(MOST_MAPPED // 2, MOST_MAPPED - training) if asked.with_training else MOST_MAPPED


def _some(labels: np.ndarray, seen: _Seen, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, features and probabilities of at most so many images, spread over the classes."""
    rows, insides = seen
    places = spread_over_classes(labels[rows], np.arange(len(rows)), most)
    return rows[places], insides.features[places], insides.probabilities[places]


def _neighbours(
    labels: np.ndarray, validation: _Seen, known: tuple[np.ndarray, np.ndarray]
) -> Arrays:
    """Of the wrong pictures, the surest first, the training images that look alike to the net."""
    rows, seen = validation
    wrong = np.flatnonzero(seen.probabilities.argmax(axis=1) != labels[rows])
    sureness = seen.probabilities[wrong].max(axis=1)
    wrong = wrong[np.argsort(-sureness, kind="stable")][:_MOST_WRONG]
    places, distances = nearest_by_angle(seen.features[wrong], known[1])
    return {
        "wrong": rows[wrong],
        "wrong_named": seen.probabilities[wrong].argmax(axis=1),
        "wrong_sureness": seen.probabilities[wrong].max(axis=1),
        "wrong_labels": labels[rows[wrong]],
        "neighbours": known[0][places],
        "neighbour_labels": labels[known[0][places]],
        "distances": distances,
    }


def _filters(kept: KeptModel, attempt: Attempt) -> tuple[str, Arrays]:
    """The first layer's filters, and as the run began with them where they can be had again."""
    from cnnlab.training.inside.layers import first_filters  # noqa: PLC0415 - loaded by now
    from cnnlab.training.seeds import layer_checksums  # noqa: PLC0415

    found = first_filters(kept.model)
    if found is None:
        return "", {}
    name, filters = found
    try:
        begun = initial_model(attempt, kept.config, kept.data)
    except CnnlabError:  # the page says that it can't show them; all else it can
        return name, {"filters": filters}
    facts, at_start = attempt.started(), first_filters(begun)
    told = facts.get("layer_checksums", {}).get(name) if facts else None
    if at_start is None or layer_checksums(begun).get(name) != told:
        return name, {"filters": filters}
    return name, {"filters": filters, "filters_at_start": at_start[1]}


def _example(labels: np.ndarray, validation: np.ndarray, seen: "Insides") -> int:
    """The row of the picture that the net is most surely wrong about; of the surest, if of none."""
    wrong = seen.probabilities.argmax(axis=1) != labels[validation]
    sureness = seen.probabilities.max(axis=1) + wrong
    return int(validation[sureness.argmax()])


def _maps(model: "InsideModel", kept: KeptModel, row: int) -> tuple[FeatureMaps, Arrays]:
    found = shaded_maps(model.maps(kept.data.images[np.array([row])][0]))
    shades = {f"maps_{number}": one.shades for number, one in enumerate(found)}
    layers = [one.layer for one in found]
    return {"row": row, "layers": layers, "of_layers": model.layers}, shades
