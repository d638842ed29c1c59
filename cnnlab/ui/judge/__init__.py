"""The Evaluate page: a run's model judged on one part of its dataset."""
