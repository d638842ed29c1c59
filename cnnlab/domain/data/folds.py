"""Dividing images into equal parts: stratified by class, copies of a picture in one part."""

import numpy as np


def picture_numbers(copies: np.ndarray | None, images: int) -> np.ndarray:
    """(N,) int, the same number for images that show the same picture.

    Args:
        copies: (N,) int, number of the group of images that show one picture, -1 for an image
            without copies; None where none are known.
        images: how many.
    """
    alone = np.arange(images)
    return alone if copies is None else np.where(copies >= 0, images + copies, alone)


def draw_folds(
    labels: np.ndarray, pictures: np.ndarray, folds: int, *, seed: int, purpose: int
) -> np.ndarray:
    """Draw a fold for each image.

    A picture with copies goes by the class of the first of them.

    Args:
        labels: (N,) int.
        pictures: (N,) int, see `picture_numbers`.
        folds: at least 2.
        seed: of the draw.
        purpose: makes draws of one seed independent of each other.

    Returns:
        (N,) int, 0..folds - 1; the pictures of a class are shared out evenly but for one.
    """
    _, first, number = np.unique(pictures, return_index=True, return_inverse=True)
    draws = np.random.default_rng([seed, purpose]).random(len(first))
    found = np.empty(len(first), int)
    # By turns through the classes one after the other.
    found[np.lexsort((draws, labels[first]))] = np.arange(len(first)) % folds
    return found[number]
