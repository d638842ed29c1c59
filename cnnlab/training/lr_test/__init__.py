"""A learning-rate test: a few short trainings with a rate that rises, and what they suggest."""
