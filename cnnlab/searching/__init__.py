"""Searches: how the next setting is chosen, which is ended early, what is best (numpy, Optuna)."""
