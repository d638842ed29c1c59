"""The config: everything that decides a run, and how its fields describe themselves."""
