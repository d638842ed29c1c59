"""The device that a run computes on: what it is, what fits, what makes it faster."""
