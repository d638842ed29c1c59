"""A run's model card, after Mitchell et al. 2019 (arXiv 1810.03993), and the report of a run."""
