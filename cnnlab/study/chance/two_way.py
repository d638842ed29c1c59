"""What is known about new images: random effects of seeds x images.

The seeds of a study are a sample, and so are its validation images: on other images an arm may
gain more or less. A paired difference of seed s on image i is mean + seed + image + rest; the
variance of the mean over S seeds and N images is that of seeds / S, of images / N and of the rest /
(S N). This is the design of readers x cases (Obuchowski and Rockette 1995, Commun. Statist. B 24)
with the degrees of freedom of Satterthwaite (1946) as Hillis (2007, Statist. Med. 26) uses them.
"""

import numpy as np
import scipy

from cnnlab.study.chance.paired import Estimate, spread_of

_FEWEST_IMAGES = 2


def two_way_estimate(differences: np.ndarray, *, resolution: float = 0.0) -> Estimate:
    """Mean difference and its standard error where seeds and images are both random.

    Never surer than with the seeds alone: the error never is less, but with few seeds and much of
    the variance in the images its degrees of freedom are far more, so that the interval of the
    seeds is the wider one in up to 96 % of studies of 3 seeds, and this one holds the truth in
    96.3 % where it says 98.75 %. Then that of the seeds counts. With the seeds' degrees of freedom
    in its place up to 100 % would hold the truth where images gain unlike each other, and 16 %
    instead of 60 to 72 % of effects of three standard errors be found (3 seeds).

    Args:
        differences: (seeds, images) float, arm minus reference of each seed on each image, as the
            runs are judged.
        resolution: see `paired_estimate`.
    """
    seeds, images = differences.shape
    if seeds < 2 or images < _FEWEST_IMAGES:
        mean = float(differences.mean()) if differences.size else None
        return Estimate(mean, 0.0, 0, seeds)
    differences = differences.astype(np.float64)  # sums of many float32 would be off
    mean = float(differences.mean())
    of_seeds, of_images = differences.mean(axis=1) - mean, differences.mean(axis=0) - mean
    rest = differences - mean - of_seeds[:, None] - of_images
    seed_square = images * spread_of(differences.mean(axis=1).tolist(), resolution) ** 2
    image_square = seeds * float(of_images @ of_images) / (images - 1)
    rest_square = float((rest**2).sum()) / ((seeds - 1) * (images - 1))
    more = max(image_square - rest_square, 0.0)
    total = seed_square + more
    if seed_square == 0:
        return Estimate(mean, 0.0, 0, seeds)
    df = total**2 / (seed_square**2 / (seeds - 1) + more**2 / (images - 1))
    pictures = seeds * images
    return Estimate(mean, (total / pictures) ** 0.5, df, seeds, (seed_square / pictures) ** 0.5)


def needs_images(found: Estimate, level: float) -> bool:
    """Whether an effect as large as it looks stays unproven however many seeds there are.

    With more seeds only their part of the error shrinks (and that of the rest); what stays is the
    part of the images.

    Args:
        found: from `two_way_estimate`.
        level: two-sided, at which the difference is judged, 0..1.
    """
    if found.mean is None:
        return False
    stays = max(found.error**2 - found.of_seeds**2, 0.0) ** 0.5
    return bool(abs(found.mean) <= scipy.special.ndtri(1 - level / 2) * stays)
