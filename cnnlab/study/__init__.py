"""Comparing runs: paired statistics, verdicts and diagnosis in words (numpy and scipy only)."""
