"""Datasets, runs, metrics and artifacts, on disk and in the database."""
