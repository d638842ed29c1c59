"""One step a file, from one version of the tables to the next; what was released never changes."""
