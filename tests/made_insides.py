"""Looks inside a net without any worker: the files as it leaves them."""

import numpy as np

from cnnlab.files import write_json
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.feature_maps import FeatureMapsRequest, feature_maps_folder
from cnnlab.jobs.kinds.inside import InsideRequest, inside_folder
from cnnlab.judging.inside.feature_maps import shaded_maps
from cnnlab.judging.inside.neighbours import nearest_by_angle
from cnnlab.judging.inside.planar import pca_plane
from cnnlab.judging.inside.unit_traits import unit_traits
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import newest_attempt


def finish_inside(run, *, wrong=3, has_pictures=True, with_tsne=False, has_start=True, seed=0):
    """Leave what a worker leaves of a look inside: the net is wrong about the first few images.

    Args:
        run: whose.
        wrong: about how many validation images it is wrong.
        has_pictures: whether some layer keeps the shape of a picture.
        with_tsne: whether there is a second map.
        has_start: whether the filters are known as the run began with them: they have changed by
            50 %, 50 %, 100 % and 300 %.
        seed: of the features.
    """
    index, rng = open_index(run.dataset), np.random.default_rng(seed)
    validation, training = part_of(run, "validation"), part_of(run, "train")
    labels, classes = index.labels, len(index.class_names)
    features = rng.normal(size=(len(labels), 6)).astype(np.float32) + 3 * labels[:, None]
    named = labels[validation].copy()
    named[:wrong] = (named[:wrong] + 1) % classes
    said = np.full((len(validation), classes), 0.2 / (classes - 1), np.float32)
    said[np.arange(len(validation)), named] = 0.8
    plane = pca_plane(features[validation], 0)
    places, distances = nearest_by_angle(features[validation[:wrong]], features[training])
    arrays = {
        "positions": validation,
        "is_training": np.zeros(len(validation), bool),
        "labels": labels[validation],
        "probabilities": said,
        "pca": plane.places,
        "wrong": validation[:wrong],
        "wrong_labels": labels[validation[:wrong]],
        "wrong_named": named[:wrong],
        "wrong_sureness": np.full(wrong, 0.8, np.float32),
        "neighbours": training[places],
        "neighbour_labels": labels[training[places]],
        "distances": distances,
    }
    planes = {"pca": {"shares": list(plane.shares), "kept": plane.kept}}
    if with_tsne:
        arrays["tsne"], planes["tsne"] = plane.places, {"shares": [], "kept": 0.5}
    excitement = features[validation] if has_pictures else np.zeros((len(validation), 0))
    traits = unit_traits(excitement, labels[validation])
    arrays |= {f"unit_{name}": values for name, values in traits._asdict().items()}
    arrays["unit_pictures"] = validation[traits.pictures]
    example, layers = int(validation[0]), []
    if has_pictures:
        arrays["filters"] = rng.normal(size=(4, 3, 3, 3)).astype(np.float32)
        if has_start:
            arrays["filters_at_start"] = (
                arrays["filters"] / np.float32([1.5, 0.5, 2, 4])[:, None, None, None]
            )
        layers, shades = _maps(rng)
        arrays |= shades
    found = {
        "model_epoch": 2,
        "planes": planes,
        "validation": len(validation),
        "of_validation": len(validation),
        "training": len(training),
        "of_training": len(training),
        "features": 6,
        "last_layer": "block2_conv_activation" if has_pictures else "",
        "filter_layer": "block1_conv" if has_pictures else "",
        "example": {"row": example, "layers": layers} if has_pictures else None,
        "seconds": 1.0,
    }
    files = inside_folder(newest_attempt(run))
    _leave(files, InsideRequest(run.id, run.attempt, False, with_tsne), found, arrays)
    return files


def finish_maps(run, row):
    """Leave what a worker leaves of the maps of a picture."""
    layers, shades = _maps(np.random.default_rng(row))
    files = feature_maps_folder(newest_attempt(run), row)
    request = FeatureMapsRequest(run.id, run.attempt, row)
    _leave(files, request, {"row": row, "layers": layers}, shades)


def _maps(rng):
    maps = {f"block{n}_conv_activation": rng.random((8 // n, 8 // n, 5)) for n in (1, 2)}
    found = shaded_maps(maps)
    return [one.layer for one in found], {f"maps_{n}": one.shades for n, one in enumerate(found)}


def _leave(files, request, answer, arrays):
    files.folder.mkdir(parents=True, exist_ok=True)
    write_json(files.request, to_json(request))
    files.write_arrays(arrays)
    write_json(files.result, {"status": "finished", "answer": answer, "seconds": 1.0})
