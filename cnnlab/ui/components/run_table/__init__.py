"""Runs as a table: opened by a click, ticked, sorted, marked with a star; cards on a phone."""
