"""Answers of learning-rate tests, as a worker would give them."""

CURVE = [
    {"learning_rate": 1e-6, "loss": 2.0, "losses": [2.0, 2.1, 1.9]},
    {"learning_rate": 1e-4, "loss": 1.5, "losses": [1.5, 1.6, 1.4]},
    {"learning_rate": 1e-2, "loss": 0.7, "losses": [0.7, 0.9, 0.5]},
    {"learning_rate": 1e-1, "loss": 2.6, "losses": [2.5, 2.7, None]},
    {"learning_rate": 1.0, "loss": None, "losses": [90.0, None, None]},
]
FOUND = {
    "suggestion": 0.0042,
    "suggestions": [0.0042, 0.009, 0.003],
    "curve": CURVE,
    "words": "The three tests suggest 0.0042, 0.009 and 0.003; their median is 0.0042.",
    "steps": 40,
    "images": 48,
}
UNTOLD = FOUND | {
    "suggestion": None,
    "words": "The tests disagree: raise training.batch_size (now 32).",
}
