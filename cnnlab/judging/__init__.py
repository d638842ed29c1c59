"""How good a model is on one part of a dataset: measures with their intervals (numpy, scipy)."""
