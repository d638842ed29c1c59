"""Images as points of a plane, by what a net makes of them before its last layer.

PCA shows as much of the spread as two straight axes can, and is done at once. t-SNE (van der Maaten
and Hinton 2008, JMLR 9) keeps near what is near and says nothing of what is far: groups may lie
anywhere, and their sizes and gaps mean nothing. Both are scikit-learn's.
"""

from typing import NamedTuple

import numpy as np

PCA, TSNE = "pca", "tsne"

_TSNE_FEATURES = 50
"""As its authors do: what more features hold is noise, mostly, and costs time."""

_PERPLEXITY = 30.0
_NEAREST = 10
_COMPARED = 1000


class Plane(NamedTuple):
    """Where N images lie.

    Attributes:
        places: (N, 2) float32.
        shares: how much of the features' variance each axis of a PCA has, 0..1; empty for t-SNE.
        kept: of the ten nearest images by features, the share that is among the ten nearest here;
            of a draw of at most 1,000 images. None where there are no more than ten others.
    """

    places: np.ndarray
    shares: tuple[float, ...]
    kept: float | None


def pca_plane(features: np.ndarray, seed: int) -> Plane:
    """The first two principal components; a missing one is 0.

    Args:
        features: (N, F) float32, N at least 1.
        seed: of the randomized solver, so that the same features give the same plane.
    """
    from sklearn.decomposition import PCA as Components  # noqa: PLC0415 - a second, on request

    places = np.zeros((len(features), 2), np.float32)
    count = min(2, *features.shape)
    if not _differ(features):
        return Plane(places, (0.0, 0.0), None)
    fitted = Components(count, svd_solver=_solver(features, count), random_state=seed)
    places[:, :count] = fitted.fit_transform(features)
    shares = np.zeros(2)
    shares[:count] = fitted.explained_variance_ratio_
    return Plane(places, tuple(map(float, shares)), kept_neighbours(features, places, seed))


def tsne_plane(features: np.ndarray, seed: int) -> Plane:
    """t-SNE of the first 50 principal components, begun at the first two: the same each time.

    Args:
        features: (N, F) float32, N at least 3.
        seed: of whatever is drawn.
    """
    from sklearn.decomposition import PCA as Components  # noqa: PLC0415 - a second, on request
    from sklearn.manifold import TSNE as Embedding  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - scikit-learn brings it

    if not _differ(features):
        return Plane(np.zeros((len(features), 2), np.float32), (), None)
    count = min(_TSNE_FEATURES, *features.shape)
    reducer = Components(count, svd_solver=_solver(features, count), random_state=seed)
    reduced = reducer.fit_transform(features)
    if reduced.shape[1] < 2:
        reduced = np.pad(reduced, ((0, 0), (0, 1)))
    perplexity = min(_PERPLEXITY, (len(features) - 1) / 3)
    embedding = Embedding(2, perplexity=perplexity, init="pca", max_iter=500, random_state=seed)
    with threadpool_limits(1):  # its threads wait for each other: on a busy machine for minutes
        places = embedding.fit_transform(reduced).astype(np.float32)
    return Plane(places, (), kept_neighbours(features, places, seed))


def kept_neighbours(features: np.ndarray, places: np.ndarray, seed: int) -> float | None:
    """How many of the nearest images by features are the nearest on the plane, too, 0..1.

    Args:
        features: (N, F).
        places: (N, 2).
        seed: of the draw of images that are looked at.
    """
    if len(features) <= _NEAREST + 1:
        return None
    asked = np.random.default_rng(seed).permutation(len(features))[:_COMPARED]
    near = [_nearest(points.astype(np.float32), asked) for points in (features, places)]
    return float(np.mean([len(set(a) & set(b)) / _NEAREST for a, b in zip(*near, strict=True)]))


def _nearest(points: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """(len(asked), 10) int, the nearest others by Euclidean distance."""
    squares = np.einsum("nf,nf->n", points, points)
    distances = squares[None] - 2 * points[asked] @ points.T
    distances[np.arange(len(asked)), asked] = np.inf
    found: np.ndarray = np.argpartition(distances, _NEAREST, axis=1)[:, :_NEAREST]
    return found


def _differ(features: np.ndarray) -> bool:
    return bool(np.ptp(features, axis=0).any())


def _solver(features: np.ndarray, count: int) -> str:
    """The quick one where it may be used: it needs fewer components than there are of both."""
    return "randomized" if count < min(features.shape) else "full"
