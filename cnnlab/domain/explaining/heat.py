"""The colours of a map that is laid over a picture."""

VIRIDIS = (
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142),
    (31, 158, 137), (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
)  # fmt: skip
"""From nothing to most, red, green and blue: brighter all the way, for every eye (van der Walt and
Smith 2015)."""
