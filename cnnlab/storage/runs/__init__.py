"""Runs on disk and in the database: their rows, their order, how long they trained today."""
