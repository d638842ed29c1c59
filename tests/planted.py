"""Pictures whose class a patch at a random place decides: where a network must look is known.

All else is drawn at random, so that without the patch nothing tells the class.
"""

import numpy as np

CLASSES = 3
"""Stripes across, stripes upright, and checks, of any two colours."""

LEAST, MOST = 1 / 3, 1 / 2
"""Side of the patch, as a share of the picture's: a ninth to a quarter of its area."""


def planted(count, *, side=32, seed=0, channels=3, without=False):
    """Pictures (N, side, side, channels) uint8, labels (N,) and patches (N, 4).

    A patch is its top, left, bottom and right in px. With `without` there is none in the picture,
    though all else is as it would be.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    images = np.empty((count, side, side, channels), np.float32)
    boxes = np.empty((count, 4), int)
    for image, box, label in zip(images, boxes, labels, strict=True):
        image[:] = _ground(random, side, channels)
        size = random.integers(int(np.ceil(side * LEAST)), int(side * MOST) + 1)
        top, left = random.integers(0, side - size + 1, 2)
        box[:] = top, left, top + size, left + size
        patch = _pattern(random, size, label)[..., None]
        colours = random.uniform(0, 255, (2, channels))
        while np.abs(colours[0] - colours[1]).mean() < 90:
            colours = random.uniform(0, 255, (2, channels))
        if not without:
            image[top : top + size, left : left + size] = np.where(patch, *colours)
        image += random.normal(0, 6, image.shape)
    order = random.permutation(count)
    return images[order].clip(0, 255).astype(np.uint8), labels[order], boxes[order]


def share_on_patch(maps, boxes, side):
    """(N,) share of the positive mass of maps (N, h, w) on the patches and one cell around them."""
    cells = np.array(maps.shape[1:])
    size = side / cells
    positive = np.maximum(maps, 0)
    shares = np.empty(len(maps))
    for number, (top, left, bottom, right) in enumerate(boxes):
        weights = [
            _covered(low - cell, high + cell, count, cell)
            for low, high, count, cell in zip(
                (top, left), (bottom, right), cells, size, strict=True
            )
        ]
        inside = (positive[number] * np.outer(*weights)).sum()
        shares[number] = inside / max(positive[number].sum(), 1e-12)
    return shares


def _covered(low, high, count, cell):
    """(count,) how much of each cell lies between two places."""
    starts = np.arange(count) * cell
    return (np.minimum(starts + cell, high) - np.maximum(starts, low)).clip(0, cell) / cell


def _ground(random, side, channels):
    """Soft clouds of any colours."""
    cells = random.uniform(40, 215, (5, 5, channels))
    places = np.linspace(0, 4, side)
    low = np.minimum(places.astype(int), 3)
    share = places - low
    rows = cells[low] * (1 - share)[:, None, None] + cells[low + 1] * share[:, None, None]
    across = share[None, :, None]
    return rows[:, low] * (1 - across) + rows[:, low + 1] * across


def _pattern(random, size, label):
    rows, columns = np.mgrid[:size, :size]
    step = random.integers(2, 4)
    shift = random.integers(0, 2 * step)
    upright, across = ((places + shift) // step % 2 == 0 for places in (columns, rows))
    return (across, upright, across ^ upright)[label]
