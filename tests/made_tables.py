"""A table of predictions as a worker leaves it, without any model."""

import numpy as np

from cnnlab.storage.picture_table import AskedRun, PictureTable

LIMIT = {"limit": 0.6, "false_alarms": 0.05, "low": 0.02, "high": 0.1, "images": 100}


def made_table(runs=("a", "b"), files=("a.png", "b.png", "c.txt"), classes=("dark", "bright")):
    """Two pictures and a text, of which two runs were asked; and the small pictures."""
    labels = np.full((3, 2, 5), -1, np.int16)
    probabilities = np.full((3, 2, 5), np.nan, np.float32)
    calibrated, distances = probabilities.copy(), np.full((3, 2), np.nan, np.float32)
    for row, order in enumerate([(0, 1), (1, 0)]):
        labels[row, :, :2] = order
        probabilities[row, :, :2] = 0.75, 0.25
        calibrated[row, 0, :2] = 0.625, 0.375
        distances[row, 0] = 0.5 + row / 4
    table = PictureTable(
        runs=(
            AskedRun(runs[0], "First", list(classes), LIMIT),
            AskedRun(runs[1], "Second", list(classes), None),
        ),
        files=files,
        places=((0, files[0]), (0, files[1]), (-1, "")),
        reasons={2: "not an image"},
        labels=labels,
        probabilities=probabilities,
        calibrated=calibrated,
        distances=distances,
        thumbnails=np.array([0, 5, 11, 11]),
    )
    return table, b"firstsecond"
