"""cnnlab: a laboratory for convolutional networks in the browser."""

__version__ = "0.1.0"

BITS_VERSION = 3
"""Counts the changes after which the same config and seed give other numbers than before.

Every run records it, and a run that goes on from one of another count says so. Raise it in the
commit that changes what `tests/training/test_frozen_bits.py` pins.

2: perspective reads nothing outside of the image; batch norm is judged by statistics of its own
weights, which schedules and early stopping may follow; the penalty is of averaged weights.

3: where frozen layers are computed once, so are the augmented images: the epochs take a few copies
of each in turn.
"""
