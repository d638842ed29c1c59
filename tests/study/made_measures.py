"""Evaluations and histories with the measures that stand beside the curves."""


def evaluation(
    rotation=(0.8, 0.6), shift=(0.9, 0.85), ece=0.05, bins=((0.5, 10, 0.55, 0.4),), clean=0.93
):
    """One final evaluation; bins are (low, images, confidence, accuracy)."""
    rows = [
        {"distortion": name, "strength": strength, "unit": unit, "accuracy": accuracy}
        for name, unit, strengths, accuracies in (
            ("rotation", "°", (10, 20), rotation),
            ("shift", "%", (5, 10), shift),
        )
        for strength, accuracy in zip(strengths, accuracies, strict=True)
    ]
    return {
        "robustness": rows,
        "robustness_images": 200,
        "robustness_undistorted": clean,
        "calibration": {
            "ece": ece,
            "bins": [
                {"low": 0.0, "high": 0.1, "images": 0, "confidence": None, "accuracy": None},
                *(
                    {
                        "low": low,
                        "high": low + 0.1,
                        "images": images,
                        "confidence": sure,
                        "accuracy": right,
                    }
                    for low, images, sure, right in bins
                ),
            ],
        },
    }


def history(*epochs, layer="conv_1"):
    """Epoch records from (norm, near_zero, memorized, rescued)."""
    return [
        {
            "epoch": epoch,
            "memorized": memorized,
            "rescued": rescued,
            "weights": [
                {"layer": layer, "norm": norm, "near_zero": near_zero},
                {"layer": "dense", "norm": 1.0, "near_zero": 0.5},
            ],
        }
        for epoch, (norm, near_zero, memorized, rescued) in enumerate(epochs)
    ]


OLD_HISTORY = [{"epoch": 0, "val_accuracy": 0.5}]
"""As earlier versions wrote it."""
