"""A confusion matrix whose cells are walked through by keys and chosen."""
