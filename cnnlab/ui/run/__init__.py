"""The Runs page: the table and one run."""
