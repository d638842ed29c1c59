"""A search's trials: what was tried, what came of it, what mattered."""
