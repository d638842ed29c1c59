"""Comparing runs: paired statistics and verdicts in words (numpy and scipy only)."""
