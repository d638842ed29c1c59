"""Telling other tools of runs: an MLflow server, by an outbox; TensorBoard, by event files."""
